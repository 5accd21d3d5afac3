#ifndef OH_DRIVER_H
#define OH_DRIVER_H

/* ARGV: the program, %O, %A, %B, %L, %P. The exit status for git: 0 clean, 1 conflict. */
int oh_driver_run(char **argv);
int oh_driver_usage(void);

#endif

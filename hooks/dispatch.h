#ifndef OH_HOOKS_DISPATCH_H
#define OH_HOOKS_DISPATCH_H

/* The exit status for git: 0 goes on, 1 refuses (where git lets a hook refuse). */
int oh_hook_main(int argc, char **argv);

#endif

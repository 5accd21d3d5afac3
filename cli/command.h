/* The commands, one table row each: command.c dispatches, one file a group does the options. */
#ifndef OH_CLI_COMMAND_H
#define OH_CLI_COMMAND_H

#include "flow/commands.h"
#include "flow/flow.h"

/* ARGV[0] is the command's name. What is wrong with the options is OH_E_USAGE. */
struct oh_command {
	const char *name;
	const char *usage; /* behind the name: "[--dry-run]" */
	const char *what; /* one line */
	bool (*run)(struct oh_flow *flow, int argc, char **argv, struct oh_error *err);
	bool needs_repository;
};

int oh_cli_main(int argc, char **argv);
/* A line for each option of the command NAME; "" where it has none. */
const char *oh_command_options(const char *name);

#define OH_COMMAND(name) bool name(struct oh_flow *, int, char **, struct oh_error *)
OH_COMMAND(oh_command_install);
OH_COMMAND(oh_command_uninstall);
OH_COMMAND(oh_command_doctor);
OH_COMMAND(oh_command_status);
OH_COMMAND(oh_command_check);
OH_COMMAND(oh_command_heads);
OH_COMMAND(oh_command_graph);
OH_COMMAND(oh_command_merge);
OH_COMMAND(oh_command_rebase);
OH_COMMAND(oh_command_resolve);
OH_COMMAND(oh_command_renumber);
OH_COMMAND(oh_command_number);
OH_COMMAND(oh_command_undo);
OH_COMMAND(oh_command_explain);

/*
 * getopt_long with one voice for what is wrong. Returns the option, -1 at the end, '?' with err
 * set.
 */
struct option;
int oh_cli_option(int argc, char **argv, const struct option *options, struct oh_error *err);
/* Behind the options nothing may stand. */
bool oh_cli_no_arguments(int argc, char **argv, struct oh_error *err);

#endif

/*
 * The small shell files that git runs: hook entries, and the merge driver's command. Each finds
 * the program and hands over to it; where the program is missing, a hook says one line and lets
 * git go on, and the driver merges as plain git would.
 *
 *	struct oh_slice text = oh_entry_text(arena, oh_entry_named("pre-commit"),
 *OH_SLICE("/opt/bin")); oh_entry_is_ours(text);			// true
 *	oh_entry_program(arena, text);		// /opt/bin/onehead-hook
 *
 * Pure text; what is on the disk is the business of repo/hooks.h.
 */
#ifndef OH_REPO_ENTRY_H
#define OH_REPO_ENTRY_H

#include "base/slice.h"

#define OH_HOOK_PROGRAM "onehead-hook"
#define OH_DRIVER_PROGRAM "onehead-merge-driver"
#define OH_SAVED_SUFFIX ".onehead-saved" /* a hook that was there before ours, beside it */

/* One row for each hook that onehead installs. */
struct oh_entry_row {
	const char *name;
	bool is_veto; /* git stops when it fails: the user's own hook runs first */
	bool has_input; /* git says something on its standard input: both get it */
	/* For sh: is there something to do? $dir is the git directory. NULL where it can't tell. */
	const char *condition;
};

/* The rows, ended by one without a name. */
const struct oh_entry_row *oh_entry_rows(void);
/* NULL where onehead has no such hook. */
const struct oh_entry_row *oh_entry_named(struct oh_slice name);

/* The entry for a hook; PROGRAMS is the directory that the programs are in. */
struct oh_slice oh_entry_text(
	struct oh_arena *arena, const struct oh_entry_row *row, struct oh_slice programs);
/* Is this file one of ours, of whatever version? */
bool oh_entry_is_ours(struct oh_slice text);
/* The absolute path of the program that an entry of ours names; "" where it names none. */
struct oh_slice oh_entry_program(struct oh_arena *arena, struct oh_slice text);

/* The value of merge.onehead.driver, and the program that such a value names ("" for none). */
struct oh_slice oh_driver_command(struct oh_arena *arena, struct oh_slice programs);
struct oh_slice oh_driver_program(struct oh_arena *arena, struct oh_slice command);
/* The value of alias.onehead: runs in the directory that the user is in. */
struct oh_slice oh_alias_command(struct oh_arena *arena, struct oh_slice programs);

/* A word for sh, in single quotes whatever is in it. */
struct oh_slice oh_shell_quote(struct oh_arena *arena, struct oh_slice word);

#endif

/*
 * Programs that manage git hooks for a project. One row each: how to know the scripts that they
 * generate, where a project says there what is to be called, and the lines to add for us.
 */
#ifndef OH_REPO_MANAGER_H
#define OH_REPO_MANAGER_H

#include "repo/entry.h"

struct oh_manager {
	const char *name;
	const char *signatures[3]; /* one of them stands in every script that it generates */
	const char *variable; /* environment: "0" there makes its scripts do nothing; or NULL */
	/* It runs <hook><suffix> beside its script by itself: our place. NULL where it does not. */
	const char *legacy_suffix;
	/* Files in which a project names what is to be run, most usual first, ended by NULL.
	 * Below the worktree's top, or with "./" in front below the hooks directory; a final
	 * '/' is followed by the hook's name. */
	const char *files[12];
	/* What to add there for HOOK, for a person to paste; NULL where nothing need be added. */
	struct oh_slices (*lines)(struct oh_arena *arena, const struct oh_entry_row *hook);
};

/* The rows, ended by one without a name. */
const struct oh_manager *oh_managers(void);
/* Whose generated script this is; NULL where it is nobody's. */
const struct oh_manager *oh_manager_of(struct oh_slice script);

/* The lines for a hook script that a project keeps itself, in sh. */
struct oh_slices oh_script_lines(struct oh_arena *arena, const struct oh_entry_row *hook);

/*
 * The program that TEXT (a script, YAML, TOML, JSON) calls for HOOK outside of comments, as it
 * is written there: `onehead-hook HOOK` or `onehead hook HOOK`. "" where it does not.
 */
struct oh_slice oh_script_call(struct oh_slice text, const char *hook);

#endif

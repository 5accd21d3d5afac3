/*
 * The hooks directory as it is: which hook files are ours, which belong to a hook manager, and
 * whether git, when it runs a hook, gets to us. Only reads; a few stats and small files a hook.
 *
 *	const char *const names[] = {"pre-merge-commit", "post-merge", "pre-commit", NULL};
 *	if (oh_hooks_live(repo, arena, names)) …
 */
#ifndef OH_REPO_HOOKS_H
#define OH_REPO_HOOKS_H

#include "repo/entry.h"
#include "repo/repo.h"

enum oh_hook_state {
	OH_HOOK_LIVE, /* git gets to our program */
	OH_HOOK_ABSENT, /* no hook of this name */
	OH_HOOK_NOT_EXECUTABLE, /* the file on our way has no run bit: git is silent about it */
	OH_HOOK_NOT_CALLED, /* a file that is not ours and does not call us */
	OH_HOOK_PROGRAM_GONE, /* it would call us, and the program is not there */
	OH_HOOK_SWITCHED_OFF /* an environment variable says no */
};

enum oh_hook_owner { OH_OWNER_NOBODY, OH_OWNER_US, OH_OWNER_MANAGER, OH_OWNER_USER };

struct oh_manager;

/* One hook of the hooks directory. */
struct oh_hook {
	const char *name;
	struct oh_slice path; /* of the file that git runs */
	enum oh_hook_owner owner; /* of that file */
	const struct oh_manager *manager; /* where a manager owns it */
	enum oh_hook_state state;
	struct oh_slice carrier; /* the file that names us, or should: path, a manager's legacy
				    hook, a script or configuration of the project; absolute */
	struct oh_slice program; /* the program it would run; "" where there is none */
	const char *variable; /* with OH_HOOK_SWITCHED_OFF: the environment variable */
	bool is_other_version; /* ours, and not as this version writes it: it still runs */
};

/* Total: whatever is in the way of reading makes a state. */
struct oh_hook oh_hook_look(
	struct oh_arena *arena, const struct oh_repo_paths *paths, const char *name);

/* Would git, in this environment, get to our program in each of NAMES (NULL-ended)? */
bool oh_hooks_live(struct oh_repo *repo, struct oh_arena *arena, const char *const *names);

/* Whose the hooks directory is, which says who may write there. */
enum oh_hooks_place {
	OH_HOOKS_OWN, /* below the git directory */
	OH_HOOKS_IGNORED, /* in the worktree, ignored by git: made by some tool */
	OH_HOOKS_TRACKED, /* in the worktree: the project's content */
	OH_HOOKS_ELSEWHERE, /* outside: shared with other repositories */
	OH_HOOKS_NOWHERE /* a place that can't be a directory: /dev/null */
};
bool oh_hooks_place(struct oh_repo *repo, struct oh_arena *arena, enum oh_hooks_place *out,
	struct oh_error *err);

#endif

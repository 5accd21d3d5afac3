/* Single paths in index and worktree: as they are, and put back to what they were. */
#ifndef OH_APPLY_PATHS_H
#define OH_APPLY_PATHS_H

#include "apply/operation.h"

/* Its bytes in the worktree are written as an object. OH_E_CHANGED where it is no ordinary file, or
 * behind a symlink. */
bool oh_path_look(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_path_state *state, struct oh_error *err);
/* The same for each path of OP: STATES has room for them. OWN_INDEX: that of the worktree, whatever
 * GIT_INDEX_FILE says. */
bool oh_paths_look(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	bool own_index, struct oh_path_state *states, struct oh_error *err);
bool oh_path_state_eq(const struct oh_path_state *a, const struct oh_path_state *b);

/* *YES: each path of OP is in its new (else: its old) state. */
bool oh_paths_are(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	bool new, bool *yes, struct oh_error *err);
/* Puts each into its new (else: its old) state, worktree first. What is in neither, in index or
 * worktree, is the user's own by now and stays. Done again after a kill, it finishes. */
bool oh_paths_put(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	bool new, struct oh_error *err);

#endif

/* Clearing away what a `git read-tree -m -u` that was cut short has left in the worktree. */
#ifndef OH_APPLY_PUT_BACK_H
#define OH_APPLY_PUT_BACK_H

#include "repo/repo.h"

/*
 * The index is at FROM; the worktree may have files of TO, whole, in part, or taken away to be
 * written anew. Those go back to what the index has; what has other bytes is the user's own and
 * stays. Does what it can; false where that was not all.
 */
bool oh_put_back(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice from, struct oh_slice to);

#endif

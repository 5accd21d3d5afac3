/* What `git read-tree -m -u` does not see to by itself. */
#ifndef OH_APPLY_PUT_BACK_H
#define OH_APPLY_PUT_BACK_H

#include "repo/repo.h"

/*
 * After it was cut short: the index is at FROM; the worktree may have files of TO, whole, in part,
 * or taken away to be written anew. Those go back to what the index has; what has other bytes is
 * the user's own and stays. Does what it can; false where that was not all.
 */
bool oh_put_back(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice from, struct oh_slice to);
/* Can the files of CHANGES be written and taken away? git takes a directory that it may not write
 * to for no reason to stop where it has only files to take away. */
bool oh_worktree_is_writable(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_changes *changes, struct oh_error *err);

#endif

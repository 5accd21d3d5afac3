/*
 * What pre-commit stages, so that undo can take it back: noted in <git dir>/onehead/pending-commit
 * until it is known what came of the commit. post-commit makes the note the record of the commit;
 * where that was given up, the next command that writes makes it a record of what was staged.
 *
 * Undo of such a commit goes back to before `git commit`: HEAD, what was staged then, the files
 * that onehead has changed since. Of one that ends a merge, the whole merge goes.
 *
 * The note is no journal: a kill leaves what oh_apply_stage leaves, and a commit is never refused
 * because it can't be noted.
 */
#ifndef OH_APPLY_PENDING_H
#define OH_APPLY_PENDING_H

#include "apply/operation.h"

/* oh_apply_stage for pre-commit. OP has a command ("commit", or what of it ends: "merge", "squash")
 * and the title that it has in case it is given up. */
bool oh_pending_stage(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	const struct oh_steps *steps, struct oh_error *err);
/* Is a commit noted? Of one that was given up the next one goes on record with it. */
bool oh_pending_is_noted(struct oh_repo *repo);
/* For post-commit: HEAD is the commit. Nothing where none is noted, or not this one. */
void oh_pending_committed(struct oh_repo *repo, struct oh_arena *arena);
/* For oh_apply_recover: one that was given up goes on record, if HEAD is still where it was. */
void oh_pending_settle(struct oh_repo *repo, struct oh_arena *arena);

#endif

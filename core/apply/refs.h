/* The refs of an operation: where they are, and moving them. */
#ifndef OH_APPLY_REFS_H
#define OH_APPLY_REFS_H

#include "apply/operation.h"

struct oh_refs_now {
	struct oh_slice *ids; /* as op->refs; "" for one that is not there */
	struct oh_slice *worktrees; /* where it is checked out, or "" */
	bool *is_kept; /* as op->kept: that ref is there */
	bool is_here; /* HEAD is what it was when the operation was made: this branch, or none */
	bool is_old, is_new; /* each ref is there */
	bool has_new; /* one that the operation moves is at its new commit */
	bool is_elsewhere; /* the first one is neither at its old nor at its new commit */
};
bool oh_refs_look(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_refs_now *now, struct oh_error *err);

/* Moves in one transaction. NEW_ID "" deletes; OLD_ID all zeros: must not be there; "": whatever
 * it is. */
struct oh_ref_moves {
	struct oh_ref_move *items;
	size_t count, capacity;
};
bool oh_refs_move(struct oh_repo *repo, struct oh_arena *arena, const struct oh_ref_moves *moves,
	struct oh_slice message, struct oh_error *err);
/* Adds a move of each ref that is where the operation found it (BACK: where it left it). NOW may be
 * NULL: then each. HEAD's goes by the name of HEAD, whose reflog git then writes first: it has
 * never less than what has happened. */
void oh_refs_add_moves(struct oh_arena *arena, const struct oh_operation *op,
	const struct oh_refs_now *now, bool back, struct oh_ref_moves *moves);
/* Adds the refs that keep what was replaced (REMOVE: takes them away). Of those that NOW, which may
 * be NULL, says it is needed for: a git that was killed may have left the lock of another one, and
 * nobody will ever use that name again. */
void oh_refs_add_kept(struct oh_arena *arena, const struct oh_operation *op,
	const struct oh_refs_now *now, bool remove, struct oh_ref_moves *moves);
/* Takes away the locks that a git which was killed has left on those refs. One that still lives
 * can't go on then. */
void oh_refs_unlock_kept(
	struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op);

#endif

/* An operation while it is carried out: from its journal to its record. What settles one that was
 * cut short. */
#ifndef OH_APPLY_RUNNING_H
#define OH_APPLY_RUNNING_H

#include "apply/journal.h"
#include "apply/refs.h"

struct oh_running {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct oh_operation *op;
	struct oh_journal journal;
	struct oh_slice git_dir;
	size_t number; /* that its record will have */
	struct oh_records dropped; /* records that are one too many then */
};

/* How it ended. */
enum oh_end {
	OH_DONE,
	OH_NOTHING_HAPPENED,
	OH_HALF_DONE /* left to oh_apply_recover */
};

/* Fills in `when` and writes the journal. */
bool oh_running_begin(struct oh_running *running, struct oh_error *err);
/* The transaction: the refs that keep what is replaced, the moves, what is no longer kept. */
bool oh_running_move_refs(struct oh_running *running, struct oh_error *err);
/* True for OH_DONE; else ERR, which says why, gets a word more where it is needed. */
bool oh_running_end(struct oh_running *running, enum oh_end end, struct oh_error *err);

/* Fills in which ref of an operation is HEAD's, its name and old commit. */
bool oh_operation_place(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op,
	struct oh_error *err);
/* Has the operation keep COMMIT, or any other object. */
void oh_operation_keep(struct oh_arena *arena, struct oh_operation *op, struct oh_slice id);
/* Has it keep everything that undo may want to write again of its paths. OH_E_GIT where an object
 * of them is not there, unless it MAY_BE_MISSING (to be fetched when it is needed). */
bool oh_operation_keep_paths(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op,
	bool may_be_missing, struct oh_error *err);
/* Does it put another commit in HEAD's place without index and worktree: are its paths all that was
 * changed in them? */
bool oh_operation_is_commit(const struct oh_operation *op);
/* Begins, moves index and worktree, then the refs, and ends. */
bool oh_operation_run(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op,
	struct oh_error *err);

struct oh_slice oh_operation_from(const struct oh_operation *op);
struct oh_slice oh_operation_to(const struct oh_operation *op);

/* Refs, index and worktree back to where they were, however far they got. */
bool oh_operation_back(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_error *err);
/* The last two entries in the reflogs of HEAD and its branch become one. */
void oh_operation_mend_reflogs(struct oh_repo *repo, const struct oh_operation *op);

#endif

/*
 * The journal: what an operation is about to do, durably, so that a kill leaves all or nothing. It
 * is a lock, too: one operation a worktree. When the operation is done it becomes its record.
 *
 *	struct oh_journal journal;
 *	if (!oh_journal_begin(&journal, arena, git_dir, &op, err))
 *		return false;			// nothing has happened
 *	…
 *	oh_journal_keep(&journal, arena, number);	// done
 *	oh_journal_drop(&journal, arena);		// or: nothing has happened
 *	oh_journal_leave(&journal);			// or: left for oh_apply_recover
 */
#ifndef OH_APPLY_JOURNAL_H
#define OH_APPLY_JOURNAL_H

#include "apply/operation.h"

struct oh_journal {
	struct oh_slice git_dir; /* of the worktree, absolute */
	int fd; /* locked as long as its owner lives */
};

/* Writes it, flushed to disk. OH_E_CHANGED where there is one already: somebody is at work, or was
 * interrupted; the message says which. */
bool oh_journal_begin(struct oh_journal *journal, struct oh_arena *arena, struct oh_slice git_dir,
	const struct oh_operation *op, struct oh_error *err);
/* Takes over what an owner who is dead has left behind; FOUND is false where there is nothing.
 * OH_E_CHANGED where he lives, OH_E_FORMAT where it can't be read. */
bool oh_journal_take(struct oh_journal *journal, struct oh_arena *arena, struct oh_slice git_dir,
	struct oh_operation *op, bool *found, struct oh_error *err);

/* Each of these ends it. The first makes it the record NUMBER; where that can't be, there is none.
 */
void oh_journal_keep(struct oh_journal *journal, struct oh_arena *arena, size_t number);
void oh_journal_drop(struct oh_journal *journal, struct oh_arena *arena);
void oh_journal_leave(struct oh_journal *journal);

bool oh_journal_exists(struct oh_arena *arena, struct oh_slice git_dir);

/* The records of GIT_DIR, by number, the oldest first. */
struct oh_records {
	size_t *items;
	size_t count, capacity;
};
struct oh_records oh_records_list(struct oh_arena *arena, struct oh_slice git_dir);
bool oh_record_read(struct oh_arena *arena, struct oh_slice git_dir, size_t number,
	struct oh_operation *op, struct oh_error *err);
void oh_record_remove(struct oh_arena *arena, struct oh_slice git_dir, size_t number);

/* An operation as text, and back. Journals of the form that had one ref are still understood. False
 * where BYTES are none, or one that is not whole. Borrows. */
struct oh_slice oh_operation_format(struct oh_arena *arena, const struct oh_operation *op);
bool oh_operation_parse(struct oh_arena *arena, struct oh_slice bytes, struct oh_operation *op);

#endif

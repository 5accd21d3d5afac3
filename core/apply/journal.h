/* The journal: what an operation is about to do, durably, so that a kill leaves all or nothing. */
#ifndef OH_APPLY_JOURNAL_H
#define OH_APPLY_JOURNAL_H

#include "base/error.h"
#include "base/slice.h"

struct oh_journal {
	struct oh_slice ref; /* full name of the ref that moves: HEAD's branch, or HEAD */
	struct oh_slice old_id, new_id;
	struct oh_slice message; /* for the reflog */
};

/* Written, flushed to disk and renamed into place. GIT_DIR is absolute. OH_E_CHANGED where there
 * is one already. */
bool oh_journal_write(struct oh_arena *arena, struct oh_slice git_dir,
	const struct oh_journal *journal, struct oh_error *err);
/* The journal that BYTES are; false where they are none, or one that is not whole. Borrows. */
bool oh_journal_parse(struct oh_slice bytes, struct oh_journal *journal);
/* FOUND is false where there is none. A journal that can't be read is OH_E_FORMAT. */
bool oh_journal_read(struct oh_arena *arena, struct oh_slice git_dir, struct oh_journal *journal,
	bool *found, struct oh_error *err);
bool oh_journal_remove(struct oh_arena *arena, struct oh_slice git_dir, struct oh_error *err);
bool oh_journal_exists(struct oh_arena *arena, struct oh_slice git_dir);

#endif

/*
 * What the merge driver decides: three locks in, one lock or a conflict out. Pure and total: any
 * bytes make a result, and the same three make the same one.
 *
 *	struct oh_lock_merge merge;
 *	oh_lock_merge(arena, &(struct oh_lock_sides){base, ours, theirs}, &merge);
 *	if (merge.kind == OH_LOCK_CLEAN) … write merge.bytes, exit 0
 *
 * Entries are merged one by one, each known by its id; the head lines are worked out from the
 * result. Swapping ours and theirs gives the same kind and the same bytes.
 */
#ifndef OH_PLAN_LOCK_MERGE_H
#define OH_PLAN_LOCK_MERGE_H

#include "base/slice.h"

struct oh_lock_sides {
	struct oh_slice base, ours, theirs; /* base is empty where both sides added the file */
};

enum oh_lock_merge_kind {
	/* No heads that were not there: may be taken as it is. */
	OH_LOCK_CLEAN,
	/*
	 * Well defined, but the lines have forked: above a head of the base, above none of them,
	 * or in all, there are more heads than either side has there. To be taken only where
	 * somebody will make the merge revision, or where git merges merge bases among
	 * themselves, which is never committed.
	 */
	OH_LOCK_FORKED,
	/* Not to be decided here: the same id with other parents, a parent deleted on one side,
	 * a cycle, or an input that is no lock. */
	OH_LOCK_CONFLICT
};

struct oh_lock_merge {
	enum oh_lock_merge_kind kind;
	struct oh_slice bytes; /* the joined lock; "" where there is a conflict */
	struct oh_slice reason; /* of a conflict: one line for people, else "" */
	struct oh_slices notes; /* lines for people: "ours: the head lines were stale" */
	/* Ids, sorted; of a side as its entries say, not its head lines. */
	struct oh_slices heads, heads_ours, heads_theirs;
};

void oh_lock_merge(
	struct oh_arena *arena, const struct oh_lock_sides *sides, struct oh_lock_merge *out);

#endif

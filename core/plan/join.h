/*
 * Which heads are to be joined where lines meet. Pure: graphs in, groups of heads out.
 *
 *	struct oh_join join;
 *	oh_join_decide(&join, arena, &meeting);
 *	for each group: one merge revision with its heads as parents
 *
 * The rule: above every head of the merge base the result may have as many heads as the side that
 * has most of them there, not more; and a fork that the base did not have is not let in. Heads
 * with branch labels of their own that a side already kept apart stay apart.
 */
#ifndef OH_PLAN_JOIN_H
#define OH_PLAN_JOIN_H

#include "adapters/adapter.h"
#include "model/snapshot.h"
#include "model/step.h"

struct oh_join {
	struct {
		struct oh_indices *items; /* heads of the result's graph, sorted by id */
		size_t count, capacity;
	} groups;
	/* Heads that became too many, of which it can't be told which belong together; empty as a
	 * rule. */
	struct oh_indices undecided;
	/* Heads that the base already had forked; nobody's doing here, left alone. */
	struct oh_indices left_alone;
};

void oh_join_decide(struct oh_join *join, struct oh_arena *arena, const struct oh_meeting *meeting);

/* The merge revisions of a plan. */
struct oh_joined {
	struct oh_new_file *items; /* one a group */
	size_t count, capacity;
};

/*
 * What is to be written so that RESULT has its groups joined and a true lock: the merge revisions
 * (a merge revision of the same heads can not be there yet: they would not be heads) and, where
 * the snapshot has a lock, the lock. No steps where nothing is to be done.
 */
void oh_join_plan(struct oh_arena *arena, const struct oh_snapshot *result,
	const struct oh_join *join, struct oh_steps *steps, struct oh_joined *joined);
/* The step that makes the lock of SNAPSHOT, which has one, say WANTED; none where it does. Its path
 * and its bytes alone are looked at. */
void oh_lock_step(struct oh_arena *arena, const struct oh_snapshot *snapshot,
	struct oh_slice wanted, struct oh_steps *steps);
/* The step that makes the snapshot's lock true; none where it is, or where it has none. */
void oh_lock_plan(
	struct oh_arena *arena, const struct oh_snapshot *snapshot, struct oh_steps *steps);

#endif

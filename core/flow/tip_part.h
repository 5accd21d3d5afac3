/*
 * An earlier commit of a row as a part of the last one: where it has nothing but what the last one
 * has, as it is there, and all that this stands on, what has been decided for the last one holds
 * for it as far as that is there. So it need not be planned: nothing is parsed, no graph is built.
 *
 *	oh_tip_init(&tip, arena, &verdict);
 *	…
 *	if (!oh_tip_part(&tip, scratch, source, &steps)) … plan it
 */
#ifndef OH_FLOW_TIP_PART_H
#define OH_FLOW_TIP_PART_H

#include "flow/judge.h"
#include "model/lock.h"

struct oh_tip {
	const struct oh_verdict *verdict;
	bool is_usable; /* lines move, nothing is dropped or joined, and all can be read */
	struct oh_map by_path; /* of the migrations as they are: index + 1 */
	size_t *node_of; /* of each of them: what it will be, a node of the graph after */
	size_t *owner_of; /* of each step but the lock's: the migration that it is about */
	size_t step_count; /* of those */
	struct oh_lock lock; /* of the graph after: entry i is node i */
};

/* VERDICT, whose steps are those of its tip, must outlive TIP. */
void oh_tip_init(struct oh_tip *tip, struct oh_arena *arena, const struct oh_verdict *verdict);
/* The steps, the lock last; the configuration of SOURCE says what that of the tip says. False where
 * it is no such part, or can't be read: then there are no steps. */
bool oh_tip_part(const struct oh_tip *tip, struct oh_arena *arena, struct oh_source *source,
	struct oh_steps *steps);

#endif

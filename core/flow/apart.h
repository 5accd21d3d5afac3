/*
 * Two migrations in one file: both lines have added a file of the same name, and git has left it in
 * conflict. Neither is a version of the other, so each gets a file of its own: the one that stays
 * keeps the name. What names their ids is not the business of this; the judgement that follows sees
 * two lines that meet, and an id that is there twice.
 *
 *	if (!oh_apart_find(&apart, flow, &unmerged, false, err)) …
 *	if (!oh_repo_index_with(flow->repo, &apart.placed, &index, err) ||
 *		!oh_judge(flow, &lines, index, &verdicts, err)) …
 *	steps = oh_verdicts_steps(arena, &verdicts);
 *	if (!oh_apart_steps(&apart, flow, index, &steps, err)) …
 *
 * In a row of commits that git makes again a later one may change the file that had the name
 * before: git then finds the other migration there. The change belongs to the file beside it, which
 * still says what it said before.
 */
#ifndef OH_FLOW_APART_H
#define OH_FLOW_APART_H

#include "flow/flow.h"
#include "model/step.h"

struct oh_apart {
	struct {
		struct oh_apart_file {
			struct oh_slice path, beside; /* of the one that stays, of the other */
			struct oh_slice id; /* of the other */
			bool is_new; /* the file beside: else it is there, and changes */
		} * items;
		size_t count, capacity;
	} files;
	struct oh_placed_files placed; /* both of each */
	struct oh_slices left; /* of what is unmerged: neither these nor locks */
};

/* UNMERGED: paths of the index. THEIRS_STAY: else what is ours keeps its name. */
bool oh_apart_find(struct oh_apart *apart, struct oh_flow *flow, const struct oh_slices *unmerged,
	bool theirs_stay, struct oh_error *err);
/* Puts what settles the conflicts in front of STEPS, which were planned on INDEX, and one with the
 * other where both are about one file. */
bool oh_apart_steps(const struct oh_apart *apart, struct oh_flow *flow, struct oh_source *index,
	struct oh_steps *steps, struct oh_error *err);
/* For people: one line each. */
void oh_apart_tell(const struct oh_apart *apart, struct oh_flow *flow);

#endif

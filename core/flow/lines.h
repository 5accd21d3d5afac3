/* The lines that meet in the operation that the repository is in the middle of. */
#ifndef OH_FLOW_LINES_H
#define OH_FLOW_LINES_H

#include "flow/judge.h"

enum oh_operation {
	OH_OP_COMMIT, /* a plain commit, or one in a rebase or a pick that stopped: never joins */
	OH_OP_MERGE,
	OH_OP_SQUASH
};

enum oh_operation oh_operation_now(struct oh_flow *flow);
struct oh_lines oh_lines_of(struct oh_flow *flow, enum oh_operation operation);
/* Adds the line of COMMIT; more than OH_MOST_LINES are left out. */
void oh_lines_add(struct oh_lines *lines, struct oh_slice commit, struct oh_slice branch);

#endif

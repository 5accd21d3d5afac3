/* The cherry-pick, revert or am that is under way here. */
#ifndef OH_FLOW_PICK_H
#define OH_FLOW_PICK_H

#include "flow/flow.h"

struct oh_pick {
	const char *command; /* git's: "cherry-pick", "revert", "am" */
	struct oh_slice onto; /* where a row of picks began: an id; "" in a single pick */
	/* The picked commit, or the one before the reverted one; "" where it is none that we know.
	 */
	struct oh_slice from;
	bool is_last; /* no other is to come */
};

/* By what git has noted of it, else the row that was left (flow/left_row.h). False where there is
 * none, or it is a rebase's. */
bool oh_pick_find(struct oh_flow *flow, struct oh_pick *pick);
/* For a hook that runs after a commit: of a single revert, and of a single pick whose message is
 * edited, git has no note then; its command line says what it does. */
bool oh_pick_made(struct oh_flow *flow, struct oh_pick *pick);

#endif

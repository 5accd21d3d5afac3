/* The cherry-pick or am that is under way here, by what git has noted of it. */
#ifndef OH_FLOW_PICK_H
#define OH_FLOW_PICK_H

#include "flow/flow.h"

struct oh_pick {
	const char *command; /* git's: "cherry-pick", "am" */
	struct oh_slice onto; /* where a row of picks began: an id; "" in a single pick */
	struct oh_slice from; /* the picked commit, an id; "" where it is none that we know */
	bool is_last; /* no other is to come */
};

/* False where there is none, or it is a rebase's. */
bool oh_pick_find(struct oh_flow *flow, struct oh_pick *pick);

#endif

/* The branch that this one is bound for. */
#ifndef OH_FLOW_TARGET_H
#define OH_FLOW_TARGET_H

#include "flow/flow.h"

struct oh_target {
	struct oh_slice name; /* "origin/main"; "" where it is not known */
	struct oh_slice commit; /* its id */
	const char *from; /* why it is this one, for people */
	long fetched; /* seconds since the last fetch; -1 where nothing was ever fetched */
};

/* onehead.target; else the upstream, unless that is this branch's own name; else the remote's
 * default branch. Unknown is no error. */
bool oh_target_find(struct oh_flow *flow, struct oh_target *target, struct oh_error *err);
/* "3 hours ago" */
struct oh_slice oh_age(struct oh_arena *arena, long seconds);

#endif

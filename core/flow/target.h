/* The branch that this one is bound for. */
#ifndef OH_FLOW_TARGET_H
#define OH_FLOW_TARGET_H

#include "flow/flow.h"
#include "repo/history.h"

struct oh_target {
	struct oh_slice name; /* "origin/main"; "" where it is not known */
	struct oh_slice ref; /* its full name; "" where it is no branch of a remote, or not known */
	struct oh_slice commit; /* its id */
	const char *from; /* why it is this one, for people */
	long fetched; /* seconds since the last fetch; -1 where nothing was ever fetched */
};

/* For another line than the branch that is checked out. */
struct oh_target_request {
	struct oh_slice branch; /* full name; "" where there is none */
	struct oh_slice commit; /* its tip: a revision; "" where there is none */
	const struct oh_refs *refs; /* at least the branch itself and refs/remotes */
};

/*
 * onehead.target; else the upstream, unless that is this branch's own name or where it is pushed
 * to (and does not belong to everybody); else, of the default
 * branches and release branches of the remotes "upstream", "origin" and this branch's own (or the
 * only one), the nearest: the one that lacks the fewest commits of this branch, a default branch
 * before others. Unknown is no error.
 */
bool oh_target_of(struct oh_flow *flow, const struct oh_target_request *request,
	struct oh_target *target, struct oh_error *err);
/* For the branch that is checked out. */
bool oh_target_find(struct oh_flow *flow, struct oh_target *target, struct oh_error *err);

/* "3 hours ago" */
struct oh_slice oh_age(struct oh_arena *arena, long seconds);

#endif

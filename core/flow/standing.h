/*
 * Who moves: which migrations of a line nobody else has seen yet.
 *
 * Published is what is, or ever was, in the history of a remote-tracking branch, of a tag, or of a
 * ref that onehead.published names (patterns as `git for-each-ref` takes them); except for the
 * line's own counterpart: its @{push}, or the remote branch of the same name, unless that is the
 * target or a release branch. Known by id and body, not by commit: squash merges change commits.
 * Deployed is what a database has applied that the ledger knows.
 */
#ifndef OH_FLOW_STANDING_H
#define OH_FLOW_STANDING_H

#include "flow/load.h"
#include "flow/target.h"
#include "flow/flow.h"
#include "plan/move.h"

struct oh_standing_request {
	struct oh_slice branch; /* full name of the branch that the line is; "" where detached */
	struct oh_slice commit; /* its tip */
	struct oh_loader *loader;
	const struct oh_snapshot *snapshot; /* the line's, with bodies of CANDIDATES */
	const struct oh_slices *candidates; /* ids */
};

/* Every candidate gets a standing. Stale, missing or shallow refs make doubt, not errors. */
bool oh_standings_find(struct oh_flow *flow, const struct oh_standing_request *request,
	struct oh_standings *out, struct oh_error *err);

/* onehead.fork, and what the branch that is checked out means for it. */
enum oh_fork_policy { OH_FORK_AUTO, OH_FORK_MERGE, OH_FORK_LINEAR, OH_FORK_ASK };
bool oh_fork_policy(struct oh_flow *flow, enum oh_fork_policy *policy, struct oh_error *err);

#endif

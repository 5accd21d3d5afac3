/*
 * Who moves: which migrations of a line nobody else has seen yet.
 *
 * Published is what is, or ever was, in the history of a remote-tracking branch, of a tag, of the
 * target, or of a ref that onehead.published names (patterns as `git for-each-ref` takes them);
 * except for the line's own counterpart: its @{push}, or the branch of the same name on the remote
 * that it is pushed to, unless that is the target, a branch that belongs to everybody
 * (flow/shared_branch.h, or a remote's default branch), or named by onehead.published. Known by id
 * and body, or by id and path, not by commit: squash merges change commits. Deployed is what a
 * database has applied that the ledger knows.
 *
 * Nothing is known, and what is not found is doubtful, where a remote was never fetched, where
 * there are remotes and no target, where the history or the ledger can't be read, or where the
 * version directory lies behind a symlink. Where history is cut off (a shallow clone) the same
 * holds for a migration that is not newer than the cut by its own date; in a partial clone, for
 * one that a file which is not here could be by its name. Without any remote nobody else can have
 * anything but what tags and onehead.published name.
 */
#ifndef OH_FLOW_STANDING_H
#define OH_FLOW_STANDING_H

#include "flow/load.h"
#include "flow/target.h"
#include "flow/flow.h"
#include "plan/move.h"

struct oh_standing_request {
	struct oh_slice branch; /* full name of the branch that the line is; "" where detached */
	struct oh_slice commit; /* its tip: a revision; "" where there is none */
	struct oh_loader *loader;
	const struct oh_snapshot *snapshot; /* the line's, with bodies of CANDIDATES */
	const struct oh_slices *candidates; /* ids */
};

/* Every candidate gets a standing, sorted by id; `why` is "" where it is movable. Stale, missing or
 * shallow refs make doubt, not errors. */
bool oh_standings_find(struct oh_flow *flow, const struct oh_standing_request *request,
	struct oh_standings *out, struct oh_error *err);

/* onehead.fork; auto where it is not set. OH_E_USAGE where it is none of these. */
enum oh_fork_policy { OH_FORK_AUTO, OH_FORK_MERGE, OH_FORK_LINEAR, OH_FORK_ASK };
bool oh_fork_policy(struct oh_flow *flow, enum oh_fork_policy *policy, struct oh_error *err);

#endif

/* Branches that by their nature belong to everybody: default branches, release branches. */
#ifndef OH_FLOW_SHARED_BRANCH_H
#define OH_FLOW_SHARED_BRANCH_H

#include "repo/history.h"

/*
 * By the name alone, without the remote's. A release branch: a component between slashes is
 * release(s), stable, maint, maintenance or support, alone or followed by one of `-_.` and
 * anything (release-1.2, team/release/next); or the last one is a version (v1, 1.2, v2.x).
 */
bool oh_is_release_branch(struct oh_slice name);
/* Those, hotfix branches by the same rule, and main, master, trunk, develop, development, dev,
 * staging, production as a whole name. */
bool oh_is_shared_branch(struct oh_slice name);

/* Is REF a branch of a remote that by its name, or as the remote's default branch (its HEAD is
 * among REFS), belongs to everybody? */
bool oh_is_shared_ref(
	const struct oh_slices *remotes, const struct oh_refs *refs, struct oh_slice ref);

/* Of "refs/remotes/origin/team/x": which of the configured remotes, and the branch there. A remote
 * that is not configured is what stands before the first slash. */
struct oh_remote_branch {
	struct oh_slice remote, name; /* both "" for another kind of ref */
};
struct oh_remote_branch oh_remote_branch_of(const struct oh_slices *remotes, struct oh_slice ref);

#endif

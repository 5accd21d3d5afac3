/* In whose history others can have seen something, and what of it can't be known. */
#ifndef OH_FLOW_PUBLISHED_REFS_H
#define OH_FLOW_PUBLISHED_REFS_H

#include "flow/target.h"

struct oh_published_refs {
	struct oh_refs all; /* that were looked at */
	struct oh_target target; /* name "" where it is not known */
	/* What others can see. Neither has the line's own counterpart, unless that belongs to
	 * everybody. */
	struct oh_refs shared; /* branches of remotes that belong to everybody */
	struct oh_refs others; /* the target, if it is none of them; branches; tags; the rest */
	struct oh_slice context; /* what decides which are shared, and git's replacements */
	struct oh_slice doubt; /* for people: why there may be more; "" where all is known */
};

/* LINE is a branch and its tip, as in struct oh_target_request. */
bool oh_published_refs_find(struct oh_flow *flow, struct oh_slice branch, struct oh_slice commit,
	struct oh_published_refs *out, struct oh_error *err);

/* "origin/main", "tag v1.2", "main" */
struct oh_slice oh_ref_for_people(struct oh_arena *arena, struct oh_slice ref);

#endif

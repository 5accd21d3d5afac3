/*
 * Which migration files others may have seen: all that ever lay in the version directories of a
 * graph, in the history of some refs.
 *
 *	struct oh_seen_files seen;
 *	if (!oh_seen_find(flow, &(struct oh_seen_request){…}, &seen, err)) … git could not tell
 *
 * What was found is remembered (flow/seen_store.h): only commits that are new since are read.
 */
#ifndef OH_FLOW_SEEN_H
#define OH_FLOW_SEEN_H

#include "flow/flow.h"
#include "flow/load.h"
#include "flow/seen_store.h"
#include "repo/history.h"

struct oh_seen_request {
	struct oh_loader *loader; /* what it has parsed is not parsed again */
	const struct oh_location *location;
	/* Names and ids. Shared ones are commits, the same whichever branch is asked about: what
	 * was in their history once, while it was looked at, counts from then on. */
	const struct oh_refs *shared, *others;
	struct oh_slice context; /* whatever else decides which refs are shared */
};

/* Several entries for a file that was in several commits. A file's ref is the first of OTHERS that
 * has it. */
bool oh_seen_find(struct oh_flow *flow, const struct oh_seen_request *request,
	struct oh_seen_files *out, struct oh_error *err);

#endif

/*
 * The commits that a rebase has made, each with what is decided for their tip carried out in it.
 * Where that does not make it sound (what it has was reverted or moved by a later commit of the
 * line), it is judged by itself, as if the line ended there.
 */
#ifndef OH_FLOW_REPLANT_H
#define OH_FLOW_REPLANT_H

#include "flow/judge.h"
#include "repo/rebuild.h"

struct oh_replant {
	struct oh_flow *flow;
	const struct oh_verdicts *verdicts; /* of the tip; their lines hold for every commit */
	struct oh_rebuilt *commits; /* parents first, the tip last; gets the edits */
	size_t count;
	size_t alone; /* out: commits that were judged by themselves, and changed */
	size_t left; /* out: those that could not be made sound */
};
bool oh_replant(struct oh_replant *replant, struct oh_error *err);
/* Does any commit have edits? */
bool oh_replant_has_edits(const struct oh_replant *replant);

#endif

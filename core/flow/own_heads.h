/* The heads that one snapshot has by itself, seen as lines that meet. */
#ifndef OH_FLOW_OWN_HEADS_H
#define OH_FLOW_OWN_HEADS_H

#include "model/snapshot.h"

/*
 * A meeting whose sides are what each of HEADS descends from, whose base is what they have in
 * common and whose result is SNAPSHOT: so that what compares two lines can compare two heads.
 * At most 64 heads.
 */
struct oh_meeting oh_meeting_of_heads(
	struct oh_arena *arena, const struct oh_snapshot *snapshot, const struct oh_indices *heads);

#endif

/*
 * In a rebase the line that moves is what its commits are now, which can be other than what it was
 * before: a merge that had moved it is not replayed, and its migrations have their old ids and
 * parents again.
 */
#ifndef OH_FLOW_REPLAYED_H
#define OH_FLOW_REPLAYED_H

#include "model/snapshot.h"

/* Is there a migration in MEETING's result that neither side has under this id and path? Side 0 is
 * the new base, side 1 the line as it was before. */
bool oh_is_replayed_otherwise(const struct oh_meeting *meeting);
/*
 * A migration of the new base into which git has put a change of the line's: both had a file of
 * this name, the line's is called otherwise by now, and a later commit still went by the old name.
 * NULL where there is none.
 */
const struct oh_migration *oh_find_strayed(const struct oh_meeting *meeting);
/* What of the base has been given another meaning by what was replayed is no common past any more,
 * and what stands on that is not. */
void oh_take_replayed_past(struct oh_arena *arena, struct oh_meeting *meeting);
/* Has side 1 be what was replayed: what the result has beside side 0, and what that stands on.
 * For when the past is set, and the bodies of what it lacks have been read. */
void oh_take_replayed(struct oh_arena *arena, struct oh_meeting *meeting);

/* Of commits that were picked: BASE is what the picked migrations stand on in side 0. */
void oh_take_picked_past(struct oh_arena *arena, struct oh_meeting *meeting);
/* Has side 1 be the picked migrations, with what they stand on there or, where that has it not, in
 * the commit they came from. Side 0 again where none was picked. For when the past is set, and the
 * bodies of what it lacks have been read. */
void oh_take_picked(struct oh_arena *arena, struct oh_meeting *meeting);

#endif

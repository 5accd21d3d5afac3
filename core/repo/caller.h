/*
 * The git that runs this program, by its command line: git tells neither a hook nor a merge driver
 * which command they run in. Where the system does not show it (no /proc) nothing is known, and
 * that has to be enough.
 *
 *	struct oh_caller caller;
 *	if (oh_caller_find(arena, &caller) && oh_slice_eq(caller.command, OH_SLICE("commit")))
 *		… caller.args
 */
#ifndef OH_REPO_CALLER_H
#define OH_REPO_CALLER_H

#include "base/slice.h"

struct oh_caller {
	long pid;
	struct oh_slice command; /* as git itself calls it: it runs aliases as what they are */
	struct oh_slices args; /* what stands behind it */
	struct oh_slice started; /* in ticks since the machine did; "" where that is not told */
};

/* The nearest git above this process; false where none is to be seen. */
bool oh_caller_find(struct oh_arena *arena, struct oh_caller *out);

enum oh_replaying { OH_REPLAYS_NOTHING, OH_REPLAYS_PICK, OH_REPLAYS_REVERT, OH_REPLAYS_AM };

/* Does that git make commits again in this very process, or has it started a `git commit` to do so?
 * With --no-commit it does not, and what may be that counts as such. */
enum oh_replaying oh_caller_replays(struct oh_arena *arena);

#endif

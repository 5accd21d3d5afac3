/*
 * Instead of joining two lines by a merge revision: one of them moves on top of the other, where
 * nobody has seen it yet. The same migration under two ids, an id that both lines have, a parent
 * that the other line has renumbered are settled with it.
 */
#ifndef OH_FLOW_SETTLE_H
#define OH_FLOW_SETTLE_H

#include "flow/judge.h"

/* Does policy or the style of the graph ask for one line, or is there something that only a move
 * can mend? The cheap question, before standings are looked for. */
bool oh_settle_wanted(struct oh_flow *flow, const struct oh_verdicts *verdicts,
	const struct oh_verdict *verdict, bool *wanted, struct oh_error *err);

/* Is it for the user to say whether a line moves, for nothing else than policy decides it, and that
 * is to ask? Then `wanted` is what auto makes of it. */
bool oh_settle_is_asked(struct oh_flow *flow, const struct oh_verdicts *verdicts,
	const struct oh_verdict *verdict, bool *asked, struct oh_error *err);

/*
 * Decides which line moves and plans it: fills verdict->moves, ->after, ->steps and ->mendings. The
 * verdict is as it was, with verdict->unmoved saying why in one line, where nothing may move.
 */
bool oh_settle(struct oh_flow *flow, const struct oh_verdicts *verdicts, struct oh_loader *loader,
	struct oh_verdict *verdict, struct oh_error *err);

/* Has SIDE brought something in the file PATH that somebody else may have seen? */
bool oh_settle_is_fixed(struct oh_flow *flow, const struct oh_verdicts *verdicts, size_t side,
	struct oh_slice path, bool *fixed, struct oh_error *err);

#endif

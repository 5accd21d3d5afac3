/*
 * onehead.fork is ask: of two lines that a merge revision can join and one of which can move on top
 * of the other as well, the person at the terminal says which. A verdict is what `auto` decides,
 * and verdict->other is the other answer, until it is chosen.
 */
#ifndef OH_FLOW_ASK_H
#define OH_FLOW_ASK_H

#include "flow/judge.h"

/* Is there something to be chosen, and somebody to choose? */
bool oh_choice_is_open(const struct oh_verdicts *verdicts);

/*
 * Asks for each graph where there is a choice. Where nobody can be asked all is as `auto` decides,
 * and oh_tell_joined says so. *DONE is false where no answer came: that is said, report.status is
 * OH_FINDINGS, and nothing must be done. Before anything visible is changed: Ctrl-C may end it.
 */
void oh_choose(struct oh_flow *flow, struct oh_verdicts *verdicts, bool *done);

/* A merge that stops, so that the choice is made where there is time for it: the ways on. */
void oh_tell_choice(struct oh_flow *flow, const struct oh_verdicts *verdicts);

/* For a dry run: what was said is what Enter would take. */
void oh_tell_unasked(struct oh_flow *flow, const struct oh_verdicts *verdicts);

#endif

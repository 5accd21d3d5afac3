/*
 * A commit from an index of its own (`-a`, `-i`, PATH) that is given up after pre-commit, for want
 * of a message, leaves files under their new names that no index knows. pre-commit notes them in
 * <git dir>/onehead/renumbered; the next one refuses once to go on without them.
 */
#ifndef OH_FLOW_GIVEN_UP_H
#define OH_FLOW_GIVEN_UP_H

#include "flow/flow.h"
#include "model/step.h"

/* Does nothing where the commit is made from the real index, or no file gets another name. */
bool oh_given_up_note(struct oh_flow *flow, const struct oh_steps *steps, struct oh_error *err);
/* Where the commit before was given up and its files are still left alone: says so, and refuses
 * (report.status, and *REFUSED). Costs a look for the note, where there is none. */
bool oh_given_up_check(struct oh_flow *flow, bool *refused, struct oh_error *err);

#endif

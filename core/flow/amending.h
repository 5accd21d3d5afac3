/*
 * git tells pre-commit nothing of --amend: the command line of the `git commit` that runs the hook
 * does, where the system shows it (/proc). What can't be seen is no amending.
 */
#ifndef OH_FLOW_AMENDING_H
#define OH_FLOW_AMENDING_H

#include "flow/flow.h"

/* Is HEAD, a commit with one parent, being made again? */
bool oh_is_amending(struct oh_flow *flow);

#endif

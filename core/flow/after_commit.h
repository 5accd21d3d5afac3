/*
 * `git commit PATH` commits from an index of its own: what a hook adds to that one is missing in
 * the real index afterwards, as if it had been deleted. pre-commit remembers such paths in
 * <git dir>/onehead/after-commit, post-commit puts them right.
 */
#ifndef OH_FLOW_AFTER_COMMIT_H
#define OH_FLOW_AFTER_COMMIT_H

#include "flow/flow.h"
#include "model/step.h"

/* Does nothing where the commit is made from the real index. */
bool oh_after_commit_remember(
	struct oh_flow *flow, const struct oh_steps *steps, struct oh_error *err);

#endif

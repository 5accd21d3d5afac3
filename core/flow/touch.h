/* Does a change touch migrations at all? The cheap question before the costly one. */
#ifndef OH_FLOW_TOUCH_H
#define OH_FLOW_TOUCH_H

#include "flow/flow.h"

/* What is staged against HEAD. Costs a `git diff-index` and no object. */
bool oh_touch_staged(struct oh_flow *flow, bool *touched, struct oh_error *err);
bool oh_touch_between(struct oh_flow *flow, struct oh_slice from, struct oh_slice to, bool *touched,
	struct oh_error *err);
/* Does any of COMMITS, whatever becomes of it in a later one? */
bool oh_touch_any(
	struct oh_flow *flow, const struct oh_slices *commits, bool *touched, struct oh_error *err);

#endif

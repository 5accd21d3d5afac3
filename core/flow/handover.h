/*
 * What pre-merge-commit has found out and prepared, handed to the post-merge of the same merge in
 * <git directory>/onehead/handover, so that it is not found out twice. Nothing depends on it: where
 * the merge commit is not exactly the one that was looked at, post-merge judges by itself.
 */
#ifndef OH_FLOW_HANDOVER_H
#define OH_FLOW_HANDOVER_H

#include "flow/flow.h"

struct oh_handover {
	struct oh_slices
		lines; /* that meet: HEAD, then what is merged; commits as git names them */
	struct oh_slice tree; /* of the merge as git makes it */
	struct oh_slice
		new_tree; /* with the merge revisions and the lock; the same: nothing to do */
	struct oh_slices told; /* lines for people, once it is done */
	bool joins; /* heads are joined in new_tree */
};

/* Replaces what was handed over before. Failing is no error. */
void oh_handover_write(struct oh_flow *flow, const struct oh_handover *handover);
/* Takes it, once: false where there is none or it is not whole. */
bool oh_handover_take(struct oh_flow *flow, struct oh_handover *handover);
/* The bytes, and back; what is parsed borrows from them. */
struct oh_slice oh_handover_format(struct oh_arena *arena, const struct oh_handover *handover);
bool oh_handover_parse(struct oh_arena *arena, struct oh_slice bytes, struct oh_handover *handover);

#endif

/* What a merge of two commits would give, as objects alone: no index, no worktree. */
#ifndef OH_FLOW_MERGED_TREE_H
#define OH_FLOW_MERGED_TREE_H

#include "flow/flow.h"

/* The tree of A with B merged into it (git merge-tree). A conflict in a lock is no conflict, as it
 * is written anew; in another file it is OH_E_CHANGED, with its name. */
bool oh_merged_tree(struct oh_flow *flow, struct oh_slice a, struct oh_slice b,
	struct oh_slice *tree, struct oh_error *err);

#endif

#include "flow/merged_tree.h"

#include "base/process.h"
#include "model/lock.h"

/* git merge-tree's first answer is the tree; after it come the conflicted files. */
static bool read_answer(struct oh_slice output, struct oh_slice *tree, struct oh_error *err)
{
	struct oh_slice rest = output, record;

	if (!oh_slice_next(&rest, '\0', tree))
		return oh_fail(err, OH_E_GIT, "git merge-tree gave no tree");
	while (oh_slice_next(&rest, '\0', &record) && record.len) {
		const size_t tab = oh_slice_find_byte(record, '\t', 0);
		const struct oh_slice path = oh_slice_sub(record, tab + 1, record.len);

		if (!oh_slice_eq(oh_path_name(path), OH_SLICE(OH_LOCK_NAME)))
			return oh_fail(err, OH_E_CHANGED, OH_FMT " is in conflict", OH_ARG(path));
	}
	return true;
}

bool oh_merged_tree(struct oh_flow *flow, struct oh_slice a, struct oh_slice b,
	struct oh_slice *tree, struct oh_error *err)
{
	const char *argv[] = {"git", "merge-tree", "--write-tree", "-z", "--no-messages",
		oh_slice_str(flow->arena, a), oh_slice_str(flow->arena, b), NULL};
	const char *set[] = {"LC_ALL=C", NULL};
	struct oh_process p = {.argv = argv, .set = set};

	if (!oh_process_run(flow->arena, &p, err))
		return false;
	if (p.status > 1)
		return oh_fail(err, OH_E_GIT, OH_FMT, OH_ARG(p.errors));
	return read_answer(p.output, tree, err);
}

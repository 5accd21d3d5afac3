#include "apply/apply.h"

#include "apply/put_back.h"
#include "base/buf.h"

#include <stdio.h>

static bool write_state(struct oh_repo *repo, struct oh_arena *arena, const char *name,
	struct oh_slice bytes, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);
	const char *path;
	FILE *f;
	bool ok;

	if (!paths)
		return false;
	path = oh_slice_printf(arena, OH_FMT "/%s", OH_ARG(paths->git_dir), name).ptr;
	f = fopen(path, "we");
	if (!f)
		return oh_fail_errno(err, "writing %s", path);
	ok = fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;
	if (fclose(f) != 0 || !ok)
		return oh_fail_errno(err, "writing %s", path);
	return true;
}

bool oh_apply_start_merge(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice tree,
	const struct oh_slices *heads, struct oh_slice message, struct oh_error *err)
{
	struct oh_buf list = {.arena = arena};
	struct oh_slice head;

	for (size_t i = 0; i < heads->count; i++)
		oh_buf_addf(&list, OH_FMT "\n", OH_ARG(heads->items[i]));
	if (!oh_repo_resolve(repo, arena, OH_SLICE("HEAD"), &head, err))
		return false;
	if (!oh_repo_switch_tree(repo, head, tree, err)) {
		if (!err || err->code != OH_E_CHANGED) /* then git began to write */
			oh_put_back(repo, arena, head, tree);
		return false;
	}
	return oh_repo_update_ref(
		       repo, OH_SLICE("ORIG_HEAD"), head, OH_SLICE(""), OH_SLICE(""), err) &&
	       write_state(repo, arena, "MERGE_MSG", message, err) &&
	       write_state(repo, arena, "MERGE_MODE", OH_SLICE("no-ff"), err) &&
	       write_state(repo, arena, "MERGE_HEAD", oh_buf_slice(&list), err);
}

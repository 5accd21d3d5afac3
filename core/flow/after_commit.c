#include "flow/after_commit.h"

#include "apply/pending.h"
#include "base/buf.h"
#include "repo/disk.h"

#include <stdlib.h>
#include <unistd.h>

#define FILE_NAME "onehead/after-commit"

static bool is_partial_commit(void)
{
	const struct oh_slice index = oh_path_name(oh_slice_of(getenv("GIT_INDEX_FILE")));

	return oh_slice_has_prefix(index, OH_SLICE("next-index-"));
}

static struct oh_slice note_path(struct oh_flow *flow, const struct oh_repo_paths *paths)
{
	return oh_slice_printf(flow->arena, OH_FMT "/" FILE_NAME, OH_ARG(paths->git_dir));
}

bool oh_after_commit_remember(
	struct oh_flow *flow, const struct oh_steps *steps, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, err);
	struct oh_buf list = {.arena = flow->arena};
	struct oh_slice path;
	bool made;

	if (!paths)
		return false;
	if (!steps->count || !is_partial_commit())
		return true;
	path = note_path(flow, paths);
	for (size_t i = 0; i < steps->count; i++) {
		oh_buf_add(&list, steps->items[i].path);
		oh_buf_add(&list, (struct oh_slice){"", 1}); /* a NUL ends each path */
	}
	return oh_disk_make_directory(flow->arena, oh_path_directory(path), &made, err) &&
	       oh_disk_write(flow->arena, path, oh_buf_slice(&list), 0666, err);
}

static bool reset_paths(struct oh_flow *flow, struct oh_error *err)
{
	const char *argv[] = {
		"git", "reset", "-q", "--pathspec-from-file=-", "--pathspec-file-nul", "--", NULL};
	const struct oh_slice list = oh_repo_state(flow->repo, flow->arena, FILE_NAME);
	const struct oh_repo_paths *paths;

	if (!list.len)
		return true;
	paths = oh_repo_paths(flow->repo, err);
	if (!paths)
		return false;
	unlink(note_path(flow, paths).ptr);
	return oh_repo_git(flow->repo, flow->arena, argv, list, NULL, err);
}

bool oh_flow_post_commit(struct oh_flow *flow, struct oh_error *err)
{
	if (!reset_paths(flow, err))
		return false;
	oh_pending_committed(flow->repo, flow->arena);
	return oh_flow_post_pick(flow, err);
}

#include "flow/after_commit.h"

#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "onehead/after-commit"

static bool is_partial_commit(void)
{
	const struct oh_slice index = oh_path_name(oh_slice_of(getenv("GIT_INDEX_FILE")));

	return oh_slice_has_prefix(index, OH_SLICE("next-index-"));
}

static bool write_file(const char *path, struct oh_slice bytes, struct oh_error *err)
{
	FILE *f = fopen(path, "we");
	bool ok;

	if (!f)
		return oh_fail_errno(err, "writing %s", path);
	ok = fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;
	if (fclose(f) != 0 || !ok)
		return oh_fail_errno(err, "writing %s", path);
	return true;
}

bool oh_after_commit_remember(
	struct oh_flow *flow, const struct oh_steps *steps, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, err);
	struct oh_buf list = {.arena = flow->arena};
	const char *directory;

	if (!paths)
		return false;
	if (!steps->count || !is_partial_commit())
		return true;
	directory = oh_slice_printf(flow->arena, OH_FMT "/onehead", OH_ARG(paths->git_dir)).ptr;
	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return oh_fail_errno(err, "making %s", directory);
	for (size_t i = 0; i < steps->count; i++) {
		oh_buf_add(&list, steps->items[i].path);
		oh_buf_add(&list, (struct oh_slice){"", 1}); /* a NUL ends each path */
	}
	return write_file(
		oh_slice_printf(flow->arena, OH_FMT "/" FILE_NAME, OH_ARG(paths->git_dir)).ptr,
		oh_buf_slice(&list), err);
}

bool oh_flow_post_commit(struct oh_flow *flow, struct oh_error *err)
{
	const char *argv[] = {
		"git", "reset", "-q", "--pathspec-from-file=-", "--pathspec-file-nul", "--", NULL};
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, err);
	struct oh_slice list = oh_repo_state(flow->repo, flow->arena, FILE_NAME);
	const char *file;

	if (!paths)
		return false;
	if (!list.len)
		return true;
	file = oh_slice_printf(flow->arena, OH_FMT "/" FILE_NAME, OH_ARG(paths->git_dir)).ptr;
	unlink(file);
	return oh_repo_git(flow->repo, flow->arena, argv, list, NULL, err);
}

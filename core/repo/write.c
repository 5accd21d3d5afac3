#include "repo/private.h"

bool oh_blob_start(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice bytes, struct oh_process *process, struct oh_error *err)
{
	const char **argv = oh_arena_alloc(arena, 6 * sizeof(*argv));
	const struct oh_git_call call = {
		.argv = argv, .input = bytes, .writes = true, .at_top = true};

	argv[0] = "git";
	argv[1] = "hash-object";
	argv[2] = "-w";
	argv[3] = "--stdin";
	argv[4] = oh_slice_printf(arena, "--path=" OH_FMT, OH_ARG(path)).ptr;
	return oh_git_prepare(repo, arena, &call, process, err) &&
	       oh_process_start(arena, process, err);
}

bool oh_blob_finish(struct oh_arena *arena, struct oh_process *process, struct oh_slice *id,
	struct oh_error *err)
{
	if (!oh_process_finish(arena, process, err))
		return false;
	*id = oh_slice_trim(process->output);
	return !process->status || oh_git_fail(process, err);
}

bool oh_repo_write_blob(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice bytes, struct oh_slice *id, struct oh_error *err)
{
	struct oh_process process;

	return oh_blob_start(repo, arena, path, bytes, &process, err) &&
	       oh_blob_finish(arena, &process, id, err);
}

void oh_repo_prefetch_index_tree(struct oh_repo *repo)
{
	static const char *const argv[] = {"git", "write-tree", "--missing-ok", NULL};
	const struct oh_git_call call = {.argv = argv, .writes = true};

	if (!repo->index_tree.is_running)
		oh_early_start(repo, &repo->index_tree, &call);
}

bool oh_repo_write_index(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice *tree, struct oh_error *err)
{
	const struct oh_process *p = &repo->index_tree.process;

	oh_repo_prefetch_index_tree(repo);
	if (!oh_early_finish(repo, &repo->index_tree, err))
		return false;
	if (p->status)
		return oh_git_fail(p, err);
	*tree = oh_slice_dup(arena, oh_slice_trim(p->output));
	return true;
}

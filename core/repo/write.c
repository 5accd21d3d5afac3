#include "repo/private.h"

bool oh_repo_write_blobs(struct oh_repo *repo, struct oh_arena *arena, struct oh_new_blob *blobs,
	size_t count, struct oh_error *err)
{
	struct oh_process *running = oh_arena_alloc(arena, (count + 1) * sizeof(*running));
	size_t started = 0;
	bool ok = true;

	for (; started < count && ok; started += ok) {
		struct oh_new_blob *b = &blobs[started];
		const char **argv = oh_arena_alloc(arena, 6 * sizeof(*argv));
		const struct oh_git_call call = {
			.argv = argv, .input = b->bytes, .writes = true, .at_top = true};

		argv[0] = "git";
		argv[1] = "hash-object";
		argv[2] = "-w";
		argv[3] = "--stdin";
		argv[4] = oh_slice_printf(arena, "--path=" OH_FMT, OH_ARG(b->path)).ptr;
		ok = oh_git_prepare(repo, arena, &call, &running[started], err) &&
		     oh_process_start(arena, &running[started], err);
	}
	for (size_t i = 0; i < started; i++) {
		ok = oh_process_finish(arena, &running[i], ok ? err : NULL) && ok;
		if (ok && running[i].status)
			ok = oh_git_fail(&running[i], err);
		blobs[i].id = oh_slice_trim(running[i].output);
	}
	return ok;
}

bool oh_repo_write_blob(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice bytes, struct oh_slice *id, struct oh_error *err)
{
	struct oh_new_blob blob = {path, bytes, OH_SLICE("")};

	if (!oh_repo_write_blobs(repo, arena, &blob, 1, err))
		return false;
	*id = blob.id;
	return true;
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

#include "repo/private.h"

bool oh_repo_write_blob(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice bytes, struct oh_slice *id, struct oh_error *err)
{
	const struct oh_slice option = oh_slice_printf(arena, "--path=" OH_FMT, OH_ARG(path));
	const char *const argv[] = {"git", "hash-object", "-w", "--stdin", option.ptr, NULL};
	const struct oh_git_call call = {
		.argv = argv, .input = bytes, .writes = true, .at_top = true};

	return oh_git_read_line(repo, arena, &call, id, err);
}

/* What git finds to be changed may only have been touched: it looks at content only here. */
static void refresh(struct oh_repo *repo, struct oh_arena *arena)
{
	static const char *const argv[] = {"git", "update-index", "-q", "--refresh", NULL};
	const struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};

	oh_git_read(repo, arena, &call, NULL, NULL);
}

bool oh_repo_switch_tree(
	struct oh_repo *repo, struct oh_slice from, struct oh_slice to, struct oh_error *err)
{
	const char *const argv[] = {"git", "read-tree", "-m", "-u",
		oh_slice_str(&repo->arena, from), oh_slice_str(&repo->arena, to), NULL};
	const struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};
	struct oh_error first = {0};

	if (!oh_rev_check(from, err) || !oh_rev_check(to, err))
		return false;
	oh_index_forget(repo);
	if (oh_git_read(repo, &repo->arena, &call, NULL, &first))
		return true;
	if (first.code == OH_E_CHANGED) {
		refresh(repo, &repo->arena);
		return oh_git_read(repo, &repo->arena, &call, NULL, err);
	}
	if (err)
		*err = first;
	return false;
}

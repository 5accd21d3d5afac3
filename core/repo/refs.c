#include "repo/private.h"

bool oh_repo_update_ref(struct oh_repo *repo, struct oh_slice ref, struct oh_slice new_id,
	struct oh_slice old_id, struct oh_slice message, struct oh_error *err)
{
	const char *argv[9] = {"git", "update-ref"};
	const struct oh_git_call call = {.argv = argv, .writes = true};
	size_t n = 2;

	if (!oh_rev_check(ref, err))
		return false;
	if (message.len) {
		argv[n++] = "-m";
		argv[n++] = oh_slice_str(&repo->arena, message);
	}
	if (!new_id.len)
		argv[n++] = "-d";
	argv[n++] = oh_slice_str(&repo->arena, ref);
	if (new_id.len)
		argv[n++] = oh_slice_str(&repo->arena, new_id);
	if (old_id.len)
		argv[n++] = oh_slice_str(&repo->arena, old_id);
	return oh_git_read(repo, &repo->arena, &call, NULL, err);
}

bool oh_repo_reflog_message(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice ref,
	struct oh_slice *message, struct oh_error *err)
{
	const char *const argv[] = {"git", "log", "-g", "-1", "--no-show-signature", "--format=%gs",
		oh_slice_str(arena, ref), "--", NULL};
	const struct oh_git_call call = {.argv = argv};

	return oh_rev_check(ref, err) && oh_git_read_line(repo, arena, &call, message, err);
}

bool oh_repo_reflog_drop_previous(struct oh_repo *repo, struct oh_slice ref, struct oh_error *err)
{
	const struct oh_slice previous = oh_slice_printf(&repo->arena, OH_FMT "@{1}", OH_ARG(ref));
	const char *const argv[] = {"git", "reflog", "delete", "--rewrite", previous.ptr, NULL};
	const struct oh_git_call call = {.argv = argv, .writes = true};

	return oh_rev_check(ref, err) && oh_git_read(repo, &repo->arena, &call, NULL, err);
}

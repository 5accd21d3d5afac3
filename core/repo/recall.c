#include "repo/recall.h"

#include "repo/caller.h"
#include "repo/disk.h"
#include "repo/private.h"

#define FILE_NAME "onehead/row-of"

static bool is_row(struct oh_repo *repo)
{
	return oh_repo_has_state(repo, "rebase-merge") || oh_repo_has_state(repo, "rebase-apply") ||
	       oh_repo_has_state(repo, "sequencer");
}

/* The git above us, as no other ever was; "" where it is not to be seen. */
static struct oh_slice name_caller(struct oh_arena *arena)
{
	struct oh_caller caller;

	if (!oh_caller_find(arena, &caller) || !caller.started.len)
		return OH_SLICE("");
	return oh_slice_printf(arena, "%ld " OH_FMT, caller.pid, OH_ARG(caller.started));
}

/* "PID STARTED" newline, how long ids are, a blank, the directory of the hooks to the end. */
static bool recall(struct oh_repo *repo)
{
	struct oh_slice rest, caller, length, said;

	if (!repo->plain_top.len || !is_row(repo))
		return false;
	rest = oh_repo_state(repo, &repo->arena, FILE_NAME);
	if (!oh_slice_next(&rest, '\n', &caller) || !oh_slice_next(&rest, ' ', &length) ||
		!rest.len)
		return false;
	said = name_caller(&repo->arena);
	if (!said.len || !oh_slice_eq(caller, said))
		return false;
	oh_where_take_plain(repo, oh_slice_eq(length, OH_SLICE("64")) ? 64 : 40, rest);
	return true;
}

bool oh_repo_open_in_row(struct oh_repo **out, struct oh_arena *arena, struct oh_error *err)
{
	struct oh_repo *repo = oh_arena_alloc(arena, sizeof(*repo));

	oh_where_start(repo);
	repo->is_recalled = recall(repo);
	if (!repo->is_recalled)
		oh_config_start(repo);
	return oh_repo_complete(repo, out, err);
}

void oh_repo_remember_row(struct oh_repo *repo)
{
	struct oh_arena *arena = &repo->arena;
	const struct oh_slice git_dir = oh_repo_git_dir(repo);
	const struct oh_slice path = oh_path_join(arena, git_dir, OH_SLICE(FILE_NAME));
	struct oh_slice caller;

	if (repo->is_recalled || !repo->has_paths || !repo->plain_top.len || !is_row(repo) ||
		!oh_slice_eq(repo->paths.top, repo->plain_top) ||
		!oh_slice_eq(repo->paths.git_dir, git_dir) ||
		!oh_slice_eq(repo->paths.common_dir, git_dir) ||
		!oh_disk_is_directory(arena, oh_path_directory(path)))
		return;
	caller = name_caller(arena);
	if (caller.len)
		oh_disk_write(arena, path,
			oh_slice_printf(arena, OH_FMT "\n%zu " OH_FMT, OH_ARG(caller),
				repo->id_length, OH_ARG(repo->paths.hooks)),
			0666, NULL);
}

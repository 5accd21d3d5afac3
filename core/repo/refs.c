#include "base/buf.h"
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

bool oh_repo_update_refs(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_ref_move *moves, size_t count, struct oh_slice message,
	struct oh_error *err)
{
	const char *const argv[] = {"git", "update-ref", "-m",
		oh_slice_str(arena, message.len ? message : OH_SLICE("onehead")), "-z", "--stdin",
		NULL};
	struct oh_git_call call = {.argv = argv, .writes = true};
	struct oh_buf commands = {.arena = arena};

	for (size_t i = 0; i < count; i++) {
		const struct oh_ref_move *m = &moves[i];

		if (m->new_id.len)
			oh_buf_addf(&commands, "update " OH_FMT "%c" OH_FMT "%c" OH_FMT "%c",
				OH_ARG(m->ref), 0, OH_ARG(m->new_id), 0, OH_ARG(m->old_id), 0);
		else
			oh_buf_addf(&commands, "delete " OH_FMT "%c" OH_FMT "%c", OH_ARG(m->ref), 0,
				OH_ARG(m->old_id), 0);
	}
	call.input = oh_buf_slice(&commands);
	return oh_repo_commit_finish(repo, err) && oh_git_read(repo, arena, &call, NULL, err);
}

/* The last line of a reflog file: old, new, who, a tab, the message. */
static bool message_in_file(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice ref, struct oh_slice *message)
{
	struct oh_slice log =
		oh_repo_state(repo, arena, oh_slice_printf(arena, "logs/" OH_FMT, OH_ARG(ref)).ptr);
	size_t tab;

	log = oh_slice_trim(log);
	tab = oh_slice_rfind_byte(log, '\t');
	if (tab == log.len || oh_slice_find_byte(log, '\n', tab) != log.len)
		return false;
	*message = oh_slice_sub(log, tab + 1, log.len);
	return true;
}

bool oh_repo_reflog_message(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice ref,
	struct oh_slice *message, struct oh_error *err)
{
	const char *const argv[] = {"git", "log", "-g", "-1", "--no-show-signature", "--format=%gs",
		oh_slice_str(arena, ref), "--", NULL};
	const struct oh_git_call call = {.argv = argv};

	if (!oh_rev_check(ref, err))
		return false;
	return message_in_file(repo, arena, ref, message) ||
	       oh_git_read_line(repo, arena, &call, message, err);
}

bool oh_repo_reflog_drop_previous(
	struct oh_repo *repo, const struct oh_slice *refs, size_t count, struct oh_error *err)
{
	const char *argv[8] = {"git", "reflog", "delete", "--rewrite"};
	const struct oh_git_call call = {.argv = argv, .writes = true};

	for (size_t i = 0; i < count && i < 3; i++) {
		if (!oh_rev_check(refs[i], err))
			return false;
		argv[4 + i] = oh_slice_printf(&repo->arena, OH_FMT "@{1}", OH_ARG(refs[i])).ptr;
	}
	return oh_git_read(repo, &repo->arena, &call, NULL, err);
}

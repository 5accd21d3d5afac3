#include "repo/private.h"

#include "base/buf.h"

#include <sys/stat.h>

bool oh_repo_resolve(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	struct oh_slice *id, struct oh_error *err)
{
	struct oh_object commit;

	if (!oh_rev_check(rev, err))
		return false;
	if (!oh_objects_read(
		    repo->objects, arena, oh_rev_peeled(arena, rev, "commit"), &commit, err)) {
		if (err && err->code == OH_E_NOT_FOUND)
			oh_fail(err, OH_E_NOT_FOUND, "no such commit: '" OH_FMT "'", OH_ARG(rev));
		return false;
	}
	if (commit.kind != OH_COMMIT)
		return oh_fail(err, OH_E_NOT_FOUND, "not a commit: '" OH_FMT "'", OH_ARG(rev));
	*id = commit.id;
	return true;
}

static void split_lines(
	struct oh_arena *arena, struct oh_slice text, char end, struct oh_slices *out)
{
	struct oh_slice line;

	*out = (struct oh_slices){0};
	while (oh_slice_next(&text, end, &line))
		OH_PUSH(arena, out, line);
}

void oh_repo_prefetch_merge_bases(struct oh_repo *repo, struct oh_slice a, struct oh_slice b)
{
	const struct oh_git_call call = {.argv = repo->bases_of};

	if (repo->bases.is_running || !oh_rev_check(a, NULL) || !oh_rev_check(b, NULL))
		return;
	repo->bases_of[0] = "git";
	repo->bases_of[1] = "merge-base";
	repo->bases_of[2] = "--all";
	repo->bases_of[3] = oh_slice_str(&repo->arena, a);
	repo->bases_of[4] = oh_slice_str(&repo->arena, b);
	oh_early_start(repo, &repo->bases, &call);
}

/* The answer that was asked for early, if it is to this question. */
static bool take_early_bases(
	struct oh_repo *repo, struct oh_slice a, struct oh_slice b, struct oh_process *process)
{
	if (!repo->bases.is_running || !oh_slice_eq(a, oh_slice_of(repo->bases_of[3])) ||
		!oh_slice_eq(b, oh_slice_of(repo->bases_of[4])) ||
		!oh_early_finish(repo, &repo->bases, NULL))
		return false;
	*process = repo->bases.process;
	return true;
}

bool oh_repo_merge_bases(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice a,
	struct oh_slice b, struct oh_slices *out, struct oh_error *err)
{
	const char *const argv[] = {
		"git", "merge-base", "--all", oh_slice_str(arena, a), oh_slice_str(arena, b), NULL};
	const struct oh_git_call call = {.argv = argv};
	struct oh_process process;

	if (!oh_rev_check(a, err) || !oh_rev_check(b, err))
		return false;
	if (!take_early_bases(repo, a, b, &process) &&
		!oh_git_run(repo, arena, &call, &process, err))
		return false;
	if (process.status > 1)
		return oh_git_fail(&process, err);
	split_lines(arena, oh_slice_dup(arena, process.output), '\n', out);
	return true;
}

bool oh_repo_is_ancestor(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice a, struct oh_slice b)
{
	const char *const argv[] = {"git", "merge-base", "--is-ancestor", oh_slice_str(arena, a),
		oh_slice_str(arena, b), NULL};
	const struct oh_git_call call = {.argv = argv};

	return oh_rev_check(a, NULL) && oh_rev_check(b, NULL) &&
	       oh_git_read(repo, arena, &call, NULL, NULL);
}

/* ":OLDMODE NEWMODE OLDID NEWID STATUS" NUL PATH NUL */
static bool parse_change(struct oh_slice head, struct oh_slice path, struct oh_change *out)
{
	struct oh_slice skipped, status;

	out->path = path;
	if (!oh_slice_next(&head, ' ', &skipped) || !oh_slice_next(&head, ' ', &skipped) ||
		!oh_slice_next(&head, ' ', &out->old_id) ||
		!oh_slice_next(&head, ' ', &out->new_id) || !oh_slice_next(&head, ' ', &status))
		return false;
	out->status = status.ptr[0];
	return true;
}

static bool parse_changes(
	struct oh_arena *arena, struct oh_slice raw, struct oh_changes *out, struct oh_error *err)
{
	struct oh_slice head, path;

	*out = (struct oh_changes){0};
	while (oh_slice_next(&raw, '\0', &head)) {
		struct oh_change change;

		if (!oh_slice_next(&raw, '\0', &path) || !parse_change(head, path, &change))
			return oh_fail(err, OH_E_FORMAT, "git's list of changes can't be read");
		OH_PUSH(arena, out, change);
	}
	return true;
}

static const char *const STAGED[] = {
	"git", "diff-index", "--cached", "--raw", "-z", "--no-renames", "HEAD", "--", NULL};

void oh_repo_prefetch_staged(struct oh_repo *repo)
{
	const struct oh_git_call call = {.argv = STAGED};

	if (!repo->staged.is_running)
		oh_early_start(repo, &repo->staged, &call);
}

static bool run_staged(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	struct oh_process *process, struct oh_error *err)
{
	const char *argv[] = {"git", "diff-index", "--cached", "--raw", "-z", "--no-renames",
		oh_slice_str(arena, rev), "--", NULL};
	const struct oh_git_call call = {.argv = argv};

	if (repo->staged.is_running && oh_slice_eq(rev, OH_SLICE("HEAD"))) {
		if (!oh_early_finish(repo, &repo->staged, err))
			return false;
		*process = repo->staged.process;
		return true;
	}
	return oh_git_run(repo, arena, &call, process, err);
}

bool oh_repo_staged(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	struct oh_changes *out, struct oh_error *err)
{
	struct oh_process process;

	if (!rev.len)
		rev = oh_id_empty_tree(repo);
	if (!oh_rev_check(rev, err) || !run_staged(repo, arena, rev, &process, err))
		return false;
	if (process.status && oh_slice_eq(rev, OH_SLICE("HEAD")) &&
		oh_repo_branch(repo, arena).len && !oh_repo_resolve(repo, arena, rev, &rev, NULL) &&
		!run_staged(repo, arena, oh_id_empty_tree(repo), &process, err))
		return false;
	if (process.status)
		return oh_git_fail(&process, err);
	return parse_changes(arena, oh_slice_dup(arena, process.output), out, err);
}

bool oh_repo_diff(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice from,
	struct oh_slice to, struct oh_changes *out, struct oh_error *err)
{
	const struct oh_slice a = from.len ? from : oh_id_empty_tree(repo);
	const struct oh_slice b = to.len ? to : oh_id_empty_tree(repo);
	const char *const argv[] = {"git", "diff-tree", "-r", "--raw", "-z", "--no-renames",
		oh_slice_str(arena, a), oh_slice_str(arena, b), "--", NULL};
	const struct oh_git_call call = {.argv = argv};
	struct oh_slice raw;

	return oh_rev_check(a, err) && oh_rev_check(b, err) &&
	       oh_git_read(repo, arena, &call, &raw, err) && parse_changes(arena, raw, out, err);
}

bool oh_repo_changes_of(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_slices *commits, struct oh_changes *out, struct oh_error *err)
{
	const char *const argv[] = {"git", "diff-tree", "--stdin", "-m", "-r", "--raw", "-z",
		"--no-renames", "--no-commit-id", NULL};
	struct oh_git_call call = {.argv = argv};
	struct oh_buf list = {.arena = arena};
	struct oh_slice raw;

	for (size_t i = 0; i < commits->count; i++)
		oh_buf_addf(&list, OH_FMT "\n", OH_ARG(commits->items[i]));
	call.input = oh_buf_slice(&list);
	return oh_git_read(repo, arena, &call, &raw, err) && parse_changes(arena, raw, out, err);
}

bool oh_repo_unmerged(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slices *out, struct oh_error *err)
{
	struct oh_slice last = {0};

	*out = (struct oh_slices){0};
	if (!oh_index_load(repo, err))
		return false;
	for (size_t i = 0; i < repo->index.count; i++) {
		const struct oh_index_entry *e = &repo->index.items[i];

		if (e->stage && (!last.ptr || !oh_slice_eq(e->path, last)))
			OH_PUSH(arena, out, last = e->path);
	}
	return true;
}

bool oh_repo_unmerged_at(
	struct oh_repo *repo, struct oh_slice path, struct oh_unmerged *out, struct oh_error *err)
{
	struct oh_slice none = OH_SLICE("");
	struct oh_slice *const stages[] = {&none, &out->base, &out->ours, &out->theirs};

	out->base = out->ours = out->theirs = OH_SLICE("");
	if (!oh_index_load(repo, err))
		return false;
	for (size_t i = 0; i < repo->index.count; i++) {
		const struct oh_index_entry *e = &repo->index.items[i];

		if (e->stage > 0 && e->stage < 4 && (e->mode & S_IFMT) == S_IFREG &&
			oh_slice_eq(e->path, path))
			*stages[e->stage] = e->id;
	}
	return true;
}

bool oh_repo_find_blob(
	struct oh_repo *repo, struct oh_slice id, struct oh_slice *path, struct oh_error *err)
{
	size_t found = 0;

	*path = OH_SLICE("");
	if (!oh_index_load(repo, err))
		return false;
	for (size_t i = 0; i < repo->index.count; i++)
		if (!repo->index.items[i].stage && oh_slice_eq(repo->index.items[i].id, id)) {
			*path = repo->index.items[i].path;
			found++;
		}
	if (found != 1)
		*path = OH_SLICE("");
	return true;
}

static bool is_one_of(struct oh_slice name, const char *const *names)
{
	while (*names && !oh_slice_eq(name, oh_slice_of(*names)))
		names++;
	return *names;
}

bool oh_repo_find_files(struct oh_repo *repo, struct oh_arena *arena, const char *const *names,
	struct oh_slices *out, struct oh_error *err)
{
	*out = (struct oh_slices){0};
	if (!oh_index_load(repo, err))
		return false;
	for (size_t i = 0; i < repo->index.count; i++) {
		const struct oh_index_entry *e = &repo->index.items[i];
		const struct oh_slice name = oh_path_name(e->path);

		if (!e->stage && (!names || is_one_of(name, names)))
			OH_PUSH(arena, out, e->path);
	}
	return true;
}

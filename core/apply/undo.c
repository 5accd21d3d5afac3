#include "apply/paths.h"
#include "apply/put_back.h"
#include "apply/running.h"
#include "base/buf.h"
#include "base/map.h"

#include <string.h>
#include <sys/stat.h>

struct undoing {
	struct oh_repo *repo;
	struct oh_arena *arena;
	const struct oh_repo_paths *paths;
	struct oh_undone *out;
	size_t number; /* of the record */
	struct oh_operation inverse;
};

/*
 * A commit that does not matter here any more: made on another branch, amended, reset away. Where
 * it was taken back by hand (git reset --soft HEAD^) and what was staged for it is still there, it
 * is as one that was given up.
 */
static bool is_gone(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op)
{
	struct oh_operation_ref *r = op->refs.items;
	struct oh_slice head = OH_SLICE("");
	struct oh_refs_now now;
	bool staged;

	if (!oh_slice_eq(op->command, OH_SLICE("commit")) || !op->refs.count ||
		!oh_refs_look(repo, arena, op, &now, NULL))
		return false;
	head = now.ids[0];
	if (!now.is_here || !r->new_id.len)
		return true;
	if (!oh_operation_is_commit(op) && !op->never.len)
		return !oh_slice_eq(head, r->old_id);
	if (!oh_slice_eq(head, r->old_id))
		return !oh_repo_is_ancestor(repo, arena, r->new_id, head);
	r->new_id = r->old_id;
	return !oh_paths_are(repo, arena, op, true, &staged, NULL) || !staged;
}

/* The last record that no later one has taken back; *NUMBER is 0 where there is none. */
static bool find(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op,
	size_t *number, struct oh_error *err)
{
	const struct oh_slice git_dir = oh_repo_paths(repo, NULL)->git_dir;
	const struct oh_records records = oh_records_list(arena, git_dir);
	struct oh_map undone = {.arena = arena};

	for (size_t i = records.count; i-- > 0;) {
		*number = records.items[i];
		if (oh_map_get(&undone, oh_slice_printf(arena, "%zu", *number)))
			continue;
		if (!oh_record_read(arena, git_dir, *number, op, err))
			return false;
		if (!op->undoes && is_gone(repo, arena, op))
			continue;
		if (!op->undoes)
			return true;
		*oh_map_put(&undone, oh_slice_printf(arena, "%zu", op->undoes)) = 1;
	}
	*number = 0;
	return true;
}

static size_t find_number(struct undoing *u)
{
	struct oh_operation op;
	size_t number = 0;

	return find(u->repo, u->arena, &op, &number, NULL) ? number : 0;
}

size_t oh_apply_last_undo(struct oh_repo *repo, struct oh_arena *arena)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, NULL);
	struct oh_records records = {0};
	struct oh_operation op;
	size_t newest;

	if (paths)
		records = oh_records_list(arena, paths->git_dir);
	if (!records.count)
		return 0;
	newest = records.items[records.count - 1];
	return oh_record_read(arena, paths->git_dir, newest, &op, NULL) && op.undoes ? newest : 0;
}

static bool check_git_is_idle(struct undoing *u, struct oh_error *err)
{
	static const struct {
		const char *state, *what, *command;
	} table[] = {{"rebase-merge", "rebase", "rebase"}, {"rebase-apply/applying", "am", "am"},
		{"rebase-apply", "rebase", "rebase"},
		{"CHERRY_PICK_HEAD", "cherry-pick", "cherry-pick"},
		{"REVERT_HEAD", "revert", "revert"},
		{"sequencer", "cherry-pick or revert", "cherry-pick"},
		{"MERGE_HEAD", "merge", "merge"}, {"BISECT_LOG", "bisect", "bisect"}};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (!oh_repo_has_state(u->repo, table[i].state) ||
			(table[i].state[0] == 'M' && oh_repo_has_stale_merge(u->repo, u->arena)))
			continue;
		return oh_fail(err, OH_E_CHANGED,
			"a git %s is going on; end it (git %s %s), then onehead undo",
			table[i].what, table[i].command,
			table[i].state[0] == 'B' ? "reset" : "--abort");
	}
	return true;
}

static const char *short_name(struct oh_arena *arena, struct oh_slice name)
{
	oh_slice_cut_prefix(&name, OH_SLICE("refs/heads/"));
	return oh_slice_str(arena, name);
}

/* Each ref with where it is now and where it would be. */
static void invert_refs(struct undoing *u)
{
	struct oh_operation *op = &u->out->operation;
	const struct oh_slice branch = oh_repo_branch(u->repo, u->arena);

	for (size_t i = 0; i < op->refs.count; i++) {
		struct oh_operation_ref *r = &op->refs.items[i];
		struct oh_operation_ref back = {.old_id = r->new_id,
			.new_id = r->before.len ? r->before : r->old_id,
			.before = OH_SLICE("")};

		if (i == 0 && op->branch_later.len && oh_slice_eq(branch, op->branch_later))
			r->name = branch;
		back.name = r->name;
		OH_PUSH(u->arena, &u->inverse.refs, back);
		if (!oh_slice_eq(back.old_id, back.new_id))
			oh_operation_keep(u->arena, &u->inverse, back.old_id);
	}
}

static void invert(struct undoing *u)
{
	const struct oh_operation *op = &u->out->operation;

	u->inverse = (struct oh_operation){.command = OH_SLICE("undo"),
		.title = op->title,
		.message = oh_slice_printf(u->arena, "onehead: undo " OH_FMT, OH_ARG(op->command)),
		.from = op->to,
		.moves_head = op->moves_head,
		.undoes = u->number};
	if (op->from.len || op->to.len)
		u->inverse.to = op->refs.items[0].before.len ? op->refs.items[0].before : op->from;
	invert_refs(u);
	for (size_t i = 0; i < op->paths.count; i++)
		OH_PUSH(u->arena, &u->inverse.paths,
			(struct oh_operation_path){op->paths.items[i].path,
				op->paths.items[i].new_state, op->paths.items[i].old_state,
				op->paths.items[i].index_only});
	for (size_t i = 0; i < op->kept.count && op->paths.count; i++)
		oh_operation_keep(u->arena, &u->inverse,
			oh_slice_sub(op->kept.items[i],
				oh_slice_rfind_byte(op->kept.items[i], ' ') + 1,
				op->kept.items[i].len));
}

/* A branch as a word of a command that people may paste into a shell. */
static const char *word(struct oh_arena *arena, struct oh_slice name)
{
	static const char special[] = " !\"#$&'()*;<=>?[\\]^`{|}~";
	struct oh_buf out = {.arena = arena};
	bool plain = true;

	oh_slice_cut_prefix(&name, OH_SLICE("refs/heads/"));
	for (size_t i = 0; i < name.len; i++) {
		plain &= !strchr(special, name.ptr[i]);
		if (name.ptr[i] == '\'')
			oh_buf_add(&out, OH_SLICE("'\\'"));
		oh_buf_add(&out, oh_slice_sub(name, i, i + 1));
	}
	return plain ? oh_slice_str(arena, name)
		     : oh_slice_printf(arena, "'" OH_FMT "'", OH_ARG(oh_buf_slice(&out))).ptr;
}

/* HEAD is on another branch, or on none. */
static bool fail_elsewhere(struct undoing *u, struct oh_error *err)
{
	const struct oh_slice name = u->inverse.refs.items[0].name;
	const char *title = oh_slice_str(u->arena, u->out->operation.title);

	if (oh_slice_eq(name, OH_SLICE("HEAD")))
		return oh_fail(err, OH_E_CHANGED,
			"HEAD was detached at %s; go there first: git switch --detach %.12s", title,
			u->inverse.refs.items[0].old_id.ptr);
	return oh_fail(err, OH_E_CHANGED, "%s was on %s; go there first: git switch %s", title,
		short_name(u->arena, name), word(u->arena, name));
}

/* Was what is to be taken back committed in a merge, on top of BEFORE? */
static bool is_in_merge(struct undoing *u, struct oh_slice now, struct oh_slice before)
{
	const char *argv[] = {"git", "rev-parse", "-q", "--verify",
		oh_slice_printf(u->arena, OH_FMT "^2", OH_ARG(now)).ptr, NULL};
	const struct oh_slice first = oh_slice_printf(u->arena, OH_FMT "^1", OH_ARG(now));
	struct oh_slice out, parent;

	return now.len && oh_repo_resolve(u->repo, u->arena, first, &parent, NULL) &&
	       oh_slice_eq(parent, before) &&
	       oh_repo_git(u->repo, u->arena, argv, OH_SLICE(""), &out, NULL);
}

static bool fail_moved(struct undoing *u, size_t i, struct oh_slice now, struct oh_error *err)
{
	const struct oh_operation_ref *r = &u->inverse.refs.items[i];
	const char *title = oh_slice_str(u->arena, u->out->operation.title);
	const char *name = short_name(u->arena, r->name);

	const bool staged_only =
		u->out->operation.paths.count && !oh_operation_is_commit(&u->out->operation);

	if (staged_only && r->old_id.len && is_in_merge(u, now, r->old_id))
		return oh_fail(err, OH_E_CHANGED,
			"%s is in the merge %.7s; to go back before it: git reset --keep %.12s",
			title, now.ptr, r->old_id.ptr);
	if (staged_only)
		return oh_fail(err, OH_E_CHANGED,
			"%s has moved since %s; go back there first: git %s%.12s", name, title,
			r->old_id.len ? "reset --soft " : "update-ref -d HEAD",
			r->old_id.len ? r->old_id.ptr : "");
	if (oh_slice_eq(now, r->new_id))
		return oh_fail(err, OH_E_CHANGED, "%s is already as it was before %s", name, title);
	if (!now.len)
		return oh_fail(err, OH_E_CHANGED,
			"%s is gone since %s; make it again first: git branch %s %.12s", name,
			title, word(u->arena, r->name), r->old_id.ptr);
	if (i == 0 && u->inverse.moves_head)
		return oh_fail(err, OH_E_CHANGED,
			"%s has moved on since %s; to lose what came since: git reset --keep "
			"%.12s && onehead undo",
			name, title, r->old_id.ptr);
	return oh_fail(err, OH_E_CHANGED,
		"%s has moved on since %s; to lose what came since: git branch -f %s %.12s && "
		"onehead undo",
		name, title, word(u->arena, r->name), r->old_id.ptr);
}

static bool check_refs(struct undoing *u, struct oh_error *err)
{
	struct oh_refs_now now;

	if (!oh_refs_look(u->repo, u->arena, &u->inverse, &now, err))
		return false;
	if (u->inverse.moves_head && !now.is_here)
		return fail_elsewhere(u, err);
	for (size_t i = 0; i < u->inverse.refs.count; i++) {
		/* git may not have come to it. */
		if (u->out->operation.refs.items[i].by_git &&
			oh_slice_eq(now.ids[i], u->inverse.refs.items[i].new_id))
			u->inverse.refs.items[i].old_id = now.ids[i];
		if (!oh_slice_eq(now.ids[i], u->inverse.refs.items[i].old_id))
			return fail_moved(u, i, now.ids[i], err);
		if (now.worktrees[i].len && (i || !u->inverse.moves_head) &&
			!u->inverse.paths.count)
			return oh_fail(err, OH_E_CHANGED,
				"%s is checked out in " OH_FMT "; take it off there first",
				short_name(u->arena, u->inverse.refs.items[i].name),
				OH_ARG(now.worktrees[i]));
	}
	return true;
}

static bool fail_dirty(struct undoing *u, struct oh_slice path, struct oh_error *err)
{
	return oh_fail(err, OH_E_CHANGED,
		OH_FMT " has changed since " OH_FMT "; put it away (git stash), then onehead undo",
		OH_ARG(path), OH_ARG(u->out->operation.title));
}

static bool has_files_of_the_user(struct undoing *u, struct oh_slice directory)
{
	const char *argv[] = {
		"git", "ls-files", "--others", "-z", "--", oh_slice_str(u->arena, directory), NULL};
	struct oh_slice list;

	return !oh_repo_git(u->repo, u->arena, argv, OH_SLICE(""), &list, NULL) || list.len;
}

/* git takes what is ignored for nobody's: a file at PATH, or one in the place of a directory that
 * PATH is in, unless it goes as well. */
static bool is_in_the_way(struct undoing *u, const struct oh_map *going, struct oh_slice path)
{
	struct stat st;

	for (struct oh_slice at = path; at.len; at = oh_path_directory(at)) {
		const char *full =
			oh_slice_str(u->arena, oh_path_join(u->arena, u->paths->top, at));

		if (lstat(full, &st) < 0 || oh_map_get(going, at))
			continue;
		if (!S_ISDIR(st.st_mode) || (at.len == path.len && has_files_of_the_user(u, path)))
			return true;
	}
	return false;
}

static bool fail_in_the_way(struct oh_slice path, struct oh_error *err)
{
	return oh_fail(err, OH_E_CHANGED,
		OH_FMT " would come back, and another file is in its place; move that away, then "
		       "onehead undo",
		OH_ARG(path));
}

static bool find_differing(struct undoing *u, struct oh_map *differing, struct oh_error *err)
{
	static const char *const refresh[] = {"git", "update-index", "-q", "--refresh", NULL};
	const char *argv[] = {"git", "diff-index", "--name-only", "-z", "--no-renames",
		"--ignore-submodules=all", oh_slice_str(u->arena, oh_operation_from(&u->inverse)),
		"--", NULL};
	struct oh_slice list, path;

	oh_repo_git(u->repo, u->arena, refresh, OH_SLICE(""), NULL, NULL);
	if (!oh_repo_git(u->repo, u->arena, argv, OH_SLICE(""), &list, err))
		return false;
	while (oh_slice_next(&list, '\0', &path))
		*oh_map_put(differing, path) = 1;
	return true;
}

static bool check_conflicts(struct undoing *u, struct oh_error *err)
{
	struct oh_slices unmerged = {0};

	if (!oh_repo_unmerged(u->repo, u->arena, &unmerged, err))
		return false;
	return !unmerged.count ||
	       oh_fail(err, OH_E_CHANGED,
		       OH_FMT " is in conflict; resolve it (git add), then onehead undo",
		       OH_ARG(unmerged.items[0]));
}

/* What the operation touched is as it left it; what would come back has its place. */
static bool check_files(struct undoing *u, struct oh_error *err)
{
	struct oh_map differing = {.arena = u->arena}, going = {.arena = u->arena};
	const struct oh_changes *changes = &u->out->changes;

	if (!check_conflicts(u, err) ||
		!oh_repo_diff(u->repo, u->arena, oh_operation_from(&u->inverse),
			oh_operation_to(&u->inverse), &u->out->changes, err) ||
		!find_differing(u, &differing, err))
		return false;
	for (size_t i = 0; i < changes->count; i++)
		if (changes->items[i].status == 'D')
			*oh_map_put(&going, changes->items[i].path) = 1;
	for (size_t i = 0; i < changes->count; i++) {
		const struct oh_change *c = &changes->items[i];

		if (oh_map_get(&differing, c->path))
			return fail_dirty(u, c->path, err);
		if (c->status == 'A' && is_in_the_way(u, &going, c->path))
			return fail_in_the_way(c->path, err);
	}
	return oh_worktree_is_writable(u->repo, u->arena, changes, err);
}

/* For a dry run: git's own opinion of its files. */
static bool try_switch(struct undoing *u, struct oh_error *err)
{
	const char *argv[] = {"git", "read-tree", "-m", "-u", "-n",
		oh_slice_str(u->arena, oh_operation_from(&u->inverse)),
		oh_slice_str(u->arena, oh_operation_to(&u->inverse)), NULL};

	return oh_repo_git(u->repo, u->arena, argv, OH_SLICE(""), NULL, err);
}

/* What stood in the way may have been another one at the same work. */
static bool fail_busy(struct undoing *u, struct oh_error *err)
{
	if (oh_journal_exists(u->arena, u->paths->git_dir) || find_number(u) != u->number)
		oh_fail(err, OH_E_CHANGED, "another onehead is at work here; try again");
	return false;
}

static bool undo_refs(struct undoing *u, bool dry_run, struct oh_error *err)
{
	const char *quit[] = {"git", "merge", "--quit", NULL};

	if (!check_git_is_idle(u, err) || !check_refs(u, err) ||
		(u->inverse.moves_head && !check_files(u, err)))
		return fail_busy(u, err);
	if (dry_run)
		return !u->inverse.moves_head || try_switch(u, err);
	if (oh_repo_has_state(u->repo, "MERGE_HEAD") &&
		!oh_repo_git(u->repo, u->arena, quit, OH_SLICE(""), NULL, err))
		return false;
	return oh_operation_run(u->repo, u->arena, &u->inverse, err);
}

static bool check_paths(struct undoing *u, struct oh_error *err)
{
	struct oh_path_state *now =
		oh_arena_alloc(u->arena, (u->inverse.paths.count + 1) * sizeof(*now));

	u->out->changes.count = 0;
	if (!oh_paths_look(u->repo, u->arena, &u->inverse, false, now, err))
		return false;
	for (size_t i = 0; i < u->inverse.paths.count; i++) {
		const struct oh_operation_path *p = &u->inverse.paths.items[i];

		if (!oh_path_state_eq(&now[i], &p->old_state))
			return fail_dirty(u, p->path, err);
		if (p->index_only)
			continue;
		OH_PUSH(u->arena, &u->out->changes,
			(struct oh_change){.status = !p->new_state.file.len   ? 'D'
						     : !p->old_state.file.len ? 'A'
									      : 'M',
				.path = p->path});
	}
	return true;
}

/* The paths, and where it is a commit HEAD. */
static bool back_to_where_it_was(struct undoing *u)
{
	struct oh_ref_moves moves = {0};
	struct oh_refs_now now;

	if (!oh_paths_put(u->repo, u->arena, &u->inverse, false, NULL))
		return false;
	if (!oh_operation_is_commit(&u->inverse))
		return true;
	if (!oh_refs_look(u->repo, u->arena, &u->inverse, &now, NULL))
		return false;
	oh_refs_add_moves(u->arena, &u->inverse, &now, true, &moves);
	return oh_refs_move(u->repo, u->arena, &moves, u->inverse.message, NULL);
}

static bool undo_paths(struct undoing *u, bool dry_run, struct oh_error *err)
{
	struct oh_running running = {.repo = u->repo, .arena = u->arena, .op = &u->inverse};
	if ((oh_operation_is_commit(&u->inverse) && !check_git_is_idle(u, err)) ||
		!check_refs(u, err) || !check_paths(u, err))
		return fail_busy(u, err);
	if (dry_run)
		return true;
	if (!oh_running_begin(&running, err))
		return false;
	/* Again, now that nobody else can be at work. */
	if (!check_refs(u, err) || !check_paths(u, err))
		return oh_running_end(&running, OH_NOTHING_HAPPENED, err);
	if (oh_running_move_refs(&running, err) &&
		oh_paths_put(u->repo, u->arena, &u->inverse, true, err))
		return oh_running_end(&running, OH_DONE, err);
	return oh_running_end(
		&running, back_to_where_it_was(u) ? OH_NOTHING_HAPPENED : OH_HALF_DONE, err);
}

bool oh_apply_undo(struct oh_repo *repo, struct oh_arena *arena, bool dry_run,
	struct oh_undone *out, struct oh_error *err)
{
	struct undoing u = {.repo = repo, .arena = arena, .out = out};

	*out = (struct oh_undone){0};
	u.paths = oh_repo_paths(repo, err);
	if (!u.paths || !find(repo, arena, &out->operation, &u.number, err))
		return false;
	if (!u.number)
		return oh_fail(
			err, OH_E_NOT_FOUND, "no operation of onehead is left to take back here");
	if (out->operation.never.len)
		return oh_fail(err, OH_E_CHANGED, OH_FMT " can't be taken back: " OH_FMT,
			OH_ARG(out->operation.title), OH_ARG(out->operation.never));
	invert(&u);
	return out->operation.paths.count ? undo_paths(&u, dry_run, err)
					  : undo_refs(&u, dry_run, err);
}

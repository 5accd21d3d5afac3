#include "apply/apply.h"

#include "apply/journal.h"
#include "apply/put_back.h"

#define UNDO_REFS "refs/onehead/undo/"

/* What STEP expects of its file is so in TREE. */
static bool check_step(struct oh_arena *arena, struct oh_source *tree, const struct oh_step *s,
	struct oh_error *err)
{
	struct oh_error none = {0};
	struct oh_slice there;
	const bool is_there = oh_source_read(tree, arena, s->path, &there, &none);

	if (s->kind == OH_STEP_REPLACE || (s->kind == OH_STEP_ADD && !is_there))
		return true;
	if (s->kind == OH_STEP_ADD)
		return oh_slice_eq(there, s->bytes) ||
		       oh_fail(err, OH_E_CHANGED, OH_FMT " is there already and says other things",
			       OH_ARG(s->path));
	return (is_there && oh_slice_eq(there, s->expected)) ||
	       oh_fail(err, OH_E_CHANGED, OH_FMT " says other things now", OH_ARG(s->path));
}

static bool write_blobs(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	struct oh_tree_edit *edits, struct oh_error *err)
{
	struct oh_new_blob *blobs = oh_arena_alloc(arena, (steps->count + 1) * sizeof(*blobs));
	size_t count = 0;

	for (size_t i = 0; i < steps->count; i++)
		if (steps->items[i].kind != OH_STEP_REMOVE)
			blobs[count++] = (struct oh_new_blob){
				.path = steps->items[i].path, .bytes = steps->items[i].bytes};
	if (!oh_repo_write_blobs(repo, arena, blobs, count, err))
		return false;
	count = 0;
	for (size_t i = 0; i < steps->count; i++)
		edits[i] = (struct oh_tree_edit){steps->items[i].path,
			steps->items[i].kind == OH_STEP_REMOVE ? OH_SLICE("") : blobs[count++].id};
	return true;
}

bool oh_apply_tree(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	const struct oh_steps *steps, struct oh_slice *tree, struct oh_error *err)
{
	struct oh_tree_edit *edits = oh_arena_alloc(arena, (steps->count + 1) * sizeof(*edits));
	struct oh_source *source;

	if (!oh_repo_tree(repo, rev, &source, err))
		return false;
	for (size_t i = 0; i < steps->count; i++)
		if (!check_step(arena, source, &steps->items[i], err))
			return false;
	return write_blobs(repo, arena, steps, edits, err) &&
	       oh_repo_edit_tree(repo, arena, rev, edits, steps->count, tree, err);
}

static struct oh_slice undo_ref(struct oh_arena *arena, struct oh_slice old_id)
{
	return oh_slice_printf(arena, UNDO_REFS OH_FMT, OH_ARG(oh_slice_sub(old_id, 0, 16)));
}

/*
 * The journaled part: each step may be the last one before a kill. HEAD moves and the old commit is
 * kept in one transaction.
 */
static bool move(struct oh_repo *repo, struct oh_arena *arena, const struct oh_journal *j,
	struct oh_error *err)
{
	const struct oh_ref_move moves[] = {{undo_ref(arena, j->old_id), j->old_id, OH_SLICE("")},
		{OH_SLICE("HEAD"), j->new_id, j->old_id}};
	struct oh_error ignored = {0};

	if (!oh_repo_switch_tree(repo, j->old_id, j->new_id, err)) {
		if (!err || err->code != OH_E_CHANGED) /* then git began to write */
			oh_put_back(repo, arena, j->old_id, j->new_id);
		return false;
	}
	if (oh_repo_update_refs(repo, moves, 2, j->message, err))
		return true;
	oh_repo_switch_tree(repo, j->new_id, j->old_id, &ignored);
	return false;
}

/* The move from old to new is no event of its own: HEAD and its branch forget it. */
static void mend_reflogs(struct oh_repo *repo, struct oh_slice ref)
{
	const struct oh_slice refs[] = {OH_SLICE("HEAD"), ref};
	struct oh_error ignored = {0};

	oh_repo_reflog_drop_previous(
		repo, refs, oh_slice_eq(ref, OH_SLICE("HEAD")) ? 1 : 2, &ignored);
}

static bool run_journaled(struct oh_repo *repo, struct oh_arena *arena, struct oh_journal *j,
	bool as_one_move, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);
	struct oh_error ignored = {0};
	bool ok;

	if (!paths)
		return false;
	j->ref = oh_repo_branch(repo, arena);
	if (!j->ref.len)
		j->ref = OH_SLICE("HEAD");
	if (!oh_journal_write(arena, paths->git_dir, j, err))
		return false;
	ok = move(repo, arena, j, err);
	if (ok && as_one_move)
		mend_reflogs(repo, j->ref);
	oh_journal_remove(arena, paths->git_dir, ok ? err : &ignored);
	return ok;
}

bool oh_apply_replace(struct oh_repo *repo, struct oh_arena *arena, const struct oh_commit *commit,
	struct oh_slice tree, struct oh_slice *new_id, struct oh_error *err)
{
	struct oh_journal j = {.old_id = commit->id, .message = OH_SLICE("merge")};
	struct oh_error ignored = {0};

	if (!oh_repo_recommit(repo, arena, commit, tree, new_id, err))
		return false;
	j.new_id = *new_id;
	oh_repo_reflog_message(repo, arena, OH_SLICE("HEAD"), &j.message, &ignored);
	return run_journaled(repo, arena, &j, true, err);
}

bool oh_apply_commit(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	struct oh_slice message, struct oh_slice *new_id, struct oh_error *err)
{
	const bool sign = oh_slice_eq(oh_repo_config(repo, "commit.gpgsign"), OH_SLICE("true"));
	struct oh_journal j = {0};
	struct oh_slice tree, head;

	if (!oh_repo_resolve(repo, arena, OH_SLICE("HEAD"), &head, err) ||
		!oh_apply_tree(repo, arena, head, steps, &tree, err))
		return false;
	j.old_id = head;
	j.message = oh_slice_printf(arena, "commit: " OH_FMT,
		OH_ARG(oh_slice_sub(message, 0, oh_slice_find_byte(message, '\n', 0))));
	{
		const char *argv[] = {"git", "commit-tree", sign ? "-S" : "--no-gpg-sign", "-p",
			oh_slice_str(arena, head), "-F", "-", oh_slice_str(arena, tree), NULL};

		if (!oh_repo_git(repo, arena, argv, message, new_id, err))
			return false;
	}
	*new_id = j.new_id = oh_slice_trim(*new_id);
	return run_journaled(repo, arena, &j, false, err);
}

/* Where HEAD has got to the new commit all is done but index, worktree and reflog, perhaps. */
static bool finish(struct oh_repo *repo, struct oh_arena *arena, const struct oh_journal *j,
	struct oh_slice *did, struct oh_error *err)
{
	struct oh_slice previous;
	struct oh_error none = {0};

	if (!oh_repo_switch_tree(repo, j->old_id, j->new_id, err))
		return false;
	if (oh_repo_resolve(repo, arena, OH_SLICE("HEAD@{1}"), &previous, &none) &&
		oh_slice_eq(previous, j->old_id))
		mend_reflogs(repo, j->ref);
	*did = oh_slice_printf(arena, "finished what was interrupted: %.7s became %.7s",
		j->old_id.ptr, j->new_id.ptr);
	return true;
}

/* Git writes the worktree first and the index last: where it was cut short, the index is as it was.
 */
static bool index_is_old(struct oh_repo *repo, struct oh_arena *arena, const struct oh_journal *j)
{
	struct oh_changes plan = {0}, staged = {0};
	struct oh_error ignored = {0};

	if (!oh_repo_diff(repo, arena, j->old_id, j->new_id, &plan, &ignored) ||
		!oh_repo_staged(repo, arena, j->old_id, &staged, &ignored))
		return false;
	for (size_t i = 0; i < plan.count; i++)
		for (size_t k = 0; k < staged.count; k++)
			if (oh_slice_eq(plan.items[i].path, staged.items[k].path))
				return false;
	return true;
}

static bool roll_back(struct oh_repo *repo, struct oh_arena *arena, const struct oh_journal *j,
	struct oh_slice *did, struct oh_error *err)
{
	if (index_is_old(repo, arena, j))
		oh_put_back(repo, arena, j->old_id, j->new_id);
	else if (!oh_repo_switch_tree(repo, j->new_id, j->old_id, err))
		return false;
	*did = oh_slice_printf(
		arena, "took back what was interrupted; %.7s is as it was", j->old_id.ptr);
	return true;
}

bool oh_apply_recover(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice *did, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);
	struct oh_slice head;
	struct oh_journal j;
	bool found, ok;

	*did = OH_SLICE("");
	if (!paths || !oh_journal_read(arena, paths->git_dir, &j, &found, err))
		return false;
	if (!found)
		return true;
	if (!oh_repo_resolve(repo, arena, OH_SLICE("HEAD"), &head, err))
		return false;
	if (oh_slice_eq(head, j.new_id))
		ok = finish(repo, arena, &j, did, err);
	else if (oh_slice_eq(head, j.old_id))
		ok = roll_back(repo, arena, &j, did, err);
	else
		ok = true; /* the user has gone on since: nothing of it is left to mend */
	return ok ? oh_journal_remove(arena, paths->git_dir, err)
		  : oh_wrap(err, "an interrupted operation can't be finished");
}

#include "apply/apply.h"

#include "apply/operation.h"

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

bool oh_apply_tree(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	const struct oh_steps *steps, struct oh_slice *tree, struct oh_error *err)
{
	struct oh_edited_file *files = oh_arena_alloc(arena, (steps->count + 1) * sizeof(*files));
	struct oh_source *source;

	if (!oh_repo_tree(repo, rev, &source, err))
		return false;
	for (size_t i = 0; i < steps->count; i++) {
		const struct oh_step *s = &steps->items[i];

		if (!check_step(arena, source, s, err))
			return false;
		files[i] = (struct oh_edited_file){s->path, s->bytes, s->kind == OH_STEP_REMOVE};
	}
	return oh_repo_edit_files(repo, arena, rev, files, steps->count, tree, err);
}

/* What people call the merge whose reflog entry says MESSAGE: "merge theirs: Merge made by …". */
static struct oh_slice title_of(struct oh_arena *arena, struct oh_slice message)
{
	struct oh_slice action = oh_slice_sub(message, 0, oh_slice_find_byte(message, ':', 0));

	if (oh_slice_eq(action, OH_SLICE("pull")) || oh_slice_has_prefix(action, OH_SLICE("pull ")))
		return oh_slice_printf(arena, "git " OH_FMT, OH_ARG(action));
	if (oh_slice_cut_prefix(&action, OH_SLICE("merge ")) && action.len)
		return oh_slice_printf(arena, "the merge of " OH_FMT, OH_ARG(action));
	return OH_SLICE("the merge");
}

/* HEAD, which git has just made of a merge, becomes another commit. Undo takes back the merge, not
 * only what was done to it: git's own merge has several heads. */
struct after_merge {
	struct oh_slice old_id, new_id, before;
	struct oh_slice from, to; /* trees; "" for those of the commits */
	struct oh_slice message;
	bool as_one_move;
};

static bool move_head(struct oh_repo *repo, struct oh_arena *arena, const struct after_merge *m,
	struct oh_error *err)
{
	struct oh_operation op = {.command = OH_SLICE("merge"),
		.message = OH_SLICE("merge"),
		.from = m->from,
		.to = m->to,
		.as_one_move = m->as_one_move};
	const struct oh_operation_ref ref = {.name = OH_SLICE("HEAD"),
		.old_id = m->old_id,
		.new_id = m->new_id,
		.before = m->before,
		.has_before = m->before.len > 0};
	struct oh_error ignored = {0};

	oh_repo_reflog_message(repo, arena, OH_SLICE("HEAD"), &op.message, &ignored);
	op.title = title_of(arena, op.message);
	if (m->message.len)
		op.message = m->message;
	OH_PUSH(arena, &op.refs, ref);
	return oh_apply_move(repo, arena, &op, err);
}

bool oh_apply_replace(struct oh_repo *repo, struct oh_arena *arena, const struct oh_commit *commit,
	struct oh_slice tree, struct oh_slice *new_id, struct oh_error *err)
{
	/* By their trees: the commit need not be there until HEAD moves. */
	struct after_merge m = {
		.old_id = commit->id, .from = commit->tree, .to = tree, .as_one_move = true};

	if (!oh_repo_recommit_start(repo, arena, commit, tree, new_id, err))
		return false;
	m.new_id = *new_id;
	if (commit->parents.count)
		m.before = commit->parents.items[0];
	return move_head(repo, arena, &m, err);
}

bool oh_apply_commit(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	struct oh_slice message, struct oh_slice *new_id, struct oh_error *err)
{
	const bool sign = oh_slice_eq(oh_repo_config(repo, "commit.gpgsign"), OH_SLICE("true"));
	struct after_merge m = {0};
	struct oh_slice tree;
	struct oh_commit head;

	if (!oh_repo_commit(repo, arena, OH_SLICE("HEAD"), &head, err) ||
		!oh_apply_tree(repo, arena, head.id, steps, &tree, err))
		return false;
	m.old_id = head.id;
	if (head.parents.count > 1)
		m.before = head.parents.items[0];
	m.message = oh_slice_printf(arena, "commit: " OH_FMT,
		OH_ARG(oh_slice_sub(message, 0, oh_slice_find_byte(message, '\n', 0))));
	{
		const char *argv[] = {"git", "commit-tree", sign ? "-S" : "--no-gpg-sign", "-p",
			oh_slice_str(arena, head.id), "-F", "-", oh_slice_str(arena, tree), NULL};

		if (!oh_repo_git(repo, arena, argv, message, new_id, err))
			return false;
	}
	*new_id = m.new_id = oh_slice_trim(*new_id);
	return move_head(repo, arena, &m, err);
}

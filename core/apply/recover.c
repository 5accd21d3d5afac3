#include "apply/apply.h"

#include "apply/paths.h"
#include "apply/pending.h"
#include "apply/put_back.h"
#include "apply/running.h"
#include "base/map.h"

/* Git writes the worktree first and the index last: where it was cut short, the index is as it was.
 */
static bool index_is_old(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice from, struct oh_slice to)
{
	struct oh_changes plan = {0}, staged = {0};
	struct oh_map planned = {.arena = arena};

	if (!oh_repo_diff(repo, arena, from, to, &plan, NULL) ||
		!oh_repo_staged(repo, arena, from, &staged, NULL))
		return false;
	for (size_t i = 0; i < plan.count; i++)
		*oh_map_put(&planned, plan.items[i].path) = 1;
	for (size_t i = 0; i < staged.count; i++)
		if (oh_map_get(&planned, staged.items[i].path))
			return false;
	return true;
}

static bool worktree_back(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_operation *op, struct oh_error *err)
{
	const struct oh_slice from = oh_operation_from(op), to = oh_operation_to(op);

	if (oh_slice_eq(from, to))
		return true;
	if (!index_is_old(repo, arena, from, to))
		return oh_repo_switch_tree(repo, to, from, err);
	return oh_put_back(repo, arena, from, to) ||
	       oh_fail(err, OH_E_IO, "not all files could be put back");
}

/* git writes a reflog before it moves the ref: of a move that never came the entry goes. */
static bool drop_entry(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice name,
	struct oh_slice new_id, struct oh_error *err)
{
	const char *look[] = {"git", "log", "-g", "-1", "--no-show-signature", "--format=%H",
		oh_slice_str(arena, name), "--", NULL};
	const char *argv[] = {"git", "reflog", "delete", "--rewrite",
		oh_slice_printf(arena, OH_FMT "@{0}", OH_ARG(name)).ptr, NULL};
	struct oh_slice id;

	/* Not every ref has a reflog. */
	return !oh_repo_git(repo, arena, look, OH_SLICE(""), &id, NULL) ||
	       !oh_slice_eq(oh_slice_trim(id), new_id) ||
	       oh_repo_git(repo, arena, argv, OH_SLICE(""), NULL, err);
}

static bool drop_entries(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_operation *op, const struct oh_refs_now *now, struct oh_error *err)
{
	const struct oh_slice head = OH_SLICE("HEAD");

	for (size_t i = 0; i < op->refs.count; i++) {
		const struct oh_operation_ref *r = &op->refs.items[i];

		if (r->by_git || oh_slice_eq(r->old_id, r->new_id) || !r->old_id.len ||
			!r->new_id.len || !oh_slice_eq(now->ids[i], r->old_id))
			continue;
		if (!drop_entry(repo, arena, r->name, r->new_id, err) ||
			(i == 0 && now->is_here && !oh_slice_eq(r->name, head) &&
				!drop_entry(repo, arena, head, r->new_id, err)))
			return false;
	}
	return true;
}

static bool back(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	const struct oh_refs_now *now, struct oh_error *err)
{
	struct oh_ref_moves moves = {0};

	if (!drop_entries(repo, arena, op, now, err))
		return false;
	oh_refs_add_moves(arena, op, now, true, &moves);
	if (!now->is_elsewhere)
		oh_refs_add_kept(arena, op, now, true, &moves);
	return oh_refs_move(repo, arena, &moves, OH_SLICE("onehead: interrupted"), err) &&
	       (!now->is_here || now->is_elsewhere || worktree_back(repo, arena, op, err));
}

bool oh_operation_back(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_error *err)
{
	struct oh_refs_now now;

	return oh_refs_look(repo, arena, op, &now, err) && back(repo, arena, op, &now, err);
}

static bool forward(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	const struct oh_refs_now *now, struct oh_error *err)
{
	struct oh_ref_moves moves = {0};
	struct oh_slice previous;
	struct oh_error none = {0};

	if (!drop_entries(repo, arena, op, now, err))
		return false;
	oh_refs_add_kept(arena, op, now, false, &moves);
	oh_refs_add_moves(arena, op, now, false, &moves);
	if (!oh_refs_move(repo, arena, &moves, op->message, err))
		return false;
	if (!now->is_here || now->is_elsewhere)
		return true;
	if (!oh_repo_switch_tree(repo, oh_operation_from(op), oh_operation_to(op), err))
		return false;
	/* HEAD has been there twice where git put it back on its branch. */
	if (op->as_one_move &&
		oh_repo_resolve(repo, arena,
			oh_slice_printf(arena, OH_FMT "@{1}", OH_ARG(op->refs.items[0].name)),
			&previous, &none) &&
		oh_slice_eq(previous, op->refs.items[0].old_id))
		oh_operation_mend_reflogs(repo, op);
	return true;
}

static struct oh_slice tell(
	struct oh_arena *arena, const struct oh_operation *op, const char *finished)
{
	if (op->command.len == 4 && oh_slice_eq(op->command, OH_SLICE("undo")))
		return oh_slice_printf(arena, "%s: taking back " OH_FMT, finished,
			OH_ARG(oh_slice_printable(arena, op->title)));
	if (op->paths.count || !op->refs.count)
		return oh_slice_printf(arena, "%s: " OH_FMT, finished,
			OH_ARG(oh_slice_printable(arena, op->title)));
	return oh_slice_printf(arena, "%s: %.7s became %.7s", finished,
		op->refs.items[0].old_id.ptr, op->refs.items[0].new_id.ptr);
}

struct settling {
	struct oh_repo *repo;
	struct oh_arena *arena;
	const struct oh_operation *op;
	struct oh_slice *did;
	bool is_done;
};

/* Once a ref has moved all is done but the rest; where the user has gone on since, nothing of his
 * is touched. */
static bool settle_refs(struct settling *s, struct oh_error *err)
{
	const struct oh_operation_ref *first = &s->op->refs.items[0];
	struct oh_refs_now now;

	if (!oh_refs_look(s->repo, s->arena, s->op, &now, err))
		return false;
	s->is_done = now.is_elsewhere
			     ? oh_repo_is_ancestor(s->repo, s->arena, first->new_id, now.ids[0])
			     : now.has_new;
	if (s->is_done && !forward(s->repo, s->arena, s->op, &now, err))
		return false;
	if (!s->is_done && !back(s->repo, s->arena, s->op, &now, err))
		return false;
	if (now.is_elsewhere)
		return true;
	if (s->is_done)
		*s->did = tell(s->arena, s->op, "finished what was interrupted");
	else
		*s->did = oh_slice_printf(s->arena,
			"took back what was interrupted; %.7s is as it was",
			first->old_id.len ? first->old_id.ptr : first->name.ptr);
	return true;
}

/* The ref moves first: where it has, the rest is done. A commit that was being put on record is
 * there, and nothing else is to be done. */
static bool settle_commit(struct settling *s, struct oh_error *err)
{
	struct oh_ref_moves moves = {0};
	struct oh_refs_now now;

	if (!oh_refs_look(s->repo, s->arena, s->op, &now, err))
		return false;
	s->is_done = now.has_new && now.is_here;
	if (s->is_done && s->op->undoes) {
		*s->did = tell(s->arena, s->op, "finished what was interrupted");
		return oh_paths_put(s->repo, s->arena, s->op, true, err);
	}
	oh_refs_add_kept(s->arena, s->op, &now, !s->is_done, &moves);
	return oh_refs_move(s->repo, s->arena, &moves, OH_SLICE(""), err);
}

static bool settle_paths(struct settling *s, struct oh_error *err)
{
	struct oh_ref_moves moves = {0};
	struct oh_refs_now now;

	if (!oh_refs_look(s->repo, s->arena, s->op, &now, err) ||
		!oh_paths_are(s->repo, s->arena, s->op, true, &s->is_done, err))
		return false;
	if (s->is_done)
		*s->did = tell(s->arena, s->op, "finished what was interrupted");
	if (s->is_done || !now.is_old)
		return true;
	oh_refs_add_kept(s->arena, s->op, &now, true, &moves);
	if (!oh_paths_put(s->repo, s->arena, s->op, false, err) ||
		!oh_refs_move(s->repo, s->arena, &moves, OH_SLICE(""), err))
		return false;
	*s->did = tell(s->arena, s->op, "took back what was interrupted");
	return true;
}

static void end(struct oh_journal *journal, struct oh_arena *arena, const struct settling *s)
{
	const struct oh_records records = oh_records_list(arena, journal->git_dir);

	/* One of the first form does not say what was before the merge: it can't be taken back. */
	if (s->is_done && s->op->when.len)
		oh_journal_keep(
			journal, arena, records.count ? records.items[records.count - 1] + 1 : 1);
	else
		oh_journal_drop(journal, arena);
}

bool oh_apply_recover(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice *did, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);
	struct oh_journal journal;
	struct oh_operation op;
	struct settling s = {.repo = repo, .arena = arena, .op = &op, .did = did};
	bool found, ok;

	*did = OH_SLICE("");
	if (!paths || !oh_journal_take(&journal, arena, paths->git_dir, &op, &found, err))
		return false;
	if (!found) {
		oh_pending_settle(repo, arena);
		return true;
	}
	s.is_done = op.never.len > 0; /* all that there was to do is to have it on record */
	ok = op.never.len		   ? true
	     : oh_operation_is_commit(&op) ? settle_commit(&s, err)
	     : op.paths.count		   ? settle_paths(&s, err)
	     : op.refs.count		   ? settle_refs(&s, err)
					   : true;
	if (ok)
		end(&journal, arena, &s);
	else
		oh_journal_leave(&journal);
	return ok || oh_wrap(err, "an interrupted operation can't be finished");
}

#include "apply/running.h"

#include "apply/put_back.h"
#include "repo/disk.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define UNDO_REFS "refs/onehead/undo/"

struct oh_slice oh_operation_from(const struct oh_operation *op)
{
	return op->from.len ? op->from : op->refs.items[0].old_id;
}

struct oh_slice oh_operation_to(const struct oh_operation *op)
{
	return op->to.len ? op->to : op->refs.items[0].new_id;
}

bool oh_operation_is_commit(const struct oh_operation *op)
{
	return op->paths.count && op->moves_head &&
	       !oh_slice_eq(op->refs.items[0].old_id, op->refs.items[0].new_id);
}

bool oh_operation_place(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op, struct oh_error *err)
{
	const struct oh_slice branch = oh_repo_branch(repo, arena), head = OH_SLICE("HEAD");

	for (size_t i = 0; i < op->refs.count; i++) {
		struct oh_operation_ref *r = &op->refs.items[i];
		const bool is_head = oh_slice_eq(r->name, branch.len ? branch : head) ||
				     oh_slice_eq(r->name, head);

		if (is_head && i)
			return oh_fail(err, OH_E_CHANGED,
				OH_FMT " is checked out and would move behind another ref",
				OH_ARG(r->name));
		if (!is_head)
			continue;
		if (!r->old_id.len || !r->new_id.len)
			return oh_fail(err, OH_E_CHANGED, "there is no commit yet");
		op->moves_head = true;
		r->by_git = false;
		r->name = branch.len ? branch : head;
	}
	return true;
}

/* A name of its own for each operation: it goes when the operation's record does. */
void oh_operation_keep(struct oh_arena *arena, struct oh_operation *op, struct oh_slice id)
{
	struct timespec now;

	for (size_t i = 0; i < op->kept.count; i++)
		if (!id.len || oh_slice_has_suffix(op->kept.items[i], id))
			return;
	if (!id.len)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	OH_PUSH(arena, &op->kept,
		oh_slice_printf(arena, UNDO_REFS OH_FMT "-%llx%08lx " OH_FMT,
			OH_ARG(oh_slice_sub(id, 0, 16)), (unsigned long long)now.tv_sec,
			(unsigned long)now.tv_nsec, OH_ARG(id)));
}

/* The names of the refs that a record has kept are in its text. */
static void find_dropped(struct oh_running *r)
{
	const struct oh_records all = oh_records_list(r->arena, r->git_dir);

	r->number = all.count ? all.items[all.count - 1] + 1 : 1;
	for (size_t i = 0; i + OH_OPERATIONS_KEPT - 1 < all.count; i++)
		OH_PUSH(r->arena, &r->dropped, all.items[i]);
}

bool oh_running_begin(struct oh_running *running, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(running->repo, err);

	if (!paths)
		return false;
	running->git_dir = paths->git_dir;
	running->op->when = oh_slice_printf(running->arena, "%lld", (long long)time(NULL));
	if (!oh_journal_begin(
		    &running->journal, running->arena, running->git_dir, running->op, err))
		return false;
	find_dropped(running);
	return true;
}

static void add_dropped(struct oh_running *r, struct oh_ref_moves *moves)
{
	struct oh_operation old;

	for (size_t i = 0; i < r->dropped.count; i++)
		if (oh_record_read(r->arena, r->git_dir, r->dropped.items[i], &old, NULL))
			oh_refs_add_kept(r->arena, &old, NULL, true, moves);
}

bool oh_running_move_refs(struct oh_running *r, struct oh_error *err)
{
	struct oh_ref_moves moves = {0};
	struct oh_error first = {0};
	size_t needed;

	oh_refs_add_kept(r->arena, r->op, NULL, false, &moves);
	oh_refs_add_moves(r->arena, r->op, NULL, false, &moves);
	needed = moves.count;
	add_dropped(r, &moves);
	if (oh_refs_move(r->repo, r->arena, &moves, r->op->message, &first))
		return true;
	/* What stays a while longer is no reason to stop. */
	if (moves.count > needed && first.code != OH_E_CHANGED) {
		moves.count = needed;
		r->dropped.count = 0;
		return oh_refs_move(r->repo, r->arena, &moves, r->op->message, err);
	}
	if (err)
		*err = first;
	return false;
}

bool oh_running_end(struct oh_running *r, enum oh_end end, struct oh_error *err)
{
	if (end == OH_HALF_DONE) {
		oh_journal_leave(&r->journal);
		return oh_wrap(err, "interrupted, to be settled by `onehead resolve`");
	}
	if (end == OH_NOTHING_HAPPENED) {
		oh_journal_drop(&r->journal, r->arena);
		return false;
	}
	oh_journal_keep(&r->journal, r->arena, r->number);
	for (size_t i = 0; i < r->dropped.count; i++)
		oh_record_remove(r->arena, r->git_dir, r->dropped.items[i]);
	return true;
}

void oh_operation_mend_reflogs(struct oh_repo *repo, const struct oh_operation *op)
{
	const struct oh_slice refs[] = {OH_SLICE("HEAD"), op->refs.items[0].name};
	struct oh_error ignored = {0};

	oh_repo_reflog_drop_previous(
		repo, refs, oh_slice_eq(refs[1], OH_SLICE("HEAD")) ? 1 : 2, &ignored);
}

/* Of what is to be moved, nothing is elsewhere or somebody else's. */
static bool check_refs(struct oh_running *r, struct oh_error *err)
{
	struct oh_refs_now now;

	if (!oh_refs_look(r->repo, r->arena, r->op, &now, err))
		return false;
	for (size_t i = 0; i < r->op->refs.count; i++) {
		const struct oh_operation_ref *ref = &r->op->refs.items[i];

		if (ref->by_git)
			continue;
		if (!oh_slice_eq(now.ids[i], ref->old_id))
			return oh_fail(err, OH_E_CHANGED, OH_FMT " has moved in the meantime",
				OH_ARG(ref->name));
		if (now.worktrees[i].len && !(i == 0 && r->op->moves_head))
			return oh_fail(err, OH_E_CHANGED, OH_FMT " is checked out in " OH_FMT,
				OH_ARG(ref->name), OH_ARG(now.worktrees[i]));
	}
	return true;
}

static bool write_list(struct oh_running *r, struct oh_slice bytes, struct oh_error *err)
{
	return !r->op->list.path.len || oh_disk_write(r->arena, r->op->list.path, bytes, 0666, err);
}

static enum oh_end carry_out(struct oh_running *r, struct oh_error *err)
{
	const struct oh_operation *op = r->op;
	const bool switches =
		op->moves_head && !oh_slice_eq(oh_operation_from(op), oh_operation_to(op));
	struct oh_error why = {0}, ignored = {0};

	/* Of a single ref of HEAD's git itself sees whether it is where it should be. */
	if ((op->undoes || op->refs.count > 1 || !op->moves_head) && !check_refs(r, err))
		return OH_NOTHING_HAPPENED;
	if (switches && !oh_repo_switch_tree_early(
				r->repo, oh_operation_from(op), oh_operation_to(op), &why)) {
		if (err)
			*err = why;
		if (why.code == OH_E_CHANGED) /* else git began to write */
			return OH_NOTHING_HAPPENED;
		return oh_put_back(r->repo, r->arena, oh_operation_from(op), oh_operation_to(op))
			       ? OH_NOTHING_HAPPENED
			       : OH_HALF_DONE;
	}
	if (write_list(r, op->list.after, err) && oh_running_move_refs(r, err))
		return OH_DONE;
	if (!write_list(r, op->list.before, &ignored))
		return OH_HALF_DONE;
	return oh_operation_back(r->repo, r->arena, op, &ignored) ? OH_NOTHING_HAPPENED
								  : OH_HALF_DONE;
}

bool oh_operation_run(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op, struct oh_error *err)
{
	struct oh_running running = {.repo = repo, .arena = arena, .op = op};
	enum oh_end end;

	if (!oh_running_begin(&running, err))
		return false;
	end = carry_out(&running, err);
	if (end == OH_DONE && op->as_one_move)
		oh_operation_mend_reflogs(repo, op);
	oh_repo_settle(repo);
	return oh_running_end(&running, end, err);
}

/* A copy of OP with its first ref named and what it replaces kept. */
static bool complete(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op, struct oh_error *err)
{
	const struct oh_operation_ref *given = op->refs.items;
	const size_t size = op->refs.count * sizeof(*given);

	op->refs.items = oh_arena_alloc(arena, size + 1);
	if (size)
		memcpy(op->refs.items, given, size);
	return oh_operation_place(repo, arena, op, err);
}

/* A merge that is replaced has just been written by git: nothing more is asked there. */
static bool check_worktree(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_operation *op, struct oh_error *err)
{
	struct oh_changes changes = {0};

	return !op->moves_head || op->refs.items[0].has_before ||
	       (oh_repo_diff(
			repo, arena, oh_operation_from(op), oh_operation_to(op), &changes, err) &&
		       oh_worktree_is_writable(repo, arena, &changes, err));
}

bool oh_apply_move(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_error *err)
{
	struct oh_operation ours = *op;

	if (!complete(repo, arena, &ours, err) || !check_worktree(repo, arena, &ours, err))
		return false;
	for (size_t i = 0; i < ours.refs.count; i++) {
		const struct oh_operation_ref *r = &ours.refs.items[i];

		if (!oh_slice_eq(r->old_id, r->new_id))
			oh_operation_keep(arena, &ours, r->old_id);
		if (!r->has_before)
			oh_operation_keep(arena, &ours, r->before);
	}
	return oh_operation_run(repo, arena, &ours, err);
}

bool oh_apply_record(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_error *err)
{
	struct oh_operation ours = *op;
	struct oh_running running = {.repo = repo, .arena = arena, .op = &ours};

	return complete(repo, arena, &ours, err) && oh_running_begin(&running, err) &&
	       oh_running_end(&running, OH_DONE, err);
}

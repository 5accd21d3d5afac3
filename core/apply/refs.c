#include "apply/refs.h"

#include <unistd.h>

static struct oh_slice kept_name(struct oh_slice kept)
{
	return oh_slice_sub(kept, 0, oh_slice_find_byte(kept, ' ', 0));
}

static bool list(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_slice *lines, struct oh_error *err)
{
	const char **argv =
		oh_arena_alloc(arena, (op->refs.count + op->kept.count + 4) * sizeof(*argv));
	size_t n = 0;

	argv[n++] = "git";
	argv[n++] = "for-each-ref";
	argv[n++] = "--format=%(refname) %(objectname) %(worktreepath)";
	for (size_t i = 0; i < op->refs.count; i++)
		if (!oh_slice_eq(op->refs.items[i].name, OH_SLICE("HEAD")))
			argv[n++] = oh_slice_str(arena, op->refs.items[i].name);
	for (size_t i = 0; i < op->kept.count; i++)
		argv[n++] = oh_slice_str(arena, kept_name(op->kept.items[i]));
	*lines = OH_SLICE("");
	return n == 3 || oh_repo_git(repo, arena, argv, OH_SLICE(""), lines, err);
}

static void take(
	struct oh_slice lines, struct oh_slice name, struct oh_slice *id, struct oh_slice *worktree)
{
	struct oh_slice line, first;

	while (oh_slice_next(&lines, '\n', &line)) {
		if (!oh_slice_next(&line, ' ', &first) || !oh_slice_eq(first, name))
			continue;
		oh_slice_next(&line, ' ', id);
		*worktree = line;
	}
}

static bool is_here(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op)
{
	const struct oh_slice branch = oh_repo_branch(repo, arena);
	const struct oh_slice name = op->refs.items[0].name;

	if (!oh_slice_eq(name, OH_SLICE("HEAD")))
		return oh_slice_eq(branch, name);
	return !branch.len || oh_slice_eq(branch, op->branch_later);
}

static void compare(const struct oh_operation *op, struct oh_refs_now *now)
{
	now->is_old = now->is_new = true;
	for (size_t i = 0; i < op->refs.count; i++) {
		const struct oh_operation_ref *r = &op->refs.items[i];
		const bool old = oh_slice_eq(now->ids[i], r->old_id);
		const bool new = oh_slice_eq(now->ids[i], r->new_id);

		if (r->by_git)
			continue;
		now->is_old &= old;
		now->is_new &= new;
		now->has_new |= new && !old;
		now->is_elsewhere |= i == 0 && !old && !new;
	}
}

bool oh_refs_look(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_refs_now *now, struct oh_error *err)
{
	const size_t room = (op->refs.count + 1) * sizeof(struct oh_slice);
	struct oh_error none = {0};
	struct oh_slice lines;

	*now = (struct oh_refs_now){.ids = oh_arena_alloc(arena, room),
		.worktrees = oh_arena_alloc(arena, room),
		.is_kept = oh_arena_alloc(arena, op->kept.count + 1)};
	if (!list(repo, arena, op, &lines, err))
		return false;
	for (size_t i = 0; i < op->refs.count; i++)
		if (oh_slice_eq(op->refs.items[i].name, OH_SLICE("HEAD")))
			oh_repo_resolve(repo, arena, OH_SLICE("HEAD"), &now->ids[i], &none);
		else
			take(lines, op->refs.items[i].name, &now->ids[i], &now->worktrees[i]);
	for (size_t i = 0; i < op->kept.count; i++) {
		struct oh_slice id = OH_SLICE(""), worktree;

		take(lines, kept_name(op->kept.items[i]), &id, &worktree);
		now->is_kept[i] = id.len > 0;
	}
	now->is_here = op->moves_head && is_here(repo, arena, op);
	compare(op, now);
	return true;
}

bool oh_refs_move(struct oh_repo *repo, struct oh_arena *arena, const struct oh_ref_moves *moves,
	struct oh_slice message, struct oh_error *err)
{
	return !moves->count ||
	       oh_repo_update_refs(repo, arena, moves->items, moves->count, message, err);
}

void oh_refs_add_moves(struct oh_arena *arena, const struct oh_operation *op,
	const struct oh_refs_now *now, bool back, struct oh_ref_moves *moves)
{
	static const char zeros[] =
		"0000000000000000000000000000000000000000000000000000000000000000";

	for (size_t i = 0; i < op->refs.count; i++) {
		const struct oh_operation_ref *r = &op->refs.items[i];
		const struct oh_slice from = back ? r->new_id : r->old_id;
		const struct oh_slice to = back ? r->old_id : r->new_id;
		const bool by_head = i == 0 && op->moves_head && (!now || now->is_here);

		/* What git has moved by its list is gone after once it is there. */
		if ((r->by_git && !now) || oh_slice_eq(from, to) ||
			(now && !oh_slice_eq(now->ids[i], from)))
			continue;
		OH_PUSH(arena, moves,
			(struct oh_ref_move){by_head ? OH_SLICE("HEAD") : r->name, to,
				from.len ? from : oh_slice_sub(oh_slice_of(zeros), 0, to.len)});
	}
}

void oh_refs_add_kept(struct oh_arena *arena, const struct oh_operation *op,
	const struct oh_refs_now *now, bool remove, struct oh_ref_moves *moves)
{
	for (size_t i = 0; i < op->kept.count; i++) {
		const struct oh_slice name = kept_name(op->kept.items[i]);
		const struct oh_slice id =
			oh_slice_sub(op->kept.items[i], name.len + 1, op->kept.items[i].len);

		if (!now || now->is_kept[i] == remove)
			OH_PUSH(arena, moves,
				(struct oh_ref_move){
					name, remove ? OH_SLICE("") : id, OH_SLICE("")});
	}
}

void oh_refs_unlock_kept(
	struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, NULL);

	for (size_t i = 0; i < op->kept.count && paths; i++)
		unlink(oh_slice_printf(arena, OH_FMT "/" OH_FMT ".lock", OH_ARG(paths->common_dir),
			OH_ARG(kept_name(op->kept.items[i])))
				.ptr);
}

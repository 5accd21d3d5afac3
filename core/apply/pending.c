#include "apply/pending.h"

#include "apply/apply.h"
#include "apply/paths.h"
#include "apply/running.h"
#include "base/map.h"
#include "repo/disk.h"

#include <stdlib.h>

#define FILE_NAME "onehead/pending-commit"

struct pending {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct oh_operation op;
};

static struct oh_slice note_path(struct pending *p)
{
	return oh_slice_printf(
		p->arena, OH_FMT "/" FILE_NAME, OH_ARG(oh_repo_paths(p->repo, NULL)->git_dir));
}

/* Takes it away; false where there is none that can be read. */
static bool take_note(struct pending *p)
{
	struct oh_slice bytes;

	if (!oh_repo_has_state(p->repo, FILE_NAME) || !oh_repo_paths(p->repo, NULL))
		return false;
	bytes = oh_repo_state(p->repo, p->arena, FILE_NAME);
	oh_disk_remove(p->arena, note_path(p), NULL);
	return oh_operation_parse(p->arena, bytes, &p->op) && p->op.moves_head;
}

static void write_note(struct pending *p)
{
	bool made;

	if (oh_disk_make_directory(p->arena, oh_path_directory(note_path(p)), &made, NULL))
		oh_disk_write(
			p->arena, note_path(p), oh_operation_format(p->arena, &p->op), 0666, NULL);
}

/* One file of `git diff-index --cached --raw -z`, a line and a path. */
struct staged {
	struct oh_slice path;
	struct oh_slices now,
		before; /* entries: in the index, in the commit that it is compared to */
	bool is_unmerged;
};
struct staged_list {
	struct staged *items;
	size_t count, capacity;
};

static void add_entry(
	struct oh_arena *arena, struct oh_slices *entries, struct oh_slice mode, struct oh_slice id)
{
	if (!oh_slice_eq(mode, OH_SLICE("000000")))
		OH_PUSH(arena, entries,
			oh_slice_printf(arena, OH_FMT " " OH_FMT " 0", OH_ARG(mode), OH_ARG(id)));
}

static bool list_staged(
	struct pending *p, struct oh_slice commit, const char *option, struct staged_list *list)
{
	const char *argv[] = {"git", "diff-index", "--cached", "--raw", "-z", "--no-renames",
		"--no-abbrev", option, oh_slice_str(p->arena, commit), "--", NULL};
	struct oh_slice rest, line, modes[2], ids[2];

	if (!oh_repo_git_own_index(p->repo, p->arena, argv, &rest, NULL))
		return false;
	while (oh_slice_next(&rest, '\0', &line)) {
		struct staged s = {.path = OH_SLICE("")};

		if (!oh_slice_cut_prefix(&line, OH_SLICE(":")) ||
			!oh_slice_next(&line, ' ', &modes[0]) ||
			!oh_slice_next(&line, ' ', &modes[1]) ||
			!oh_slice_next(&line, ' ', &ids[0]) ||
			!oh_slice_next(&line, ' ', &ids[1]) || !oh_slice_next(&rest, '\0', &s.path))
			return false;
		add_entry(p->arena, &s.before, modes[0], ids[0]);
		add_entry(p->arena, &s.now, modes[1], ids[1]);
		s.is_unmerged = oh_slice_has_prefix(line, OH_SLICE("U"));
		OH_PUSH(p->arena, list, s);
	}
	return true;
}

/* Only those can be in the index in name alone. */
static bool has_empty_file(const struct staged_list *list)
{
	static const char *const ids[] = {"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
		"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"};

	for (size_t i = 0; i < list->count; i++)
		for (size_t k = 0; k < 2 && list->items[i].now.count; k++)
			if (oh_slice_has_prefix(oh_slice_sub(list->items[i].now.items[0], 7,
							list->items[i].now.items[0].len),
				    oh_slice_of(ids[k])))
				return true;
	return false;
}

/* Those that are in the index only in name (git add -N). */
static bool mark_intended(struct pending *p, struct oh_slice commit, struct staged_list *list)
{
	struct oh_map real = {.arena = p->arena};
	struct staged_list others = {0};

	if (!has_empty_file(list))
		return true;
	if (!list_staged(p, commit, "--ita-invisible-in-index", &others))
		return false;
	for (size_t i = 0; i < others.count; i++)
		*oh_map_put(&real, others.items[i].path) = 1;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].now.count && !oh_map_get(&real, list->items[i].path))
			list->items[i].now.items[0] = oh_slice_printf(p->arena, "000000 " OH_FMT,
				OH_ARG(oh_slice_sub(list->items[i].now.items[0], 7,
					list->items[i].now.items[0].len)));
	return true;
}

/* It goes on record as one that can't be taken back. */
static bool never(struct pending *p, const char *why)
{
	p->op.never = oh_slice_of(why);
	return false;
}

/* What is staged before the commit, beside what onehead stages: git may put all of it, more, or
 * less into the index. */
static bool add_staged(struct pending *p, struct oh_slice head)
{
	struct oh_map ours = {.arena = p->arena};
	struct staged_list list = {0};

	if (!list_staged(p, head, "--ita-visible-in-index", &list) ||
		!mark_intended(p, head, &list))
		return false;
	for (size_t i = 0; i < p->op.paths.count; i++)
		*oh_map_put(&ours, p->op.paths.items[i].path) = 1;
	for (size_t i = 0; i < list.count; i++) {
		const struct staged *s = &list.items[i];

		if (s->is_unmerged)
			return never(p, "files were in conflict");
		if (!oh_map_get(&ours, s->path))
			OH_PUSH(p->arena, &p->op.paths,
				((struct oh_operation_path){.path = s->path,
					.old_state = {s->now, OH_SLICE("")},
					.new_state = {s->before, OH_SLICE("")},
					.index_only = true}));
	}
	return true;
}

static void add_head(struct pending *p, struct oh_slice head)
{
	const struct oh_slice branch = oh_repo_branch(p->repo, p->arena);

	p->op.moves_head = true;
	p->op.when = OH_SLICE("");
	p->op.refs.count = p->op.refs.capacity = 0;
	OH_PUSH(p->arena, &p->op.refs,
		((struct oh_operation_ref){.name = branch.len ? branch : OH_SLICE("HEAD"),
			.old_id = head,
			.new_id = head,
			.before = OH_SLICE("")}));
}

/* git's own for this commit, or the worktree's; not one that the user has named. */
static bool is_known_index(struct pending *p)
{
	const char *name = getenv("GIT_INDEX_FILE");
	const struct oh_slice own = oh_repo_paths(p->repo, NULL)->git_dir;
	struct oh_slice directory;

	if (!oh_apply_has_own_index(p->repo, p->arena))
		return true;
	directory = oh_path_directory(oh_slice_of(name));
	return oh_slice_has_suffix(oh_slice_of(name), OH_SLICE(".lock")) &&
	       oh_disk_is_same(p->arena, directory.len ? directory : OH_SLICE("."), own);
}

static bool is_same_head(const struct oh_operation *a, const struct oh_operation *b)
{
	return oh_slice_eq(a->refs.items[0].name, b->refs.items[0].name) &&
	       oh_slice_eq(a->refs.items[0].new_id, b->refs.items[0].new_id);
}

/* What is onehead's own of a note comes first. */
static size_t count_own(const struct oh_operation *op)
{
	size_t n = 0;

	while (n < op->paths.count && !op->paths.items[n].index_only)
		n++;
	return n;
}

static bool look(struct pending *p, size_t count, struct oh_path_state **states)
{
	struct oh_operation own = p->op;

	own.paths.count = count;
	*states = oh_arena_alloc(p->arena, (count + 1) * sizeof(**states));
	return oh_paths_look(p->repo, p->arena, &own, true, *states, NULL);
}

static struct oh_operation_path *find_path(struct oh_operation *op, struct oh_slice path)
{
	for (size_t i = 0; i < op->paths.count; i++)
		if (oh_slice_eq(op->paths.items[i].path, path))
			return &op->paths.items[i];
	return NULL;
}

/* The commit before this one was given up, and its files are as it left them: they are taken back
 * together with this one's. */
static void join_given_up(struct pending *p)
{
	struct pending before = {.repo = p->repo, .arena = p->arena};
	struct oh_path_state *now;
	size_t count;

	if (!take_note(&before) || !is_same_head(&p->op, &before.op))
		return;
	count = count_own(&before.op);
	if (!look(&before, count, &now))
		return;
	for (size_t i = 0; i < count; i++)
		if (!oh_path_state_eq(&now[i], &before.op.paths.items[i].new_state))
			return;
	for (size_t i = 0; i < count; i++) {
		const struct oh_operation_path *was = &before.op.paths.items[i];
		struct oh_operation_path *is = find_path(&p->op, was->path);

		if (is)
			is->old_state = was->old_state;
		else
			OH_PUSH(p->arena, &p->op.paths, *was);
	}
}

/* Where a sparse checkout does not show it an entry would come back in sight. */
static bool is_hidden(const struct oh_path_state *state)
{
	return state->entries.count && !state->file.len;
}

/* How all is before; *COUNT paths are onehead's. False where it could not be put back exactly. */
static bool look_before(struct pending *p, const struct oh_steps *steps, size_t *count)
{
	struct oh_path_state *states;
	struct oh_slice head = OH_SLICE("");

	oh_repo_resolve(p->repo, p->arena, OH_SLICE("HEAD"), &head, NULL);
	add_head(p, head);
	if (!head.len)
		return never(p, "it is the first commit");
	if (!is_known_index(p))
		return never(p, "it was made from another index (GIT_INDEX_FILE)");
	for (size_t i = 0; i < steps->count; i++)
		OH_PUSH(p->arena, &p->op.paths,
			(struct oh_operation_path){.path = steps->items[i].path});
	if (!look(p, steps->count, &states))
		return false;
	for (size_t i = 0; i < steps->count; i++) {
		p->op.paths.items[i].old_state = states[i];
		if (is_hidden(&states[i]))
			return never(p, "a file of it is outside of the sparse checkout");
	}
	join_given_up(p);
	*count = p->op.paths.count;
	return add_staged(p, head);
}

/* How it is now, should the commit be given up. */
static bool look_after(struct pending *p, size_t count)
{
	struct oh_path_state *states;

	if (!look(p, count, &states))
		return false;
	for (size_t i = 0; i < count; i++)
		p->op.paths.items[i].new_state = states[i];
	return true;
}

bool oh_pending_stage(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	const struct oh_steps *steps, struct oh_error *err)
{
	struct pending p = {.repo = repo, .arena = arena, .op = *op}, stale = p;
	size_t count;
	bool can_be_noted;

	if (!steps->count || !oh_repo_paths(repo, NULL))
		return oh_apply_stage(repo, arena, steps, err);
	can_be_noted = look_before(&p, steps, &count);
	take_note(&stale);
	if (!oh_apply_stage(repo, arena, steps, err))
		return false;
	if (!can_be_noted)
		p.op.paths.count = 0;
	if (p.op.never.len || (can_be_noted && look_after(&p, count)))
		write_note(&p);
	return true;
}

bool oh_pending_is_noted(struct oh_repo *repo)
{
	return oh_repo_has_state(repo, FILE_NAME);
}

/* Was HEAD made on the commit of the note, or in its place (--amend)? */
static bool is_of(struct pending *p, const struct oh_commit *head)
{
	const struct oh_slice old = p->op.refs.items[0].old_id;
	struct oh_commit replaced;

	if (!oh_slice_eq(p->op.refs.items[0].name, oh_repo_branch(p->repo, p->arena)) &&
		!oh_slice_eq(p->op.refs.items[0].name, OH_SLICE("HEAD")))
		return false;
	if (head->parents.count ? oh_slice_eq(head->parents.items[0], old) : !old.len)
		return true;
	if (!oh_repo_commit(p->repo, p->arena, old, &replaced, NULL) ||
		replaced.parents.count != head->parents.count)
		return false;
	for (size_t i = 0; i < head->parents.count; i++)
		if (!oh_slice_eq(replaced.parents.items[i], head->parents.items[i]))
			return false;
	oh_operation_keep(p->arena, &p->op, old);
	return true;
}

/* What is in the index now of a path that was staged before. */
static void take_after(struct oh_operation *op, const struct staged *s, struct oh_arena *arena)
{
	struct oh_operation_path *there = find_path(op, s->path);

	if (there && there->index_only)
		there->new_state.entries = s->now;
	if (!there)
		OH_PUSH(arena, &op->paths,
			((struct oh_operation_path){.path = s->path,
				.old_state = {s->before, OH_SLICE("")},
				.new_state = {s->now, OH_SLICE("")},
				.index_only = true}));
}

/* The note becomes what was changed from before the commit to now. */
static bool complete(struct pending *p)
{
	struct oh_operation all = p->op;
	struct staged_list list = {0};

	if (!look_after(p, count_own(&p->op)) ||
		!list_staged(p, p->op.refs.items[0].old_id, "--ita-visible-in-index", &list) ||
		!mark_intended(p, p->op.refs.items[0].old_id, &list))
		return false;
	for (size_t i = 0; i < list.count; i++)
		take_after(&p->op, &list.items[i], p->arena);
	all = p->op;
	p->op.paths.items = NULL;
	p->op.paths.count = p->op.paths.capacity = 0;
	for (size_t i = 0; i < all.paths.count; i++)
		if (!oh_path_state_eq(&all.paths.items[i].old_state, &all.paths.items[i].new_state))
			OH_PUSH(p->arena, &p->op.paths, all.paths.items[i]);
	return p->op.paths.count && oh_operation_keep_paths(p->repo, p->arena, &p->op, false, NULL);
}

/* Nothing that anybody sees changes. */
static void put_on_record(struct pending *p)
{
	struct oh_running running = {.repo = p->repo, .arena = p->arena, .op = &p->op};
	struct oh_ref_moves moves = {0};

	oh_refs_add_kept(p->arena, &p->op, NULL, false, &moves);
	if (oh_running_begin(&running, NULL))
		oh_running_end(&running,
			oh_refs_move(p->repo, p->arena, &moves, OH_SLICE("onehead: commit"), NULL)
				? OH_DONE
				: OH_NOTHING_HAPPENED,
			NULL);
}

void oh_pending_committed(struct oh_repo *repo, struct oh_arena *arena)
{
	struct pending p = {.repo = repo, .arena = arena};
	struct oh_operation_ref *ref;
	struct oh_commit head;

	if (!take_note(&p) || !oh_repo_commit(repo, arena, OH_SLICE("HEAD"), &head, NULL) ||
		!is_of(&p, &head))
		return;
	if (p.op.never.len)
		p.op.command = OH_SLICE("commit");
	if (!oh_slice_eq(p.op.command, OH_SLICE("commit")))
		p.op.paths.count = 0;
	else if (!p.op.never.len && !complete(&p))
		return;
	else
		p.op.title = oh_slice_printf(arena, "the commit %.7s", head.id.ptr);
	ref = &p.op.refs.items[0];
	ref->new_id = head.id;
	put_on_record(&p);
}

void oh_pending_settle(struct oh_repo *repo, struct oh_arena *arena)
{
	struct pending p = {.repo = repo, .arena = arena}, now = p;
	struct oh_slice head;

	if (!oh_repo_has_state(repo, FILE_NAME) ||
		!oh_repo_resolve(repo, arena, OH_SLICE("HEAD"), &head, NULL) || !take_note(&p))
		return;
	add_head(&now, head);
	if (!is_same_head(&p.op, &now.op) || p.op.never.len)
		return;
	p.op.paths.count = count_own(&p.op);
	p.op.command = OH_SLICE("commit");
	p.op.title = OH_SLICE("what was staged for a commit that was given up");
	if (oh_operation_keep_paths(repo, arena, &p.op, false, NULL))
		put_on_record(&p);
}

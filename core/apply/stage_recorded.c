#include "apply/apply.h"
#include "apply/paths.h"
#include "apply/running.h"
#include "base/buf.h"
#include "repo/disk.h"

#include <stdlib.h>
#include <string.h>

bool oh_apply_has_own_index(struct oh_repo *repo, struct oh_arena *arena)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, NULL);
	const char *name = getenv("GIT_INDEX_FILE");

	return name && *name && paths &&
	       !oh_disk_is_same(arena, oh_slice_of(name),
		       oh_slice_printf(arena, OH_FMT "/index", OH_ARG(paths->git_dir)));
}

/* The blob as it will lie in the worktree: line ends and filters applied. */
static bool smudged(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice blob, struct oh_slice *id, struct oh_error *err)
{
	const char *smudge[] = {"git", "cat-file", "--filters",
		oh_slice_printf(arena, "--path=" OH_FMT, OH_ARG(path)).ptr,
		oh_slice_str(arena, blob), NULL};
	static const char *const hash[] = {"git", "hash-object", "-w", "--stdin", NULL};
	struct oh_slice bytes;

	if (!oh_repo_git(repo, arena, smudge, OH_SLICE(""), &bytes, err) ||
		!oh_repo_git(repo, arena, hash, bytes, id, err))
		return false;
	*id = oh_slice_trim(*id);
	return true;
}

/* A path keeps its run bit. */
static bool is_program(const struct oh_slices *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		if (oh_slice_has_prefix(entries->items[i], OH_SLICE("100755")))
			return true;
	return false;
}

static bool look_ahead(struct oh_repo *repo, struct oh_arena *arena, const struct oh_step *step,
	struct oh_operation_path *p, struct oh_error *err)
{
	struct oh_slice blob, file;
	const char *mode;

	*p = (struct oh_operation_path){.path = step->path, .new_state.file = OH_SLICE("")};
	if (!oh_path_look(repo, arena, step->path, &p->old_state, err))
		return false;
	if (step->kind == OH_STEP_REMOVE)
		return true;
	if (!oh_repo_write_blob(repo, arena, step->path, step->bytes, &blob, err) ||
		!smudged(repo, arena, step->path, blob, &file, err))
		return false;
	mode = is_program(&p->old_state.entries) ? "100755" : "100644";
	OH_PUSH(arena, &p->new_state.entries,
		oh_slice_printf(arena, "%s " OH_FMT " 0", mode, OH_ARG(blob)));
	p->new_state.file = oh_slice_printf(arena, "%s " OH_FMT, mode, OH_ARG(file));
	return true;
}

/* The object of BYTES as they are; WRITE: it is to be there from now on. */
static bool raw_id(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice bytes, bool write,
	struct oh_slice *id, struct oh_error *err)
{
	const char *argv[] = {"git", "hash-object", "--stdin", write ? "-w" : NULL, NULL};

	if (!oh_repo_git(repo, arena, argv, bytes, id, err))
		return false;
	*id = oh_slice_trim(*id);
	return true;
}

static bool is_as_expected(struct oh_repo *repo, struct oh_arena *arena, const struct oh_step *step,
	struct oh_slice file, bool *yes, struct oh_error *err)
{
	struct oh_slice id = OH_SLICE("");

	if (step->kind != OH_STEP_ADD && !raw_id(repo, arena, step->expected, false, &id, err))
		return false;
	*yes = oh_slice_eq(oh_slice_sub(file, file.len ? 7 : 0, file.len), id);
	return true;
}

/* No filter is asked: what is there is what was read. */
static bool look_ahead_untracked(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_step *step, struct oh_operation_path *p, struct oh_error *err)
{
	struct oh_slice id;
	bool yes;

	*p = (struct oh_operation_path){.path = step->path, .new_state.file = OH_SLICE("")};
	if (!oh_path_look(repo, arena, step->path, &p->old_state, err) ||
		!is_as_expected(repo, arena, step, p->old_state.file, &yes, err))
		return false;
	if (!yes)
		return oh_fail(err, OH_E_CHANGED, OH_FMT " %s",
			OH_ARG(oh_slice_printable(arena, step->path)),
			step->kind == OH_STEP_ADD ? "is there already" : "says other things now");
	p->new_state.entries = p->old_state.entries;
	if (step->kind == OH_STEP_REMOVE)
		return true;
	if (!raw_id(repo, arena, step->bytes, true, &id, err))
		return false;
	p->new_state.file = oh_slice_printf(arena, "%.6s " OH_FMT,
		p->old_state.file.len ? p->old_state.file.ptr : "100644", OH_ARG(id));
	return true;
}

static void add_object(struct oh_buf *tree, struct oh_slice id)
{
	oh_buf_addf(tree, "100644 blob " OH_FMT "\t%06zu\n", OH_ARG(id), tree->count);
}

static void add_objects(struct oh_buf *tree, const struct oh_path_state *state)
{
	for (size_t i = 0; i < state->entries.count; i++)
		/* A submodule's commit is none of ours; a file that is only marked has no bytes. */
		if (!oh_slice_has_prefix(state->entries.items[i], OH_SLICE("160000 ")) &&
			!oh_slice_has_prefix(state->entries.items[i], OH_SLICE("000000 ")))
			add_object(tree, oh_slice_sub(state->entries.items[i], 7,
						 state->entries.items[i].len - 2));
	if (state->file.len)
		add_object(tree, oh_slice_sub(state->file, 7, state->file.len));
}

bool oh_operation_keep_paths(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op,
	bool may_be_missing, struct oh_error *err)
{
	const char *argv[] = {"git", "mktree", may_be_missing ? "--missing" : NULL, NULL};
	struct oh_buf tree = {.arena = arena};
	struct oh_slice id;

	for (size_t i = 0; i < op->paths.count; i++) {
		add_objects(&tree, &op->paths.items[i].old_state);
		add_objects(&tree, &op->paths.items[i].new_state);
	}
	if (!oh_repo_git(repo, arena, argv, oh_buf_slice(&tree), &id, err))
		return false;
	oh_operation_keep(arena, op, oh_slice_trim(id));
	return true;
}

/* HEAD's ref, which is to be the same when this is taken back. */
static void add_head(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op)
{
	const struct oh_slice branch = oh_repo_branch(repo, arena);
	struct oh_slice id = OH_SLICE("");

	oh_repo_resolve(repo, arena, OH_SLICE("HEAD"), &id, NULL);
	op->moves_head = true;
	op->refs.count = op->refs.capacity = 0;
	OH_PUSH(arena, &op->refs,
		(struct oh_operation_ref){.name = branch.len ? branch : OH_SLICE("HEAD"),
			.old_id = id,
			.new_id = id,
			.before = OH_SLICE("")});
}

static bool add_steps(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op,
	const struct oh_steps *steps, struct oh_error *err)
{
	for (size_t i = 0; i < steps->count; i++) {
		struct oh_operation_path p;

		if (!look_ahead(repo, arena, &steps->items[i], &p, err))
			return false;
		if (!oh_path_state_eq(&p.old_state, &p.new_state))
			OH_PUSH(arena, &op->paths, p);
	}
	return true;
}

/* What is to be written comes first, so that a file is at one of its places at any time. */
static bool add_untracked(struct oh_repo *repo, struct oh_arena *arena, struct oh_operation *op,
	const struct oh_steps *steps, struct oh_error *err)
{
	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; steps && i < steps->count; i++) {
			struct oh_operation_path p;

			if ((steps->items[i].kind == OH_STEP_REMOVE) != (pass == 1))
				continue;
			if (!look_ahead_untracked(repo, arena, &steps->items[i], &p, err))
				return false;
			OH_PUSH(arena, &op->paths, p);
		}
	return true;
}

static enum oh_end take_back(struct oh_running *r)
{
	struct oh_ref_moves moves = {0};
	struct oh_refs_now now;

	if (!oh_refs_look(r->repo, r->arena, r->op, &now, NULL))
		return OH_HALF_DONE;
	oh_refs_add_kept(r->arena, r->op, &now, true, &moves);
	return oh_paths_put(r->repo, r->arena, r->op, false, NULL) &&
			       oh_refs_move(r->repo, r->arena, &moves, OH_SLICE(""), NULL)
		       ? OH_NOTHING_HAPPENED
		       : OH_HALF_DONE;
}

/* The paths behind the first ones, which are staged. */
static bool put_untracked(struct oh_running *r, size_t staged, struct oh_error *err)
{
	struct oh_operation rest = *r->op;

	rest.paths.items += staged;
	rest.paths.count -= staged;
	return !rest.paths.count || oh_paths_put(r->repo, r->arena, &rest, true, err);
}

bool oh_apply_stage_recorded(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_operation *op, const struct oh_steps *steps,
	const struct oh_steps *untracked, struct oh_error *err)
{
	struct oh_operation ours = *op;
	struct oh_running running = {.repo = repo, .arena = arena, .op = &ours};
	static const struct oh_steps none = {0};
	size_t staged;
	bool ok;

	if (oh_apply_has_own_index(repo, arena)) {
		if (!oh_apply_stage(repo, arena, steps, err))
			return false;
		steps = &none;
	}
	if (!add_steps(repo, arena, &ours, steps, err))
		return false;
	staged = ours.paths.count;
	if (!add_untracked(repo, arena, &ours, untracked, err))
		return false;
	if (!ours.paths.count)
		return oh_apply_stage(repo, arena, steps, err);
	add_head(repo, arena, &ours);
	if (!oh_operation_keep_paths(repo, arena, &ours, true, err) ||
		!oh_running_begin(&running, err))
		return false;
	ok = oh_running_move_refs(&running, err) && oh_apply_stage(repo, arena, steps, err) &&
	     put_untracked(&running, staged, err);
	return oh_running_end(&running, ok ? OH_DONE : take_back(&running), err);
}

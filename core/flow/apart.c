#include "flow/apart.h"

#include "flow/load.h"
#include "model/lock.h"

/* The index as it would be with either version of each file in conflict. */
struct taking_apart {
	struct oh_apart *out;
	struct oh_flow *flow;
	struct oh_loader loader;
	struct oh_placed_files stays, other;
	struct oh_tree with_stays, with_other;
	struct oh_slices beside; /* paths that are there already, "" where there is none */
};

static bool add_conflict(
	struct taking_apart *t, struct oh_slice path, bool theirs_stay, struct oh_error *err)
{
	struct oh_arena *arena = t->flow->arena;
	struct oh_slice beside = OH_SLICE("");
	struct oh_unmerged has;

	if (oh_slice_eq(oh_path_name(path), OH_SLICE(OH_LOCK_NAME)))
		return true;
	if (!oh_repo_unmerged_at(t->flow->repo, path, &has, err) ||
		(has.base.len && !oh_repo_find_blob(t->flow->repo, has.base, &beside, err)))
		return false;
	if (!has.ours.len || !has.theirs.len || (has.base.len && (!beside.len || theirs_stay))) {
		OH_PUSH(arena, &t->out->left, path);
		return true;
	}
	OH_PUSH(arena, &t->stays,
		((struct oh_placed_file){path, theirs_stay ? has.theirs : has.ours}));
	OH_PUSH(arena, &t->other,
		((struct oh_placed_file){path, theirs_stay ? has.ours : has.theirs}));
	OH_PUSH(arena, &t->beside, beside);
	return true;
}

static bool load(struct taking_apart *t, const struct oh_placed_files *files, struct oh_tree *tree,
	struct oh_error *err)
{
	struct oh_source *index;

	return oh_repo_index_with(t->flow->repo, files, &index, err) &&
	       oh_load_tree(&t->loader, index, tree, err);
}

/* The graph that has a migration at PATH; NULL where none has. */
static struct oh_snapshot *graph_of(struct oh_tree *tree, struct oh_slice path)
{
	for (size_t i = 0; i < tree->count; i++)
		if (oh_snapshot_at(&tree->items[i], path))
			return &tree->items[i];
	return NULL;
}

static void take_one(struct taking_apart *t, size_t i)
{
	struct oh_arena *arena = t->flow->arena;
	const struct oh_slice path = t->stays.items[i].path;
	struct oh_snapshot *graph = graph_of(&t->with_stays, path);
	const struct oh_migration *other =
		graph ? oh_snapshot_at(oh_tree_match(arena, &t->with_other, graph), path) : NULL;
	struct oh_apart_file file = {.path = path, .beside = t->beside.items[i]};
	struct oh_migration moved;

	if (!other) {
		OH_PUSH(arena, &t->out->left, path);
		return;
	}
	file.id = other->id;
	file.is_new = !file.beside.len;
	if (file.is_new)
		file.beside = oh_adapter_named(graph->location.system)
				      ->beside(arena, &graph->location, &graph->migrations, other);
	moved = *other;
	moved.path = file.beside;
	OH_PUSH(arena, &graph->migrations, moved); /* the next one gets another name */
	OH_PUSH(arena, &t->out->files, file);
	OH_PUSH(arena, &t->out->placed, t->stays.items[i]);
	OH_PUSH(arena, &t->out->placed,
		((struct oh_placed_file){file.beside, t->other.items[i].id}));
}

bool oh_apart_find(struct oh_apart *apart, struct oh_flow *flow, const struct oh_slices *unmerged,
	bool theirs_stay, struct oh_error *err)
{
	struct taking_apart t = {.out = apart,
		.flow = flow,
		.loader = {.arena = flow->arena, .depth = OH_READ_TEXT}};

	*apart = (struct oh_apart){0};
	for (size_t i = 0; i < unmerged->count; i++)
		if (!add_conflict(&t, unmerged->items[i], theirs_stay, err))
			return false;
	if (!t.stays.count)
		return true;
	oh_loader_for_repo(&t.loader, flow->repo);
	if (!oh_find_configs(flow->repo, flow->arena, NULL, &t.loader.configs, err) ||
		!load(&t, &t.stays, &t.with_stays, err) || !load(&t, &t.other, &t.with_other, err))
		return false;
	for (size_t i = 0; i < t.stays.count; i++)
		take_one(&t, i);
	return true;
}

/* STEP is about a file that is taken apart: what it leaves there is what is staged. */
static bool put_together(struct oh_steps *all, const struct oh_step *step)
{
	for (size_t i = 0; i < all->count; i++) {
		if (!oh_slice_eq(all->items[i].path, step->path))
			continue;
		if (step->kind == OH_STEP_REMOVE)
			all->items[i] = all->items[--all->count];
		else
			all->items[i].bytes = step->bytes;
		return true;
	}
	return false;
}

static bool add_step(struct oh_flow *flow, struct oh_source *index, struct oh_slice path,
	enum oh_step_kind kind, struct oh_steps *steps, struct oh_error *err)
{
	struct oh_step step = {.kind = kind,
		.path = path,
		.expected = OH_SLICE(""),
		.reason = OH_SLICE("a file of its own")};
	struct oh_source *now;

	if (!oh_source_read(index, flow->arena, path, &step.bytes, err) ||
		(kind == OH_STEP_EDIT &&
			(!oh_repo_index(flow->repo, &now, err) ||
				!oh_source_read(now, flow->arena, path, &step.expected, err))))
		return false;
	OH_PUSH(flow->arena, steps, step);
	return true;
}

bool oh_apart_steps(const struct oh_apart *apart, struct oh_flow *flow, struct oh_source *index,
	struct oh_steps *steps, struct oh_error *err)
{
	struct oh_steps all = {0};

	for (size_t i = 0; i < apart->files.count; i++) {
		const struct oh_apart_file *f = &apart->files.items[i];

		/* What git has left in the worktree is of neither of them. */
		if (!add_step(flow, index, f->path, OH_STEP_REPLACE, &all, err) ||
			!add_step(flow, index, f->beside, f->is_new ? OH_STEP_ADD : OH_STEP_EDIT,
				&all, err))
			return false;
	}
	for (size_t i = 0; i < steps->count; i++)
		if (!put_together(&all, &steps->items[i]))
			OH_PUSH(flow->arena, &all, steps->items[i]);
	*steps = all;
	return true;
}

void oh_apart_tell(const struct oh_apart *apart, struct oh_flow *flow)
{
	for (size_t i = 0; i < apart->files.count; i++) {
		const struct oh_apart_file *f = &apart->files.items[i];

		oh_say(&flow->report,
			"  " OH_FMT " had two migrations: the other one, " OH_FMT
			", is in a file of its own",
			OH_ARG(oh_slice_printable(flow->arena, f->path)),
			OH_ARG(oh_slice_printable(flow->arena, f->id)));
	}
}

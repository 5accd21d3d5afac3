#include "flow/replant.h"

#include "base/buf.h"

#include <string.h>

struct planting {
	struct oh_replant *out;
	struct oh_loader loader;
	/* What is needed for one commit alone: of a thousand migrations that is a megabyte. */
	struct oh_arena scratch;
	/* Of each commit: the names of all that matters in it. One that has the same names as the
	 * one before needs no look. */
	struct oh_slice *seen;
};

/* Configuration files and directories of migrations. */
static struct oh_slices paths_that_matter(const struct oh_replant *out)
{
	struct oh_slices paths = {0};

	for (size_t i = 0; i < out->verdicts->count; i++) {
		const struct oh_location *l = &out->verdicts->items[i].meeting.result->location;

		OH_PUSH(out->flow->arena, &paths, l->config);
		OH_PUSH(out->flow->arena, &paths, l->directory);
		for (size_t k = 0; k < l->versions.count; k++)
			OH_PUSH(out->flow->arena, &paths, l->versions.items[k]);
	}
	return paths;
}

/* A directory behind a symlink has no name of its own there: then every commit is another. */
static struct oh_slice join_names(
	struct oh_arena *arena, const struct oh_slice *names, size_t count, struct oh_slice commit)
{
	struct oh_buf all = {.arena = arena};

	for (size_t i = 0; i < count; i++)
		oh_buf_addf(&all, OH_FMT " ", OH_ARG(names[i].len ? names[i] : commit));
	return oh_buf_slice(&all);
}

static bool look_at_all(struct planting *p, struct oh_error *err)
{
	const struct oh_replant *out = p->out;
	struct oh_arena *arena = out->flow->arena;
	const struct oh_slices paths = paths_that_matter(out);
	struct oh_slices names = {0}, found;

	for (size_t i = 0; i < out->count; i++)
		for (size_t k = 0; k < paths.count; k++)
			OH_PUSH(arena, &names,
				oh_slice_printf(arena, OH_FMT ":" OH_FMT,
					OH_ARG(out->commits[i].id), OH_ARG(paths.items[k])));
	if (!oh_repo_object_names(out->flow->repo, arena, &names, &found, err))
		return false;
	p->seen = oh_arena_alloc(arena, (out->count + 1) * sizeof(*p->seen));
	for (size_t i = 0; i < out->count; i++)
		p->seen[i] = join_names(
			arena, found.items + i * paths.count, paths.count, out->commits[i].id);
	return true;
}

static bool read_source(void *context, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *bytes, struct oh_error *err)
{
	return oh_source_read(context, arena, path, bytes, err);
}

static void take_edits(
	struct oh_arena *arena, const struct oh_steps *steps, struct oh_rebuilt *commit)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct oh_step *s = &steps->items[i];

		OH_PUSH(arena, &commit->edits,
			((struct oh_rebuild_edit){.path = oh_slice_dup(arena, s->path),
				.is_removed = s->kind == OH_STEP_REMOVE,
				.bytes = oh_slice_dup(arena, s->bytes)}));
	}
}

/* No more heads than the tip will have, and nothing that is called twice or stands on nothing. */
static bool is_sound(const struct oh_verdict *v, const struct oh_snapshot *s)
{
	const struct oh_graph *tip = v->after ? &v->after->graph : &v->meeting.result->graph;
	size_t heads = tip->heads.count;

	for (size_t i = 0; i < v->joined.count; i++)
		heads -= v->join.groups.items[i].count - 1;
	return s->graph.heads.count <= (heads ? heads : 1) &&
	       s->graph.duplicates.count <= tip->duplicates.count &&
	       s->graph.missing.count <= tip->missing.count;
}

/* What is decided for the tip, carried out on an earlier commit. *SOUND is false where that is not
 * enough; then there are no steps. */
static bool plan_as_tip(struct planting *p, struct oh_source *source, struct oh_steps *steps,
	bool *sound, struct oh_error *err)
{
	struct oh_arena *arena = &p->scratch;
	struct oh_tree tree;

	*steps = (struct oh_steps){0};
	*sound = false;
	if (!oh_load_tree(&p->loader, source, &tree, err))
		return false;
	for (size_t i = 0; i < p->out->verdicts->count; i++) {
		const struct oh_verdict *v = &p->out->verdicts->items[i];
		const struct oh_snapshot *s = oh_tree_match(arena, &tree, v->meeting.result);
		struct oh_snapshot after = *s;
		struct oh_error why = {0};
		struct oh_steps some = {0};

		if (!v->moves.list.count)
			oh_lock_plan(arena, s, &some);
		else if (!oh_move_steps(
				 arena, &v->moves, s, read_source, source, &some, &after, &why) &&
			 why.code != OH_E_UNSUPPORTED)
			return *err = why, false;
		if (why.code || !is_sound(v, &after))
			return true;
		for (size_t k = 0; k < some.count; k++)
			OH_PUSH(arena, steps, some.items[k]);
	}
	*sound = true;
	return true;
}

/* The locks alone, where nothing better is known. */
static void plan_locks(
	struct oh_arena *arena, const struct oh_verdicts *verdicts, struct oh_steps *steps)
{
	for (size_t i = 0; i < verdicts->count; i++)
		oh_lock_plan(arena, verdicts->items[i].meeting.result, steps);
}

/* Merge revisions at the tip, and nothing that moves. */
static bool is_joined(const struct oh_verdicts *tip)
{
	bool joined = false;

	for (size_t i = 0; i < tip->count; i++) {
		if (tip->items[i].moves.list.count)
			return false;
		joined = joined || tip->items[i].joined.count;
	}
	return joined;
}

static bool plan_alone(
	struct planting *p, struct oh_source *source, struct oh_steps *steps, struct oh_error *err)
{
	struct oh_replant *out = p->out;
	struct oh_lines lines = out->verdicts->lines;
	struct oh_verdicts verdicts;

	/* An id does not change in one commit and go on as it was in the next. */
	lines.stays_joined = is_joined(out->verdicts);
	if (!oh_judge(out->flow, &lines, source, &verdicts, err))
		return false;
	if (oh_verdicts_stop(&verdicts)) {
		plan_locks(out->flow->arena, &verdicts, steps);
		out->left++;
		return true;
	}
	*steps = oh_verdicts_steps(out->flow->arena, &verdicts);
	out->alone += oh_verdicts_change_anything(&verdicts);
	return true;
}

static bool plan_commit(struct planting *p, struct oh_rebuilt *commit, struct oh_error *err)
{
	struct oh_flow *flow = p->out->flow;
	struct oh_source *source;
	struct oh_steps steps;
	bool sound, ok;

	ok = oh_repo_tree(flow->repo, commit->id, &source, err) &&
	     plan_as_tip(p, source, &steps, &sound, err) &&
	     (sound || plan_alone(p, source, &steps, err));
	if (ok)
		take_edits(flow->arena, &steps, commit);
	oh_arena_reset(&p->scratch);
	return ok;
}

bool oh_replant(struct oh_replant *out, struct oh_error *err)
{
	struct oh_flow *flow = out->flow;
	struct planting *p = oh_arena_alloc(flow->arena, sizeof(*p));
	const struct oh_steps last = oh_verdicts_steps(flow->arena, out->verdicts);
	bool ok = true;

	out->alone = out->left = 0;
	p->out = out;
	p->loader = (struct oh_loader){.arena = flow->arena, .depth = OH_READ_TEXT};
	oh_loader_for_repo(&p->loader, flow->repo);
	if (!oh_find_configs(flow->repo, flow->arena, NULL, &p->loader.configs, err) ||
		!look_at_all(p, err))
		return false;
	p->loader.arena = &p->scratch;
	p->loader.kept = flow->arena;
	for (size_t i = 0; ok && i < out->count; i++) {
		struct oh_rebuilt *commit = &out->commits[i];

		if (i + 1 == out->count)
			take_edits(flow->arena, &last, commit);
		else if (i && oh_slice_eq(p->seen[i], p->seen[i - 1]))
			commit->edits = out->commits[i - 1].edits;
		else if (!plan_commit(p, commit, err))
			ok = false;
	}
	oh_arena_drop(&p->scratch);
	return ok;
}

bool oh_replant_has_edits(const struct oh_replant *replant)
{
	for (size_t i = 0; i < replant->count; i++)
		if (replant->commits[i].edits.count)
			return true;
	return false;
}

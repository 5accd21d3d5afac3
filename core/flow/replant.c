#include "flow/replant.h"

#include "base/buf.h"
#include "flow/tip_part.h"
#include "repo/object_names.h"

#include <assert.h>
#include <string.h>

struct planting {
	struct oh_replant *out;
	struct oh_loader loader;
	/* What is needed for one commit alone: of a thousand migrations that is a megabyte. */
	struct oh_arena scratch;
	/* The names of all that matters in each commit: one that has the same names as the one
	 * before needs no look. */
	struct paths {
		struct path {
			struct oh_slice path;
			bool is_directory;
		} * items;
		size_t count, capacity;
	} paths;
	struct oh_slices names; /* of the last commit, then of the others */
	struct oh_object_names found;
	struct look {
		struct oh_slice configs, all;
	} tip;
	struct oh_tip *parts_of; /* one a graph */
};

/* Configuration files and directories of migrations. */
static struct paths paths_that_matter(const struct oh_replant *out)
{
	struct oh_arena *arena = out->flow->arena;
	struct paths paths = {0};

	for (size_t i = 0; i < out->verdicts->count; i++) {
		const struct oh_location *l = &out->verdicts->items[i].meeting.result->location;

		OH_PUSH(arena, &paths, ((struct path){l->config, false}));
		OH_PUSH(arena, &paths, ((struct path){l->directory, true}));
		for (size_t k = 0; k < l->versions.count; k++)
			OH_PUSH(arena, &paths, ((struct path){l->versions.items[k], true}));
	}
	return paths;
}

static void add_names(struct planting *p, struct oh_slice commit)
{
	struct oh_arena *arena = p->out->flow->arena;

	for (size_t k = 0; k < p->paths.count; k++)
		OH_PUSH(arena, &p->names,
			oh_slice_printf(arena, OH_FMT ":" OH_FMT, OH_ARG(commit),
				OH_ARG(p->paths.items[k].path)));
}

/* While one commit is planned git looks the names of the next ones up. */
static void start_looking(struct planting *p)
{
	const struct oh_replant *out = p->out;

	p->paths = paths_that_matter(out);
	add_names(p, out->commits[out->count - 1].id);
	for (size_t i = 0; i + 1 < out->count; i++)
		add_names(p, out->commits[i].id);
	oh_object_names_start(&p->found, out->flow->arena, &p->names);
}

/* The names of all that matters in COMMIT, which is the next one. A directory behind a symlink has
 * no name of its own there: then every commit is another. */
static bool look(
	struct planting *p, struct oh_slice commit, struct look *seen, struct oh_error *err)
{
	struct oh_arena *arena = p->out->flow->arena;
	struct oh_buf configs = {.arena = arena}, all = {.arena = arena};

	for (size_t k = 0; k < p->paths.count; k++) {
		const bool is_directory = p->paths.items[k].is_directory;
		const struct oh_slice kind = is_directory ? OH_SLICE(" tree") : OH_SLICE(" blob");
		struct oh_slice name;

		if (!oh_object_names_next(&p->found, &name, err))
			return false;
		name = oh_slice_has_suffix(name, kind) ? name : commit;
		oh_buf_addf(&all, OH_FMT " ", OH_ARG(name));
		if (!is_directory)
			oh_buf_addf(&configs, OH_FMT " ", OH_ARG(name));
	}
	*seen = (struct look){oh_buf_slice(&configs), oh_buf_slice(&all)};
	return true;
}

/* What has been decided for the tip, as far as it is about what this commit has. */
static bool take_part(struct planting *p, struct oh_source *source, struct oh_steps *steps)
{
	*steps = (struct oh_steps){0};
	for (size_t i = 0; i < p->out->verdicts->count; i++) {
		struct oh_steps some;

		if (!oh_tip_part(&p->parts_of[i], &p->scratch, source, &some))
			return false;
		for (size_t k = 0; k < some.count; k++)
			OH_PUSH(&p->scratch, steps, some.items[k]);
	}
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

#ifndef NDEBUG
/* Are the steps of A among those of B, in any order, and are the others locks? */
static bool are_same(const struct oh_steps *a, const struct oh_steps *b)
{
	size_t same = 0, others = 0;

	for (size_t i = 0; i < b->count; i++) {
		bool found = false;

		for (size_t k = 0; k < a->count; k++)
			found = found || (a->items[k].kind == b->items[i].kind &&
						 oh_slice_eq(a->items[k].path, b->items[i].path) &&
						 oh_slice_eq(a->items[k].bytes, b->items[i].bytes));
		same += found;
		others += !found && b->items[i].kind == OH_STEP_REPLACE;
	}
	return same == a->count && same + others == b->count;
}
#endif

/* Planning gives the same as taking a part. */
static bool is_part(struct planting *p, struct oh_source *source, struct oh_steps *steps)
{
	bool taken = take_part(p, source, steps);
#ifndef NDEBUG
	struct oh_steps planned;
	struct oh_error err = {0};
	bool sound;

	if (taken)
		assert(plan_as_tip(p, source, &planned, &sound, &err) && sound &&
			are_same(&planned, steps));
#endif
	return taken;
}

static bool plan_commit(struct planting *p, struct oh_rebuilt *commit, const struct look *seen,
	struct oh_error *err)
{
	struct oh_flow *flow = p->out->flow;
	struct oh_source *source;
	struct oh_steps steps;
	bool sound, ok;

	ok = oh_repo_tree(flow->repo, commit->id, &source, err) &&
	     ((oh_slice_eq(seen->configs, p->tip.configs) && is_part(p, source, &steps)) ||
		     (plan_as_tip(p, source, &steps, &sound, err) &&
			     (sound || plan_alone(p, source, &steps, err))));
	if (ok)
		take_edits(flow->arena, &steps, commit);
	oh_arena_reset(&p->scratch);
	return ok;
}

/* Git reads them while another commit is planned. */
static void expect_directories(const struct planting *p, struct oh_slice commit)
{
	struct oh_slices directories = {0};

	for (size_t k = 0; k < p->paths.count; k++)
		if (p->paths.items[k].is_directory)
			OH_PUSH(p->out->flow->arena, &directories, p->paths.items[k].path);
	oh_repo_expect(p->out->flow->repo, commit, &directories);
}

/* The last commit is what has been decided for. */
static bool plan_all(struct planting *p, struct oh_error *err)
{
	struct oh_rebuilt *commits = p->out->commits;
	const size_t count = p->out->count - 1;
	struct look seen = {0}, next;
	bool is_other = true;

	if (!look(p, commits[count].id, &p->tip, err) ||
		(count && !look(p, commits[0].id, &next, err)))
		return false;
	for (size_t i = 0; i < count; i++) {
		const bool is_this_other = is_other;

		seen = next;
		if (i + 1 < count) {
			if (!look(p, commits[i + 1].id, &next, err))
				return false;
			is_other = !oh_slice_eq(next.all, seen.all);
			if (is_other)
				expect_directories(p, commits[i + 1].id);
		}
		if (!is_this_other)
			commits[i].edits = commits[i - 1].edits;
		else if (!plan_commit(p, &commits[i], &seen, err))
			return false;
	}
	return true;
}

bool oh_replant(struct oh_replant *out, struct oh_error *err)
{
	struct oh_arena *arena = out->flow->arena;
	struct planting *p = oh_arena_alloc(arena, sizeof(*p));
	const struct oh_steps last = oh_verdicts_steps(arena, out->verdicts);
	bool ok;

	out->alone = out->left = 0;
	if (!out->count)
		return true;
	p->out = out;
	p->loader = *out->verdicts->loader;
	p->loader.arena = &p->scratch;
	p->loader.kept = arena;
	start_looking(p);
	p->parts_of = oh_arena_alloc(arena, (out->verdicts->count + 1) * sizeof(*p->parts_of));
	for (size_t i = 0; i < out->verdicts->count; i++)
		oh_tip_init(&p->parts_of[i], arena, &out->verdicts->items[i]);
	ok = plan_all(p, err);
	oh_object_names_close(&p->found);
	oh_arena_drop(&p->scratch);
	take_edits(arena, &last, &out->commits[out->count - 1]);
	return ok;
}

bool oh_replant_has_edits(const struct oh_replant *replant)
{
	for (size_t i = 0; i < replant->count; i++)
		if (replant->commits[i].edits.count)
			return true;
	return false;
}

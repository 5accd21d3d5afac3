#include "flow/judge.h"

#include "flow/parse_cache.h"
#include "flow/replayed.h"
#include "flow/settle.h"

#include <string.h>

/* The merge bases' migrations as one snapshot: what any of them has is not new. */
static struct oh_snapshot *unite_bases(struct oh_arena *arena, const struct oh_tree *trees,
	size_t count, const struct oh_snapshot *like)
{
	struct oh_snapshot *all = oh_arena_alloc(arena, sizeof(*all));
	struct oh_map ids = {.arena = arena};

	if (count == 1)
		return oh_tree_match(arena, &trees[0], like);
	all->location = like->location;
	for (size_t t = 0; t < count; t++) {
		const struct oh_snapshot *s = oh_tree_match(arena, &trees[t], like);

		for (size_t i = 0; i < s->migrations.count; i++)
			if (!(*oh_map_put(&ids, s->migrations.items[i].id))++)
				OH_PUSH(arena, &all->migrations, s->migrations.items[i]);
	}
	oh_graph_build(&all->graph, arena, &all->migrations);
	return all;
}

struct judging {
	struct oh_flow *flow;
	struct oh_loader loader;
	struct oh_tree sides[OH_MOST_LINES];
	struct oh_tree *bases;
	size_t base_count;
	struct oh_verdicts *out;
};

static bool load_commit(
	struct judging *j, struct oh_slice commit, struct oh_tree *tree, struct oh_error *err)
{
	struct oh_source *source;

	return oh_repo_tree(j->flow->repo, commit, &source, err) &&
	       oh_load_tree(&j->loader, source, tree, err);
}

/* Every best common ancestor of the first side and each of the others. */
static bool find_bases(struct judging *j, const struct oh_lines *lines, struct oh_error *err)
{
	for (size_t i = 1; i < lines->count; i++) {
		struct oh_slices some = {0};

		if (!lines->sides[0].len || !lines->sides[i].len)
			continue;
		if (!oh_repo_merge_bases(j->flow->repo, j->flow->arena, lines->sides[0],
			    lines->sides[i], &some, err))
			return false;
		for (size_t k = 0; k < some.count; k++)
			if (!oh_slices_contain(&j->out->bases, some.items[k]))
				OH_PUSH(j->flow->arena, &j->out->bases, some.items[k]);
	}
	if (lines->one_sided)
		OH_PUSH(j->flow->arena, &j->out->bases, lines->sides[0]);
	return true;
}

/* The lines have their migrations where the result has them, as a rule. */
static void expect_lines(struct judging *j, const struct oh_lines *lines)
{
	const struct oh_tree *result = j->out->result;
	struct oh_slices paths = {0};

	for (size_t i = 0; i < result->count; i++) {
		const struct oh_snapshot *s = &result->items[i];

		for (size_t v = 0; v < s->location.versions.count; v++)
			OH_PUSH(j->flow->arena, &paths, s->location.versions.items[v]);
		OH_PUSH(j->flow->arena, &paths, s->lock_path);
	}
	for (size_t i = 0; i < lines->count; i++)
		oh_repo_expect(j->flow->repo, lines->sides[i], &paths);
}

static bool load_all(struct judging *j, const struct oh_lines *lines, struct oh_error *err)
{
	expect_lines(j, lines);
	if (!find_bases(j, lines, err))
		return false;
	j->base_count = j->out->bases.count ? j->out->bases.count : 1;
	j->bases = oh_arena_alloc(j->flow->arena, j->base_count * sizeof(*j->bases));
	for (size_t i = 0; i < j->base_count; i++)
		if (!load_commit(j, j->out->bases.count ? j->out->bases.items[i] : OH_SLICE(""),
			    &j->bases[i], err))
			return false;
	for (size_t i = 0; i < lines->count; i++)
		if (!load_commit(j, lines->sides[i], &j->sides[i], err))
			return false;
	return true;
}

/* A parent that the result lacks may be there under another id: bodies tell. */
static bool load_lost(struct judging *j, struct oh_verdict *v, struct oh_error *err)
{
	const struct oh_snapshot none = {0};
	const struct oh_graph *result = &v->meeting.result->graph;
	bool lost = false;

	for (size_t s = 0; s < v->meeting.side_count; s++) {
		struct oh_snapshot *side =
			oh_tree_match(j->flow->arena, &j->sides[s], v->meeting.result);

		for (size_t i = 0; i < result->missing.count; i++)
			if (oh_snapshot_find(side, result->missing.items[i].id)) {
				lost = true;
				if (!oh_load_bodies(&j->loader, &j->sides[s], side, &none, err))
					return false;
				break;
			}
	}
	return !lost || oh_load_bodies(&j->loader, j->out->result,
				oh_tree_match(j->flow->arena, j->out->result, v->meeting.result),
				&none, err);
}

/* A side's migration as the result has it, where it was edited in the merge; else NULL. */
static const struct oh_migration *find_edited(
	const struct oh_snapshot *result, const struct oh_migration *m)
{
	const struct oh_migration *there = oh_snapshot_find(result, m->id);

	for (size_t i = 0; i < result->migrations.count; i++) {
		const struct oh_migration *r = &result->migrations.items[i];

		if (oh_slice_eq(r->path, m->path) && oh_slice_eq(r->id, m->id))
			there = r;
	}
	return there && there->content.len && !oh_slice_eq(there->content, m->content) ? there
										       : NULL;
}

/* What was edited in the merge itself counts as it is there now: somebody mended it. */
static bool take_edits(struct judging *j, const struct oh_meeting *m, struct oh_snapshot *side,
	struct oh_error *err)
{
	struct oh_snapshot *result = oh_tree_match(j->flow->arena, j->out->result, m->result);

	for (size_t i = 0; i < side->migrations.count; i++) {
		struct oh_migration *mine = &side->migrations.items[i];
		const struct oh_migration *edited;

		if (oh_graph_find(&m->base->graph, mine->id) != OH_NO_NODE)
			continue;
		edited = find_edited(result, mine);
		if (!edited)
			continue;
		if (!oh_load_bodies(&j->loader, j->out->result, result, m->base, err))
			return false;
		mine->body = edited->body;
	}
	return true;
}

static bool load_past_bodies(struct judging *j, struct oh_meeting *m, struct oh_error *err)
{
	struct oh_arena *arena = j->flow->arena;

	return oh_load_bodies(&j->loader, j->out->result,
		       oh_tree_match(arena, j->out->result, m->result), m->base, err) &&
	       oh_load_bodies(&j->loader, &j->sides[0],
		       oh_tree_match(arena, &j->sides[0], m->result), m->base, err);
}

static bool take_picked(struct judging *j, struct oh_meeting *m, struct oh_error *err)
{
	oh_take_picked_past(j->flow->arena, m);
	if (!load_past_bodies(j, m, err))
		return false;
	oh_take_picked(j->flow->arena, m);
	return true;
}

static bool take_replayed(struct judging *j, struct oh_verdict *v, struct oh_error *err)
{
	struct oh_meeting *m = &v->meeting;
	struct oh_arena *arena = j->flow->arena;

	if (j->out->lines.picked)
		return take_picked(j, m, err);
	if (!j->out->lines.rebased.len || !oh_is_replayed_otherwise(m))
		return true;
	v->strayed = oh_find_strayed(m);
	m->before = m->sides[1];
	oh_take_replayed_past(arena, m);
	if (!load_past_bodies(j, m, err))
		return false;
	oh_take_replayed(arena, m);
	return true;
}

static void take_apart(const struct oh_lines *lines, size_t side, struct oh_snapshot *snapshot)
{
	for (size_t i = 0; side == lines->apart && i < lines->names_apart.count; i++)
		for (size_t k = 0; k < snapshot->migrations.count; k++)
			if (oh_slice_eq(snapshot->migrations.items[k].path,
				    lines->names_apart.items[i].name))
				snapshot->migrations.items[k].path =
					lines->names_apart.items[i].is_now;
}

static bool load_new_bodies(struct judging *j, struct oh_verdict *v, struct oh_error *err)
{
	struct oh_meeting *m = &v->meeting;

	for (size_t s = 0; s < m->side_count; s++) {
		struct oh_snapshot *side = oh_tree_match(j->flow->arena, &j->sides[s], m->result);

		if (!oh_load_bodies(&j->loader, &j->sides[s], side, m->base, err))
			return false;
		take_apart(&j->out->lines, s, side);
		if (!take_edits(j, m, side, err))
			return false;
		m->sides[s] = side;
	}
	return take_replayed(j, v, err) && load_lost(j, v, err);
}

/* The rules, without those whose findings a join mends. */
static void run_rules(struct judging *j, const struct oh_meeting *m, struct oh_findings *out)
{
	struct oh_slices skip = {0};

	for (size_t i = 0; i < j->flow->skip.count; i++)
		OH_PUSH(j->flow->arena, &skip, j->flow->skip.items[i]);
	OH_PUSH(j->flow->arena, &skip, OH_SLICE("multiple-heads"));
	OH_PUSH(j->flow->arena, &skip, OH_SLICE("stale-lock"));
	if (j->out->lines.accept_collisions) {
		OH_PUSH(j->flow->arena, &skip, OH_SLICE("collision"));
		OH_PUSH(j->flow->arena, &skip, OH_SLICE("twins"));
	}
	oh_rules_run(j->flow->arena, m, &skip, out);
}

static struct oh_findings find_worse(
	struct judging *j, const struct oh_verdict *v, const struct oh_snapshot *result)
{
	struct oh_meeting meeting = v->meeting;
	struct oh_findings before = {0}, after = {0};

	for (size_t s = 0; s < v->meeting.side_count; s++) {
		const struct oh_meeting alone = {
			.base = v->meeting.base, .result = v->meeting.sides[s]};

		run_rules(j, &alone, &before);
	}
	meeting.result = result;
	run_rules(j, &meeting, &after);
	return oh_findings_worse(j->flow->arena, &before, &after);
}

static bool is_collision(const struct oh_finding *f)
{
	return strcmp(f->rule, "collision") == 0;
}

/* What was found of two lines that collide stays true; all else is found again where one of them
 * has moved. Heads that are still too many are joined. */
static void judge_moved(struct judging *j, struct oh_verdict *v)
{
	struct oh_arena *arena = j->flow->arena;
	struct oh_findings worse = {0}, found = find_worse(j, v, v->after);
	struct oh_meeting after = v->meeting;
	struct oh_steps join_steps = {0};

	for (size_t i = 0; i < v->worse.count; i++)
		if (is_collision(&v->worse.items[i]))
			OH_PUSH(arena, &worse, v->worse.items[i]);
	for (size_t i = 0; i < found.count; i++)
		if (!is_collision(&found.items[i]))
			OH_PUSH(arena, &worse, found.items[i]);
	v->worse = worse;
	after.result = v->after;
	oh_join_decide(&v->join, arena, &after);
	oh_join_plan(arena, v->after, &v->join, &join_steps, &v->joined);
	if (v->joined.count && v->after->has_lock)
		v->steps.count--; /* the lock comes last: the one of the join says more */
	for (size_t i = 0; i < join_steps.count; i++)
		OH_PUSH(arena, &v->steps, join_steps.items[i]);
}

/* It can't be told which part of the file is whose. */
static void add_strayed(struct oh_arena *arena, struct oh_verdict *v)
{
	struct oh_finding *f =
		oh_finding_add(arena, &v->worse, oh_rule_named(OH_SLICE("duplicate-id")),
			"a change to a migration of yours went into " OH_FMT " of the new base",
			OH_ARG(oh_slice_printable(arena, oh_path_name(v->strayed->path))));

	f->path = v->strayed->path;
	f->line = v->strayed->line;
	f->fix = OH_SLICE(
		"go back, squash the commits that change it (git rebase -i), rebase again");
}

/* A line moves, where that is WANTED and can be; else what has forked is joined. */
static bool settle_or_join(
	struct judging *j, struct oh_verdict *v, bool wanted, struct oh_error *err)
{
	if (wanted && !oh_settle(j->flow, j->out, &j->loader, v, err))
		return false;
	if (v->moves.list.count) {
		judge_moved(j, v);
		return true;
	}
	oh_explain_lost(j->flow, j->out, v);
	oh_join_plan(j->flow->arena, v->meeting.result, &v->join, &v->steps, &v->joined);
	return true;
}

static bool stops(const struct oh_verdict *v)
{
	return oh_findings_count(&v->worse, OH_ERROR) || v->join.undecided.count;
}

/* The answer that V, made of UNSETTLED, is not: kept where both are sound. */
static bool judge_other(struct judging *j, const struct oh_verdict *unsettled, bool wanted,
	struct oh_verdict *v, struct oh_error *err)
{
	struct oh_verdict *other = oh_arena_alloc(j->flow->arena, sizeof(*other));

	*other = *unsettled;
	if (stops(v) || (wanted && !v->moves.list.count))
		return true;
	if (!settle_or_join(j, other, !wanted, err))
		return false;
	if (!stops(other) && (wanted || other->moves.list.count))
		v->other = other;
	return true;
}

static bool judge_graph(struct judging *j, struct oh_verdict *v, struct oh_error *err)
{
	struct oh_verdict unsettled;
	bool wanted, asked;

	v->unmoved = OH_SLICE("");
	v->worse = find_worse(j, v, v->meeting.result);
	oh_join_decide(&v->join, j->flow->arena, &v->meeting);
	if (v->strayed) {
		add_strayed(j->flow->arena, v);
		return true;
	}
	unsettled = *v;
	return oh_settle_wanted(j->flow, j->out, v, &wanted, err) &&
	       settle_or_join(j, v, wanted, err) &&
	       oh_settle_is_asked(j->flow, j->out, &unsettled, &asked, err) &&
	       (!asked || judge_other(j, &unsettled, wanted, v, err));
}

/* A lock in conflict is there, and what it says counts for nothing. */
static void take_unmerged_locks(const struct oh_lines *lines, struct oh_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		if (oh_slices_contain(&lines->unmerged, tree->items[i].lock_path)) {
			tree->items[i].has_lock = true;
			tree->items[i].lock = OH_SLICE("");
		}
}

bool oh_judge(struct oh_flow *flow, const struct oh_lines *lines, struct oh_source *result,
	struct oh_verdicts *out, struct oh_error *err)
{
	struct oh_tree *tree = oh_arena_alloc(flow->arena, sizeof(*tree));
	struct judging *j = oh_arena_alloc(flow->arena, sizeof(*j));

	*out = (struct oh_verdicts){.lines = *lines, .result = tree};
	out->authors = oh_authors_new(flow->arena);
	out->loader = &j->loader;
	*j = (struct judging){
		.flow = flow, .out = out, .loader = {.arena = flow->arena, .depth = OH_READ_TEXT}};
	if (lines->count > 1 && lines->sides[0].len && lines->sides[1].len)
		oh_repo_prefetch_merge_bases(flow->repo, lines->sides[0], lines->sides[1]);
	oh_loader_for_repo(&j->loader, flow->repo);
	if (!oh_find_configs(flow->repo, flow->arena, NULL, &j->loader.configs, err) ||
		!oh_load_tree(&j->loader, result, tree, err) || !load_all(j, lines, err))
		return false;
	oh_parse_cache_save(&j->loader);
	out->unreadables = &tree->unreadables;
	take_unmerged_locks(lines, tree);
	for (size_t i = 0; i < tree->count; i++) {
		struct oh_verdict v = {.meeting = {.result = &tree->items[i]}};

		v.meeting.base = unite_bases(flow->arena, j->bases, j->base_count, &tree->items[i]);
		v.meeting.side_count = lines->count;
		for (size_t s = 0; s < lines->count; s++)
			v.meeting.side_names[s] = lines->names[s];
		if (!load_new_bodies(j, &v, err))
			return false;
		if (!judge_graph(j, &v, err))
			return false;
		OH_PUSH(flow->arena, out, v);
	}
	return true;
}

bool oh_verdicts_stop(const struct oh_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		if (stops(&verdicts->items[i]))
			return true;
	return false;
}

bool oh_verdicts_change_anything(const struct oh_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		if (verdicts->items[i].joined.count || verdicts->items[i].moves.list.count)
			return true;
	return false;
}

struct oh_steps oh_verdicts_steps(struct oh_arena *arena, const struct oh_verdicts *verdicts)
{
	struct oh_steps all = {0};

	for (size_t i = 0; i < verdicts->count; i++)
		for (size_t k = 0; k < verdicts->items[i].steps.count; k++)
			OH_PUSH(arena, &all, verdicts->items[i].steps.items[k]);
	return all;
}

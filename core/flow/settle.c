#include "flow/settle.h"

#include "flow/standing.h"
#include "flow/target.h"

#include <string.h>

static const struct oh_adapter *adapter_of(const struct oh_verdict *v)
{
	return oh_adapter_named(v->meeting.result->location.system);
}

/* What a merge revision does not mend. */
static bool needs_moving(const struct oh_verdict *v)
{
	static const char *const rules[] = {"twins", "missing-parent", "duplicate-id"};

	for (size_t i = 0; i < v->worse.count; i++)
		for (size_t k = 0; k < sizeof(rules) / sizeof(*rules); k++)
			if (strcmp(v->worse.items[i].rule, rules[k]) == 0)
				return true;
	return false;
}

static bool is_one_fork(const struct oh_verdict *v)
{
	return v->join.groups.count == 1 && v->join.groups.items[0].count == 2;
}

static bool are_two(const struct oh_lines *lines)
{
	return lines->count == 2 && !lines->one_sided;
}

static bool is_kept_as_it_is(const struct oh_lines *lines)
{
	return lines->accept_collisions || lines->stays_joined;
}

/* Nothing but policy says whether a line moves. */
static bool is_open(const struct oh_verdicts *vs, const struct oh_verdict *v)
{
	return are_two(&vs->lines) && is_one_fork(v) && !needs_moving(v) &&
	       !is_kept_as_it_is(&vs->lines) && !vs->lines.rebased.len && !vs->lines.linear;
}

bool oh_settle_wanted(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_verdict *v, bool *wanted, struct oh_error *err)
{
	enum oh_fork_policy policy;

	*wanted = false;
	if (!are_two(&vs->lines) || (is_kept_as_it_is(&vs->lines) && !needs_moving(v)))
		return true;
	if (!is_open(vs, v)) {
		/* Of a rebased line one part may have stood on the other before. */
		*wanted = needs_moving(v) || is_one_fork(v) ||
			  (vs->lines.rebased.len && v->join.groups.count == 1);
		return true;
	}
	if (!oh_fork_policy(flow, &policy, err))
		return false;
	*wanted = policy == OH_FORK_LINEAR ||
		  (policy != OH_FORK_MERGE && adapter_of(v)->is_sequential(
						      flow->arena, &v->meeting.result->migrations));
	return true;
}

bool oh_settle_is_asked(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_verdict *v, bool *asked, struct oh_error *err)
{
	enum oh_fork_policy policy = OH_FORK_AUTO;

	if (is_open(vs, v) && !oh_fork_policy(flow, &policy, err))
		return false;
	*asked = policy == OH_FORK_ASK;
	return true;
}

/* The side that moves first where both may: theirs on the branch that others are bound for, ours
 * elsewhere. *KNOWN is false where no such branch is known: then nothing moves. */
static bool first_to_move(struct oh_flow *flow, size_t *side, bool *known, struct oh_error *err)
{
	struct oh_slice branch = oh_repo_branch(flow->repo, flow->arena);
	struct oh_target target;
	struct oh_slice name;

	if (!oh_target_find(flow, &target, err))
		return false;
	*known = target.name.len > 0;
	oh_slice_cut_prefix(&branch, OH_SLICE("refs/heads/"));
	name = oh_slice_sub(
		target.name, oh_slice_find_byte(target.name, '/', 0) + 1, target.name.len);
	*side = branch.len && (oh_slice_eq(branch, target.name) || oh_slice_eq(branch, name)) ? 1
											      : 0;
	return true;
}

struct settling {
	struct oh_flow *flow;
	const struct oh_verdicts *verdicts;
	struct oh_loader *loader;
	struct oh_verdict *v;
};

static bool read_result(void *context, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *bytes, struct oh_error *err)
{
	return oh_source_read(context, arena, path, bytes, err);
}

/* What the side has and the base and the other side have not, by their ids. */
static struct oh_slices candidates_of(const struct settling *s, size_t side)
{
	const struct oh_meeting *m = &s->v->meeting;
	const struct oh_graph *graph = &m->sides[side]->graph;
	struct oh_slices ids = {0};

	for (size_t i = 0; i < graph->count; i++)
		if (oh_graph_find(&m->base->graph, graph->nodes[i].migration->id) == OH_NO_NODE)
			OH_PUSH(s->flow->arena, &ids, graph->nodes[i].migration->id);
	return ids;
}

/* The branch that SIDE is; "" where it is none of this clone's own. */
static struct oh_slice branch_of(const struct settling *s, size_t side)
{
	if (s->verdicts->lines.picked)
		return side == 1 ? oh_repo_branch(s->flow->repo, s->flow->arena) : OH_SLICE("");
	if (s->verdicts->lines.rebased.len)
		return side == 1 ? s->verdicts->lines.rebased : OH_SLICE("");
	return side == 0 ? oh_repo_branch(s->flow->repo, s->flow->arena) : OH_SLICE("");
}

static bool standings_of(
	const struct settling *s, size_t side, struct oh_standings *standings, struct oh_error *err)
{
	const struct oh_slices candidates = candidates_of(s, side);
	const struct oh_standing_request request = {.branch = branch_of(s, side),
		.commit = s->verdicts->lines.sides[side],
		.loader = s->loader,
		.snapshot = s->v->meeting.sides[side],
		.candidates = &candidates};

	return oh_standings_find(s->flow, &request, standings, err);
}

/* *MOVED is false where SIDE may not move; the reason is kept. */
static bool try_side(const struct settling *s, size_t side, bool *moved, struct oh_error *err)
{
	struct oh_arena *arena = s->flow->arena;
	struct oh_verdict *v = s->v;
	/* The moves go on to look at these. */
	struct oh_meeting *meeting = oh_arena_alloc(arena, sizeof(*meeting));
	struct oh_standings *standings = oh_arena_alloc(arena, sizeof(*standings));
	const struct oh_move_request request = {.meeting = meeting,
		.stays = 1 - side,
		.moves = side,
		.standings = standings,
		.replayed = s->verdicts->lines.rebased.len > 0,
		.renumber = true};
	struct oh_snapshot *after = oh_arena_alloc(arena, sizeof(*after));
	struct oh_steps steps = {0};
	struct oh_error why = {0};

	*moved = false;
	*meeting = v->meeting;
	if (!standings_of(s, side, standings, err))
		return false;
	if (oh_move_decide(&v->moves, arena, &request, &why) && v->moves.list.count &&
		oh_move_steps(arena, &v->moves, v->meeting.result, read_result,
			s->verdicts->result->source, &steps, after, &why)) {
		v->after = after;
		v->steps = steps;
		v->mover = side;
		*moved = true;
		return true;
	}
	v->moves = (struct oh_moves){0};
	if (why.code && why.code != OH_E_UNSUPPORTED) {
		*err = why;
		return false;
	}
	if (why.code && !v->unmoved.len)
		v->unmoved = oh_slice_printf(arena, "%s", why.message);
	return true;
}

bool oh_settle(struct oh_flow *flow, const struct oh_verdicts *verdicts, struct oh_loader *loader,
	struct oh_verdict *verdict, struct oh_error *err)
{
	const struct settling s = {flow, verdicts, loader, verdict};
	/* What was replayed moves, not what it was replayed on. */
	const bool is_replayed = verdicts->lines.rebased.len || verdicts->lines.picked;
	const unsigned stays = is_replayed ? 1 : verdicts->lines.stays;
	bool moved = false, known = true;
	size_t first = 1;

	if (!stays && !first_to_move(flow, &first, &known, err))
		return false;
	if (!known && !verdicts->lines.linear)
		return true;
	if (stays)
		first = stays == 1 ? 1 : 0;
	if (!try_side(&s, first, &moved, err) ||
		(!moved && !stays && !try_side(&s, 1 - first, &moved, err)))
		return false;
	if (moved) {
		verdict->unmoved = OH_SLICE("");
		verdict->mendings = oh_move_mendings(
			flow->arena, &verdict->moves, verdict->after, adapter_of(verdict));
	}
	return true;
}

bool oh_settle_is_fixed(struct oh_flow *flow, const struct oh_verdicts *verdicts, size_t side,
	struct oh_slice path, bool *fixed, struct oh_error *err)
{
	struct oh_loader loader = {.arena = flow->arena, .depth = OH_READ_TEXT};
	struct settling s = {flow, verdicts, &loader, NULL};

	*fixed = false;
	oh_loader_for_repo(&loader, flow->repo);
	if (!oh_find_configs(flow->repo, flow->arena, NULL, &loader.configs, err))
		return false;
	for (size_t i = 0; i < verdicts->count; i++) {
		const struct oh_migration *m;
		struct oh_standings standings;

		s.v = &verdicts->items[i];
		m = oh_snapshot_at(s.v->meeting.sides[side], path);
		if (!m)
			continue;
		if (!standings_of(&s, side, &standings, err))
			return false;
		*fixed = *fixed || oh_standing_find(&standings, m->id)->standing != OH_MOVABLE;
	}
	return true;
}

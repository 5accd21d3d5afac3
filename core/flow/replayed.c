#include "flow/replayed.h"

static bool is_same(const struct oh_migration *a, const struct oh_migration *b)
{
	return oh_slice_eq(a->id, b->id) && oh_slice_eq(a->path, b->path);
}

static const struct oh_migration *find(
	const struct oh_snapshot *snapshot, const struct oh_migration *m)
{
	const struct oh_graph *g = &snapshot->graph;
	const struct oh_migration *first = oh_snapshot_find(snapshot, m->id);

	if (first && is_same(first, m))
		return first;
	for (size_t i = 0; i < g->duplicates.count; i++)
		if (is_same(g->duplicates.items[i].other, m))
			return g->duplicates.items[i].other;
	return NULL;
}

static bool is_of_new_base(const struct oh_meeting *meeting, const struct oh_migration *m)
{
	const struct oh_migration *there = find(meeting->sides[0], m);

	return there && oh_slice_eq(there->content, m->content);
}

bool oh_is_replayed_otherwise(const struct oh_meeting *meeting)
{
	const struct oh_migrations *all = &meeting->result->migrations;

	for (size_t i = 0; i < all->count; i++)
		if (!is_of_new_base(meeting, &all->items[i]) &&
			!find(meeting->sides[1], &all->items[i]))
			return true;
	return false;
}

/* Has the result the line's migration ID in a file that the new base has not? */
static bool has_beside(const struct oh_meeting *meeting, struct oh_slice id)
{
	const struct oh_migrations *all = &meeting->result->migrations;

	for (size_t i = 0; i < all->count; i++)
		if (oh_slice_eq(all->items[i].id, id) &&
			!oh_snapshot_at(meeting->sides[0], all->items[i].path))
			return true;
	return false;
}

const struct oh_migration *oh_find_strayed(const struct oh_meeting *meeting)
{
	const struct oh_migrations *all = &meeting->result->migrations;

	for (size_t i = 0; i < all->count; i++) {
		const struct oh_migration *m = &all->items[i];
		const struct oh_migration *theirs = oh_snapshot_at(meeting->sides[0], m->path);
		const struct oh_migration *line = oh_snapshot_at(meeting->sides[1], m->path);

		if (theirs && line && !oh_snapshot_at(meeting->base, m->path) &&
			!oh_slice_eq(m->content, theirs->content) &&
			!oh_slice_eq(m->content, line->content) && has_beside(meeting, line->id))
			return m;
	}
	return NULL;
}

/* What the result has and side 0 has not. */
static struct oh_migrations rest_of(struct oh_arena *arena, const struct oh_meeting *meeting)
{
	const struct oh_migrations *all = &meeting->result->migrations;
	struct oh_migrations rest = {0};

	for (size_t i = 0; i < all->count; i++)
		if (!is_of_new_base(meeting, &all->items[i]))
			OH_PUSH(arena, &rest, all->items[i]);
	return rest;
}

static bool has_id(const struct oh_migrations *list, struct oh_slice id)
{
	for (size_t i = 0; i < list->count; i++)
		if (oh_slice_eq(list->items[i].id, id))
			return true;
	return false;
}

static struct oh_snapshot *snapshot_of(struct oh_arena *arena, const struct oh_snapshot *like,
	const struct oh_migrations *migrations)
{
	struct oh_snapshot *s = oh_arena_alloc(arena, sizeof(*s));

	*s = *like;
	s->migrations = *migrations;
	oh_graph_build(&s->graph, arena, &s->migrations);
	return s;
}

/* BASE without what REST calls by its names, and without what stands on that. */
static const struct oh_snapshot *common_past(
	struct oh_arena *arena, const struct oh_snapshot *base, const struct oh_migrations *rest)
{
	struct oh_migrations past = {0};
	struct oh_indices other = {0};
	oh_node_set gone;

	for (size_t i = 0; i < base->graph.count; i++)
		if (has_id(rest, base->graph.nodes[i].migration->id))
			OH_PUSH(arena, &other, i);
	if (!other.count)
		return base;
	gone = oh_graph_descendants(&base->graph, arena, &other);
	for (size_t i = 0; i < base->graph.count; i++)
		if (!gone[i])
			OH_PUSH(arena, &past, *base->graph.nodes[i].migration);
	return snapshot_of(arena, base, &past);
}

/* A parent that is neither in LINE nor in the common PAST may have been in BEFORE. */
static void add_parents(struct oh_arena *arena, const struct oh_snapshot *before,
	const struct oh_snapshot *past, struct oh_migrations *line)
{
	for (size_t i = 0; i < line->count; i++) {
		const struct oh_slices parents = line->items[i].parents;

		for (size_t k = 0; k < parents.count; k++) {
			const struct oh_slice id = parents.items[k];
			const struct oh_migration *parent = oh_snapshot_find(before, id);

			if (parent && !has_id(line, id) && !oh_snapshot_find(past, id))
				OH_PUSH(arena, line, *parent);
		}
	}
}

void oh_take_replayed_past(struct oh_arena *arena, struct oh_meeting *meeting)
{
	const struct oh_migrations rest = rest_of(arena, meeting);

	meeting->base = common_past(arena, meeting->base, &rest);
}

/* LINE, with the parents that only the line BEFORE has, on the past that is set. */
static const struct oh_snapshot *on_past(struct oh_arena *arena, const struct oh_meeting *meeting,
	const struct oh_snapshot *before, struct oh_migrations line)
{
	add_parents(arena, before, meeting->base, &line);
	for (size_t i = 0; i < meeting->base->migrations.count; i++)
		OH_PUSH(arena, &line, meeting->base->migrations.items[i]);
	return snapshot_of(arena, before, &line);
}

void oh_take_replayed(struct oh_arena *arena, struct oh_meeting *meeting)
{
	meeting->sides[1] = on_past(arena, meeting, meeting->sides[1], rest_of(arena, meeting));
}

/* What the result has and side 0 has under no such name: a file that was edited is no migration of
 * its own. */
static struct oh_migrations picked_of(struct oh_arena *arena, const struct oh_meeting *meeting)
{
	const struct oh_migrations *all = &meeting->result->migrations;
	struct oh_migrations picked = {0};

	for (size_t i = 0; i < all->count; i++)
		if (!find(meeting->sides[0], &all->items[i]))
			OH_PUSH(arena, &picked, all->items[i]);
	return picked;
}

/* The nodes of GRAPH that LIST names as parents: not by an id that it has itself, which is another
 * migration's here. */
static struct oh_indices parents_in(
	struct oh_arena *arena, const struct oh_graph *graph, const struct oh_migrations *list)
{
	struct oh_indices found = {0};

	for (size_t i = 0; i < list->count; i++)
		for (size_t k = 0; k < list->items[i].parents.count; k++) {
			const struct oh_slice id = list->items[i].parents.items[k];
			const size_t node = oh_graph_find(graph, id);

			if (node != OH_NO_NODE && !has_id(list, id))
				OH_PUSH(arena, &found, node);
		}
	return found;
}

void oh_take_picked_past(struct oh_arena *arena, struct oh_meeting *meeting)
{
	const struct oh_snapshot *ours = meeting->sides[0];
	const struct oh_migrations picked = picked_of(arena, meeting);
	const struct oh_indices parents = parents_in(arena, &ours->graph, &picked);
	const oh_node_set past = oh_graph_ancestors(&ours->graph, arena, &parents);
	struct oh_migrations before = {0};

	meeting->base = ours;
	if (!picked.count)
		return;
	for (size_t i = 0; i < ours->graph.count; i++)
		if (past[i])
			OH_PUSH(arena, &before, *ours->graph.nodes[i].migration);
	meeting->base = snapshot_of(arena, ours, &before);
}

void oh_take_picked(struct oh_arena *arena, struct oh_meeting *meeting)
{
	const struct oh_migrations picked = picked_of(arena, meeting);

	meeting->sides[1] = picked.count ? on_past(arena, meeting, meeting->sides[1], picked)
					 : meeting->sides[0];
}

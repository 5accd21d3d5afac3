#include "plan/lock_merge.h"

#include "model/lock.h"

#include <stdlib.h>

enum { BASE, OURS, THEIRS };
static const char *const names[] = {"the merge base", "ours", "theirs"};

/* One of the three, or the three joined. */
struct side {
	struct oh_lock lock;
	struct oh_graph *graph; /* its own, or that of all, of which it has some nodes */
	oh_node_set has; /* NULL: all nodes */
	struct oh_indices heads;
};

struct merging {
	struct oh_arena *arena;
	struct side sides[3], joined;
	bool only_added; /* ours and theirs have all that the base has, as the base has it */
	struct oh_lock_merge *out;
};

/* An id fit for a line of a terminal. */
static struct oh_slice shown(const struct merging *m, struct oh_slice id)
{
	return oh_slice_printable(m->arena, id);
}

static struct oh_slice shown_list(const struct merging *m, const struct oh_slices *ids)
{
	const size_t most = ids->count < 5 ? ids->count : 5;
	struct oh_slices all = {0};

	for (size_t i = 0; i < most; i++)
		OH_PUSH(m->arena, &all, shown(m, ids->items[i]));
	if (ids->count > most)
		OH_PUSH(m->arena, &all, oh_slice_printf(m->arena, "%zu more", ids->count - most));
	return ids->count ? oh_slices_join(m->arena, &all, ", ") : OH_SLICE("none");
}

/* Returns false, so that `return conflict(…)` reads as it acts. */
static bool conflict(struct merging *m, struct oh_slice reason)
{
	m->out->kind = OH_LOCK_CONFLICT;
	m->out->reason = reason;
	return false;
}

static struct oh_slices head_ids(const struct merging *m, const struct side *side)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < side->heads.count; i++)
		OH_PUSH(m->arena, &ids, side->graph->nodes[side->heads.items[i]].migration->id);
	return ids;
}

static bool has(const struct side *side, size_t node)
{
	return node != OH_NO_NODE && (!side->has || side->has[node]);
}

/* The node ID, OH_NO_NODE where this side has none. */
static size_t find(const struct side *side, struct oh_slice id)
{
	const size_t node = oh_graph_find(side->graph, id);

	return has(side, node) ? node : OH_NO_NODE;
}

static bool read_side(struct merging *m, int side, struct oh_slice bytes)
{
	struct oh_error err = {0};

	return oh_lock_parse(&m->sides[side].lock, m->arena, bytes, &err) ||
	       conflict(m, oh_slice_printf(m->arena, "%s: %s", names[side], err.message));
}

static void build(struct merging *m, struct side *side)
{
	side->graph = oh_arena_alloc(m->arena, sizeof(*side->graph));
	oh_lock_graph(side->graph, m->arena, &side->lock);
	side->heads = side->graph->heads;
}

/* Both are sorted by id, and each id is there once. */
static oh_node_set nodes_of(
	struct merging *m, const struct oh_lock *lock, const struct oh_graph *graph)
{
	oh_node_set nodes = oh_arena_alloc(m->arena, graph->count);
	size_t node = 0;

	for (size_t i = 0; i < lock->entries.count; i++) {
		while (!oh_slice_eq(graph->nodes[node].migration->id, lock->entries.items[i].id))
			node++;
		nodes[node] = 1;
	}
	return nodes;
}

static bool has_one_of(const struct side *side, const struct oh_indices *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (has(side, nodes->items[i]))
			return true;
	return false;
}

/* Lines that only add are parts of what they are together. False where one of them lacks a parent
 * that another has: alone it has other edges then. */
static bool take_part(struct merging *m, struct side *side)
{
	const struct oh_graph *graph = m->joined.graph;

	side->graph = m->joined.graph;
	side->has = nodes_of(m, &side->lock, graph);
	for (size_t i = 0; i < graph->count; i++) {
		const struct oh_indices *parents = &graph->nodes[i].parents;

		for (size_t k = 0; side->has[i] && k < parents->count; k++)
			if (!side->has[parents->items[k]])
				return false;
		if (side->has[i] && !has_one_of(side, &graph->nodes[i].children))
			OH_PUSH(m->arena, &side->heads, i);
	}
	return true;
}

static void note_other_heads(struct merging *m, int side)
{
	const struct oh_slices *said = &m->sides[side].lock.heads;
	const struct oh_slices heads = head_ids(m, &m->sides[side]);

	if (!oh_slices_eq(&heads, said))
		OH_PUSH(m->arena, &m->out->notes,
			oh_slice_printf(m->arena,
				"%s: the lock said head " OH_FMT ", its entries say " OH_FMT,
				names[side], OH_ARG(shown_list(m, said)),
				OH_ARG(shown_list(m, &heads))));
}

static void build_sides(struct merging *m)
{
	bool are_parts = m->only_added;

	for (int i = 0; i < 3 && are_parts; i++)
		are_parts = take_part(m, &m->sides[i]);
	for (int i = 0; i < 3; i++) {
		struct side *side = &m->sides[i];

		if (!are_parts) {
			*side = (struct side){.lock = side->lock};
			build(m, side);
		}
		note_other_heads(m, i);
	}
}

/* NULL is an entry that is not there. */
static bool same_entry(const struct oh_lock_entry *a, const struct oh_lock_entry *b)
{
	return a && b ? oh_slices_eq(&a->parents, &b->parents) : a == b;
}

static struct oh_slice parents_of(const struct merging *m, const struct oh_lock_entry *entry)
{
	if (!entry)
		return OH_SLICE("deleted");
	return oh_slice_printf(m->arena, "parents " OH_FMT, OH_ARG(shown_list(m, &entry->parents)));
}

/* One id, as the three sides have it. */
static bool join_entry(struct merging *m, const struct oh_lock_entry *const entry[3])
{
	const struct oh_lock_entry *taken = entry[OURS];

	if (entry[BASE] &&
		!(same_entry(entry[OURS], entry[BASE]) && same_entry(entry[THEIRS], entry[BASE])))
		m->only_added = false;
	if (same_entry(entry[OURS], entry[BASE]))
		taken = entry[THEIRS];
	else if (!same_entry(entry[THEIRS], entry[BASE]) && !same_entry(entry[OURS], entry[THEIRS]))
		return conflict(m,
			oh_slice_printf(m->arena,
				OH_FMT " differs: ours " OH_FMT "; theirs " OH_FMT,
				OH_ARG(shown(m, entry[OURS] ? entry[OURS]->id : entry[THEIRS]->id)),
				OH_ARG(parents_of(m, entry[OURS])),
				OH_ARG(parents_of(m, entry[THEIRS]))));
	if (taken)
		OH_PUSH(m->arena, &m->joined.lock.entries, *taken);
	return true;
}

/* The entries of the next id among the three; false at the end. */
static bool next_entries(
	const struct merging *m, size_t at[3], const struct oh_lock_entry *entry[3])
{
	const struct oh_lock_entry *first = NULL;

	for (int i = 0; i < 3; i++) {
		const struct oh_lock *lock = &m->sides[i].lock;

		entry[i] = at[i] < lock->entries.count ? &lock->entries.items[at[i]] : NULL;
		if (entry[i] && (!first || oh_slice_cmp(entry[i]->id, first->id) < 0))
			first = entry[i];
	}
	for (int i = 0; i < 3; i++) {
		if (entry[i] && !oh_slice_eq(entry[i]->id, first->id))
			entry[i] = NULL;
		at[i] += entry[i] != NULL;
	}
	return first != NULL;
}

static bool join_entries(struct merging *m)
{
	const struct oh_lock_entry *entry[3];
	size_t at[3] = {0};

	m->only_added = true;
	while (next_entries(m, at, entry))
		if (!join_entry(m, entry))
			return false;
	build(m, &m->joined);
	return true;
}

/* Did CHILD lack PARENT on this side already? */
static bool lacked(const struct side *side, struct oh_slice child, struct oh_slice parent)
{
	const size_t node = find(side, child);
	const struct oh_slices *parents;

	if (node == OH_NO_NODE || find(side, parent) != OH_NO_NODE)
		return false;
	parents = &side->graph->nodes[node].migration->parents;
	return parents->count &&
	       bsearch(&parent, parents->items, parents->count, sizeof(parent), oh_slice_cmp_qsort);
}

static bool check_parents(struct merging *m)
{
	const struct oh_graph *graph = m->joined.graph;

	for (size_t i = 0; i < graph->missing.count; i++) {
		const struct oh_slice parent = graph->missing.items[i].id;
		const struct oh_slice child =
			graph->nodes[graph->missing.items[i].child].migration->id;
		const bool ours_has = find(&m->sides[OURS], parent) != OH_NO_NODE;
		bool known = false;

		for (int side = 0; side < 3; side++)
			known = known || lacked(&m->sides[side], child, parent);
		if (!known)
			return conflict(m,
				oh_slice_printf(m->arena,
					OH_FMT " (%s) descends from " OH_FMT
					       ", which %s does not have",
					OH_ARG(shown(m, child)), names[ours_has ? OURS : THEIRS],
					OH_ARG(shown(m, parent)), names[ours_has ? THEIRS : OURS]));
	}
	return true;
}

static bool check_cycle(struct merging *m)
{
	const struct oh_graph *graph = m->joined.graph;
	struct oh_slices ids = {0};

	for (size_t i = 0; i < graph->cycle.count; i++)
		OH_PUSH(m->arena, &ids, graph->nodes[graph->cycle.items[i]].migration->id);
	if (!ids.count)
		return true;
	return conflict(m, oh_slice_printf(m->arena, "together they make a cycle: " OH_FMT,
				   OH_ARG(shown_list(m, &ids))));
}

/* Marks in COUNTED the heads of SIDE that descend from ID; how many there are. */
static size_t count_heads_above(
	struct oh_arena *scratch, const struct side *side, struct oh_slice id, oh_node_set counted)
{
	size_t node = find(side, id), count = 0;
	oh_node_set above;

	if (node == OH_NO_NODE)
		return 0;
	/* A part has, with each node, all that this one descends from: so whatever is on the way.
	 */
	above = oh_graph_descendants(side->graph, scratch, &(struct oh_indices){&node, 1, 1});
	for (size_t i = 0; i < side->heads.count; i++)
		if (above[side->heads.items[i]]) {
			counted[side->heads.items[i]] = 1;
			count++;
		}
	return count;
}

static size_t count_others(const struct side *side, const oh_node_set counted)
{
	size_t count = 0;

	for (size_t i = 0; i < side->heads.count; i++)
		count += !counted[side->heads.items[i]];
	return count;
}

static bool more(const size_t counts[3])
{
	return counts[0] > counts[1] && counts[0] > counts[2];
}

/* Above one head of the base, or above none of them, more heads than on either side? */
static bool has_forked(const struct merging *m, struct oh_arena *scratch)
{
	const struct side *sides[] = {&m->joined, &m->sides[OURS], &m->sides[THEIRS]};
	const struct side *base = &m->sides[BASE];
	oh_node_set counted[3];
	size_t counts[3];

	for (int i = 0; i < 3; i++) {
		counts[i] = sides[i]->heads.count;
		counted[i] = oh_arena_alloc(scratch, sides[i]->graph->count);
	}
	if (more(counts))
		return true;
	for (size_t i = 0; i < base->heads.count; i++) {
		const struct oh_slice id = base->graph->nodes[base->heads.items[i]].migration->id;
		const struct oh_arena_mark mark = oh_arena_mark(scratch);

		for (int k = 0; k < 3; k++)
			counts[k] = count_heads_above(scratch, sides[k], id, counted[k]);
		oh_arena_rewind(scratch, mark);
		if (more(counts))
			return true;
	}
	for (int i = 0; i < 3; i++)
		counts[i] = count_others(sides[i], counted[i]);
	return more(counts);
}

static bool join_sides(struct merging *m, const struct oh_lock_sides *in)
{
	if (!read_side(m, BASE, in->base) || !read_side(m, OURS, in->ours) ||
		!read_side(m, THEIRS, in->theirs) || !join_entries(m))
		return false;
	build_sides(m);
	return check_parents(m) && check_cycle(m);
}

void oh_lock_merge(
	struct oh_arena *arena, const struct oh_lock_sides *sides, struct oh_lock_merge *out)
{
	struct merging m = {.arena = arena, .out = out};
	struct oh_arena scratch = {0};
	struct oh_lock joined;

	*out = (struct oh_lock_merge){.bytes = OH_SLICE(""), .reason = OH_SLICE("")};
	if (!join_sides(&m, sides))
		return;
	joined = oh_lock_of(arena, m.joined.graph);
	out->bytes = oh_lock_format(arena, &joined);
	out->heads = joined.heads;
	out->heads_ours = head_ids(&m, &m.sides[OURS]);
	out->heads_theirs = head_ids(&m, &m.sides[THEIRS]);
	out->kind = has_forked(&m, &scratch) ? OH_LOCK_FORKED : OH_LOCK_CLEAN;
	oh_arena_drop(&scratch);
}

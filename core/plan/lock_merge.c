#include "plan/lock_merge.h"

#include "model/lock.h"

#include <stdlib.h>

enum { BASE, OURS, THEIRS };
static const char *const names[] = {"the merge base", "ours", "theirs"};

struct merging {
	struct oh_arena *arena;
	struct oh_lock locks[3];
	struct oh_graph graphs[3]; /* node i is entry i: both are sorted by id, each id once */
	struct oh_lock joined;
	struct oh_graph graph; /* of joined */
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

static struct oh_slices head_ids(const struct merging *m, const struct oh_graph *graph)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < graph->heads.count; i++)
		OH_PUSH(m->arena, &ids, graph->nodes[graph->heads.items[i]].migration->id);
	return ids;
}

static bool read_side(struct merging *m, int side, struct oh_slice bytes)
{
	struct oh_error err = {0};
	struct oh_slices heads;

	if (!oh_lock_parse(&m->locks[side], m->arena, bytes, &err))
		return conflict(m, oh_slice_printf(m->arena, "%s: %s", names[side], err.message));
	oh_lock_graph(&m->graphs[side], m->arena, &m->locks[side]);
	heads = head_ids(m, &m->graphs[side]);
	if (!oh_slices_eq(&heads, &m->locks[side].heads))
		OH_PUSH(m->arena, &m->out->notes,
			oh_slice_printf(m->arena,
				"%s: the lock said head " OH_FMT ", its entries say " OH_FMT,
				names[side], OH_ARG(shown_list(m, &m->locks[side].heads)),
				OH_ARG(shown_list(m, &heads))));
	return true;
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
		OH_PUSH(m->arena, &m->joined.entries, *taken);
	return true;
}

/* The entries of the next id among the three; false at the end. */
static bool next_entries(
	const struct merging *m, size_t at[3], const struct oh_lock_entry *entry[3])
{
	const struct oh_lock_entry *first = NULL;

	for (int i = 0; i < 3; i++) {
		entry[i] = at[i] < m->locks[i].entries.count ? &m->locks[i].entries.items[at[i]]
							     : NULL;
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

	while (next_entries(m, at, entry))
		if (!join_entry(m, entry))
			return false;
	oh_lock_graph(&m->graph, m->arena, &m->joined);
	return true;
}

/* Did CHILD lack PARENT on this side already? */
static bool lacked(const struct merging *m, int side, struct oh_slice child, struct oh_slice parent)
{
	const size_t node = oh_graph_find(&m->graphs[side], child);
	const struct oh_slices *parents;

	if (node == OH_NO_NODE || oh_graph_find(&m->graphs[side], parent) != OH_NO_NODE)
		return false;
	parents = &m->locks[side].entries.items[node].parents;
	return parents->count &&
	       bsearch(&parent, parents->items, parents->count, sizeof(parent), oh_slice_cmp_qsort);
}

static bool check_parents(struct merging *m)
{
	for (size_t i = 0; i < m->graph.missing.count; i++) {
		const struct oh_slice parent = m->graph.missing.items[i].id;
		const struct oh_slice child =
			m->graph.nodes[m->graph.missing.items[i].child].migration->id;
		const bool ours_has = oh_graph_find(&m->graphs[OURS], parent) != OH_NO_NODE;
		bool known = false;

		for (int side = 0; side < 3; side++)
			known = known || lacked(m, side, child, parent);
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
	struct oh_slices ids = {0};

	for (size_t i = 0; i < m->graph.cycle.count; i++)
		OH_PUSH(m->arena, &ids, m->graph.nodes[m->graph.cycle.items[i]].migration->id);
	if (!ids.count)
		return true;
	return conflict(m, oh_slice_printf(m->arena, "together they make a cycle: " OH_FMT,
				   OH_ARG(shown_list(m, &ids))));
}

/* Marks in COUNTED the heads of GRAPH that descend from ID; how many there are. */
static size_t count_heads_above(struct oh_arena *scratch, const struct oh_graph *graph,
	struct oh_slice id, oh_node_set counted)
{
	size_t node = oh_graph_find(graph, id), count = 0;
	oh_node_set above;

	if (node == OH_NO_NODE)
		return 0;
	above = oh_graph_descendants(graph, scratch, &(struct oh_indices){&node, 1, 1});
	for (size_t i = 0; i < graph->heads.count; i++)
		if (above[graph->heads.items[i]]) {
			counted[graph->heads.items[i]] = 1;
			count++;
		}
	return count;
}

static size_t count_others(const struct oh_graph *graph, const oh_node_set counted)
{
	size_t count = 0;

	for (size_t i = 0; i < graph->heads.count; i++)
		count += !counted[graph->heads.items[i]];
	return count;
}

static bool more(const size_t counts[3])
{
	return counts[0] > counts[1] && counts[0] > counts[2];
}

/* Above one head of the base, or above none of them, more heads than on either side? */
static bool has_forked(const struct merging *m, struct oh_arena *scratch)
{
	const struct oh_graph *graphs[] = {&m->graph, &m->graphs[OURS], &m->graphs[THEIRS]};
	const struct oh_graph *base = &m->graphs[BASE];
	oh_node_set counted[3];
	size_t counts[3];

	for (int g = 0; g < 3; g++) {
		counts[g] = graphs[g]->heads.count;
		counted[g] = oh_arena_alloc(scratch, graphs[g]->count);
	}
	if (more(counts))
		return true;
	for (size_t i = 0; i < base->heads.count; i++) {
		const struct oh_slice id = base->nodes[base->heads.items[i]].migration->id;
		const struct oh_arena_mark mark = oh_arena_mark(scratch);

		for (int g = 0; g < 3; g++)
			counts[g] = count_heads_above(scratch, graphs[g], id, counted[g]);
		oh_arena_rewind(scratch, mark);
		if (more(counts))
			return true;
	}
	for (int g = 0; g < 3; g++)
		counts[g] = count_others(graphs[g], counted[g]);
	return more(counts);
}

static bool join_sides(struct merging *m, const struct oh_lock_sides *sides)
{
	return read_side(m, BASE, sides->base) && read_side(m, OURS, sides->ours) &&
	       read_side(m, THEIRS, sides->theirs) && join_entries(m) && check_parents(m) &&
	       check_cycle(m);
}

void oh_lock_merge(
	struct oh_arena *arena, const struct oh_lock_sides *sides, struct oh_lock_merge *out)
{
	struct merging m = {.arena = arena, .out = out};
	struct oh_arena scratch = {0};

	*out = (struct oh_lock_merge){.bytes = OH_SLICE(""), .reason = OH_SLICE("")};
	if (!join_sides(&m, sides))
		return;
	m.joined = oh_lock_of(arena, &m.graph);
	out->bytes = oh_lock_format(arena, &m.joined);
	out->heads = m.joined.heads;
	out->heads_ours = head_ids(&m, &m.graphs[OURS]);
	out->heads_theirs = head_ids(&m, &m.graphs[THEIRS]);
	out->kind = has_forked(&m, &scratch) ? OH_LOCK_FORKED : OH_LOCK_CLEAN;
	oh_arena_drop(&scratch);
}

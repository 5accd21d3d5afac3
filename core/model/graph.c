#include "model/graph.h"

#include "model/graph_order.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A migration, and the first bytes of its id as a number: they tell most apart. */
struct sorted {
	uint64_t first;
	const struct oh_migration *migration;
};

static uint64_t first_bytes(struct oh_slice id)
{
	uint64_t first = 0;

	for (size_t i = 0; i < sizeof(first); i++)
		first = first << 8 | (i < id.len ? (unsigned char)id.ptr[i] : 0);
	return first;
}

static int by_id_then_path(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int c;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	c = oh_slice_cmp(x->migration->id, y->migration->id);
	if (!c)
		c = oh_slice_cmp(x->migration->path, y->migration->path);
	return c ? c : (x->migration > y->migration) - (x->migration < y->migration);
}

/* As a lock has them. */
static bool are_sorted(const struct sorted *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (by_id_then_path(&list[i - 1], &list[i]) > 0)
			return false;
	return true;
}

static struct sorted *sort(const struct oh_migrations *migrations, struct oh_arena *scratch)
{
	const size_t n = migrations->count;
	struct sorted *sorted = oh_arena_alloc(scratch, n * sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct sorted){
			first_bytes(migrations->items[i].id), &migrations->items[i]};
	if (!are_sorted(sorted, n))
		qsort(sorted, n, sizeof(*sorted), by_id_then_path);
	return sorted;
}

static void add_nodes(
	struct oh_graph *graph, const struct oh_migrations *migrations, struct oh_arena *scratch)
{
	const size_t n = migrations->count;
	const struct sorted *sorted = sort(migrations, scratch);
	const struct oh_migration *last = NULL;

	graph->nodes = oh_arena_alloc(graph->arena, n * sizeof(*graph->nodes));
	oh_map_reserve(&graph->by_id, n);
	for (size_t i = 0; i < n; i++) {
		const struct oh_migration *m = sorted[i].migration;

		if (last && oh_slice_eq(last->id, m->id)) {
			OH_PUSH(graph->arena, &graph->duplicates,
				(struct oh_duplicate){graph->count - 1, m});
			continue;
		}
		last = m;
		*oh_map_put(&graph->by_id, last->id) = graph->count;
		graph->nodes[graph->count++].migration = last;
	}
}

size_t oh_graph_find(const struct oh_graph *graph, struct oh_slice id)
{
	const size_t *at = oh_map_get(&graph->by_id, id);

	return at ? *at : OH_NO_NODE;
}

size_t oh_graph_find_next(const struct oh_graph *graph, size_t *next, struct oh_slice id)
{
	size_t node = *next;

	if (node >= graph->count || !oh_slice_eq(graph->nodes[node].migration->id, id))
		node = oh_graph_find(graph, id);
	if (node != OH_NO_NODE)
		*next = node + 1;
	return node;
}

/* Ids and labels are looked up in one table: a label that is an id clashes as well. */
static void claim_labels(struct oh_graph *graph, size_t node)
{
	const struct oh_slices *labels = &graph->nodes[node].migration->labels;

	for (size_t i = 0; i < labels->count; i++) {
		const size_t *owner = oh_map_get(&graph->by_id, labels->items[i]);

		if (!owner)
			owner = oh_map_get(&graph->by_label, labels->items[i]);
		if (owner)
			OH_PUSH(graph->arena, &graph->label_clashes,
				(struct oh_label_clash){node, *owner, labels->items[i]});
		else
			*oh_map_put(&graph->by_label, labels->items[i]) = node;
	}
}

/* What is needed to turn names into edges, each once. */
struct linking {
	struct oh_graph *graph;
	const struct oh_graph *before; /* its edges are there already; or NULL */
	bool needs; /* depends_on, else parents */
	size_t *pool; /* room for every edge of this kind */
	size_t *seen; /* per node: the last node that named it, plus one */
	struct oh_map missed; /* per missing name: the last node that named it, plus one */
};

static struct oh_indices *forward(struct oh_node *node, bool needs)
{
	return needs ? &node->needs : &node->parents;
}

static struct oh_indices *backward(struct oh_node *node, bool needs)
{
	return needs ? &node->needed_by : &node->children;
}

static const struct oh_slices *names_in(const struct oh_graph *graph, size_t node, bool needs)
{
	const struct oh_migration *m = graph->nodes[node].migration;

	return needs ? &m->depends_on : &m->parents;
}

/* Are the edges of NODE there? Those that it had are where all its names were there, each once. */
static bool is_linked(const struct linking *l, size_t node)
{
	const struct oh_slices *had;

	if (!l->before)
		return !names_in(l->graph, node, l->needs)->count;
	had = names_in(l->before, node, l->needs);
	return forward(&l->before->nodes[node], l->needs)->count == had->count &&
	       (l->graph->nodes[node].migration == l->before->nodes[node].migration ||
		       oh_slices_eq(names_in(l->graph, node, l->needs), had));
}

static size_t resolve(const struct linking *l, struct oh_slice name)
{
	const size_t *at = oh_map_get(&l->graph->by_id, name);

	if (!at && l->needs)
		at = oh_map_get(&l->graph->by_label, name);
	return at ? *at : OH_NO_NODE;
}

static void note_missing(struct linking *l, size_t child, struct oh_slice name)
{
	size_t *last = oh_map_put(&l->missed, name);

	if (*last == child + 1)
		return;
	*last = child + 1;
	OH_PUSH(l->graph->arena, &l->graph->missing, (struct oh_missing){child, name, l->needs});
}

static void link_node(struct linking *l, size_t node)
{
	const struct oh_slices *names = names_in(l->graph, node, l->needs);
	struct oh_indices *edges = forward(&l->graph->nodes[node], l->needs);

	*edges = (struct oh_indices){.items = l->pool};
	for (size_t i = 0; i < names->count; i++) {
		const size_t to = resolve(l, names->items[i]);

		if (to == OH_NO_NODE) {
			note_missing(l, node, names->items[i]);
		} else if (l->seen[to] != node + 1) {
			l->seen[to] = node + 1;
			edges->items[edges->count++] = to;
		}
	}
	edges->capacity = edges->count;
	l->pool += edges->count;
}

/* False where nothing was to be done. */
static bool link_nodes(
	struct oh_graph *graph, const struct oh_graph *before, struct oh_arena *scratch, bool needs)
{
	struct linking l = {
		.graph = graph, .before = before, .needs = needs, .missed = {.arena = scratch}};
	size_t *open = oh_arena_alloc(scratch, graph->count * sizeof(*open));
	size_t edges = 0, count = 0;

	for (size_t i = 0; i < graph->count; i++)
		if (!is_linked(&l, i)) {
			edges += names_in(graph, i, needs)->count;
			open[count++] = i;
		}
	l.pool = oh_arena_alloc(graph->arena, edges * sizeof(*l.pool));
	l.seen = oh_arena_alloc(scratch, graph->count * sizeof(*l.seen));
	for (size_t i = 0; i < count; i++)
		link_node(&l, open[i]);
	return count > 0;
}

/* The edges the other way round; nodes are visited in order, so each list comes out sorted. */
static void link_back(struct oh_graph *graph, bool needs)
{
	size_t edges = 0, *pool;

	for (size_t i = 0; i < graph->count; i++)
		*backward(&graph->nodes[i], needs) = (struct oh_indices){0};
	for (size_t i = 0; i < graph->count; i++) {
		const struct oh_indices *to = forward(&graph->nodes[i], needs);

		for (size_t j = 0; j < to->count; j++)
			backward(&graph->nodes[to->items[j]], needs)->capacity++;
		edges += to->count;
	}
	pool = oh_arena_alloc(graph->arena, edges * sizeof(*pool));
	for (size_t i = 0; i < graph->count; i++) {
		backward(&graph->nodes[i], needs)->items = pool;
		pool += backward(&graph->nodes[i], needs)->capacity;
	}
	for (size_t i = 0; i < graph->count; i++) {
		const struct oh_indices *to = forward(&graph->nodes[i], needs);

		for (size_t j = 0; j < to->count; j++) {
			struct oh_indices *back = backward(&graph->nodes[to->items[j]], needs);

			back->items[back->count++] = i;
		}
	}
}

static bool another_needs(const struct oh_graph *graph, size_t node)
{
	const struct oh_indices *by = &graph->nodes[node].needed_by;

	return by->count > 1 || (by->count == 1 && by->items[0] != node);
}

static void find_ends(struct oh_graph *graph)
{
	for (size_t i = 0; i < graph->count; i++) {
		if (!graph->nodes[i].migration->parents.count)
			OH_PUSH(graph->arena, &graph->bases, i);
		if (graph->nodes[i].children.count)
			continue;
		OH_PUSH(graph->arena, &graph->heads, i);
		if (!another_needs(graph, i))
			OH_PUSH(graph->arena, &graph->effective_heads, i);
	}
}

/* All that follows from the nodes, their names and, where it is not NULL, from BEFORE. */
static void link_all(
	struct oh_graph *graph, const struct oh_graph *before, struct oh_arena *scratch)
{
	for (int needs = 0; needs < 2; needs++)
		if (link_nodes(graph, before, scratch, needs))
			link_back(graph, needs);
	find_ends(graph);
	oh_graph_sort(graph, scratch);
}

void oh_graph_build(
	struct oh_graph *graph, struct oh_arena *arena, const struct oh_migrations *migrations)
{
	struct oh_arena scratch = {0};

	*graph = (struct oh_graph){
		.arena = arena, .by_id = {.arena = arena}, .by_label = {.arena = arena}};
	add_nodes(graph, migrations, &scratch);
	for (size_t i = 0; i < graph->count; i++)
		claim_labels(graph, i);
	link_all(graph, NULL, &scratch);
	oh_arena_drop(&scratch);
}

void oh_graph_revise(struct oh_graph *graph, struct oh_arena *arena, const struct oh_graph *before,
	const struct oh_migration *const *revised)
{
	const size_t n = before->count;
	struct oh_arena scratch = {0};

	assert(!before->duplicates.count);
	*graph = (struct oh_graph){.arena = arena,
		.count = n,
		.by_id = before->by_id,
		.by_label = before->by_label,
		.label_clashes = before->label_clashes};
	graph->nodes = oh_arena_alloc(arena, n * sizeof(*graph->nodes));
	for (size_t i = 0; i < n; i++) {
		graph->nodes[i] = before->nodes[i];
		if (revised[i])
			graph->nodes[i].migration = revised[i];
	}
	link_all(graph, before, &scratch);
	oh_arena_drop(&scratch);
}

/* Has BEFORE the same ids and labels, each once? REVISED gets the migrations as its nodes are. */
static bool pair_off(const struct oh_graph *before, const struct oh_migrations *migrations,
	const struct oh_migration **revised)
{
	size_t next = 0;

	if (before->duplicates.count || before->count != migrations->count)
		return false;
	for (size_t i = 0; i < migrations->count; i++) {
		const struct oh_migration *m = &migrations->items[i];
		const size_t node = oh_graph_find_next(before, &next, m->id);

		if (node == OH_NO_NODE || revised[node] ||
			!oh_slices_eq(&before->nodes[node].migration->labels, &m->labels))
			return false;
		revised[node] = m;
	}
	return true;
}

void oh_graph_build_after(struct oh_graph *graph, struct oh_arena *arena,
	const struct oh_migrations *migrations, const struct oh_graph *before)
{
	struct oh_arena scratch = {0};
	const struct oh_migration **revised =
		oh_arena_alloc(&scratch, before->count * sizeof(*revised));

	if (pair_off(before, migrations, revised))
		oh_graph_revise(graph, arena, before, revised);
	else
		oh_graph_build(graph, arena, migrations);
	oh_arena_drop(&scratch);
}

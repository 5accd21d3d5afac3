#include "model/graph.h"

#include "model/graph_order.h"

#include <stdlib.h>

static int by_id_then_path(const void *a, const void *b)
{
	const struct oh_migration *x = *(const struct oh_migration *const *)a;
	const struct oh_migration *y = *(const struct oh_migration *const *)b;
	int c = oh_slice_cmp(x->id, y->id);

	if (!c)
		c = oh_slice_cmp(x->path, y->path);
	return c ? c : (x > y) - (x < y);
}

/* As a lock has them. */
static bool are_sorted(const struct oh_migration *const *list, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (by_id_then_path(&list[i - 1], &list[i]) > 0)
			return false;
	return true;
}

static void add_nodes(struct oh_graph *graph, const struct oh_migrations *migrations)
{
	const size_t n = migrations->count;
	const struct oh_migration **sorted = oh_arena_alloc(graph->arena, n * sizeof(*sorted));
	const struct oh_migration *last = NULL;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &migrations->items[i];
	if (!are_sorted(sorted, n))
		qsort(sorted, n, sizeof(*sorted), by_id_then_path);
	graph->nodes = oh_arena_alloc(graph->arena, n * sizeof(*graph->nodes));
	oh_map_reserve(&graph->by_id, n);
	for (size_t i = 0; i < n; i++) {
		if (last && oh_slice_eq(last->id, sorted[i]->id)) {
			OH_PUSH(graph->arena, &graph->duplicates,
				(struct oh_duplicate){graph->count - 1, sorted[i]});
			continue;
		}
		last = sorted[i];
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
	bool needs; /* depends_on, else parents */
	size_t *pool; /* room for every edge of this kind */
	size_t *seen; /* per node: the last node that named it, plus one */
	struct oh_map missed; /* per missing name: the last node that named it, plus one */
};

static const struct oh_slices *names_of(const struct linking *l, size_t node)
{
	const struct oh_migration *m = l->graph->nodes[node].migration;

	return l->needs ? &m->depends_on : &m->parents;
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
	const struct oh_slices *names = names_of(l, node);
	struct oh_indices *edges =
		l->needs ? &l->graph->nodes[node].needs : &l->graph->nodes[node].parents;

	edges->items = l->pool;
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

static void link_nodes(struct oh_graph *graph, struct oh_arena *scratch, bool needs)
{
	struct linking l = {.graph = graph, .needs = needs, .missed = {.arena = scratch}};
	size_t edges = 0;

	for (size_t i = 0; i < graph->count; i++)
		edges += names_of(&l, i)->count;
	l.pool = oh_arena_alloc(graph->arena, edges * sizeof(*l.pool));
	l.seen = oh_arena_alloc(scratch, graph->count * sizeof(*l.seen));
	for (size_t i = 0; i < graph->count; i++)
		link_node(&l, i);
}

static struct oh_indices *forward(struct oh_node *node, bool needs)
{
	return needs ? &node->needs : &node->parents;
}

static struct oh_indices *backward(struct oh_node *node, bool needs)
{
	return needs ? &node->needed_by : &node->children;
}

/* The edges the other way round; nodes are visited in order, so each list comes out sorted. */
static void link_back(struct oh_graph *graph, bool needs)
{
	size_t edges = 0, *pool;

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

void oh_graph_build(
	struct oh_graph *graph, struct oh_arena *arena, const struct oh_migrations *migrations)
{
	struct oh_arena scratch = {0};

	*graph = (struct oh_graph){
		.arena = arena, .by_id = {.arena = arena}, .by_label = {.arena = arena}};
	add_nodes(graph, migrations);
	for (size_t i = 0; i < graph->count; i++)
		claim_labels(graph, i);
	for (int needs = 0; needs < 2; needs++) {
		link_nodes(graph, &scratch, needs);
		link_back(graph, needs);
	}
	find_ends(graph);
	oh_graph_sort(graph, &scratch);
	oh_arena_drop(&scratch);
}

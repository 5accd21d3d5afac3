#include "model/graph.h"

/* Nodes still to be looked at, and what has been reached. */
struct walk {
	const struct oh_graph *graph;
	oh_node_set reached;
	size_t *todo, count;
};

static void reach(struct walk *w, const struct oh_indices *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (!w->reached[nodes->items[i]]) {
			w->reached[nodes->items[i]] = 1;
			w->todo[w->count++] = nodes->items[i];
		}
}

enum direction { UP, UP_WITH_NEEDS, DOWN };

static oh_node_set closure(const struct oh_graph *graph, struct oh_arena *arena,
	const struct oh_indices *from, enum direction direction)
{
	struct oh_arena scratch = {0};
	struct walk w = {.graph = graph};

	w.reached = oh_arena_alloc(arena, graph->count);
	w.todo = oh_arena_alloc(&scratch, graph->count * sizeof(*w.todo));
	reach(&w, from);
	while (w.count) {
		const struct oh_node *node = &graph->nodes[w.todo[--w.count]];

		reach(&w, direction == DOWN ? &node->children : &node->parents);
		if (direction == UP_WITH_NEEDS)
			reach(&w, &node->needs);
	}
	oh_arena_drop(&scratch);
	return w.reached;
}

oh_node_set oh_graph_ancestors(
	const struct oh_graph *graph, struct oh_arena *arena, const struct oh_indices *nodes)
{
	return closure(graph, arena, nodes, UP);
}

oh_node_set oh_graph_ancestors_with_needs(
	const struct oh_graph *graph, struct oh_arena *arena, const struct oh_indices *nodes)
{
	return closure(graph, arena, nodes, UP_WITH_NEEDS);
}

oh_node_set oh_graph_descendants(
	const struct oh_graph *graph, struct oh_arena *arena, const struct oh_indices *nodes)
{
	return closure(graph, arena, nodes, DOWN);
}

static void add_labels(
	struct oh_arena *arena, struct oh_slices *labels, const struct oh_migration *migration)
{
	for (size_t i = 0; i < migration->labels.count; i++)
		OH_PUSH(arena, labels, migration->labels.items[i]);
}

/* As labels spread: parents as written count, and a dependency forks as well. */
static bool is_fork_or_merge(const struct oh_node *node)
{
	size_t next = node->children.count;

	for (size_t i = 0; i < node->needed_by.count; i++)
		next += !node->children.count ||
			node->needed_by.items[i] != node->children.items[0];
	return next > 1 || node->migration->parents.count > 1;
}

/* Where NODE and all below it are one plain line, its labels climb up to NODE. */
static void add_labels_below(
	const struct oh_graph *graph, struct oh_arena *arena, size_t node, struct oh_slices *labels)
{
	const size_t before = labels->count;
	size_t steps = 0;

	while (steps++ < graph->count) {
		const struct oh_node *n = &graph->nodes[node];

		if (is_fork_or_merge(n))
			break;
		add_labels(arena, labels, n->migration);
		if (!n->children.count)
			return;
		node = n->children.items[0];
	}
	labels->count = before;
}

static void drop_repeats(struct oh_slices *sorted)
{
	size_t kept = 0;

	for (size_t i = 0; i < sorted->count; i++)
		if (!kept || !oh_slice_eq(sorted->items[kept - 1], sorted->items[i]))
			sorted->items[kept++] = sorted->items[i];
	sorted->count = kept;
}

struct oh_slices oh_graph_labels(const struct oh_graph *graph, struct oh_arena *arena, size_t node)
{
	struct oh_slices labels = {0};
	struct oh_arena scratch = {0};
	const oh_node_set above =
		oh_graph_ancestors(graph, &scratch, &(struct oh_indices){&node, 1, 1});

	for (size_t i = 0; i < graph->count; i++)
		if (above[i])
			add_labels(arena, &labels, graph->nodes[i].migration);
	oh_arena_drop(&scratch);
	add_labels_below(graph, arena, node, &labels);
	oh_slices_sort(&labels);
	drop_repeats(&labels);
	return labels;
}

bool oh_graph_lacks_parent(const struct oh_graph *graph)
{
	for (size_t i = 0; i < graph->missing.count; i++)
		if (!graph->missing.items[i].is_dependency)
			return true;
	return false;
}

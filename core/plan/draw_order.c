#include "plan/draw_order.h"

#include <stdlib.h>

/* How high a node stands above the bases, and where it stands in the graph's order. */
struct rank {
	size_t node, height, place;
	bool is_head;
};

static int highest_first(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->is_head != y->is_head)
		return x->is_head ? -1 : 1;
	if (x->height != y->height)
		return x->height > y->height ? -1 : 1;
	return (x->place < y->place) - (x->place > y->place);
}

static oh_node_set choose(struct oh_arena *arena, const struct oh_graph *graph, size_t newest)
{
	const size_t n = graph->order.count;
	oh_node_set chosen = oh_arena_alloc(arena, graph->count);
	struct rank *ranks = oh_arena_alloc(arena, n * sizeof(*ranks));
	size_t *height = oh_arena_alloc(arena, graph->count * sizeof(*height));

	for (size_t i = 0; i < n; i++) {
		const size_t at = graph->order.items[i];
		const struct oh_node *node = &graph->nodes[at];

		for (size_t k = 0; k < node->parents.count; k++)
			if (height[node->parents.items[k]] >= height[at])
				height[at] = height[node->parents.items[k]] + 1;
		ranks[i] = (struct rank){at, height[at], i, node->children.count == 0};
	}
	if (newest && newest < n)
		qsort(ranks, n, sizeof(*ranks), highest_first);
	for (size_t i = 0; i < n && (!newest || i < newest || ranks[i].is_head); i++)
		chosen[ranks[i].node] = 1;
	return chosen;
}

struct drawing_order {
	const struct oh_graph *graph;
	oh_node_set chosen;
	size_t *waiting; /* children still to come */
	size_t *ready, ready_count; /* a stack: the newest line goes on */
	struct oh_indices out;
};

static void start(struct drawing_order *d)
{
	const struct oh_indices *order = &d->graph->order;

	for (size_t i = 0; i < order->count; i++) {
		const struct oh_indices *children = &d->graph->nodes[order->items[i]].children;
		size_t *waiting = &d->waiting[order->items[i]];

		for (size_t k = 0; k < children->count; k++)
			*waiting += d->chosen[children->items[k]];
		if (d->chosen[order->items[i]] && !*waiting)
			d->ready[d->ready_count++] = order->items[i];
	}
}

static void put(struct drawing_order *d, size_t node)
{
	const struct oh_indices *parents = &d->graph->nodes[node].parents;

	d->out.items[d->out.count++] = node;
	for (size_t i = parents->count; i-- > 0;)
		if (d->chosen[parents->items[i]] && !--d->waiting[parents->items[i]])
			d->ready[d->ready_count++] = parents->items[i];
}

struct oh_indices oh_draw_order(struct oh_arena *arena, const struct oh_graph *graph, size_t newest)
{
	struct oh_arena scratch = {0};
	struct drawing_order d = {.graph = graph};
	const size_t size = graph->count * sizeof(size_t);

	d.chosen = choose(&scratch, graph, newest);
	d.waiting = oh_arena_alloc(&scratch, size);
	d.ready = oh_arena_alloc(&scratch, size);
	d.out.items = oh_arena_alloc(arena, size);
	d.out.capacity = graph->count;
	start(&d);
	while (d.ready_count)
		put(&d, d.ready[--d.ready_count]);
	oh_arena_drop(&scratch);
	return d.out;
}

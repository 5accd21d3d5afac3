/*
 * Kahn's algorithm with the smallest id first. Only where that leaves nodes over are there
 * cycles: then Tarjan's finds them exactly, and the order is made without the edges in them.
 */
#include "model/graph_order.h"

/* The nodes that may come next, smallest first: a binary heap of at most graph->count. */
struct heap {
	size_t *items, count;
};

static void heap_push(struct heap *h, size_t value)
{
	size_t at = h->count++;

	while (at && h->items[(at - 1) / 2] > value) {
		h->items[at] = h->items[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	h->items[at] = value;
}

static size_t heap_pop(struct heap *h)
{
	const size_t top = h->items[0], last = h->items[--h->count];
	size_t at = 0, next;

	while ((next = 2 * at + 1) < h->count) {
		if (next + 1 < h->count && h->items[next + 1] < h->items[next])
			next++;
		if (h->items[next] >= last)
			break;
		h->items[at] = h->items[next];
		at = next;
	}
	h->items[at] = last;
	return top;
}

/* Strongly connected parts: `part` numbers them, `cyclic` marks nodes that reach themselves. */
struct parts {
	const struct oh_graph *graph;
	bool needs; /* follow depends_on as well */
	size_t *part; /* 0 until it is known */
	unsigned char *cyclic;
	size_t *index, *low; /* Tarjan's numbers; index 0: not yet visited */
	size_t *next; /* how many edges of the node have been followed */
	size_t *open_nodes, open_count; /* visited, part not yet known */
	size_t *path, depth; /* the recursion, as a stack */
	size_t visited, count;
};

/* Edge number I of NODE, parents first; OH_NO_NODE behind the last. */
static size_t edge(const struct parts *p, size_t node, size_t i)
{
	const struct oh_node *n = &p->graph->nodes[node];

	if (i < n->parents.count)
		return n->parents.items[i];
	i -= n->parents.count;
	return p->needs && i < n->needs.count ? n->needs.items[i] : OH_NO_NODE;
}

static void enter(struct parts *p, size_t node)
{
	p->index[node] = p->low[node] = ++p->visited;
	p->open_nodes[p->open_count++] = node;
	p->path[p->depth++] = node;
}

/* NODE and everything still open above it is one part. */
static void close_part(struct parts *p, size_t node)
{
	const bool alone = p->open_nodes[p->open_count - 1] == node;
	size_t member;

	p->count++;
	do {
		member = p->open_nodes[--p->open_count];
		p->part[member] = p->count;
		if (!alone)
			p->cyclic[member] = 1;
	} while (member != node);
}

static void leave(struct parts *p)
{
	const size_t node = p->path[--p->depth];

	if (p->low[node] == p->index[node])
		close_part(p, node);
	if (p->depth && p->low[node] < p->low[p->path[p->depth - 1]])
		p->low[p->path[p->depth - 1]] = p->low[node];
}

static void visit(struct parts *p, size_t root)
{
	enter(p, root);
	while (p->depth) {
		const size_t node = p->path[p->depth - 1], to = edge(p, node, p->next[node]++);

		if (to == OH_NO_NODE)
			leave(p);
		else if (!p->index[to])
			enter(p, to);
		else if (!p->part[to] && p->index[to] < p->low[node])
			p->low[node] = p->index[to];
		if (to == node)
			p->cyclic[node] = 1;
	}
}

static struct parts find_parts(const struct oh_graph *graph, struct oh_arena *scratch, bool needs)
{
	const size_t size = graph->count * sizeof(size_t);
	struct parts p = {.graph = graph, .needs = needs};

	p.part = oh_arena_alloc(scratch, size);
	p.cyclic = oh_arena_alloc(scratch, graph->count);
	p.index = oh_arena_alloc(scratch, size);
	p.low = oh_arena_alloc(scratch, size);
	p.next = oh_arena_alloc(scratch, size);
	p.open_nodes = oh_arena_alloc(scratch, size);
	p.path = oh_arena_alloc(scratch, size);
	for (size_t i = 0; i < graph->count; i++)
		if (!p.index[i])
			visit(&p, i);
	return p;
}

/*
 * Kahn's algorithm. Where LINES and ALL are given, edges inside a part don't count: of parents
 * inside a part of LINES, of depends_on inside a part of ALL. What is left has no cycle.
 */
struct sorting {
	struct oh_graph *graph;
	const struct parts *lines, *all;
	size_t *waiting; /* how many edges of a node lead to nodes that have not come yet */
	struct heap ready;
	size_t done;
};

static bool counts(const struct parts *parts, size_t from, size_t to)
{
	return !parts || parts->part[from] != parts->part[to];
}

static void release(
	struct sorting *s, size_t node, const struct oh_indices *waiters, const struct parts *parts)
{
	for (size_t i = 0; i < waiters->count; i++)
		if (counts(parts, waiters->items[i], node) && !--s->waiting[waiters->items[i]])
			heap_push(&s->ready, waiters->items[i]);
}

static void sort_prepare(struct sorting *s, struct oh_arena *scratch)
{
	const size_t n = s->graph->count;

	s->waiting = oh_arena_alloc(scratch, n * sizeof(*s->waiting));
	s->ready.items = oh_arena_alloc(scratch, n * sizeof(*s->ready.items));
	for (size_t i = 0; i < n; i++) {
		const struct oh_node *node = &s->graph->nodes[i];

		for (size_t j = 0; j < node->parents.count; j++)
			s->waiting[i] += counts(s->lines, i, node->parents.items[j]);
		for (size_t j = 0; j < node->needs.count; j++)
			s->waiting[i] += counts(s->all, i, node->needs.items[j]);
		if (!s->waiting[i])
			heap_push(&s->ready, i);
	}
}

/* True where every node had its turn. */
static bool sort_nodes(struct sorting *s, struct oh_arena *scratch)
{
	struct oh_indices *order = &s->graph->order;

	order->count = 0;
	sort_prepare(s, scratch);
	while (s->ready.count) {
		const size_t node = heap_pop(&s->ready);

		s->done++;
		if (!s->lines || !s->lines->cyclic[node])
			order->items[order->count++] = node;
		release(s, node, &s->graph->nodes[node].children, s->lines);
		release(s, node, &s->graph->nodes[node].needed_by, s->all);
	}
	return s->done == s->graph->count;
}

void oh_graph_sort(struct oh_graph *graph, struct oh_arena *scratch)
{
	struct sorting s = {.graph = graph};
	struct parts lines, all;

	graph->order.items = oh_arena_alloc(graph->arena, graph->count * sizeof(size_t));
	graph->order.capacity = graph->count;
	if (sort_nodes(&s, scratch))
		return;
	lines = find_parts(graph, scratch, false);
	all = find_parts(graph, scratch, true);
	for (size_t i = 0; i < graph->count; i++) {
		if (lines.cyclic[i])
			OH_PUSH(graph->arena, &graph->cycle, i);
		else if (all.cyclic[i])
			OH_PUSH(graph->arena, &graph->needs_cycle, i);
	}
	s = (struct sorting){.graph = graph, .lines = &lines, .all = &all};
	sort_nodes(&s, scratch);
}

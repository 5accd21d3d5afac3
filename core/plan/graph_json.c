#include "plan/graph_json.h"

#include "plan/json.h"

#include <stdlib.h>

static void add_ids(
	struct oh_json *json, const struct oh_graph *graph, const struct oh_indices *nodes)
{
	oh_json_open(json, '[');
	for (size_t i = 0; i < nodes->count; i++)
		oh_json_string(json, graph->nodes[nodes->items[i]].migration->id);
	oh_json_close(json, ']');
}

static void add_revision(struct oh_json *json, const struct oh_migration *m)
{
	oh_json_open(json, '{');
	oh_json_key(json, "id");
	oh_json_string(json, m->id);
	oh_json_key(json, "parents");
	oh_json_strings(json, &m->parents);
	oh_json_key(json, "depends_on");
	oh_json_strings(json, &m->depends_on);
	oh_json_key(json, "labels");
	oh_json_strings(json, &m->labels);
	oh_json_key(json, "path");
	oh_json_string(json, m->path);
	oh_json_key(json, "line");
	oh_json_number(json, m->line);
	oh_json_close(json, '}');
}

/* The first of the duplicates (they are sorted by node) that is not of an earlier node. */
static size_t first_duplicate(const struct oh_graph *graph, size_t node)
{
	size_t low = 0, high = graph->duplicates.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (graph->duplicates.items[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_node(struct oh_json *json, const struct oh_graph *graph, size_t node)
{
	size_t i = first_duplicate(graph, node);

	add_revision(json, graph->nodes[node].migration);
	for (; i < graph->duplicates.count && graph->duplicates.items[i].node == node; i++)
		add_revision(json, graph->duplicates.items[i].other);
}

static int by_place(const void *a, const void *b)
{
	const struct oh_unreadable *x = a, *y = b;
	const int c = oh_slice_cmp(x->path, y->path);

	if (c)
		return c;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return oh_slice_cmp(x->why, y->why);
}

static void add_unreadables(struct oh_json *json, const struct oh_unreadables *unreadables)
{
	struct oh_unreadables sorted = {0};

	for (size_t i = 0; i < unreadables->count; i++)
		OH_PUSH(json->text.arena, &sorted, unreadables->items[i]);
	if (sorted.count > 1)
		qsort(sorted.items, sorted.count, sizeof(*sorted.items), by_place);
	oh_json_open(json, '[');
	for (size_t i = 0; i < sorted.count; i++) {
		oh_json_open(json, '{');
		oh_json_key(json, "path");
		oh_json_string(json, sorted.items[i].path);
		oh_json_key(json, "line");
		oh_json_number(json, sorted.items[i].line);
		oh_json_key(json, "why");
		oh_json_string(json, sorted.items[i].why);
		oh_json_close(json, '}');
	}
	oh_json_close(json, ']');
}

static void add_revisions(struct oh_json *json, const struct oh_graph *graph)
{
	oh_json_open(json, '[');
	for (size_t i = 0; i < graph->order.count; i++)
		add_node(json, graph, graph->order.items[i]);
	for (size_t i = 0; i < graph->cycle.count; i++)
		add_node(json, graph, graph->cycle.items[i]);
	oh_json_close(json, ']');
}

static void add_graph(struct oh_json *json, const struct oh_snapshot *s)
{
	oh_json_open(json, '{');
	oh_json_key(json, "system");
	oh_json_string(json, s->location.system);
	oh_json_key(json, "config");
	oh_json_string(json, s->location.config);
	oh_json_key(json, "location");
	oh_json_string(json, s->location.directory);
	oh_json_key(json, "heads");
	add_ids(json, &s->graph, &s->graph.heads);
	oh_json_key(json, "bases");
	add_ids(json, &s->graph, &s->graph.bases);
	oh_json_key(json, "revisions");
	add_revisions(json, &s->graph);
	oh_json_key(json, "unreadable");
	add_unreadables(json, &s->unreadables);
	oh_json_close(json, '}');
}

struct oh_slice oh_graph_json(
	struct oh_arena *arena, const struct oh_snapshot *snapshots, size_t count)
{
	struct oh_json json = {.text = {.arena = arena}};

	oh_json_open(&json, '{');
	oh_json_key(&json, "version");
	oh_json_number(&json, 1);
	oh_json_key(&json, "graphs");
	oh_json_open(&json, '[');
	for (size_t i = 0; i < count; i++)
		add_graph(&json, &snapshots[i]);
	oh_json_close(&json, ']');
	oh_json_close(&json, '}');
	oh_buf_add(&json.text, OH_SLICE("\n"));
	return oh_buf_slice(&json.text);
}

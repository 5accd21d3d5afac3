#include "flow/own_heads.h"

static struct oh_snapshot *part(
	struct oh_arena *arena, const struct oh_snapshot *whole, const unsigned char *wanted)
{
	struct oh_snapshot *s = oh_arena_alloc(arena, sizeof(*s));

	s->location = whole->location;
	s->lock_path = whole->lock_path;
	s->lock = OH_SLICE("");
	for (size_t i = 0; i < whole->graph.count; i++)
		if (wanted[i])
			OH_PUSH(arena, &s->migrations, *whole->graph.nodes[i].migration);
	oh_graph_build(&s->graph, arena, &s->migrations);
	return s;
}

struct oh_meeting oh_meeting_of_heads(
	struct oh_arena *arena, const struct oh_snapshot *snapshot, const struct oh_indices *heads)
{
	const struct oh_graph *graph = &snapshot->graph;
	unsigned char *common = oh_arena_alloc(arena, graph->count + 1);
	struct oh_meeting m = {.result = snapshot};

	for (size_t i = 0; i < graph->count; i++)
		common[i] = 1;
	for (size_t h = 0; h < heads->count && h < 64; h++) {
		const struct oh_indices one = {&heads->items[h], 1, 1};
		const oh_node_set line = oh_graph_ancestors(graph, arena, &one);

		for (size_t i = 0; i < graph->count; i++)
			common[i] &= line[i] != 0;
		m.side_names[h] = h ? "theirs" : "ours";
		m.sides[m.side_count++] = part(arena, snapshot, line);
	}
	m.base = part(arena, snapshot, common);
	return m;
}

#include "rules/rules.h"

struct oh_indices oh_meeting_brought(
	struct oh_arena *arena, const struct oh_meeting *meeting, size_t side)
{
	const struct oh_graph *graph = &meeting->sides[side]->graph;
	struct oh_indices brought = {0};

	for (size_t i = 0; i < graph->count; i++) {
		const struct oh_slice id = graph->nodes[i].migration->id;

		if (oh_graph_find(&meeting->base->graph, id) == OH_NO_NODE &&
			oh_graph_find(&meeting->result->graph, id) != OH_NO_NODE)
			OH_PUSH(arena, &brought, i);
	}
	return brought;
}

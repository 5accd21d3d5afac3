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

static bool any_side_has(const struct oh_meeting *meeting, struct oh_slice id)
{
	for (size_t s = 0; s < meeting->side_count; s++)
		if (oh_snapshot_find(meeting->sides[s], id))
			return true;
	return false;
}

static oh_node_set descendants_of(
	struct oh_arena *arena, const struct oh_graph *graph, struct oh_slice id)
{
	size_t node = oh_graph_find(graph, id);
	const struct oh_indices one = {&node, node == OH_NO_NODE ? 0 : 1, 1};

	return oh_graph_descendants(graph, arena, &one);
}

bool oh_meeting_joined_by_hand(struct oh_arena *arena, const struct oh_meeting *meeting,
	struct oh_slice a, struct oh_slice b)
{
	const struct oh_graph *result = &meeting->result->graph;
	const oh_node_set below_a = descendants_of(arena, result, a);
	const oh_node_set below_b = descendants_of(arena, result, b);

	for (size_t i = 0; i < result->count; i++)
		if (below_a[i] && below_b[i] && result->nodes[i].parents.count > 1 &&
			!any_side_has(meeting, result->nodes[i].migration->id))
			return true;
	return false;
}

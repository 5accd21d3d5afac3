#include "flow/commands.h"

#include "flow/look.h"
#include "plan/graph_json.h"

static bool draw_json(struct oh_flow *flow, const struct oh_tree *tree)
{
	struct oh_slice rest = oh_graph_json(flow->arena, tree->items, tree->count), line;

	while (oh_slice_next_line(&rest, &line))
		oh_say(&flow->report, OH_FMT, OH_ARG(line));
	return true;
}

bool oh_flow_graph(
	struct oh_flow *flow, const struct oh_graph_request *request, struct oh_error *err)
{
	struct oh_place place;
	struct oh_tree tree;

	if (!oh_place_find(&place, flow->arena, &request->place, err) ||
		!oh_look(flow->arena, &place, OH_READ_TEXT, &tree, err))
		return false;
	return draw_json(flow, &tree);
}

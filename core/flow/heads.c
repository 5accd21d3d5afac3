#include "flow/commands.h"

#include "flow/look.h"

static bool contains(const struct oh_indices *list, size_t node)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == node)
			return true;
	return false;
}

static void say_head(struct oh_flow *flow, const struct oh_graph *g, size_t node)
{
	const struct oh_slices labels = oh_graph_labels(g, flow->arena, node);
	const struct oh_slice joined = oh_slices_join(flow->arena, &labels, ", ");

	oh_say(&flow->report, OH_FMT "%s" OH_FMT "%s%s",
		OH_ARG(oh_slice_printable(flow->arena, g->nodes[node].migration->id)),
		labels.count ? " (" : "", OH_ARG(oh_slice_printable(flow->arena, joined)),
		labels.count ? ")" : "",
		contains(&g->effective_heads, node) ? " (head)" : " (effective head)");
}

/* What could not be read: without it nobody knows whether these are all heads. */
static void say_unreadable(struct oh_flow *flow, const struct oh_unreadables *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct oh_unreadable *u = &list->items[i];

		oh_say_wrong(&flow->report, "unreadable: " OH_FMT ":%u: " OH_FMT, OH_ARG(u->path),
			u->line, OH_ARG(u->why));
		flow->report.status = OH_UNDECIDED;
	}
}

bool oh_flow_heads(
	struct oh_flow *flow, const struct oh_place_request *request, struct oh_error *err)
{
	struct oh_place place;
	struct oh_tree tree;

	if (!oh_place_find(&place, flow->arena, request, err) ||
		!oh_look(flow->arena, &place, OH_READ_GRAPH, &tree, err))
		return false;
	for (size_t i = 0; i < tree.count; i++) {
		const struct oh_graph *g = &tree.items[i].graph;

		if (tree.count > 1)
			oh_say(&flow->report, OH_FMT ":",
				OH_ARG(oh_slice_printable(
					flow->arena, tree.items[i].location.directory)));
		for (size_t h = 0; h < g->heads.count; h++)
			say_head(flow, g, g->heads.items[h]);
		if (g->heads.count > 1)
			flow->report.status = OH_FINDINGS;
	}
	for (size_t i = 0; i < tree.count; i++)
		say_unreadable(flow, &tree.items[i].unreadables);
	say_unreadable(flow, &tree.unreadables);
	return true;
}

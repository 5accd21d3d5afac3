/* Private to draw.c: which nodes of a graph are drawn, and in which order. */
#ifndef OH_PLAN_DRAW_ORDER_H
#define OH_PLAN_DRAW_ORDER_H

#include "model/graph.h"

/*
 * Children before their parents, lines of development in one piece. NEWEST of them (0: all): the
 * heads and those that have most below them, so that no parent comes without its children.
 * Nodes on a cycle are left out.
 */
struct oh_indices oh_draw_order(
	struct oh_arena *arena, const struct oh_graph *graph, size_t newest);

#endif

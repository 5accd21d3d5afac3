/* Private to graph.c: the topological order of a graph and the cycles in it. */
#ifndef OH_MODEL_GRAPH_ORDER_H
#define OH_MODEL_GRAPH_ORDER_H

#include "model/graph.h"

/* Fills order, cycle and needs_cycle of a graph whose edges are there. */
void oh_graph_sort(struct oh_graph *graph, struct oh_arena *scratch);

#endif

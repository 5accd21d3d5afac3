/*
 * A graph as text for a terminal, newest first:
 *
 *	◆  737ef (head)  merge birth date and unique index          Ana, origin/main
 *	├─╮
 *	● │  c1d2e  add unique index                                you
 *	│ ●  f6a66  add birth date                                  Ana, origin/main
 *	├─╯
 *	●  001 (base)  initial
 *
 * One line a migration, and one more where lines part or meet. Where more lines run side by side
 * than fit, the parents that have no line are named behind the title. What the migrations say is
 * made fit for a terminal. Linear in the size of the graph.
 */
#ifndef OH_PLAN_DRAW_H
#define OH_PLAN_DRAW_H

#include "model/graph.h"

struct oh_drawing {
	const struct oh_graph *graph;
	const struct oh_slice *notes; /* one a node: who brought it; or NULL */
	size_t newest; /* how many to draw, heads in any case; 0: all */
	size_t width; /* of the terminal; 0: 80 */
	bool colour;
	bool ascii; /* the terminal takes nothing else */
};

struct oh_slice oh_draw(struct oh_arena *arena, const struct oh_drawing *drawing);

#endif

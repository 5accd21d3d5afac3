/*
 * Private to draw.c: the lines beside the text. A lane is a column in which a line runs down from
 * a child to the node it leads to; each such node has at most one lane.
 */
#ifndef OH_PLAN_DRAW_LANES_H
#define OH_PLAN_DRAW_LANES_H

#include "base/buf.h"
#include "model/graph.h"

#define OH_LANES 16

struct oh_lanes {
	size_t target[OH_LANES + 1]; /* OH_NO_NODE: free; the last is for one row only */
	size_t most; /* how many may be used, at most OH_LANES */
	size_t *of; /* per node: its lane plus one, 0 where it has none */
};

/* What stands in one lane of one row: arms of a line, or a sign. */
enum { OH_ARM_UP = 1, OH_ARM_DOWN = 2, OH_ARM_LEFT = 4, OH_ARM_RIGHT = 8 };
enum oh_sign { OH_SIGN_NODE = 16, OH_SIGN_MERGE, OH_SIGN_MISSING, OH_SIGN_CYCLE, OH_SIGN_OLDER };

struct oh_lane_row {
	unsigned char cell[OH_LANES + 1];
	bool bar[OH_LANES + 1]; /* a line goes on to the next lane */
};

void oh_lanes_init(struct oh_lanes *lanes, struct oh_arena *arena, size_t nodes, size_t most);
/* The lane in which NODE is to be drawn: the one that leads to it, else a free one. */
size_t oh_lanes_enter(struct oh_lanes *lanes, size_t node);
/* A lane for TARGET near FROM; OH_LANES + 1 where none is free. */
size_t oh_lanes_take(struct oh_lanes *lanes, size_t from, size_t target);
void oh_lanes_free(struct oh_lanes *lanes, size_t lane);

/* The lanes as they run on. */
struct oh_lane_row oh_lanes_row(const struct oh_lanes *lanes);
/* Draws the connection from FROM to lane TO into ROW; WAS_THERE: TO comes from further up. */
void oh_lane_row_connect(struct oh_lane_row *row, size_t from, size_t to, bool was_there);
/* Adds the row to TEXT without blanks at its end; the columns it takes. */
size_t oh_lane_row_write(const struct oh_lane_row *row, bool ascii, struct oh_buf *text);

#endif

#include "plan/draw_lanes.h"

void oh_lanes_init(struct oh_lanes *lanes, struct oh_arena *arena, size_t nodes, size_t most)
{
	*lanes = (struct oh_lanes){.most = most < OH_LANES ? most : OH_LANES};
	lanes->of = oh_arena_alloc(arena, nodes * sizeof(*lanes->of));
	for (size_t i = 0; i <= OH_LANES; i++)
		lanes->target[i] = OH_NO_NODE;
}

size_t oh_lanes_take(struct oh_lanes *lanes, size_t from, size_t target)
{
	for (size_t i = 0; i < lanes->most; i++) {
		const size_t lane = (from + i) % lanes->most;

		if (lanes->target[lane] != OH_NO_NODE)
			continue;
		lanes->target[lane] = target;
		lanes->of[target] = lane + 1;
		return lane;
	}
	return OH_LANES + 1;
}

size_t oh_lanes_enter(struct oh_lanes *lanes, size_t node)
{
	size_t lane = lanes->of[node];

	if (lane)
		return lane - 1;
	lane = oh_lanes_take(lanes, 0, node);
	if (lane <= OH_LANES)
		return lane;
	lanes->target[lanes->most] = node;
	lanes->of[node] = lanes->most + 1;
	return lanes->most;
}

void oh_lanes_free(struct oh_lanes *lanes, size_t lane)
{
	lanes->of[lanes->target[lane]] = 0;
	lanes->target[lane] = OH_NO_NODE;
}

struct oh_lane_row oh_lanes_row(const struct oh_lanes *lanes)
{
	struct oh_lane_row row = {0};

	for (size_t i = 0; i <= lanes->most; i++)
		if (lanes->target[i] != OH_NO_NODE)
			row.cell[i] = OH_ARM_UP | OH_ARM_DOWN;
	return row;
}

void oh_lane_row_connect(struct oh_lane_row *row, size_t from, size_t to, bool was_there)
{
	const size_t left = from < to ? from : to, right = from < to ? to : from;

	row->cell[from] |= OH_ARM_UP;
	row->cell[to] |= was_there ? OH_ARM_UP | OH_ARM_DOWN : OH_ARM_DOWN;
	row->cell[left] |= OH_ARM_RIGHT;
	row->cell[right] |= OH_ARM_LEFT;
	for (size_t i = left; i < right; i++)
		row->bar[i] = true;
}

/* A connection goes through the lanes between its ends: drawn through where nothing runs, joined
 * where it has another end, and hidden behind a line that merely runs on. */
static unsigned char cell_of(const struct oh_lane_row *row, size_t lane)
{
	const unsigned char arms = (unsigned char)((lane && row->bar[lane - 1] ? OH_ARM_LEFT : 0) |
						   (row->bar[lane] ? OH_ARM_RIGHT : 0));

	if (!row->cell[lane] || row->cell[lane] & (OH_ARM_LEFT | OH_ARM_RIGHT))
		return row->cell[lane] | arms;
	return row->cell[lane];
}

size_t oh_lane_row_write(const struct oh_lane_row *row, bool ascii, struct oh_buf *text)
{
	static const char *const drawn[] = {" ", "╵", "╷", "│", "╴", "╯", "╮", "┤", "╶", "╰", "╭",
		"├", "─", "┴", "┬", "┼", "●", "◆", "?", "!", "┆"};
	static const char *const plain[] = {" ", "|", "|", "|", "-", "'", ".", "+", "-", "`", ".",
		"+", "-", "+", "+", "+", "*", "M", "?", "!", ":"};
	size_t last = OH_LANES;

	while (last && !row->cell[last])
		last--;
	for (size_t i = 0; i <= last; i++) {
		const unsigned char cell = cell_of(row, i);

		oh_buf_add(text, oh_slice_of((ascii ? plain : drawn)[cell]));
		if (i < last)
			oh_buf_add(text, oh_slice_of(!row->bar[i] ? " " : ascii ? "-" : "─"));
	}
	return 2 * last + 1;
}

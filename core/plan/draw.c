#include "plan/draw.h"

#include "base/utf8.h"
#include "plan/draw_lanes.h"
#include "plan/draw_order.h"

#include <string.h>

/* Escape sequences of colours, used where colour is asked for. */
#define ID "\x1b[33m"
#define MARK "\x1b[1;32m"
#define BROKEN "\x1b[1;31m"
#define NOTE "\x1b[36m"

struct painter {
	struct oh_arena *arena;
	const struct oh_drawing *drawing;
	const struct oh_graph *graph;
	struct oh_lanes lanes;
	struct oh_buf text;
	struct oh_arena scratch; /* of one line */
	size_t width, note_column;
	size_t column; /* where the line that is being written has got to */
	struct facts {
		size_t files; /* how many have this id */
		size_t missing; /* its first in graph->missing */
		bool is_cyclic;
	} * facts; /* per node */
};

/* Untrusted text fit for the terminal, and for one that knows ASCII only. */
static struct oh_slice fit(struct painter *p, struct oh_slice s)
{
	struct oh_buf plain = {.arena = &p->scratch};

	s = oh_slice_printable(&p->scratch, s);
	if (!p->drawing->ascii)
		return s;
	while (s.len) {
		const struct oh_character c = oh_utf8_decode(s);

		oh_buf_add(&plain, c.code < 0x80 ? oh_slice_sub(s, 0, 1) : OH_SLICE("?"));
		s = oh_slice_sub(s, c.length, s.len);
	}
	return oh_buf_slice(&plain);
}

/* S in at most COLUMNS, with an ellipsis where something is cut off. */
static struct oh_slice shorten(struct painter *p, struct oh_slice s, size_t columns)
{
	const char *dots = p->drawing->ascii ? "..." : "…";
	const size_t dots_width = p->drawing->ascii ? 3 : 1;

	if (oh_utf8_width(s) <= columns)
		return s;
	if (columns <= dots_width)
		return oh_slice_sub(oh_slice_of(dots), 0, columns < dots_width ? 0 : strlen(dots));
	return oh_slice_printf(
		&p->scratch, OH_FMT "%s", OH_ARG(oh_utf8_cut(s, columns - dots_width)), dots);
}

/* Adds S, which is fit, behind GAP blanks, shortened to what is left before END. */
static void add(struct painter *p, size_t gap, struct oh_slice s, const char *colour, size_t end)
{
	if (!s.len || p->column + gap >= end)
		return;
	s = shorten(p, s, end - p->column - gap);
	if (!s.len)
		return;
	oh_buf_addf(&p->text, "%*s", (int)gap, "");
	if (p->drawing->colour && colour)
		oh_buf_add(&p->text, oh_slice_of(colour));
	oh_buf_add(&p->text, s);
	if (p->drawing->colour && colour)
		oh_buf_add(&p->text, OH_SLICE("\x1b[m"));
	p->column += gap + oh_utf8_width(s);
}

static void write_row(struct painter *p, const struct oh_lane_row *row)
{
	p->column = oh_lane_row_write(row, p->drawing->ascii, &p->text);
}

/* A few of a list, with the number of the others. */
struct naming {
	struct oh_slices shown;
	size_t count;
};

static void name(struct painter *p, struct naming *n, struct oh_slice id)
{
	if (n->count++ < 3)
		OH_PUSH(&p->scratch, &n->shown, fit(p, id));
}

static struct oh_slice named(struct painter *p, const struct naming *n)
{
	const struct oh_slice ids = oh_slices_join(&p->scratch, &n->shown, ", ");

	if (n->count <= n->shown.count)
		return ids;
	return oh_slice_printf(
		&p->scratch, OH_FMT " and %zu more", OH_ARG(ids), n->count - n->shown.count);
}

static struct oh_slice id_of(const struct painter *p, size_t node)
{
	return p->graph->nodes[node].migration->id;
}

static void add_marks(struct painter *p, size_t at)
{
	const struct oh_node *node = &p->graph->nodes[at];
	const struct oh_slices *labels = &node->migration->labels;
	const bool head = !node->children.count, base = !node->migration->parents.count;
	const size_t files = p->facts[at].files;
	struct naming names = {0};

	if (head || base)
		add(p, 1,
			head && base ? OH_SLICE("(head, base)")
			: head	     ? OH_SLICE("(head)")
				     : OH_SLICE("(base)"),
			head ? MARK : NULL, p->width);
	for (size_t i = 0; i < labels->count; i++)
		name(p, &names, labels->items[i]);
	if (labels->count)
		add(p, 1, oh_slice_printf(&p->scratch, "[" OH_FMT "]", OH_ARG(named(p, &names))),
			MARK, p->width);
	if (files > 1)
		add(p, 1, oh_slice_printf(&p->scratch, "(in %zu files)", files), BROKEN, p->width);
}

/* What stands behind the id and its marks. */
static void add_title(struct painter *p, size_t at, const struct naming *undrawn)
{
	const struct oh_slice *notes = p->drawing->notes;
	const struct oh_slice title = fit(p, p->graph->nodes[at].migration->title);
	const struct oh_slice note = notes ? fit(p, notes[at]) : OH_SLICE("");
	const size_t end = note.len ? p->note_column - 2 : p->width;

	if (undrawn->count)
		add(p, 2, oh_slice_printf(&p->scratch, "<- " OH_FMT, OH_ARG(named(p, undrawn))),
			NULL, p->width);
	add(p, 2, title, NULL, end);
	if (note.len)
		add(p, p->column + 2 > p->note_column ? 2 : p->note_column - p->column, note, NOTE,
			p->width);
}

/* Parents of a node that have no place in the drawing. */
static struct oh_slice lost_parents(struct painter *p, size_t at)
{
	const struct oh_indices *parents = &p->graph->nodes[at].parents;
	struct naming gone = {0}, cyclic = {0};
	struct oh_buf text = {.arena = &p->scratch};
	struct oh_slice names;

	for (size_t i = p->facts[at].missing; i < p->graph->missing.count; i++) {
		const struct oh_missing *m = &p->graph->missing.items[i];

		if (m->child != at || m->is_dependency)
			break;
		name(p, &gone, m->id);
	}
	for (size_t i = 0; i < parents->count; i++)
		if (p->facts[parents->items[i]].is_cyclic)
			name(p, &cyclic, id_of(p, parents->items[i]));
	names = named(p, &gone);
	if (gone.count)
		oh_buf_addf(&text, OH_FMT " missing", OH_ARG(names));
	names = named(p, &cyclic);
	if (cyclic.count)
		oh_buf_addf(
			&text, "%s" OH_FMT " on a cycle", gone.count ? "; " : "", OH_ARG(names));
	return oh_buf_slice(&text);
}

/* A node, and how it hangs together with what comes below it. */
struct hanging {
	size_t node, lane;
	struct oh_lane_row row, below;
	size_t connections; /* to other lanes, in BELOW */
	size_t joined; /* a lane that was there and got one of them */
	struct naming undrawn; /* parents for which no lane was free */
	struct oh_slice lost;
	size_t lost_lane;
};

static void connect(struct hanging *h, size_t lane, bool was_there)
{
	oh_lane_row_connect(&h->below, h->lane, lane, was_there);
	h->connections++;
	if (was_there)
		h->joined = lane;
}

static void hang_parent(struct painter *p, struct hanging *h, size_t parent)
{
	size_t lane = p->lanes.of[parent];

	if (lane) {
		connect(h, lane - 1, true);
		return;
	}
	lane = oh_lanes_take(&p->lanes, h->lane, parent);
	if (lane > OH_LANES)
		name(p, &h->undrawn, id_of(p, parent));
	else if (lane == h->lane)
		h->below.cell[lane] |= OH_ARM_UP | OH_ARM_DOWN;
	else
		connect(h, lane, false);
}

/* What is lost gets a lane for one row. */
static void hang_lost(struct painter *p, struct hanging *h)
{
	size_t lane = h->lane;

	h->lost = lost_parents(p, h->node);
	if (!h->lost.len)
		return;
	while (lane < OH_LANES && p->lanes.target[lane] != OH_NO_NODE)
		lane++;
	h->lost_lane = lane;
	if (lane == h->lane)
		h->below.cell[lane] |= OH_ARM_UP | OH_ARM_DOWN;
	else
		connect(h, lane, false);
}

/* Two lines that become one go on in the left one. */
static void lean_left(struct painter *p, struct hanging *h)
{
	const size_t from = h->joined, target = p->lanes.target[from];

	if (h->connections != 1 || from <= h->lane || p->lanes.target[h->lane] != OH_NO_NODE ||
		h->below.cell[h->lane] & OH_ARM_DOWN)
		return;
	oh_lanes_free(&p->lanes, from);
	oh_lanes_take(&p->lanes, h->lane, target);
	h->below.cell[h->lane] |= OH_ARM_DOWN;
	h->below.cell[from] = OH_ARM_UP | OH_ARM_LEFT;
}

static void hang(struct painter *p, struct hanging *h)
{
	const struct oh_node *node = &p->graph->nodes[h->node];

	h->lane = oh_lanes_enter(&p->lanes, h->node);
	h->row = oh_lanes_row(&p->lanes);
	h->row.cell[h->lane] = node->migration->parents.count > 1 ? OH_SIGN_MERGE : OH_SIGN_NODE;
	oh_lanes_free(&p->lanes, h->lane);
	h->below = oh_lanes_row(&p->lanes);
	for (size_t i = 0; i < node->parents.count; i++)
		if (!p->facts[node->parents.items[i]].is_cyclic)
			hang_parent(p, h, node->parents.items[i]);
	hang_lost(p, h);
	lean_left(p, h);
	/* a line that ends here must not seem to lead to what comes next in its lane */
	if (h->undrawn.count)
		h->below.cell[h->lane] |= OH_ARM_UP;
}

static void draw_node(struct painter *p, size_t node)
{
	struct hanging h = {.node = node};

	hang(p, &h);
	write_row(p, &h.row);
	add(p, 2, fit(p, id_of(p, node)), ID, p->width);
	add_marks(p, node);
	add_title(p, node, &h.undrawn);
	oh_buf_add(&p->text, OH_SLICE("\n"));
	if (h.connections || h.undrawn.count) {
		write_row(p, &h.below);
		oh_buf_add(&p->text, OH_SLICE("\n"));
	}
	if (h.lost.len) {
		h.row = oh_lanes_row(&p->lanes);
		h.row.cell[h.lost_lane] = OH_SIGN_MISSING;
		write_row(p, &h.row);
		add(p, 2, h.lost, BROKEN, p->width);
		oh_buf_add(&p->text, OH_SLICE("\n"));
	}
	oh_arena_drop(&p->scratch);
}

/* Nodes that are their own ancestors have no place among the others. */
static void draw_cyclic(struct painter *p, size_t node)
{
	const struct oh_indices *parents = &p->graph->nodes[node].parents;
	struct oh_lane_row row = {.cell = {OH_SIGN_CYCLE}};
	struct naming through = {0};

	for (size_t i = 0; i < parents->count; i++)
		if (p->facts[parents->items[i]].is_cyclic)
			name(p, &through, id_of(p, parents->items[i]));
	write_row(p, &row);
	add(p, 2, fit(p, id_of(p, node)), ID, p->width);
	add(p, 1,
		oh_slice_printf(
			&p->scratch, "(on a cycle through " OH_FMT ")", OH_ARG(named(p, &through))),
		BROKEN, p->width);
	add_marks(p, node);
	add_title(p, node, &(struct naming){0});
	oh_buf_add(&p->text, OH_SLICE("\n"));
	oh_arena_drop(&p->scratch);
}

static void draw_older(struct painter *p, size_t count)
{
	struct oh_lane_row row = oh_lanes_row(&p->lanes);

	if (!count)
		return;
	for (size_t i = 0; i <= OH_LANES; i++)
		row.cell[i] = row.cell[i] ? OH_SIGN_OLDER : 0;
	if (!row.cell[0])
		row.cell[0] = OH_SIGN_OLDER;
	write_row(p, &row);
	add(p, 2, oh_slice_printf(&p->scratch, "%zu older", count), NULL, p->width);
	oh_buf_add(&p->text, OH_SLICE("\n"));
	oh_arena_drop(&p->scratch);
}

static void learn_facts(struct painter *p)
{
	const struct oh_graph *g = p->graph;

	p->facts = oh_arena_alloc(p->arena, g->count * sizeof(*p->facts));
	for (size_t i = 0; i < g->count; i++)
		p->facts[i] = (struct facts){.files = 1, .missing = g->missing.count};
	for (size_t i = 0; i < g->duplicates.count; i++)
		p->facts[g->duplicates.items[i].node].files++;
	for (size_t i = g->missing.count; i-- > 0;)
		if (!g->missing.items[i].is_dependency)
			p->facts[g->missing.items[i].child].missing = i;
	for (size_t i = 0; i < g->cycle.count; i++)
		p->facts[g->cycle.items[i]].is_cyclic = true;
}

/* Notes stand in one column, as far right as the longest allows, but in the last third. */
static size_t find_note_column(struct painter *p, const struct oh_indices *drawn)
{
	size_t widest = 0;

	for (size_t i = 0; p->drawing->notes && i < drawn->count; i++) {
		const size_t width = oh_utf8_width(fit(p, p->drawing->notes[drawn->items[i]]));

		widest = width > widest ? width : widest;
		oh_arena_drop(&p->scratch);
	}
	return p->width - (widest < p->width / 3 ? widest : p->width / 3);
}

struct oh_slice oh_draw(struct oh_arena *arena, const struct oh_drawing *drawing)
{
	struct painter p = {.arena = arena,
		.drawing = drawing,
		.graph = drawing->graph,
		.text = {.arena = arena},
		.width = !drawing->width       ? 80
			 : drawing->width < 40 ? 40
					       : drawing->width};
	const struct oh_indices drawn = oh_draw_order(arena, drawing->graph, drawing->newest);

	learn_facts(&p);
	oh_lanes_init(&p.lanes, arena, p.graph->count, p.width / 5);
	p.note_column = find_note_column(&p, &drawn);
	for (size_t i = 0; i < drawn.count; i++)
		draw_node(&p, drawn.items[i]);
	draw_older(&p, p.graph->order.count - drawn.count);
	for (size_t i = 0; i < p.graph->cycle.count; i++)
		draw_cyclic(&p, p.graph->cycle.items[i]);
	return oh_buf_slice(&p.text);
}

#include "graph_text.h"

#include "base/utf8.h"
#include "plan/draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_drawn(const struct oh_drawing *how, const char *graph, const char *expected)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena, graph);
	struct oh_drawing drawing = *how;

	drawing.graph = &g;
	assert_string_equal(oh_slice_str(&arena, oh_draw(&arena, &drawing)), expected);
	oh_arena_drop(&arena);
}

static void test_small(void **state)
{
	static const char fork[] = "737ef < c1d2e f6a66; c1d2e < 001; f6a66 < 001; 001 : main";

	(void)state;
	assert_drawn(&(struct oh_drawing){0}, "", "");
	assert_drawn(&(struct oh_drawing){0}, "a", "●  a (head, base)\n");
	assert_drawn(&(struct oh_drawing){0}, fork,
		"◆  737ef (head)\n"
		"├─╮\n"
		"● │  c1d2e\n"
		"│ ●  f6a66\n"
		"├─╯\n"
		"●  001 (base) [main]\n");
	assert_drawn(&(struct oh_drawing){.ascii = true}, fork,
		"M  737ef (head)\n"
		"+-.\n"
		"* |  c1d2e\n"
		"| *  f6a66\n"
		"+-'\n"
		"*  001 (base) [main]\n");
	assert_drawn(&(struct oh_drawing){.colour = true}, "b < a; a",
		"●  \x1b[33mb\x1b[m \x1b[1;32m(head)\x1b[m\n"
		"●  \x1b[33ma\x1b[m (base)\n");
}

static void test_newest(void **state)
{
	static const char lines[] = "a; b < a; c < b; d < c; x < a; y < x; z < y; old < a";

	(void)state;
	assert_drawn(&(struct oh_drawing){.newest = 5}, lines,
		"●  z (head)\n"
		"●  y\n"
		"│ ●  old (head)\n"
		"│ │ ●  d (head)\n"
		"│ │ ●  c\n"
		"┆ ┆ ┆  3 older\n");
	assert_drawn(&(struct oh_drawing){.newest = 1}, lines,
		"●  z (head)\n"
		"│ ●  old (head)\n"
		"│ │ ●  d (head)\n"
		"┆ ┆ ┆  5 older\n");
}

static void test_damage(void **state)
{
	(void)state;
	assert_drawn(&(struct oh_drawing){0},
		"a; b < a gone; c < gone lost p; p < q; q < p; s < s a; b < a @ versions/z.py",
		"◆  c (head)\n"
		"?  gone, lost missing; p on a cycle\n"
		"◆  b (head) (in 2 files)\n"
		"├─╮\n"
		"│ ?  gone missing\n"
		"●  a (base)\n"
		"!  p (on a cycle through q)\n"
		"!  q (on a cycle through p)\n"
		"!  s (on a cycle through s)\n");
	/* many of them are counted, not listed */
	assert_drawn(&(struct oh_drawing){0}, "b < g1 g2 g3 g4 g5",
		"◆  b (head)\n?  g1, g2, g3 and 2 more missing\n");
}

/* Titles and notes: cut to the width, in columns of the terminal, and harmless. */
static void test_text(void **state)
{
	struct oh_arena arena = {0};
	struct oh_migrations all = graph_text(&arena, "c < b; b < a; a");
	struct oh_slice notes[] = {OH_SLICE("Ana, origin/main"), OH_SLICE(""), OH_SLICE("you")};
	struct oh_graph g;
	struct oh_drawing drawing = {.graph = &g, .notes = notes, .width = 48};

	(void)state;
	all.items[0].title = OH_SLICE("add \x1b[2J\xff unique index to everything");
	all.items[1].title = OH_SLICE("漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字");
	all.items[2].title = OH_SLICE("short");
	oh_graph_build(&g, &arena, &all);
	assert_string_equal(oh_slice_str(&arena, oh_draw(&arena, &drawing)),
		"●  c (head)  add \\x1b[2J\\xff …  you\n"
		"●  b  漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字…\n"
		"●  a (base)  short              Ana, origin/main\n");
	drawing.ascii = true;
	notes[0] = OH_SLICE("Ann\xc3\xa4");
	assert_string_equal(oh_slice_str(&arena, oh_draw(&arena, &drawing)),
		"*  c (head)  add \\x1b[2J\\xff unique ind...  you\n"
		"*  b  ??????????????????????????\n"
		"*  a (base)  short                          Ann?\n");
	oh_arena_drop(&arena);
}

/*
 * Reads a drawing back: follows every line down from a node to where it leads. It knows nothing
 * of how lanes are given out, only what the signs look like.
 */
#define MOST 128
#define LANES 17
struct reader {
	struct oh_arena *arena;
	const struct oh_graph *g;
	bool edge[MOST][MOST]; /* [child][parent] */
	size_t stubs[MOST], seen[MOST], undrawn[MOST];
	bool carried[LANES][MOST]; /* children whose lines run in the lane */
	size_t open_node, open_lane; /* a node whose own line has not been seen to go on yet */
};

static const char *const signs[] = {" ", "╵", "╷", "│", "╴", "╯", "╮", "┤", "╶", "╰", "╭", "├", "─",
	"┴", "┬", "┼", "●", "◆", "?", "!", "┆"};
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8, NODE = 16, MERGE, MISSING, CYCLE, OLDER };

struct row {
	int cell[LANES];
	bool bar[LANES];
	int sign; /* the highest of the cells */
	size_t at; /* its lane */
	struct oh_slice text;
};

static int read_sign(struct oh_slice s)
{
	for (int i = 0; i < 21; i++)
		if (oh_slice_has_prefix(s, oh_slice_of(signs[i])))
			return i;
	return -1;
}

/* Text begins two blanks behind the last sign, or nowhere. */
static struct row read_row(struct oh_slice line)
{
	struct row row = {.text = OH_SLICE("")};

	for (size_t lane = 0; line.len; lane++) {
		const int sign = read_sign(line);

		assert_true(sign >= 0 && lane < LANES);
		row.cell[lane] = sign;
		if (sign > row.sign) {
			row.sign = sign;
			row.at = lane;
		}
		line = oh_slice_sub(line, strlen(signs[sign]), line.len);
		row.bar[lane] = oh_slice_cut_prefix(&line, OH_SLICE("─"));
		if (!row.bar[lane] && line.len > 1 && line.ptr[0] == ' ' && line.ptr[1] == ' ' &&
			line.len > 2 && line.ptr[2] != ' ' &&
			read_sign(oh_slice_sub(line, 2, 9)) < 0) {
			row.text = oh_slice_sub(line, 2, line.len);
			break;
		}
		if (!row.bar[lane])
			line = oh_slice_sub(line, 1, line.len);
	}
	return row;
}

static bool is_empty(const bool *children)
{
	for (size_t i = 0; i < MOST; i++)
		if (children[i])
			return false;
	return true;
}

static void clear(bool *children)
{
	memset(children, 0, MOST * sizeof(*children));
}

/* Lanes other than EXCEPT run on just where something runs in them. */
static void check_running(struct reader *r, const struct row *row, size_t except)
{
	for (size_t i = 0; i < LANES; i++)
		if (i != except)
			assert_int_equal(
				row->cell[i] == OLDER || (row->cell[i] < NODE && row->cell[i] & UP),
				!is_empty(r->carried[i]));
}

/* `<- a, b and 2 more` behind the id and its marks. */
static size_t read_undrawn(struct reader *r, size_t child, struct oh_slice text)
{
	const size_t at = oh_slice_find(text, OH_SLICE("<- "), 0);
	struct oh_slice rest = oh_slice_sub(text, at + 3, text.len), part;
	size_t count = 0;

	if (at == text.len)
		return 0;
	while (oh_slice_next(&rest, ',', &part)) {
		const struct oh_slices words = oh_slice_words(r->arena, part);

		r->edge[child][oh_graph_find(r->g, words.items[0])] = true;
		count++;
		if (words.count > 1)
			count += (size_t)atoi(oh_slice_str(r->arena, words.items[2]));
	}
	return count;
}

static void read_node(struct reader *r, const struct row *row)
{
	const struct oh_slice id = oh_slice_words(r->arena, row->text).items[0];
	const size_t node = oh_graph_find(r->g, id);

	assert_int_not_equal(node, OH_NO_NODE);
	check_running(r, row, row->at);
	for (size_t i = 0; i < LANES; i++)
		assert_false(row->bar[i]);
	for (size_t child = 0; child < MOST; child++)
		if (r->carried[row->at][child])
			r->edge[child][node] = true;
	r->seen[node]++;
	r->undrawn[node] = read_undrawn(r, node, row->text);
	assert_int_equal(row->sign == MERGE, r->g->nodes[node].migration->parents.count > 1);
	clear(r->carried[row->at]);
	if (oh_slice_find(row->text, OH_SLICE("base)"), 0) == row->text.len)
		r->carried[row->at][node] = true;
	r->open_node = node;
	r->open_lane = row->at;
}

/* The lane in which the node of this connection stands is the one with no line of its own. */
static void read_connection(struct reader *r, const struct row *row)
{
	const size_t from = r->open_lane;
	size_t left = from, right = from;
	bool moved[MOST] = {false};

	check_running(r, row, from);
	assert_true(row->cell[from] & UP);
	while (left && row->bar[left - 1])
		left--;
	while (row->bar[right])
		right++;
	for (size_t i = 0; i < LANES; i++) {
		assert_true(!row->bar[i] || (i >= left && i < right));
		if (i == from || !(row->cell[i] & (LEFT | RIGHT)) || !(row->cell[i] & (UP | DOWN)))
			continue;
		assert_true(i >= left && i <= right);
		if (row->cell[i] & DOWN) {
			r->carried[i][r->open_node] = true;
			continue;
		}
		/* it turns into the lane of the node */
		for (size_t child = 0; child < MOST; child++)
			moved[child] = moved[child] || r->carried[i][child];
		clear(r->carried[i]);
	}
	if (!(row->cell[from] & DOWN))
		clear(r->carried[from]);
	for (size_t child = 0; child < MOST; child++)
		r->carried[from][child] = r->carried[from][child] || moved[child];
	assert_true(is_empty(moved) || (row->cell[from] & DOWN));
}

static void read_stub(struct reader *r, const struct row *row)
{
	struct oh_slice id = oh_slice_words(r->arena, row->text).items[0];

	if (oh_slice_has_suffix(id, OH_SLICE(",")))
		id.len--;
	for (size_t child = 0; child < MOST; child++)
		if (r->carried[row->at][child])
			r->stubs[child] +=
				oh_slices_contain(&r->g->nodes[child].migration->parents, id);
	check_running(r, row, row->at);
	clear(r->carried[row->at]);
}

static struct reader *read_drawing(
	struct oh_arena *arena, const struct oh_graph *g, struct oh_slice text)
{
	struct reader *r = oh_arena_alloc(arena, sizeof(*r));
	struct oh_slice line;

	r->arena = arena;
	r->g = g;
	while (oh_slice_next_line(&text, &line)) {
		const struct row row = read_row(line);

		assert_false(oh_slice_has_suffix(line, OH_SLICE(" ")));
		if (row.sign == NODE || row.sign == MERGE)
			read_node(r, &row);
		else if (row.sign == MISSING)
			read_stub(r, &row);
		else if (row.sign == CYCLE)
			r->seen[oh_graph_find(g, oh_slice_words(arena, row.text).items[0])]++;
		else if (row.sign == OLDER)
			check_running(r, &row, is_empty(r->carried[0]) ? 0 : LANES);
		else
			read_connection(r, &row);
	}
	return r;
}

static bool is_cyclic(const struct oh_graph *g, size_t node)
{
	for (size_t i = 0; i < g->cycle.count; i++)
		if (g->cycle.items[i] == node)
			return true;
	return false;
}

/* Every node once; every edge between nodes that have a place, and no other. */
static void check_drawing(const struct reader *r)
{
	for (size_t i = 0; i < r->g->count; i++) {
		const struct oh_indices *parents = &r->g->nodes[i].parents;
		size_t true_edges = 0, edges = 0, expected = 0, lost = 0;

		assert_int_equal(r->seen[i], 1);
		if (is_cyclic(r->g, i))
			continue;
		for (size_t k = 0; k < parents->count; k++) {
			lost += is_cyclic(r->g, parents->items[k]);
			expected += !is_cyclic(r->g, parents->items[k]);
			true_edges += r->edge[i][parents->items[k]];
		}
		for (size_t k = 0; k < r->g->missing.count; k++)
			lost += r->g->missing.items[k].child == i;
		for (size_t k = 0; k < r->g->count; k++)
			edges += r->edge[i][k];
		assert_int_equal(edges, true_edges);
		assert_true(edges == expected || (r->undrawn[i] > 3 && edges < expected));
		assert_int_equal(r->stubs[i] > 0, lost > 0);
	}
}

static struct oh_migrations random_migrations(struct oh_arena *arena, uint64_t *seed)
{
	const size_t n = 1 + random_below(seed, random_below(seed, 4) ? 30 : MOST - 1);
	const size_t window = 1 + random_below(seed, n), damage = random_below(seed, 3);
	const size_t merges = 1 + random_below(seed, 12);
	struct oh_migrations all = {0};

	for (size_t i = 0; i < n; i++) {
		struct oh_migration m = {.id = oh_slice_printf(arena, "x%03zu", i * 37 % n)};
		size_t parents = random_below(seed, merges) == 0 ? random_below(seed, 6) : 1;

		while (i && parents--) {
			const size_t back = 1 + random_below(seed, i < window ? i : window);

			OH_PUSH(arena, &m.parents,
				oh_slice_printf(arena, "x%03zu", (i - back) * 37 % n));
		}
		if (damage == 1 && random_below(seed, 12) == 0)
			OH_PUSH(arena, &m.parents,
				oh_slice_printf(arena, "x%03zu", random_below(seed, n + 9)));
		OH_PUSH(arena, &all, m);
	}
	return all;
}

static void test_random_drawings(void **state)
{
	uint64_t seed = 11;
	size_t crowded = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct oh_arena arena = {0};
		struct oh_migrations all = random_migrations(&arena, &seed);
		struct oh_graph g;
		struct oh_drawing drawing = {.graph = &g, .width = 400};
		struct oh_slice text, line;
		const struct reader *r;

		oh_graph_build(&g, &arena, &all);
		r = read_drawing(&arena, &g, oh_draw(&arena, &drawing));
		check_drawing(r);
		for (size_t i = 0; i < g.count; i++)
			crowded += r->undrawn[i] > 0;
		/* a part of it: what is drawn is consistent, and all heads are in it */
		drawing.newest = 1 + random_below(&seed, all.count);
		read_drawing(&arena, &g, oh_draw(&arena, &drawing));
		/* narrow: nothing sticks out */
		drawing.width = 40 + random_below(&seed, 60);
		text = oh_draw(&arena, &drawing);
		while (oh_slice_next_line(&text, &line))
			assert_true(oh_utf8_width(line) <= drawing.width);
		oh_arena_drop(&arena);
	}
	/* more lines than lanes were among them */
	assert_true(crowded > 1000);
}

/* More lines side by side than there are lanes: what has none is named, and ends visibly. */
static void test_crowded(void **state)
{
	struct oh_arena arena = {0};
	struct oh_migrations all = {0};
	struct oh_migration merge = {.id = OH_SLICE("q")};
	struct oh_graph g;
	struct oh_slice text;

	(void)state;
	for (size_t i = 0; i < 20; i++) {
		struct oh_migration parent = {.id = oh_slice_printf(&arena, "p%02zu", i)};
		struct oh_migration child = {.id = oh_slice_printf(&arena, "x%02zu", i)};

		OH_PUSH(&arena, &child.parents, parent.id);
		OH_PUSH(&arena, &merge.parents, parent.id);
		OH_PUSH(&arena, &all, parent);
		OH_PUSH(&arena, &all, child);
	}
	OH_PUSH(&arena, &all, merge);
	oh_graph_build(&g, &arena, &all);
	text = oh_draw(&arena, &(struct oh_drawing){.graph = &g});
	check_drawing(read_drawing(&arena, &g, text));
	assert_true(oh_slice_find(text,
			    OH_SLICE("│ │ │ │ │ │ │ │ │ │ │ │ │ │ │ │ ●  x01 (head)  <- p01\n"
				     "│ │ │ │ │ │ │ │ │ │ │ │ │ │ │ │ ╵\n"
				     "│ │ │ │ │ │ │ │ │ │ │ │ │ │ │ │ ●  x00 (head)  <- p00\n"),
			    0) < text.len);
	oh_arena_drop(&arena);
}

/* A wide fork under one merge, long chains side by side: as many rows as there must be. */
static void test_large(void **state)
{
	struct oh_arena arena = {0};
	struct oh_migrations all = {0};
	struct oh_migration merge = {.id = OH_SLICE("merge")};
	struct oh_graph g;
	struct oh_slice text, line;
	const size_t n = 100000;
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct oh_migration m = {.id = oh_slice_printf(&arena, "%06zu", i)};

		if (i >= 100)
			OH_PUSH(&arena, &m.parents, oh_slice_printf(&arena, "%06zu", i - 100));
		if (i >= n - n / 2)
			OH_PUSH(&arena, &merge.parents, m.id);
		OH_PUSH(&arena, &all, m);
	}
	OH_PUSH(&arena, &all, merge);
	oh_graph_build(&g, &arena, &all);
	text = oh_draw(&arena, &(struct oh_drawing){.graph = &g});
	while (oh_slice_next_line(&text, &line)) {
		assert_true(oh_utf8_width(line) <= 80);
		rows++;
	}
	assert_true(rows > n && rows < 3 * n);
	oh_arena_drop(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_newest),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_random_drawings),
		cmocka_unit_test(test_crowded),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

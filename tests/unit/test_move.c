/* One line moves on top of another: plan/move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "move_text.h"

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

/* Two lines that meet; what is not said is made as git would make it. */
struct case_text {
	const char *base, *stays, *moves, *result;
	const char *published; /* ids that must not move, with blanks between */
	bool renumber;
};

static struct case_text lines(const char *base, const char *stays, const char *moves)
{
	return (struct case_text){base, stays, moves, NULL, "", false};
}

static struct case_text merged(
	const char *base, const char *stays, const char *moves, const char *result)
{
	return (struct case_text){base, stays, moves, result, "", false};
}

static struct case_text numbered(const char *base, const char *stays, const char *moves)
{
	return (struct case_text){base, stays, moves, NULL, "", true};
}

static struct case_text seen(
	const char *base, const char *stays, const char *moves, const char *published)
{
	return (struct case_text){base, stays, moves, NULL, published, false};
}

struct met {
	struct move_tree *base, *stays, *moves, *result;
	struct oh_meeting meeting;
	struct oh_standings standings;
	struct oh_moves decided;
	struct oh_error err;
	bool ok;
};

static void let_move(struct met *m, const char *published)
{
	const struct oh_slices fixed = oh_slice_words(&arena, oh_slice_of(published));
	const struct oh_graph *graph = &m->moves->snapshot.graph;

	for (size_t i = 0; i < graph->count; i++) {
		const struct oh_slice id = graph->nodes[i].migration->id;

		if (oh_snapshot_find(&m->base->snapshot, id))
			continue;
		OH_PUSH(&arena, &m->standings,
			(struct oh_standing_of){id,
				oh_slices_contain(&fixed, id) ? OH_PUBLISHED : OH_MOVABLE,
				OH_SLICE("in origin/main")});
	}
}

static void decide(struct met *m, bool renumber)
{
	const struct oh_move_request request = {.meeting = &m->meeting,
		.stays = 0,
		.moves = 1,
		.standings = &m->standings,
		.renumber = renumber};

	m->meeting = (struct oh_meeting){.base = &m->base->snapshot,
		.sides = {&m->stays->snapshot, &m->moves->snapshot},
		.side_names = {"ours", "theirs"},
		.side_count = 2,
		.result = &m->result->snapshot};
	m->ok = oh_move_decide(&m->decided, &arena, &request, &m->err);
}

static struct met *meet(struct case_text t)
{
	struct met *m = oh_arena_alloc(&arena, sizeof(*m));

	m->base = move_tree(&arena, t.base);
	m->stays = move_tree(&arena, t.stays);
	m->moves = move_tree(&arena, t.moves);
	m->result = t.result ? move_tree(&arena, t.result)
			     : move_merge(&arena, m->base, m->stays, m->moves);
	let_move(m, t.published);
	decide(m, t.renumber);
	return m;
}

static struct oh_slice say_parents(const struct oh_slices *parents)
{
	if (!parents->count)
		return OH_SLICE("");
	return oh_slice_printf(&arena, " < " OH_FMT, OH_ARG(oh_slices_join(&arena, parents, " ")));
}

/* "a < h; 2_b becomes 3_b < a; m dropped: h", or why not. */
static const char *say_moves(const struct met *m)
{
	struct oh_slices all = {0};

	if (!m->ok) {
		assert_int_equal(OH_E_UNSUPPORTED, m->err.code);
		assert_int_equal(0, m->decided.list.count);
		return m->err.message;
	}
	for (size_t i = 0; i < m->decided.list.count; i++) {
		const struct oh_move *move = &m->decided.list.items[i];
		struct oh_buf text = {.arena = &arena};

		oh_buf_add(&text, move->migration->id);
		if (move->is_dropped)
			oh_buf_addf(&text, " dropped%s " OH_FMT, move->is_twin ? ":" : ",",
				OH_ARG(move->instead));
		else if (!oh_slice_eq(move->new_id, move->migration->id))
			oh_buf_addf(&text, " becomes " OH_FMT, OH_ARG(move->new_id));
		oh_buf_add(&text, say_parents(&move->parents));
		OH_PUSH(&arena, &all, oh_buf_slice(&text));
	}
	return oh_slices_join(&arena, &all, "; ").ptr;
}

static const char *moves_of(struct case_text t)
{
	return say_moves(meet(t));
}

/* "r; b < r; a < b" in the order of the graph, with the dependencies. */
static const char *say_graph(const struct oh_snapshot *s)
{
	struct oh_slices all = {0};

	for (size_t i = 0; i < s->graph.order.count; i++) {
		const struct oh_migration *m = s->graph.nodes[s->graph.order.items[i]].migration;
		const struct oh_slice needs = oh_slices_join(&arena, &m->depends_on, " ");

		OH_PUSH(&arena, &all,
			oh_slice_printf(&arena, OH_FMT OH_FMT "%s" OH_FMT, OH_ARG(m->id),
				OH_ARG(say_parents(&m->parents)), needs.len ? " ! " : "",
				OH_ARG(needs)));
	}
	return oh_slices_join(&arena, &all, "; ").ptr;
}

/* Carries the moves out on TREE; what is read from the files afterwards. */
static struct move_tree *carry_out(struct met *m, struct move_tree *tree)
{
	struct oh_steps steps = {0};
	struct oh_snapshot after;
	struct move_tree *moved;

	if (!oh_move_steps(&arena, &m->decided, &tree->snapshot, move_read, tree, &steps, &after,
		    &m->err)) {
		assert_int_equal(OH_E_UNSUPPORTED, m->err.code);
		return NULL;
	}
	moved = move_apply(&arena, tree, &steps);
	assert_non_null(moved);
	assert_string_equal(say_graph(&moved->snapshot), say_graph(&after));
	return moved;
}

/* What has been planned and carried out needs nothing any more. */
static void assert_settled(const struct met *m, struct move_tree *moved, bool renumber)
{
	struct met *again = oh_arena_alloc(&arena, sizeof(*again));

	*again = *m;
	again->result = again->moves = moved;
	again->standings = (struct oh_standings){0};
	let_move(again, "");
	decide(again, renumber);
	assert_true(again->ok);
	assert_int_equal(0, again->decided.list.count);
}

static const char *after(struct case_text t)
{
	struct met *m = meet(t);
	struct move_tree *moved;

	if (!m->ok)
		return m->err.message;
	moved = carry_out(m, m->result);
	if (!moved)
		return m->err.message;
	assert_settled(m, moved, t.renumber);
	return say_graph(&moved->snapshot);
}

static void test_a_chain_goes_on_top(void **state)
{
	const struct case_text t = lines("r", "r; b < r", "r; a < r; c < a");

	(void)state;
	assert_string_equal("a < b", moves_of(t));
	assert_string_equal("r; b < r; a < b; c < a", after(t));
	assert_string_equal("b", meet(t)->decided.onto.ptr);
	assert_int_equal(1, meet(t)->decided.from.count);
	assert_int_equal(0, meet(t)->decided.renames.count);
}

static void test_nothing_forked(void **state)
{
	(void)state;
	assert_string_equal("", moves_of(lines("r", "r", "r; a < r")));
	assert_string_equal("", moves_of(lines("r", "r; b < r", "r")));
	assert_string_equal("", moves_of(lines("r", "r; a < r", "r; a < r; c < a")));
	/* by hand, in the merge itself */
	assert_string_equal(
		"", moves_of(merged("r", "r; b < r", "r; a < r", "r; a < r; b < r; m < a b")));
}

static void test_a_base_does_not_move(void **state)
{
	(void)state;
	assert_string_equal(
		"the lines would have two heads all the same", moves_of(lines("", "b", "a")));
	assert_string_equal("n; r; b < r; a < b n; c < a",
		after(lines("r", "r; b < r", "r; n; a < r n; c < a")));
}

static void test_shapes_stay(void **state)
{
	(void)state;
	assert_string_equal("r; b < r; x < b; y < b; m < x y; z < m",
		after(lines("r", "r; b < r", "r; x < r; y < r; m < x y; z < m")));
	assert_string_equal(
		"r; b < r; x < b; y < x", after(lines("r", "r; b < r", "r; x < r; y < x")));
	/* a parent elsewhere stays */
	assert_string_equal(
		"r; b < r; s; x < b s", after(lines("r; s", "r; s; b < r", "r; s; x < r s")));
}

static void test_parents_that_say_nothing_any_more(void **state)
{
	(void)state;
	assert_string_equal("r; h < r; b < h; x < b; m < x",
		after(lines("r; h < r", "r; h < r; b < h", "r; h < r; x < r; m < h x = body")));
	assert_string_equal("r; h < r; b < h; x < b; z < x",
		after(lines("r; h < r", "r; h < r; b < h", "r; h < r; x < r; m < h x; z < m")));
}

static void test_useless_merges_are_dropped(void **state)
{
	const struct case_text base = lines(
		"r; x < r; y < r", "r; x < r; y < r; n < x y", "r; x < r; y < r; m < x y; z < m");
	struct case_text t = base;

	(void)state;
	assert_string_equal("m dropped, n; z < n", moves_of(base));
	assert_string_equal("r; x < r; y < r; n < x y; z < n", after(base));
	t.stays = "r; x < r; y < r; n < x y; b < n";
	assert_string_equal("m dropped, n; z < b", moves_of(t));
	assert_string_equal("r; x < r; y < r; n < x y; b < n; z < b", after(t));
	t.stays = "r; x < r; y < r; n < x y = body";
	assert_string_equal("m dropped, n; z < n", moves_of(t));
	t = base;
	t.moves = "r; x < r; y < r; m < x y = body; z < m";
	assert_string_equal("m < n", moves_of(t));
	t.moves = "r; x < r; y < r; m < x y : cart; z < m";
	assert_string_equal("m < n", moves_of(t));
	t.moves = "r; x < r; y < r; m < x y ! r; z < m";
	assert_string_equal("m < n", moves_of(t));
	t = base;
	t.published = "m";
	assert_string_equal("m can't move: in origin/main", moves_of(t));
	t.published = "z";
	assert_string_equal("z can't move: in origin/main", moves_of(t));
}

static void test_what_has_nothing_to_do_with_the_fork_stays(void **state)
{
	(void)state;
	/* a labelled branch from the same place, and one above what moves */
	assert_string_equal(
		"r; b < r; a < b; w < r", after(lines("r", "r; b < r", "r; a < r; w < r : cart")));
	assert_string_equal("r; b < r; a < b; c < a; w < a",
		after(lines("r", "r; b < r", "r; a < r; c < a; w < a : cart")));
	assert_string_equal("r; b < r; a < b; s; d < s",
		after(lines("r : main; s : cart", "r : main; s : cart; b < r",
			"r : main; s : cart; a < r; d < s")));
	/* heads that the base had */
	assert_string_equal("r; x < r; b < x; a < b; y < r; c < y",
		after(lines("r; x < r; y < r", "r; x < r; y < r; b < x",
			"r; x < r; y < r; a < x; c < y")));
}

static void test_what_cannot_be_told_is_refused(void **state)
{
	(void)state;
	assert_string_equal("the side that stays has several heads above the fork",
		moves_of(lines("r; x < r; y < r", "r; x < r; y < r; b < x; c < y",
			"r; x < r; y < r; a < x y")));
	assert_string_equal("it can't be told which heads belong together",
		moves_of(lines("r", "r; b < r; c < r", "r; a < r")));
	assert_string_equal("the side that would move has several heads above the fork",
		moves_of(lines("r; x < r; y < r", "r; x < r; y < r; b < x y",
			"r; x < r; y < r; a < x; c < y")));
	assert_string_equal("several lines have forked",
		moves_of(lines("r : main; s : cart", "r : main; s : cart; b < r; d < s",
			"r : main; s : cart; a < r; c < s")));
	assert_string_equal("a can't move: gone, which it stands on, is not there",
		moves_of(lines("r", "r; b < r", "r; a < r gone")));
	assert_string_equal("a can't move: gone, which it depends on, is not there",
		moves_of(lines("r", "r; b < r", "r; a < r ! gone")));
	/* Alembic would end with a KeyError */
	assert_string_equal(
		"x can't move: it would join what stands above something else that it names",
		moves_of(lines("r; q : other; s : third", "r; q : other; s : third; b < r ! q",
			"r; q : other; s : third; x < r s q")));
	/* the twin stands apart from one of the two that it joined there */
	assert_string_equal("d can't move: it would join what it did not join before",
		moves_of(lines("r; x < r : one; y < r : two",
			"r; x < r : one; y < r : two; b < x = same",
			"r; x < r : one; y < r : two; a < x y = same; d < a")));
	assert_string_equal("w can't move: it would no longer come after p",
		moves_of(lines(
			"r", "r; b < r; h < b = same", "r; p < r; a < p = same; w : cart ! a")));
	assert_string_equal(
		"the graph has a cycle", moves_of(lines("r", "r; b < r", "r; a < r c; c < a")));
}

static void test_what_somebody_has_seen_stays(void **state)
{
	struct case_text t = seen("r", "r; b < r", "r; a < r; c < a", "a");
	struct met *m;

	(void)state;
	assert_string_equal("a can't move: in origin/main", moves_of(t));
	t.published = "c"; /* it need not be written */
	assert_string_equal("a < b", moves_of(t));
	m = meet(t);
	m->standings.count = 0;
	decide(m, false);
	assert_string_equal("a can't move: who has seen it is not known", say_moves(m));
}

static void test_twins_are_dropped(void **state)
{
	const char *base = "r";

	(void)state;
	assert_string_equal(
		"r; b < r; c < b", after(lines(base, "r; b < r = same", "r; a < r = same; c < a")));
	assert_string_equal("a dropped: b; c < b",
		moves_of(lines(base, "r; b < r = same", "r; a < r = same; c < a")));
	assert_string_equal(
		"a dropped: b", moves_of(lines(base, "r; b < r = same; h < b", "r; a < r = same")));
	assert_string_equal("a dropped: b; c < h",
		moves_of(lines(base, "r; b < r = same; h < b", "r; a < r = same; c < a")));
	/* what it stood on is not lost */
	assert_string_equal("r; b < r; p < b; c < p",
		after(lines(base, "r; b < r = same", "r; p < r; a < p = same; c < a")));
	assert_string_equal(
		"r; b < r; p < b", after(lines(base, "r; b < r = same", "r; p < r; a < p = same")));
	/* all of a line, in another order */
	assert_string_equal(
		"r; y1 < r; x1 < y1; z < x1", after(lines(base, "r; y1 < r = y; x1 < y1 = x",
						      "r; x2 < r = x; y2 < x2 = y; z < y2")));
	/* dependents follow */
	assert_string_equal("r; b < r; c < b; d < c ! b",
		after(lines(base, "r; b < r = same", "r; a < r = same; c < a; d < c ! a")));
}

static void test_twins_and_merges(void **state)
{
	(void)state;
	/* both sides have the same two, joined by merge revisions of their own */
	assert_string_equal("r; x1 < r; y1 < r; m1 < x1 y1; z < m1",
		after(lines("r", "r; x1 < r = x; y1 < r = y; m1 < x1 y1",
			"r; x2 < r = x; y2 < r = y; m2 < x2 y2; z < m2")));
	/* one of two parents is there already */
	assert_string_equal("x2 dropped: x1; y < x1; m dropped, y; z < y",
		moves_of(lines("r", "r; x1 < r = x", "r; x2 < r = x; y < r; m < x2 y; z < m")));
}

static void test_twins_that_cannot_be_told(void **state)
{
	struct case_text t = lines("r", "r; b < r = same; b2 < b = same", "r; a < r = same");

	(void)state;
	assert_string_equal(
		"a can't move: several migrations of the other side are the same", moves_of(t));
	t = lines("r", "r; b < r = same", "r; a < r = same; a2 < a = same");
	assert_string_equal("a can't move: another one is the same migration, too", moves_of(t));
	t = merged("r", "r; b < r = same", "r; a < r = same", "r; b < r = same; a < r = other");
	assert_string_equal("a can't move: it, or what was the same migration on the other side, "
			    "was edited where the lines met",
		moves_of(t));
	t.result = "r; b < r = other; a < r = same";
	assert_string_equal("a can't move: it, or what was the same migration on the other side, "
			    "was edited where the lines met",
		moves_of(t));
	t = lines("r", "r; b < r = same", "r; a < r : cart = same");
	assert_string_equal(
		"a can't move: the same migration on the other side has other labels", moves_of(t));
	t = lines("r; s : other", "r; s : other; b < r = same", "r; s : other; a < r ! s = same");
	assert_string_equal(
		"a can't move: the same migration on the other side depends on less", moves_of(t));
	t = seen("r", "r; b < r = same", "r; a < r = same", "a");
	assert_string_equal("a can't move: in origin/main", moves_of(t));
	/* known, and joined by hand */
	t = merged("r", "r; b < r = same", "r; a < r = same",
		"r; b < r = same; a < r = same; m < a b");
	assert_string_equal("", moves_of(t));
	/* what does nothing is nobody's twin */
	t = lines("r", "r; b < r = nothing", "r; a < r = nothing");
	assert_string_equal("a < b", moves_of(t));
}

static void test_parents_that_the_other_side_has_renamed(void **state)
{
	struct case_text t =
		merged("r", "r; x1 < r = x", "r; x < r = x; y < x", "r; x1 < r = x; y < x");

	(void)state;
	assert_string_equal("y < x1", moves_of(t));
	assert_string_equal("r; x1 < r; y < x1", after(t));
	t.stays = "r; b < r; x1 < b = x; h < x1";
	t.result = "r; b < r; x1 < b = x; h < x1; y < x";
	assert_string_equal("r; b < r; x1 < b; h < x1; y < h", after(t));
	/* the base had it */
	t = merged("r; x < r", "r; b < r; x1 < b = x", "r; x < r; y < x ! x",
		"r; b < r; x1 < b = x; y < x ! x");
	assert_string_equal("r; b < r; x1 < b; y < x1 ! x1", after(t));
	/* further down, and with something in between that is still there */
	t = merged("r", "r; x1 < r = x; z1 < x1 = z", "r; x < r = x; p < x; z < p = z; y < z",
		"r; x1 < r = x; z1 < x1 = z; p < x; y < z");
	assert_string_equal("r; x1 < r; z1 < x1; p < z1; y < p", after(t));
	t = merged("r", "r; x1 < r = x; x2 < x1 = x", "r; x < r = x; y < x",
		"r; x1 < r = x; x2 < x1 = x; y < x");
	assert_string_equal("y can't move: x, which it stands on, is not there", moves_of(t));
	t = merged(
		"r", "r; x1 < r = x", "r; x < r = x; x0 < x = x; y < x0", "r; x1 < r = x; y < x0");
	assert_string_equal("y can't move: x0, which it stands on, is not there", moves_of(t));
	t = merged("r", "r; x1 < r = edited", "r; x < r = x; y < x", "r; x1 < r = edited; y < x");
	assert_string_equal("y can't move: x, which it stands on, is not there", moves_of(t));
}

static void test_one_id_for_two_migrations(void **state)
{
	struct case_text t =
		lines("r", "r; a < r = one", "r; a < r = two @ versions/other.py; c < a ! a");
	struct met *m = meet(t);
	const char *id;

	(void)state;
	assert_true(m->ok);
	assert_int_equal(2, m->decided.list.count);
	id = oh_slice_str(&arena, m->decided.list.items[0].new_id);
	assert_int_equal(12, strlen(id));
	assert_string_equal(
		oh_slice_printf(&arena, "a becomes %s < a; c < %s", id, id).ptr, say_moves(m));
	assert_string_equal(
		oh_slice_printf(&arena, "r; a < r; %s < a; c < %s ! %s", id, id, id).ptr, after(t));
	t.published = "a";
	assert_string_equal("a can't move: in origin/main", moves_of(t));
	t.published = "c";
	assert_string_equal("c can't move: in origin/main", moves_of(t));
	/* the same one in two files */
	t = lines("r", "r; a < r = one", "r; a < r = one @ versions/other.py; c < a");
	assert_string_equal("a dropped: a", moves_of(t));
	assert_string_equal("r; a < r; c < a", after(t));
	t = lines("r; s < r; u < r", "r; s < r; u < r; m < s u",
		"r; s < r; u < r; m < u s @ versions/other.py; c < m");
	assert_string_equal("m dropped: m", moves_of(t));
	/* what it was on one side, another one is on the other */
	t = lines("r", "r; a < r = one", "r; a < r = two @ versions/other.py; c < a = one; d < c");
	m = meet(t);
	assert_string_equal(
		oh_slice_printf(&arena, "a becomes %s < a; c dropped: a; d < %s", id, id).ptr,
		say_moves(m));
	/* nobody knows which */
	t = merged("r", "r; a < r = one", "r; a < r = two @ versions/other.py",
		"r; a < r = one; a < r = two @ versions/other.py; n < a");
	assert_string_equal("n can't move: it names an id that two migrations have", moves_of(t));
	t = lines("r", "r; b < r", "r; a < r; a < r = two @ versions/other.py");
	assert_string_equal("a can't move: several files have this id", moves_of(t));
	t = lines("r", "r; a < r; b < a", "r; a < r; a < r = two @ versions/other.py");
	assert_string_equal("a can't move: several files have this id", moves_of(t));
}

static void test_numbers(void **state)
{
	const char *base = "001_r; 002_s < 001_r";
	struct case_text t = numbered(base, "001_r; 002_s < 001_r; 003_b < 002_s",
		"001_r; 002_s < 001_r; 003_a < 002_s; 004_c < 003_a ! 003_a");
	struct met *m;

	(void)state;
	assert_string_equal(
		"003_a becomes 004_a < 003_b; 004_c becomes 005_c < 004_a", moves_of(t));
	assert_string_equal(
		"001_r; 002_s < 001_r; 003_b < 002_s; 004_a < 003_b; 005_c < 004_a ! 004_a",
		after(t));
	m = meet(t);
	assert_string_equal("versions/004_a.py", m->decided.list.items[0].new_path.ptr);
	assert_int_equal(2, m->decided.renames.count);
	t.published = "004_c";
	assert_string_equal("004_c can't move: in origin/main", moves_of(t));
	t.published = "";
	t.renumber = false;
	assert_string_equal("003_a < 003_b", moves_of(t));
	/* all that stays counts; what is on top without a fork is left alone */
	t = numbered(base, "001_r; 002_s < 001_r; 003_b < 002_s; 004_d < 003_b",
		"001_r; 002_s < 001_r; 003_a < 002_s");
	assert_string_equal("003_a becomes 005_a < 004_d", moves_of(t));
	t.moves = "001_r; 002_s < 001_r; 003_b < 002_s; 003_x < 003_b";
	t.stays = "001_r; 002_s < 001_r; 003_b < 002_s";
	assert_string_equal("", moves_of(t));
	/* a twin was counted on by the side that stays */
	t.stays = "001_r; 002_s < 001_r; 003_b < 002_s; 004_a < 003_b = a";
	t.moves = "001_r; 002_s < 001_r; 003_a < 002_s = a; 004_c < 003_a";
	assert_string_equal("003_a dropped: 004_a; 004_c becomes 005_c < 004_a", moves_of(t));
	/* hashes on the side that stays */
	t = numbered("r", "r; b < r", "r; 001_a < r");
	assert_string_equal("001_a < b", moves_of(t));
}

static void test_names_that_are_taken(void **state)
{
	struct case_text t =
		numbered("0001; 0002 < 0001", "0001; 0002 < 0001; 0003 < 0002 @ versions/b.py",
			"0001; 0002 < 0001; 0003 < 0002 = x @ versions/0003.py; 0004 < 0003 @ "
			"versions/0004.py");

	(void)state;
	/* 0003.py would become 0004.py, which moves away only with it */
	assert_string_equal("0003 can't move: versions/0004.py is taken", moves_of(t));
	t.moves = "0001; 0002 < 0001; 0003 < 0002 = x @ versions/x.py; 0004 < 0003 @ versions/y.py";
	assert_string_equal("0003 becomes 0004 < 0003; 0004 becomes 0005 < 0004", moves_of(t));
	assert_string_equal("0001; 0002 < 0001; 0003 < 0002; 0004 < 0003; 0005 < 0004", after(t));
}

static const char *steps_of(struct met *m, struct move_tree *tree)
{
	static const char *const kinds[] = {"add", "replace", "edit", "remove"};
	struct oh_steps steps = {0};
	struct oh_snapshot after_that;
	struct oh_slices all = {0};

	if (!oh_move_steps(&arena, &m->decided, &tree->snapshot, move_read, tree, &steps,
		    &after_that, &m->err))
		return m->err.message;
	for (size_t i = 0; i < steps.count; i++)
		OH_PUSH(&arena, &all,
			oh_slice_printf(&arena, "%s " OH_FMT ": " OH_FMT,
				kinds[steps.items[i].kind], OH_ARG(steps.items[i].path),
				OH_ARG(steps.items[i].reason)));
	return oh_slices_join(&arena, &all, "\n").ptr;
}

static void add_lock(struct move_tree *tree)
{
	const struct oh_lock lock = oh_lock_of(&arena, &tree->snapshot.graph);

	OH_PUSH(&arena, &tree->files.files,
		(struct memory_file){
			OH_SLICE(MOVE_DIRECTORY "/" OH_LOCK_NAME), oh_lock_format(&arena, &lock)});
	move_tree_read(&arena, tree);
}

static void test_steps_say_why(void **state)
{
	struct met *m = meet(numbered("001_r; 002_x < 001_r; 002_y < 001_r",
		"001_r; 002_x < 001_r; 002_y < 001_r; 003_n < 002_x 002_y; 004_t < 003_n = t",
		"001_r; 002_x < 001_r; 002_y < 001_r; m < 002_y 002_x; 003_u < m = t; h < 003_u; "
		"004_v < h"));

	(void)state;
	add_lock(m->result);
	decide(m, true);
	assert_string_equal("remove versions/m.py: m joins nothing any more: 003_n stays\n"
			    "remove versions/003_u.py: 003_u is there already, as 004_t\n"
			    "edit versions/h.py: h moves, on top of 004_t\n"
			    "remove versions/004_v.py: 004_v becomes 005_v, on top of h\n"
			    "add versions/005_v.py: 004_v becomes 005_v, on top of h\n"
			    "replace migrations/onehead.lock: the lock says what the directory has",
		steps_of(m, m->result));
	assert_string_equal("001_r; 002_x < 001_r; 002_y < 001_r; 003_n < 002_x 002_y; 004_t < "
			    "003_n; h < 004_t; 005_v < h",
		say_graph(&carry_out(m, m->result)->snapshot));
	/* the lock alone, where nothing moves */
	m = meet(lines("r", "r", "r; a < r"));
	m->result->snapshot.has_lock = true;
	assert_string_equal("replace migrations/onehead.lock: the lock says what the directory has",
		steps_of(m, m->result));
}

static const char *earlier(struct met *m, const char *text)
{
	struct move_tree *moved;

	assert_true(m->ok);
	moved = carry_out(m, move_tree(&arena, text));
	return moved ? say_graph(&moved->snapshot) : m->err.message;
}

static void test_earlier_states_of_the_line(void **state)
{
	const char *base = "001_r; 002_s < 001_r";
	struct case_text t = numbered(base, "001_r; 002_s < 001_r; 003_b < 002_s",
		"001_r; 002_s < 001_r; 003_a < 002_s; 004_c < 003_a");
	struct met *m = meet(t);

	(void)state;
	assert_string_equal("001_r; 002_s < 001_r; 003_b < 002_s",
		earlier(m, "001_r; 002_s < 001_r; 003_b < 002_s"));
	assert_string_equal("001_r; 002_s < 001_r; 003_b < 002_s; 004_a < 003_b",
		earlier(m, "001_r; 002_s < 001_r; 003_b < 002_s; 003_a < 002_s"));
	/* in another file, with other parents, and not yet there */
	assert_string_equal("001_r; 002_s < 001_r; 003_b < 002_s; 004_a < 003_b",
		earlier(m, "001_r; 002_s < 001_r; 003_b < 002_s; 003_a < 001_r @ versions/x.py"));
	assert_string_equal("001_r; 002_s < 001_r; 003_b < 002_s; 005_c < 003_b",
		earlier(m, "001_r; 002_s < 001_r; 003_b < 002_s; 004_c < 002_s"));
	assert_string_equal("001_r; 002_s < 001_r; 003_b < 002_s; 005_c < 004_a",
		earlier(m, "001_r; 002_s < 001_r; 003_b < 002_s; 004_c < 003_a"));
	/* one that the line has no more: who has seen it is not known, unless it is said */
	assert_string_equal("t can't move: who has seen it is not known",
		earlier(m, "001_r; 002_s < 001_r; 003_b < 002_s; t < 002_s"));
	OH_PUSH(&arena, &m->standings,
		(struct oh_standing_of){OH_SLICE("t"), OH_MOVABLE, OH_SLICE("")});
	assert_string_equal("001_r; 002_s < 001_r; 003_b < 002_s; 004_a < 003_b; t < 004_a",
		earlier(m, "001_r; 002_s < 001_r; 003_b < 002_s; 003_a < 002_s; t < 003_a"));
	/* it does not stand on the other side */
	assert_string_equal("nothing can move: 003_b is not there",
		earlier(m, "001_r; 002_s < 001_r; 003_a < 002_s"));
	/* a name that is taken for the moment */
	assert_string_equal("003_a can't move: versions/004_a.py is taken",
		earlier(m, "001_r; 002_s < 001_r; 003_b < 002_s; 003_a < 002_s; "
			   "w @ versions/004_a.py"));
}

static void test_earlier_states_with_twins(void **state)
{
	struct met *m = meet(lines("r", "r; b < r = same; h < b",
		"r; a < r = same; c < a; m < a c = nothing; d < m ! a"));

	(void)state;
	assert_string_equal("a dropped: b; c < h; m dropped, c; d < c", say_moves(m));
	assert_string_equal(
		"r; b < r; h < b; c < h; d < c ! b", say_graph(&carry_out(m, m->result)->snapshot));
	assert_string_equal("r; b < r; h < b", earlier(m, "r; b < r = same; h < b; a < r = same"));
	assert_string_equal("r; b < r; h < b; c < h",
		earlier(m, "r; b < r = same; h < b; a < r = same; c < a"));
	/* the twin is not there yet: it is not lost */
	m = meet(lines("r", "r; h < r; b < h = same", "r; a < r = same; c < a"));
	assert_string_equal(
		"nothing can move: b is not there", earlier(m, "r; h < r; a < r = same; c < a"));
	/* nor is a merge revision, where what it would leave is not */
	m = meet(lines("r; s < r", "r; s < r; b < s", "r; s < r; x < r; m < s x; z < m"));
	assert_string_equal("x < b; m dropped, x; z < x", say_moves(m));
	assert_string_equal(
		"r; s < r; b < s; m < b x; z < m", earlier(m, "r; s < r; b < s; m < s x; z < m"));
	/* what a twin stood on comes later */
	m = meet(lines("r", "r; b < r = same", "r; p < r; a < p = same; c < a"));
	assert_string_equal("r; b < r; c < b", earlier(m, "r; b < r = same; a < p = same; c < a"));
	/* nor is a child set on another migration of the same id */
	m = meet(lines("r", "r; a < r = one", "r; a < r = two @ versions/other.py; c < a ! a"));
	assert_string_equal(oh_slice_printf(&arena, "c < " OH_FMT " ! " OH_FMT "; r; a < r",
				    OH_ARG(m->decided.list.items[0].new_id),
				    OH_ARG(m->decided.list.items[0].new_id))
				    .ptr,
		earlier(m, "r; a < r = one; c < a ! a"));
	/* a child that names what is not there any more */
	m = meet(merged("r", "r; x1 < r = x; h < x1", "r; x < r = x; y < x",
		"r; x1 < r = x; h < x1; y < x"));
	assert_string_equal("r; x1 < r; h < x1; y < h", earlier(m, "r; x1 < r = x; h < x1; y < x"));
	assert_string_equal(
		"r; x1 < r; h < x1; y < h", earlier(m, "r; x1 < r = x; h < x1; x < r = x; y < x"));
}

static const char *mend(struct case_text t)
{
	struct met *m = meet(t);
	struct oh_steps steps = {0};
	struct oh_slices all = {0};
	struct oh_mendings mendings;
	struct oh_snapshot after_that;

	assert_true(m->ok);
	assert_true(oh_move_steps(&arena, &m->decided, &m->result->snapshot, move_read, m->result,
		&steps, &after_that, &m->err));
	mendings = oh_move_mendings(&arena, &m->decided, &after_that, &oh_adapter_alembic);
	for (size_t i = 0; i < mendings.count; i++)
		OH_PUSH(&arena, &all,
			oh_slice_printf(&arena, OH_FMT ": " OH_FMT,
				OH_ARG(mendings.items[i].applied),
				OH_ARG(oh_slices_join(
					&arena, &mendings.items[i].commands, " && "))));
	return oh_slices_join(&arena, &all, "\n").ptr;
}

static void test_databases_are_mended(void **state)
{
	(void)state;
	assert_string_equal("a: alembic stamp --purge r && alembic upgrade h && alembic stamp a\n"
			    "c: alembic stamp --purge r && alembic upgrade h && alembic stamp c",
		mend(lines("r", "r; b < r; h < b", "r; a < r; c < a")));
	assert_string_equal(
		"002_a: alembic stamp --purge 001_r && alembic upgrade 002_b && alembic stamp 003_a",
		mend(numbered("001_r", "001_r; 002_b < 001_r", "001_r; 002_a < 001_r")));
	assert_string_equal("", mend(lines("r", "r", "r; a < r")));
}

static void test_databases_with_twins(void **state)
{
	(void)state;
	/* another name, and nothing else */
	assert_string_equal("a: alembic stamp --purge b",
		mend(lines("r", "r; b < r = same", "r; a < r = same")));
	/* the twin stands among what was inserted: it is not run again */
	assert_string_equal("a: alembic stamp --purge r && alembic upgrade b && alembic stamp x\n"
			    "c: alembic stamp --purge r && alembic upgrade b && alembic stamp x && "
			    "alembic upgrade h && alembic stamp c",
		mend(lines("r", "r; b < r; x < b = same; h < x", "r; a < r = same; c < a")));
	/* a lost one is known by its twin; one without a twin leaves everything open */
	assert_string_equal("x: alembic stamp --purge r && alembic upgrade b && alembic stamp x1\n"
			    "y: alembic stamp --purge r && alembic upgrade b && alembic stamp y",
		mend(merged("r", "r; b < r; x1 < b = x", "r; x < r = x; y < x",
			"r; b < r; x1 < b = x; y < x")));
	assert_string_equal(
		"", mend(merged("r", "r; b < r", "r; x < r; y < x", "r; b < r; y < r")));
}

static void test_databases_beyond_a_chain(void **state)
{
	(void)state;
	/* at x it may have y as well: nobody knows; at m it has both */
	assert_string_equal("m: alembic stamp --purge r && alembic upgrade b && alembic stamp m",
		mend(lines("r", "r; b < r", "r; x < r; y < r; m < x y")));
	/* at the twin of one of them */
	assert_string_equal("m: alembic stamp --purge r && alembic upgrade b && alembic stamp x1 "
			    "&& alembic upgrade h && alembic stamp y",
		mend(lines("r", "r; b < r; x1 < b = x; h < x1", "r; x < r = x; y < r; m < x y")));
	/* labelled branches: a database has heads of both */
	assert_string_equal("a and d: alembic stamp --purge d r && alembic upgrade b && alembic "
			    "stamp --purge a d",
		mend(lines("r : main; s : cart; d < s", "r : main; s : cart; d < s; b < r",
			"r : main; s : cart; d < s; a < r")));
	/* a merge revision that is gone has done nothing */
	assert_string_equal("m: alembic stamp --purge x y",
		mend(lines("r; x < r; y < r", "r; x < r; y < r; n < x y; b < n",
			"r; x < r; y < r; m < x y")));
}

static void test_ids_are_quoted(void **state)
{
	(void)state;
	assert_string_equal("a&b: alembic stamp --purge '$(r)' && alembic upgrade 'it'\\''s' && "
			    "alembic stamp 'a&b'",
		mend(lines("$(r)", "$(r); it's < $(r)", "$(r); a&b < $(r)")));
	/* what a terminal would not show as it is */
	assert_string_equal("", mend(lines("r", "r; b\x01 < r", "r; a < r")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_chain_goes_on_top, drop),
		cmocka_unit_test_teardown(test_nothing_forked, drop),
		cmocka_unit_test_teardown(test_a_base_does_not_move, drop),
		cmocka_unit_test_teardown(test_shapes_stay, drop),
		cmocka_unit_test_teardown(test_parents_that_say_nothing_any_more, drop),
		cmocka_unit_test_teardown(test_useless_merges_are_dropped, drop),
		cmocka_unit_test_teardown(test_what_has_nothing_to_do_with_the_fork_stays, drop),
		cmocka_unit_test_teardown(test_what_cannot_be_told_is_refused, drop),
		cmocka_unit_test_teardown(test_what_somebody_has_seen_stays, drop),
		cmocka_unit_test_teardown(test_twins_are_dropped, drop),
		cmocka_unit_test_teardown(test_twins_and_merges, drop),
		cmocka_unit_test_teardown(test_twins_that_cannot_be_told, drop),
		cmocka_unit_test_teardown(test_parents_that_the_other_side_has_renamed, drop),
		cmocka_unit_test_teardown(test_one_id_for_two_migrations, drop),
		cmocka_unit_test_teardown(test_numbers, drop),
		cmocka_unit_test_teardown(test_names_that_are_taken, drop),
		cmocka_unit_test_teardown(test_steps_say_why, drop),
		cmocka_unit_test_teardown(test_earlier_states_of_the_line, drop),
		cmocka_unit_test_teardown(test_earlier_states_with_twins, drop),
		cmocka_unit_test_teardown(test_databases_are_mended, drop),
		cmocka_unit_test_teardown(test_databases_with_twins, drop),
		cmocka_unit_test_teardown(test_databases_beyond_a_chain, drop),
		cmocka_unit_test_teardown(test_ids_are_quoted, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

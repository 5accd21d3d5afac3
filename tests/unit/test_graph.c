#include "graph_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define IDS(list) graph_ids(&arena, &g, &(list))

static void test_ends(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena, "c < b; b < a; a; x; d < b ! x; e < c d");

	(void)state;
	assert_string_equal(IDS(g.heads), "e x");
	assert_string_equal(IDS(g.effective_heads), "e");
	assert_string_equal(IDS(g.bases), "a x");
	assert_string_equal(IDS(g.order), "a b c x d e");
	assert_int_equal(g.missing.count + g.duplicates.count + g.cycle.count, 0);
	oh_arena_drop(&arena);
}

static void test_empty(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena, "");

	(void)state;
	assert_int_equal(g.count + g.heads.count + g.bases.count + g.order.count, 0);
	assert_int_equal(oh_graph_find(&g, OH_SLICE("")), OH_NO_NODE);
	assert_int_equal(oh_graph_forked_heads(&g, &arena).count, 0);
	assert_non_null(oh_graph_ancestors(&g, &arena, &g.heads));
	oh_arena_drop(&arena);
}

static void test_find_one_after_the_other(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena, "a; b; c; d");
	static const char *const ids[] = {"a", "c", "x", "d", "y", "b", "a", "a"};
	size_t next = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		assert_int_equal(oh_graph_find_next(&g, &next, oh_slice_of(ids[i])),
			oh_graph_find(&g, oh_slice_of(ids[i])));
	g = graph_of_text(&arena, "");
	assert_int_equal(oh_graph_find_next(&g, &next, OH_SLICE("a")), OH_NO_NODE);
	oh_arena_drop(&arena);
}

static void test_damage(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena,
		"b < gone a gone ! nowhere gone; a; a @ versions/0.py; s < s; "
		"p < q; q < p; r < q a; t < r");

	(void)state;
	assert_int_equal(g.missing.count, 3);
	assert_true(oh_slice_eq(g.missing.items[0].id, OH_SLICE("gone")));
	assert_true(oh_slice_eq(g.missing.items[1].id, OH_SLICE("nowhere")));
	assert_true(oh_slice_eq(g.missing.items[2].id, OH_SLICE("gone")));
	assert_false(g.missing.items[0].is_dependency);
	assert_true(g.missing.items[1].is_dependency && g.missing.items[2].is_dependency);
	assert_int_equal(g.duplicates.count, 1);
	assert_memory_equal(
		g.nodes[g.duplicates.items[0].node].migration->path.ptr, "versions/0.py", 13);
	assert_memory_equal(g.duplicates.items[0].other->path.ptr, "versions/a.py", 13);
	assert_string_equal(IDS(g.cycle), "p q s");
	assert_string_equal(IDS(g.order), "a b r t");
	assert_string_equal(IDS(g.bases), "a");
	assert_string_equal(IDS(g.heads), "b t");
	oh_arena_drop(&arena);
}

/* A cycle that can be entered from a base and left to a head: no count of ends shows it. */
static void test_cycle_in_the_middle(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena, "z; a < z b; b < a; h < b");

	(void)state;
	assert_string_equal(IDS(g.cycle), "a b");
	assert_string_equal(IDS(g.order), "h z");
	g = graph_of_text(&arena, "a ! b; b < a; c < b ! d; d ! c; e < c");
	assert_string_equal(IDS(g.cycle), "");
	assert_string_equal(IDS(g.needs_cycle), "a b c d");
	assert_string_equal(IDS(g.order), "a b c d e");
	oh_arena_drop(&arena);
}

static void test_repeated_parents_count_once(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena, "a; b < a a a ! a a");

	(void)state;
	assert_string_equal(IDS(g.nodes[1].parents), "a");
	assert_string_equal(IDS(g.nodes[0].children), "b");
	assert_string_equal(IDS(g.nodes[1].needs), "a");
	assert_string_equal(IDS(g.nodes[0].needed_by), "b");
	oh_arena_drop(&arena);
}

static void test_label_clashes(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena, "a : x; b : x a; c : c d; d : y y; e ! x y d");

	(void)state;
	assert_int_equal(g.label_clashes.count, 5);
	for (size_t i = 0; i < 5; i++) {
		static const size_t expected[][2] = {{1, 0}, {1, 0}, {2, 2}, {2, 3}, {3, 3}};

		assert_int_equal(g.label_clashes.items[i].node, expected[i][0]);
		assert_int_equal(g.label_clashes.items[i].owner, expected[i][1]);
	}
	assert_string_equal(IDS(g.nodes[4].needs), "a d");
	assert_int_equal(*oh_map_get(&g.by_label, OH_SLICE("y")), 3);
	oh_arena_drop(&arena);
}

static const char *labels_of(struct oh_arena *arena, const struct oh_graph *g, const char *id)
{
	struct oh_slices l = oh_graph_labels(g, arena, oh_graph_find(g, oh_slice_of(id)));

	return oh_slices_join(arena, &l, " ").ptr;
}

static void test_labels_spread(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(&arena,
		"a; b < a; c < b : x; d < c; e < b; f < e : y; g < f; h < g; i < g;"
		"j < d e : z; k < j; n < m; m : q");

	(void)state;
	assert_string_equal(labels_of(&arena, &g, "a"), "");
	assert_string_equal(labels_of(&arena, &g, "c"), "x");
	assert_string_equal(labels_of(&arena, &g, "k"), "x z");
	assert_string_equal(labels_of(&arena, &g, "e"), "");
	assert_string_equal(labels_of(&arena, &g, "i"), "y");
	/* up to the beginning, where nothing forks */
	assert_string_equal(labels_of(&arena, &g, "m"), "q");
	g = graph_of_text(&arena, "a; b < a; c < b : x; d < c : w");
	assert_string_equal(labels_of(&arena, &g, "a"), "w x");
	/* a dependency is a fork as well, and so is a merge: neither is passed */
	g = graph_of_text(&arena, "a; b < a; c < b : x; d < c; o ! b");
	assert_string_equal(labels_of(&arena, &g, "a"), "");
	assert_string_equal(labels_of(&arena, &g, "b"), "");
	g = graph_of_text(&arena, "a; b < a ! a; c < b : x ! b");
	assert_string_equal(labels_of(&arena, &g, "a"), "x");
	oh_arena_drop(&arena);
}

/* Families as text: the heads of one with blanks, families with bars between. */
static const char *families_of(struct oh_arena *arena, const char *text)
{
	struct oh_graph g = graph_of_text(arena, text);
	struct oh_families f = oh_graph_forked_heads(&g, arena);
	struct oh_slices all = {0};

	for (size_t i = 0; i < f.count; i++)
		OH_PUSH(arena, &all, oh_slice_of(graph_ids(arena, &g, &f.items[i])));
	return oh_slices_join(arena, &all, " | ").ptr;
}

static void test_families(void **state)
{
	static const struct {
		const char *graph, *families;
	} cases[] = {
		{"a; b < a", ""},
		{"a; b < a; c < a", "b c"},
		{"a; b < a; c < a : x", ""},
		{"a; b < a; c < a : x; d < c; e < c", "d e"},
		{"a; b < a; c < a : x; d < c; e < c; f < a", "b f | d e"},
		/* a label of the common beginning is carried by both */
		{"a : x; b < a; c < a", "b c"},
		/* two beginnings: nothing says that they are meant */
		{"a; b", "a b"},
		{"a; b; c < a; d < b", "c d"},
		{"a @ one/a.py; b @ two/b.py", ""},
		{"a : x; b", ""},
		{"a : x; b : y; c < a; d < a", "c d"},
		/* not transitive through a head of another family */
		{"a; b; c < a @ v/1/c; d < a b : x; e < b @ v/2/e", ""},
		{"a; b; c < a @ v/1/c; d < a b @ v/1/d; e < b @ v/2/e", "c d e"},
		/* merge revisions of labelled branches carry both labels */
		{"a : x; b : y; m < a b; n < a b; c < a", "m n"},
	};
	struct oh_arena arena = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(families_of(&arena, cases[i].graph), cases[i].families);
	oh_arena_drop(&arena);
}

static struct oh_migration numbered(struct oh_arena *arena, size_t number)
{
	const struct oh_slice id = oh_slice_printf(arena, "%08zu", number);

	return (struct oh_migration){.id = id, .path = id};
}

static void test_long_chain(void **state)
{
	struct oh_arena arena = {0};
	struct oh_migrations all = {0};
	const size_t n = 100000;
	struct oh_graph g;
	oh_node_set set;

	(void)state;
	/* newest id first in the file names, so that nothing is in order by accident */
	for (size_t i = 0; i < n; i++) {
		struct oh_migration m = numbered(&arena, n - 1 - i);

		if (i)
			OH_PUSH(&arena, &m.parents, numbered(&arena, n - i).id);
		OH_PUSH(&arena, &all, m);
	}
	oh_graph_build(&g, &arena, &all);
	assert_int_equal(g.heads.count, 1);
	assert_int_equal(g.heads.items[0], 0);
	assert_int_equal(g.order.count, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(g.order.items[i], n - 1 - i);
	set = oh_graph_ancestors(&g, &arena, &g.heads);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(set[i], 1);
	assert_int_equal(oh_graph_labels(&g, &arena, n / 2).count, 0);
	/* closed to a ring: every node, found without recursion */
	OH_PUSH(&arena, &all.items[0].parents, numbered(&arena, 0).id);
	oh_graph_build(&g, &arena, &all);
	assert_int_equal(g.cycle.count, n);
	assert_int_equal(g.order.count + g.heads.count + g.bases.count, 0);
	oh_arena_drop(&arena);
}

static void test_wide_fork(void **state)
{
	struct oh_arena arena = {0};
	struct oh_migrations all = {0};
	struct oh_migration join;
	const size_t n = 100000;
	struct oh_families f;
	struct oh_graph g;

	(void)state;
	OH_PUSH(&arena, &all, numbered(&arena, 0));
	for (size_t i = 1; i <= n; i++) {
		struct oh_migration m = numbered(&arena, i);

		OH_PUSH(&arena, &m.parents, all.items[0].id);
		OH_PUSH(&arena, &all, m);
	}
	oh_graph_build(&g, &arena, &all);
	assert_int_equal(g.heads.count, n);
	f = oh_graph_forked_heads(&g, &arena);
	assert_int_equal(f.count, 1);
	assert_int_equal(f.items[0].count, n);
	join = numbered(&arena, n + 1);
	for (size_t i = 1; i <= n; i++)
		OH_PUSH(&arena, &join.parents, all.items[i].id);
	/* and as many that are not there, twice each */
	for (size_t i = 1; i <= 2 * n; i++)
		OH_PUSH(&arena, &join.parents, numbered(&arena, 10 * n + i / 2).id);
	OH_PUSH(&arena, &all, join);
	oh_graph_build(&g, &arena, &all);
	assert_int_equal(g.heads.count, 1);
	assert_int_equal(g.nodes[n + 1].parents.count, n);
	assert_int_equal(g.missing.count, n + 1);
	oh_arena_drop(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_find_one_after_the_other),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_cycle_in_the_middle),
		cmocka_unit_test(test_repeated_parents_count_once),
		cmocka_unit_test(test_label_clashes),
		cmocka_unit_test(test_labels_spread),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_wide_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

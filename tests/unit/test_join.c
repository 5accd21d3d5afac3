/* Which heads become one: plan/join. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "meeting_text.h"
#include "model/lock.h"
#include "plan/join.h"

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

/* The groups as text: "a b; c d". */
static const char *groups(struct meeting_text t)
{
	struct oh_meeting m = meeting_of_text(&arena, t);
	struct oh_slices all = {0};
	struct oh_join join;

	oh_join_decide(&join, &arena, &m);
	for (size_t i = 0; i < join.groups.count; i++)
		OH_PUSH(&arena, &all,
			oh_slice_of(graph_ids(&arena, &m.result->graph, &join.groups.items[i])));
	if (join.undecided.count)
		OH_PUSH(&arena, &all, OH_SLICE("undecided"));
	return oh_slices_join(&arena, &all, "; ").ptr;
}

static void test_plain_fork(void **state)
{
	(void)state;
	assert_string_equal("a b",
		groups((struct meeting_text){"r", "r; a < r", "r; b < r", "r; a < r; b < r"}));
}

static void test_nothing_to_join(void **state)
{
	(void)state;
	assert_string_equal("", groups((struct meeting_text){"r", "r; a < r", "r", "r; a < r"}));
	assert_string_equal("", groups((struct meeting_text){"r", "r; a < r; m < a b; b < r",
					"r; b < r", "r; a < r; b < r; m < a b"}));
}

static void test_one_side_went_on_from_the_other(void **state)
{
	(void)state;
	assert_string_equal("", groups((struct meeting_text){
					"r", "r; a < r", "r; a < r; b < a", "r; a < r; b < a"}));
}

static void test_heads_that_the_base_had_stay(void **state)
{
	(void)state;
	/* x and y were forked before; only what grew above x is joined. */
	assert_string_equal(
		"a b", groups((struct meeting_text){"r; x < r; y < r", "r; x < r; y < r; a < x",
			       "r; x < r; y < r; b < x", "r; x < r; y < r; a < x; b < x"}));
	assert_string_equal(
		"", groups((struct meeting_text){"r; x < r; y < r", "r; x < r; y < r; a < x",
			    "r; x < r; y < r; b < y", "r; x < r; y < r; a < x; b < y"}));
}

static void test_labelled_branches_keep_their_heads(void **state)
{
	(void)state;
	assert_string_equal("a b; c d",
		groups((struct meeting_text){"r : main; s : cart",
			"r : main; s : cart; a < r; c < s", "r : main; s : cart; b < r; d < s",
			"r : main; s : cart; a < r; b < r; c < s; d < s"}));
	/* ours split its line on purpose; theirs goes on with the unlabelled part */
	assert_string_equal("a b", groups((struct meeting_text){"r", "r; a < r; c < r : cart",
					   "r; b < r", "r; a < r; b < r; c < r : cart"}));
}

static void test_a_new_label_alone_does_not_make_a_second_head(void **state)
{
	(void)state;
	assert_string_equal("a b", groups((struct meeting_text){"r", "r; a < r", "r; b < r : cart",
					   "r; a < r; b < r : cart"}));
}

static void test_first_migrations_on_both_sides(void **state)
{
	(void)state;
	assert_string_equal("a b", groups((struct meeting_text){"", "a", "b", "a; b"}));
}

static void test_fork_from_below_the_head(void **state)
{
	(void)state;
	/* theirs forked its own history, from an ancestor of the base's head */
	assert_string_equal("a x", groups((struct meeting_text){"r; h < r", "r; h < r; a < h",
					   "r; h < r; x < r", "r; h < r; a < h; x < r"}));
}

static void test_merge_revision_on_one_side(void **state)
{
	(void)state;
	assert_string_equal("c m", groups((struct meeting_text){"r", "r; a < r; b < r; m < a b",
					   "r; c < r", "r; a < r; b < r; m < a b; c < r"}));
}

static void test_it_cannot_be_told(void **state)
{
	(void)state;
	/* Both sides split the base's head by labels that the other does not know. */
	assert_string_equal(
		"undecided", groups((struct meeting_text){"r", "r; a < r : one; b < r : two",
				     "r; c < r : three; d < r : four",
				     "r; a < r : one; b < r : two; c < r : three; d < r : four"}));
}

/* Random histories of two lines over one base: each side has one head, and so has the result. */
static void test_random_lines_end_in_one_head(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 500; round++) {
		struct oh_buf text[3] = {{.arena = &arena}, {.arena = &arena}, {.arena = &arena}};
		struct oh_buf all = {.arena = &arena};
		const char *tip[3];
		struct oh_join join;
		struct oh_meeting m;
		size_t left;

		oh_buf_addf(&text[0], "r");
		tip[0] = "r";
		for (size_t i = random_below(&seed, 4); i > 0; i--) {
			const char *id =
				oh_slice_printf(&arena, "x%zu", random_below(&seed, 1000000)).ptr;

			oh_buf_addf(&text[0], "; %s < %s", id, tip[0]);
			tip[0] = id;
		}
		oh_buf_add(&all, oh_buf_slice(&text[0]));
		for (int side = 1; side < 3; side++) {
			tip[side] = tip[0];
			oh_buf_add(&text[side], oh_buf_slice(&text[0]));
			for (size_t i = random_below(&seed, 4); i > 0; i--) {
				const char *id = oh_slice_printf(
					&arena, "s%d_%zu", side, random_below(&seed, 1000000))
							 .ptr;

				oh_buf_addf(&text[side], "; %s < %s", id, tip[side]);
				oh_buf_addf(&all, "; %s < %s", id, tip[side]);
				tip[side] = id;
			}
		}
		m = meeting_of_text(
			&arena, (struct meeting_text){oh_slice_str(&arena, oh_buf_slice(&text[0])),
					oh_slice_str(&arena, oh_buf_slice(&text[1])),
					oh_slice_str(&arena, oh_buf_slice(&text[2])),
					oh_slice_str(&arena, oh_buf_slice(&all))});
		oh_join_decide(&join, &arena, &m);
		left = m.result->graph.heads.count;
		for (size_t g = 0; g < join.groups.count; g++)
			left -= join.groups.items[g].count - 1;
		assert_int_equal(1, left);
		assert_int_equal(0, join.undecided.count);
		oh_arena_drop(&arena);
	}
}

/* What the plan writes has one head and a lock that says so. */
static void test_plan_has_merge_revision_and_lock(void **state)
{
	struct oh_meeting m = meeting_of_text(
		&arena, (struct meeting_text){"r", "r; a < r", "r; b < r", "r; a < r; b < r"});
	struct oh_snapshot result = *m.result;
	struct oh_steps steps = {0};
	struct oh_joined joined = {0};
	struct oh_error err = {0};
	struct oh_join join;
	struct oh_lock lock;

	(void)state;
	result.has_lock = true;
	m.result = &result;
	oh_join_decide(&join, &arena, &m);
	oh_join_plan(&arena, &result, &join, &steps, &joined);
	assert_int_equal(2, steps.count);
	assert_int_equal(1, joined.count);
	assert_int_equal(OH_STEP_ADD, steps.items[0].kind);
	assert_true(oh_slice_has_prefix(steps.items[0].path, OH_SLICE("versions/")));
	assert_int_equal(12, joined.items[0].id.len);
	assert_true(oh_slice_eq(steps.items[1].path, OH_SLICE("migrations/onehead.lock")));
	assert_true(oh_lock_parse(&lock, &arena, steps.items[1].bytes, &err));
	assert_int_equal(1, lock.heads.count);
	assert_true(oh_slice_eq(lock.heads.items[0], joined.items[0].id));
	assert_int_equal(4, lock.entries.count);
}

static void test_plan_is_empty_where_the_lock_is_true(void **state)
{
	struct oh_snapshot *s = snapshot_of_text(&arena, "r; a < r");
	const struct oh_lock lock = oh_lock_of(&arena, &s->graph);
	struct oh_steps steps = {0};

	(void)state;
	s->has_lock = true;
	s->lock = oh_lock_format(&arena, &lock);
	oh_lock_plan(&arena, s, &steps);
	assert_int_equal(0, steps.count);
	s->lock = OH_SLICE("garbage");
	oh_lock_plan(&arena, s, &steps);
	assert_int_equal(1, steps.count);
	s->has_lock = false;
	steps.count = 0;
	oh_lock_plan(&arena, s, &steps);
	assert_int_equal(0, steps.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_plain_fork, drop),
		cmocka_unit_test_teardown(test_nothing_to_join, drop),
		cmocka_unit_test_teardown(test_one_side_went_on_from_the_other, drop),
		cmocka_unit_test_teardown(test_heads_that_the_base_had_stay, drop),
		cmocka_unit_test_teardown(test_labelled_branches_keep_their_heads, drop),
		cmocka_unit_test_teardown(test_a_new_label_alone_does_not_make_a_second_head, drop),
		cmocka_unit_test_teardown(test_first_migrations_on_both_sides, drop),
		cmocka_unit_test_teardown(test_fork_from_below_the_head, drop),
		cmocka_unit_test_teardown(test_merge_revision_on_one_side, drop),
		cmocka_unit_test_teardown(test_it_cannot_be_told, drop),
		cmocka_unit_test_teardown(test_random_lines_end_in_one_head, drop),
		cmocka_unit_test_teardown(test_plan_has_merge_revision_and_lock, drop),
		cmocka_unit_test_teardown(test_plan_is_empty_where_the_lock_is_true, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

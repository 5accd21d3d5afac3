/* Numbers that upstream has taken: plan/renumber. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "move_text.h"
#include "plan/renumber.h"

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

struct case_text {
	const char *before, *upstream, *snapshot;
	const char *fixed, *beside; /* ids, with blanks between; migrations */
	bool rising;
};

struct done {
	struct move_tree *snapshot;
	struct oh_renumbering r;
	struct oh_steps steps;
	struct oh_snapshot after;
	struct oh_error err;
	bool ok;
};

static struct done *renumber(const struct case_text *c)
{
	struct done *d = oh_arena_alloc(&arena, sizeof(*d));
	struct oh_slices *fixed = oh_arena_alloc(&arena, sizeof(*fixed));
	struct oh_migrations *beside = oh_arena_alloc(&arena, sizeof(*beside));
	const struct oh_renumber_request request = {
		.before = &move_tree(&arena, c->before)->snapshot,
		.upstream = &move_tree(&arena, c->upstream)->snapshot,
		.snapshot = &(d->snapshot = move_tree(&arena, c->snapshot))->snapshot,
		.fixed = fixed,
		.beside = beside,
		.rising = c->rising};

	*fixed = oh_slice_words(&arena, oh_slice_of(c->fixed));
	if (c->beside)
		*beside = graph_text(&arena, c->beside);
	oh_renumber_decide(&d->r, &arena, &request);
	d->ok = oh_renumber_steps(
		&arena, &d->r, move_read, d->snapshot, &d->steps, &d->after, &d->err);
	return d;
}

/* "id < parents" of each, sorted by id; or why not. */
static struct oh_slice outcome(const struct case_text *c)
{
	const struct done *d = renumber(c);
	struct oh_buf out = {.arena = &arena};

	if (!d->ok)
		return oh_slice_of(d->err.message);
	for (size_t i = 0; i < d->after.graph.count; i++) {
		const struct oh_migration *m = d->after.graph.nodes[i].migration;

		oh_buf_addf(&out, "%s" OH_FMT "%s" OH_FMT, i ? "; " : "", OH_ARG(m->id),
			m->parents.count ? " < " : "",
			OH_ARG(oh_slices_join(&arena, &m->parents, " ")));
	}
	return oh_buf_slice(&out);
}

static void check(const struct case_text *c, const char *wanted)
{
	assert_string_equal(oh_slice_str(&arena, outcome(c)), wanted);
}

#define BEFORE "001_a; 002_b < 001_a"
#define CHECK(upstream, added, wanted)                                                             \
	check(&(struct case_text){BEFORE, upstream, BEFORE added, NULL, NULL, false}, wanted)

static void test_taken(void **state)
{
	(void)state;
	CHECK(BEFORE "; 003_x < 002_b", "; 003_y < 002_b", "001_a; 002_b < 001_a; 004_y < 002_b");
	CHECK(BEFORE "; 003_x < 002_b; 004_z < 003_x", "; 003_y < 002_b; 004_w < 003_y",
		"001_a; 002_b < 001_a; 005_y < 002_b; 006_w < 005_y");
	CHECK(BEFORE "; 003 < 002_b @ versions/003_x.py", "; 003 < 002_b @ versions/003_y.py = z",
		"001_a; 002_b < 001_a; 004 < 002_b");
}

static void test_dependencies_follow(void **state)
{
	const struct case_text c = {BEFORE, BEFORE "; 003_x < 002_b",
		BEFORE "; 003_y < 002_b; 009_w < 003_y ! 003_y", NULL, NULL, false};
	const struct done *d = renumber(&c);
	const struct oh_migration *w = oh_snapshot_find(&d->after, OH_SLICE("009_w"));

	(void)state;
	assert_true(d->ok);
	assert_non_null(w);
	assert_true(oh_slice_eq(w->depends_on.items[0], OH_SLICE("004_y")));
	assert_int_equal(d->r.list.count, 1);
	assert_true(oh_slice_eq(d->r.taken_by->id, OH_SLICE("003_x")));
	/* removed, added; and the one that follows is edited */
	assert_int_equal(d->steps.count, 3);
	assert_int_equal(d->steps.items[0].kind, OH_STEP_REMOVE);
	assert_int_equal(d->steps.items[1].kind, OH_STEP_ADD);
	assert_int_equal(d->steps.items[2].kind, OH_STEP_EDIT);
}

static void test_not_taken(void **state)
{
	(void)state;
	CHECK(BEFORE, "; 003_y < 002_b", "001_a; 002_b < 001_a; 003_y < 002_b");
	CHECK(BEFORE "; 003_x < 002_b", "; 004_y < 002_b", "001_a; 002_b < 001_a; 004_y < 002_b");
	CHECK("", "; 003_y < 002_b", "001_a; 002_b < 001_a; 003_y < 002_b");
	/* a hash */
	CHECK(BEFORE "; 003_x < 002_b", "; 8a1f3c77d0e2 < 002_b",
		"001_a; 002_b < 001_a; 8a1f3c77d0e2 < 002_b");
	/* the same migration, by its file, by its body */
	CHECK(BEFORE "; 003_x < 002_b", "; 003_x < 002_b", "001_a; 002_b < 001_a; 003_x < 002_b");
	CHECK(BEFORE "; 003_x < 002_b = w", "; 003_y < 002_b = w",
		"001_a; 002_b < 001_a; 003_y < 002_b");
	/* out of order by itself */
	CHECK(BEFORE "; 003_x < 002_b", "; 002_y < 002_b", "001_a; 002_b < 001_a; 002_y < 002_b");
}

static void test_graphs_of_hashes(void **state)
{
	const struct case_text c = {"a1b2c3d4e5f6", "a1b2c3d4e5f6; 737ef70e7bab < a1b2c3d4e5f6",
		"a1b2c3d4e5f6; 8a1f3c77d0e2 < a1b2c3d4e5f6", NULL, NULL, false};

	(void)state;
	check(&c, "8a1f3c77d0e2 < a1b2c3d4e5f6; a1b2c3d4e5f6");
	assert_false(oh_renumber_is_due(&arena, &move_tree(&arena, c.snapshot)->snapshot,
		&move_tree(&arena, c.before)->snapshot));
}

static void test_is_due(void **state)
{
	const struct oh_snapshot *before = &move_tree(&arena, BEFORE)->snapshot;

	(void)state;
	assert_false(oh_renumber_is_due(&arena, before, before));
	assert_true(oh_renumber_is_due(
		&arena, &move_tree(&arena, BEFORE "; 003_y < 002_b")->snapshot, before));
}

static void test_rising(void **state)
{
	const struct case_text order = {BEFORE, BEFORE, BEFORE "; 002_y < 002_b", NULL, NULL, true};
	const struct case_text twice = {BEFORE, BEFORE,
		BEFORE "; 002_b < 001_a @ versions/002_b_again.py = z", NULL, NULL, true};
	const struct case_text named = {BEFORE, BEFORE,
		BEFORE "; 002_b < 001_a @ versions/002_b_again.py = z; 003_c < 002_b", NULL, NULL,
		true};

	(void)state;
	check(&order, "001_a; 002_b < 001_a; 003_y < 002_b");
	check(&twice, "001_a; 002_b < 001_a; 003_b < 001_a");
	/* Not to be guessed which. */
	check(&named, "003_c names an id that two migrations have");
}

static void test_fixed_and_beside(void **state)
{
	const struct case_text fixed = {BEFORE, BEFORE "; 003_x < 002_b",
		BEFORE "; 003_y < 002_b; 003_z < 003_y", "003_y", NULL, false};
	const struct case_text beside = {BEFORE, BEFORE "; 003_x < 002_b", BEFORE "; 003_y < 002_b",
		NULL, "004_y < 002_b", false};
	const struct case_text far = {BEFORE, BEFORE "; 003_x < 002_b", BEFORE "; 003_y < 002_b",
		NULL, "009_wip < 002_b", false};

	(void)state;
	check(&fixed, "001_a; 002_b < 001_a; 003_y < 002_b; 003_z < 003_y");
	check(&beside, "001_a; 002_b < 001_a; 005_y < 002_b");
	check(&far, "001_a; 002_b < 001_a; 004_y < 002_b");
}

static void test_what_is_not_new_is_left_alone(void **state)
{
	const struct case_text c = {BEFORE "; 004_old < 002_b", BEFORE,
		BEFORE "; 003_y < 002_b; 004_old < 003_y", NULL, NULL, true};

	(void)state;
	check(&c, "004_old names it, and is not new");
}

static void test_taken_parents(void **state)
{
	const struct case_text c = {BEFORE, BEFORE "; 003_x < 002_b",
		BEFORE "; 003_y < 002_b; 004_z < 003_y", NULL, NULL, false};
	const struct case_text same = {
		BEFORE, BEFORE "; 003_x < 002_b", BEFORE "; 003_x < 002_b", NULL, NULL, false};
	const struct oh_taken_parents list = oh_renumber_taken_parents(&arena, &renumber(&c)->r);

	(void)state;
	assert_int_equal(list.count, 1);
	assert_true(oh_slice_eq(list.items[0].parent, OH_SLICE("002_b")));
	assert_true(oh_slice_eq(list.items[0].child->id, OH_SLICE("003_x")));
	assert_int_equal(oh_renumber_taken_parents(&arena, &renumber(&same)->r).count, 0);
}

static void test_again_is_nothing(void **state)
{
	const struct case_text c = {
		BEFORE, BEFORE "; 003_x < 002_b", BEFORE "; 004_y < 002_b", NULL, NULL, false};

	(void)state;
	assert_int_equal(renumber(&c)->r.list.count, 0);
	assert_int_equal(renumber(&c)->steps.count, 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_taken), TEST(test_dependencies_follow),
		TEST(test_not_taken), TEST(test_graphs_of_hashes), TEST(test_is_due),
		TEST(test_rising), TEST(test_fixed_and_beside),
		TEST(test_what_is_not_new_is_left_alone), TEST(test_taken_parents),
		TEST(test_again_is_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

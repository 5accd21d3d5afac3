#include "graph_text.h"

#include "model/lock.h"
#include "plan/lock_merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The lock of a graph written as graph_text.h tells. */
static struct oh_slice lock_text(struct oh_arena *arena, const char *text)
{
	const struct oh_graph g = graph_of_text(arena, text);
	const struct oh_lock lock = oh_lock_of(arena, &g);

	return *text ? oh_lock_format(arena, &lock) : OH_SLICE("");
}

static struct oh_lock_merge merge_bytes(
	struct oh_arena *arena, struct oh_slice base, struct oh_slice ours, struct oh_slice theirs)
{
	struct oh_lock_merge out;

	oh_lock_merge(arena, &(struct oh_lock_sides){base, ours, theirs}, &out);
	return out;
}

/* EXPECTED is the graph of the result, or the reason of a conflict. */
struct merge_case {
	const char *base, *ours, *theirs;
	enum oh_lock_merge_kind kind;
	const char *expected;
};

static void assert_merges(const struct merge_case *c)
{
	struct oh_arena arena = {0};
	const struct oh_slice base = lock_text(&arena, c->base), ours = lock_text(&arena, c->ours),
			      theirs = lock_text(&arena, c->theirs);
	const struct oh_lock_merge m = merge_bytes(&arena, base, ours, theirs);
	const struct oh_lock_merge back = merge_bytes(&arena, base, theirs, ours);

	assert_int_equal(m.kind, c->kind);
	assert_int_equal(back.kind, c->kind);
	assert_true(oh_slice_eq(m.bytes, back.bytes));
	if (c->kind == OH_LOCK_CONFLICT)
		assert_string_equal(oh_slice_str(&arena, m.reason), c->expected);
	else
		assert_string_equal(oh_slice_str(&arena, m.bytes),
			oh_slice_str(&arena, lock_text(&arena, c->expected)));
	assert_int_equal(m.notes.count, 0);
	oh_arena_drop(&arena);
}

static void test_clean(void **state)
{
	static const struct merge_case cases[] = {
		{"a; b < a", "a; b < a; c < b", "a; b < a", OH_LOCK_CLEAN, "a; b < a; c < b"},
		/* the same on both sides */
		{"a", "a; b < a", "a; b < a", OH_LOCK_CLEAN, "a; b < a"},
		/* one continues what the other had taken over */
		{"a", "a; b < a", "a; b < a; c < b", OH_LOCK_CLEAN, "a; b < a; c < b"},
		/* each grew a branch of its own of two that there were */
		{"a; b", "a; b; c < a", "a; b; d < b", OH_LOCK_CLEAN, "a; b; c < a; d < b"},
		/* re-parented on one side; deleted on one side; on both */
		{"a; b < a; c < b", "a; b < a; d < b; c < d", "a; b < a; c < b", OH_LOCK_CLEAN,
			"a; b < a; d < b; c < d"},
		{"a; b < a; c < b", "a; b < a", "a; b < a; c < b", OH_LOCK_CLEAN, "a; b < a"},
		{"a; b < a; c < b", "a; b < a", "a; b < a", OH_LOCK_CLEAN, "a; b < a"},
		/* inserted below on one side, on top on the other */
		{"a; c < a", "a; b < a; c < b", "a; c < a; d < c", OH_LOCK_CLEAN,
			"a; b < a; c < b; d < c"},
		/* a fork that one side had and the other joined */
		{"a; b < a; c < a", "a; b < a; c < a; m < b c", "a; b < a; c < a", OH_LOCK_CLEAN,
			"a; b < a; c < a; m < b c"},
		/* the same merge revision on both, work on one */
		{"a; b < a; c < a", "a; b < a; c < a; m < b c", "a; b < a; c < a; m < b c; d < m",
			OH_LOCK_CLEAN, "a; b < a; c < a; m < b c; d < m"},
		/* add/add of the same file; of one that goes further */
		{"", "a; b < a", "a; b < a", OH_LOCK_CLEAN, "a; b < a"},
		{"", "a; b < a", "a", OH_LOCK_CLEAN, "a; b < a"},
		/* a parent that was lacking all along */
		{"a; b < gone", "a; b < gone; c < b", "a; b < gone", OH_LOCK_CLEAN,
			"a; b < gone; c < b"},
		/* damage that comes in whole from one side */
		{"a", "a; b < a gone", "a", OH_LOCK_CLEAN, "a; b < a gone"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_merges(&cases[i]);
}

static void test_forked(void **state)
{
	static const struct merge_case cases[] = {
		{"a", "a; b < a", "a; c < a", OH_LOCK_FORKED, "a; b < a; c < a"},
		{"", "a; b < a", "a; c < a", OH_LOCK_FORKED, "a; b < a; c < a"},
		{"", "a", "b", OH_LOCK_FORKED, "a; b"},
		/* two heads before and after, but one of them has forked: a grew c on one side,
		 * the merge of a and b on the other */
		{"a; b", "a; b; c < a", "a; b; m < a b", OH_LOCK_FORKED, "a; b; c < a; m < a b"},
		/* as many as before, but each brought a new beginning */
		{"a; b", "a; b; x", "a; b; m < a b; y", OH_LOCK_FORKED, "a; b; m < a b; x; y"},
		/* the head was renumbered on both sides */
		{"a; b < a", "a; c < a", "a; d < a", OH_LOCK_FORKED, "a; c < a; d < a"},
		/* different merge revisions of one fork */
		{"a; b < a; c < a", "a; b < a; c < a; m < b c", "a; b < a; c < a; n < b c",
			OH_LOCK_FORKED, "a; b < a; c < a; m < b c; n < b c"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_merges(&cases[i]);
}

static void test_conflicts(void **state)
{
	static const struct merge_case cases[] = {
		{"a; b < a", "a; b < a x; x", "a; b < y; y < a", OH_LOCK_CONFLICT,
			"b differs: ours parents a, x; theirs parents y"},
		{"", "a; b < a", "a; b", OH_LOCK_CONFLICT,
			"b differs: ours parents a; theirs parents none"},
		{"a; b < a", "a", "a; c < a; b < c", OH_LOCK_CONFLICT,
			"b differs: ours deleted; theirs parents c"},
		{"a; b < a", "a", "a; b < a; c < b", OH_LOCK_CONFLICT,
			"c (theirs) descends from b, which ours does not have"},
		{"a; b < a", "a; b < a; c < b", "a; d < a", OH_LOCK_CONFLICT,
			"c (ours) descends from b, which theirs does not have"},
		{"a; b < a; c < a", "a; b < a; c < b", "a; b < c; c < a", OH_LOCK_CONFLICT,
			"together they make a cycle: b, c"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct oh_arena arena = {0};
		const struct merge_case *c = &cases[i];
		const struct oh_lock_merge m = merge_bytes(&arena, lock_text(&arena, c->base),
			lock_text(&arena, c->ours), lock_text(&arena, c->theirs));
		const struct oh_lock_merge back = merge_bytes(&arena, lock_text(&arena, c->base),
			lock_text(&arena, c->theirs), lock_text(&arena, c->ours));

		assert_int_equal(m.kind, OH_LOCK_CONFLICT);
		assert_int_equal(back.kind, OH_LOCK_CONFLICT);
		assert_string_equal(oh_slice_str(&arena, m.reason), c->expected);
		assert_int_equal(m.bytes.len, 0);
		oh_arena_drop(&arena);
	}
}

static void test_bad_inputs(void **state)
{
	static const char good[] = "# onehead\nhead a\n\na\n";
	static const struct {
		const char *bytes, *reason;
	} cases[] = {
		{"\x7f"
		 "ELF",
			"line 1: not a lock of onehead (it does not begin with '# onehead')"},
		{"# onehead\n<<<<<<< HEAD\nhead a\n", "line 2: a conflict marker (<<<<<<<)"},
		{"# onehead\nformat 2\n",
			"line 2: a lock of format '2', made by a later onehead than this one"},
		{"# onehead\n\na\x1b]0;x\n", "line 3: 'a\\x1b]0;x' is no id"},
	};
	static const char *const names[] = {"the merge base", "ours", "theirs"};

	(void)state;
	for (size_t i = 0; i < 3 * sizeof(cases) / sizeof(*cases); i++) {
		struct oh_arena arena = {0};
		struct oh_slice in[3] = {oh_slice_of(good), oh_slice_of(good), oh_slice_of(good)};
		struct oh_lock_merge m;

		in[i % 3] = oh_slice_of(cases[i / 3].bytes);
		m = merge_bytes(&arena, in[0], in[1], in[2]);
		assert_int_equal(m.kind, OH_LOCK_CONFLICT);
		assert_string_equal(oh_slice_str(&arena, m.reason),
			oh_slice_printf(&arena, "%s: %s", names[i % 3], cases[i / 3].reason).ptr);
		oh_arena_drop(&arena);
	}
}

/* Head lines are not believed: what counts is who is nobody's parent. */
static void test_stale_head_lines(void **state)
{
	struct oh_arena arena = {0};
	const struct oh_lock_merge m = merge_bytes(&arena, OH_SLICE("# onehead\nhead a\n\na\n"),
		OH_SLICE("# onehead\nhead a\n\na\nb a\n"),
		OH_SLICE("# onehead\nhead \xe2\x80\xaex\nhead y\n\na\n"));

	(void)state;
	assert_int_equal(m.kind, OH_LOCK_CLEAN);
	assert_int_equal(m.notes.count, 2);
	assert_string_equal(m.notes.items[0].ptr, "ours: the lock said head a, its entries say b");
	assert_string_equal(m.notes.items[1].ptr,
		"theirs: the lock said head y, \\xe2\\x80\\xaex, its entries say a");
	assert_string_equal(oh_slices_join(&arena, &m.heads, " ").ptr, "b");
	assert_string_equal(oh_slices_join(&arena, &m.heads_ours, " ").ptr, "b");
	assert_string_equal(oh_slices_join(&arena, &m.heads_theirs, " ").ptr, "a");
	oh_arena_drop(&arena);
}

/*
 * Random locks over few ids, so that the sides meet: a value per id is its set of parents as
 * bits, or ABSENT.
 */
#define IDS 8
#define ABSENT 0xffffu
struct toy {
	unsigned parents[IDS];
};

static struct oh_slice toy_bytes(struct oh_arena *arena, const struct toy *t)
{
	static const char *const ids[IDS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	struct oh_migrations all = {0};
	struct oh_graph graph;
	struct oh_lock lock;

	for (size_t i = 0; i < IDS; i++) {
		struct oh_migration m = {.id = oh_slice_of(ids[i])};

		for (size_t k = 0; k < IDS; k++)
			if (t->parents[i] >> k & 1)
				OH_PUSH(arena, &m.parents, oh_slice_of(ids[k]));
		if (t->parents[i] != ABSENT)
			OH_PUSH(arena, &all, m);
	}
	oh_graph_build(&graph, arena, &all);
	lock = oh_lock_of(arena, &graph);
	return oh_lock_format(arena, &lock);
}

static bool has(const struct toy *t, size_t id)
{
	return t->parents[id] != ABSENT;
}

static bool names_parent(const struct toy *t, size_t child, size_t parent)
{
	return has(t, child) && (t->parents[child] >> parent & 1);
}

static struct toy random_toy(uint64_t *seed)
{
	struct toy t;

	for (size_t i = 0; i < IDS; i++) {
		t.parents[i] = i && random_below(seed, 5) ? 1u << random_below(seed, i) : 0;
		if (i > 4 || random_below(seed, 12) == 0)
			t.parents[i] = ABSENT;
	}
	return t;
}

static struct toy grown(const struct toy *from, uint64_t *seed)
{
	struct toy t = *from;

	for (size_t changes = random_below(seed, 4); changes; changes--) {
		const size_t id = random_below(seed, IDS);

		t.parents[id] = random_below(seed, 5) == 0 ? ABSENT : 1u << random_below(seed, IDS);
		if (random_below(seed, 6) == 0 && has(&t, id))
			t.parents[id] |= 1u << random_below(seed, IDS);
	}
	return t;
}

/* The rule in its plainest words; false where it says conflict. */
static bool joined(const struct toy *b, const struct toy *o, const struct toy *t, struct toy *out)
{
	for (size_t i = 0; i < IDS; i++)
		if (o->parents[i] == t->parents[i] || t->parents[i] == b->parents[i])
			out->parents[i] = o->parents[i];
		else if (o->parents[i] == b->parents[i])
			out->parents[i] = t->parents[i];
		else
			return false;
	for (size_t c = 0; c < IDS; c++)
		for (size_t p = 0; p < IDS; p++)
			if (names_parent(out, c, p) && !has(out, p) &&
				!(names_parent(b, c, p) && !has(b, p)) &&
				!(names_parent(o, c, p) && !has(o, p)) &&
				!(names_parent(t, c, p) && !has(t, p)))
				return false;
	return true;
}

static void reachable(const struct toy *t, bool above[IDS][IDS])
{
	for (size_t i = 0; i < IDS; i++)
		for (size_t k = 0; k < IDS; k++)
			above[i][k] = names_parent(t, i, k) && has(t, k);
	for (size_t k = 0; k < IDS; k++)
		for (size_t i = 0; i < IDS; i++)
			for (size_t j = 0; j < IDS; j++)
				above[i][j] = above[i][j] || (above[i][k] && above[k][j]);
}

static bool is_head(const struct toy *t, size_t id)
{
	bool head = has(t, id);

	for (size_t i = 0; i < IDS; i++)
		head = head && !names_parent(t, i, id);
	return head;
}

/* Heads of T above base head number ROOT; IDS: above none; IDS + 1: all. */
static size_t heads_above(const struct toy *t, const struct toy *base, size_t root)
{
	bool above[IDS][IDS];
	size_t count = 0;

	reachable(t, above);
	for (size_t i = 0; i < IDS; i++) {
		bool any = false, it = false;

		for (size_t k = 0; k < IDS; k++)
			if (is_head(base, k) && has(t, k) && (i == k || above[i][k])) {
				any = true;
				it = it || k == root;
			}
		count += is_head(t, i) && (root > IDS || (root == IDS ? !any : it));
	}
	return count;
}

static enum oh_lock_merge_kind expected_kind(
	const struct toy *b, const struct toy *o, const struct toy *t, struct toy *out)
{
	bool above[IDS][IDS];

	if (!joined(b, o, t, out))
		return OH_LOCK_CONFLICT;
	reachable(out, above);
	for (size_t i = 0; i < IDS; i++)
		if (above[i][i])
			return OH_LOCK_CONFLICT;
	for (size_t root = 0; root < IDS + 2; root++) {
		const size_t n = heads_above(out, b, root);

		if (n > heads_above(o, b, root) && n > heads_above(t, b, root))
			return OH_LOCK_FORKED;
	}
	return OH_LOCK_CLEAN;
}

static void check_one(const struct toy *b, const struct toy *o, const struct toy *t, size_t seen[3])
{
	struct oh_arena arena = {0};
	const struct oh_slice base = toy_bytes(&arena, b), ours = toy_bytes(&arena, o),
			      theirs = toy_bytes(&arena, t);
	const struct oh_lock_merge m = merge_bytes(&arena, base, ours, theirs);
	const struct oh_lock_merge back = merge_bytes(&arena, base, theirs, ours);
	struct toy result;

	assert_int_equal(m.kind, expected_kind(b, o, t, &result));
	assert_int_equal(back.kind, m.kind);
	assert_true(oh_slice_eq(m.bytes, back.bytes));
	if (m.kind != OH_LOCK_CONFLICT)
		assert_true(oh_slice_eq(m.bytes, toy_bytes(&arena, &result)));
	assert_int_equal(m.reason.len > 0, m.kind == OH_LOCK_CONFLICT);
	seen[m.kind]++;
	oh_arena_drop(&arena);
}

/* A side that did nothing changes nothing; two that did the same did it once. */
static void check_idle_side(const struct toy *b, const struct toy *o)
{
	struct oh_arena arena = {0};
	const struct oh_slice base = toy_bytes(&arena, b), ours = toy_bytes(&arena, o);
	const struct oh_lock_merge idle = merge_bytes(&arena, base, ours, base);
	const struct oh_lock_merge both = merge_bytes(&arena, base, ours, ours);

	assert_int_equal(idle.kind, both.kind);
	if (idle.kind == OH_LOCK_CONFLICT) {
		assert_true(oh_slice_has_prefix(idle.reason, OH_SLICE("together they make a")));
	} else {
		assert_int_equal(idle.kind, OH_LOCK_CLEAN);
		assert_true(oh_slice_eq(idle.bytes, ours));
		assert_true(oh_slice_eq(both.bytes, ours));
	}
	oh_arena_drop(&arena);
}

/* Three lines, merged in either order, end in the same bytes. */
static size_t check_three(const struct toy *b, const struct toy *const side[3])
{
	struct oh_arena arena = {0};
	const struct oh_slice base = toy_bytes(&arena, b);
	struct oh_slice s[3];
	struct oh_lock_merge left, right;
	size_t compared = 0;

	for (int i = 0; i < 3; i++)
		s[i] = toy_bytes(&arena, side[i]);
	left = merge_bytes(&arena, base, s[0], s[1]);
	right = merge_bytes(&arena, base, s[1], s[2]);
	if (left.kind != OH_LOCK_CONFLICT && right.kind != OH_LOCK_CONFLICT) {
		left = merge_bytes(&arena, base, left.bytes, s[2]);
		right = merge_bytes(&arena, base, s[0], right.bytes);
		if (left.kind != OH_LOCK_CONFLICT && right.kind != OH_LOCK_CONFLICT) {
			assert_true(oh_slice_eq(left.bytes, right.bytes));
			compared = 1;
		}
	}
	oh_arena_drop(&arena);
	return compared;
}

static void test_random_merges(void **state)
{
	uint64_t seed = 42;
	size_t seen[3] = {0}, compared = 0;

	(void)state;
	for (int round = 0; round < 12000; round++) {
		const struct toy b = random_toy(&seed), o = grown(&b, &seed), t = grown(&b, &seed),
				 u = grown(&b, &seed);

		check_one(&b, &o, &t, seen);
		check_idle_side(&b, &o);
		compared += check_three(&b, (const struct toy *const[]){&o, &t, &u});
	}
	/* the generator must really reach all of it */
	assert_true(seen[0] > 1000 && seen[1] > 200 && seen[2] > 1000 && compared > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_forked),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_bad_inputs),
		cmocka_unit_test(test_stale_head_lines),
		cmocka_unit_test(test_random_merges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

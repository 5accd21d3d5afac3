/* What is wrong with migrations: rules/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "meeting_text.h"
#include "rules/rules.h"

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

/* "rule: id id; rule: …" */
static const char *say(const struct oh_findings *findings)
{
	struct oh_slices all = {0};

	for (size_t i = 0; i < findings->count; i++)
		OH_PUSH(&arena, &all,
			oh_slice_printf(&arena, "%s: " OH_FMT, findings->items[i].rule,
				OH_ARG(oh_slices_join(&arena, &findings->items[i].ids, " "))));
	return oh_slices_join(&arena, &all, "; ").ptr;
}

static struct oh_findings run(const struct oh_meeting *m)
{
	const struct oh_slices skip = {0};
	struct oh_findings found = {0};

	oh_rules_run(&arena, m, &skip, &found);
	return found;
}

static const char *findings_of(const char *text)
{
	const struct oh_meeting m = {.result = snapshot_of_text(&arena, text)};
	const struct oh_findings found = run(&m);

	return say(&found);
}

static void test_graph_rules(void **state)
{
	(void)state;
	assert_string_equal("", findings_of("r; a < r; b < a"));
	assert_string_equal("multiple-heads: a b", findings_of("r; a < r; b < r"));
	assert_string_equal("", findings_of("r; a < r; b < r : cart"));
	assert_string_equal("missing-parent: a gone", findings_of("r; a < gone r"));
	assert_string_equal("missing-dependency: a gone", findings_of("r; a < r ! gone"));
	assert_string_equal("duplicate-id: r", findings_of("r; r @ versions/other.py; a < r"));
	assert_string_equal("cycle: a b", findings_of("a < b; b < a"));
	assert_string_equal("label-clash: b a", findings_of("r; a < r : x; b < a : x"));
	assert_string_equal("redundant-parent: m r", findings_of("r; a < r; m < a r"));
}

/* Gives the migration ID of every side an effect, and a body's digest. */
static void put(struct oh_meeting *m, const char *id, struct oh_effect effect, const char *digest)
{
	for (size_t s = 0; s < m->side_count; s++)
		for (size_t i = 0; i < m->sides[s]->migrations.count; i++) {
			struct oh_migration *x = &m->sides[s]->migrations.items[i];

			if (!oh_slice_eq(x->id, oh_slice_of(id)))
				continue;
			OH_PUSH(&arena, &x->body.effects, effect);
			x->body.digest = oh_slice_of(digest);
		}
}

static struct oh_effect effect(
	enum oh_object object, enum oh_act act, const char *table, const char *name)
{
	return (struct oh_effect){.object = object,
		.act = act,
		.schema = OH_SLICE(""),
		.table = oh_slice_of(table),
		.name = oh_slice_of(name),
		.call = OH_SLICE("call()"),
		.line = 3};
}

static const char *meet(struct oh_effect ours, struct oh_effect theirs)
{
	struct oh_meeting m = meeting_of_text(
		&arena, (struct meeting_text){"r", "r; a < r", "r; b < r", "r; a < r; b < r"});
	struct oh_findings found = {0};

	put(&m, "a", ours, "one");
	put(&m, "b", theirs, "two");
	oh_check_collision(&arena, oh_rule_named(OH_SLICE("collision")), &m, &found);
	return found.count ? oh_slice_str(&arena, found.items[0].message) : "";
}

static void test_collisions_are_exact(void **state)
{
	const struct oh_effect column = effect(OH_COLUMN, OH_CREATE, "users", "email");
	const struct oh_effect same = effect(OH_COLUMN, OH_ALTER, "users", "email");
	const struct oh_effect other = effect(OH_COLUMN, OH_CREATE, "users", "name");
	const struct oh_effect elsewhere = effect(OH_COLUMN, OH_CREATE, "orders", "email");
	const struct oh_effect gone = effect(OH_TABLE, OH_DROP, "users", "");
	const struct oh_effect uses = effect(OH_COLUMN, OH_USE, "users", "email");
	const struct oh_effect dropped = effect(OH_COLUMN, OH_DROP, "users", "email");

	(void)state;
	assert_string_equal("both lines change column users.email", meet(column, same));
	assert_string_equal("", meet(column, other));
	assert_string_equal("", meet(column, elsewhere));
	assert_string_equal("both lines change table users", meet(column, gone));
	assert_string_equal("both lines change table users", meet(gone, column));
	assert_string_equal("", meet(uses, uses));
	assert_string_equal("", meet(uses, same));
	assert_string_equal("both lines change column users.email", meet(uses, dropped));
	assert_string_equal("both lines change table t",
		meet(effect(OH_TABLE, OH_CREATE, "t", ""), effect(OH_TABLE, OH_CREATE, "t", "")));
	assert_string_equal(
		"", meet(effect(OH_TABLE, OH_USE, "t", ""), effect(OH_TABLE, OH_ALTER, "t", "")));
}

static void test_indexes_and_constraints(void **state)
{
	(void)state;
	assert_string_equal("both lines change index ix",
		meet(effect(OH_INDEX, OH_CREATE, "t", "ix"), effect(OH_INDEX, OH_DROP, "", "ix")));
	assert_string_equal(
		"both lines change index ix", meet(effect(OH_INDEX, OH_CREATE, "t", "ix"),
						      effect(OH_INDEX, OH_CREATE, "u", "ix")));
	assert_string_equal("",
		meet(effect(OH_INDEX, OH_CREATE, "t", "ix"), effect(OH_INDEX, OH_DROP, "u", "ix")));
	assert_string_equal("both lines change constraint t.ck",
		meet(effect(OH_CONSTRAINT, OH_CREATE, "t", "ck"),
			effect(OH_CONSTRAINT, OH_DROP, "t", "ck")));
	assert_string_equal("", meet(effect(OH_CONSTRAINT, OH_CREATE, "t", "ck"),
					effect(OH_CONSTRAINT, OH_CREATE, "u", "ck")));
	assert_string_equal("", meet(effect(OH_CONSTRAINT, OH_CREATE, "t", ""),
					effect(OH_CONSTRAINT, OH_CREATE, "t", "")));
}

static void test_schemas_are_told_apart(void **state)
{
	struct oh_effect a = effect(OH_TABLE, OH_CREATE, "t", ""), b = a;

	(void)state;
	a.schema = OH_SLICE("one");
	b.schema = OH_SLICE("two");
	assert_string_equal("", meet(a, b));
	b.schema = OH_SLICE("one");
	assert_string_equal("both lines change table one.t", meet(a, b));
}

static void test_an_ancestor_does_not_collide(void **state)
{
	struct oh_meeting m = meeting_of_text(&arena,
		(struct meeting_text){"r", "r; a < r", "r; a < r; b < a", "r; a < r; b < a"});
	struct oh_findings found = {0};

	(void)state;
	put(&m, "a", effect(OH_COLUMN, OH_CREATE, "t", "c"), "one");
	put(&m, "b", effect(OH_COLUMN, OH_ALTER, "t", "c"), "two");
	oh_check_collision(&arena, oh_rule_named(OH_SLICE("collision")), &m, &found);
	assert_int_equal(0, found.count);
}

static void test_who_joined_by_hand_is_not_asked_again(void **state)
{
	struct oh_meeting m = meeting_of_text(&arena,
		(struct meeting_text){"r", "r; a < r", "r; b < r", "r; a < r; b < r; m < a b"});
	struct oh_findings found = {0};

	(void)state;
	put(&m, "a", effect(OH_COLUMN, OH_CREATE, "t", "c"), "one");
	put(&m, "b", effect(OH_COLUMN, OH_ALTER, "t", "c"), "two");
	oh_check_collision(&arena, oh_rule_named(OH_SLICE("collision")), &m, &found);
	assert_int_equal(0, found.count);
}

static void test_twins_are_named_once(void **state)
{
	struct oh_meeting m = meeting_of_text(
		&arena, (struct meeting_text){"r", "r; a < r", "r; b < r", "r; a < r; b < r"});
	struct oh_findings found;

	(void)state;
	put(&m, "a", effect(OH_COLUMN, OH_CREATE, "t", "c"), "same");
	put(&m, "b", effect(OH_COLUMN, OH_CREATE, "t", "c"), "same");
	found = run(&m);
	assert_string_equal("multiple-heads: a b; twins: b a", say(&found));
}

static void test_only_what_is_worse(void **state)
{
	const struct oh_meeting forked = {.result = snapshot_of_text(&arena, "r; a < r; b < r")};
	const struct oh_meeting other = {
		.result = snapshot_of_text(&arena, "r; a < r; b < r; c < b")};
	const struct oh_meeting more = {
		.result = snapshot_of_text(&arena, "r; a < r; b < r; c < r; d < gone")};
	const struct oh_findings before = run(&forked), same = run(&other), after = run(&more);
	struct oh_findings worse = oh_findings_worse(&arena, &before, &same);

	(void)state;
	assert_string_equal("", say(&worse));
	worse = oh_findings_worse(&arena, &before, &after);
	assert_string_equal("multiple-heads: a b c d; missing-parent: d gone", say(&worse));
}

static void test_skipped_rules_say_nothing(void **state)
{
	const struct oh_meeting forked = {.result = snapshot_of_text(&arena, "r; a < r; b < r")};
	struct oh_findings found = {0};
	struct oh_slices skip = {0};

	(void)state;
	OH_PUSH(&arena, &skip, OH_SLICE("multiple-heads"));
	oh_rules_run(&arena, &forked, &skip, &found);
	assert_int_equal(0, found.count);
}

static void test_stale_lock(void **state)
{
	struct oh_snapshot *s = snapshot_of_text(&arena, "r; a < r");
	const struct oh_meeting m = {.result = s};
	struct oh_findings found;

	(void)state;
	s->has_lock = true;
	s->lock = OH_SLICE("# onehead\nhead r\n\nr\n");
	found = run(&m);
	assert_string_equal("stale-lock: ", say(&found));
	assert_string_equal(
		"the lock does not list a", oh_slice_str(&arena, found.items[0].message));
	s->lock = OH_SLICE("# onehead\r\nhead a\r\n\r\na r\r\nr\r\n");
	found = run(&m);
	assert_string_equal("", say(&found)); /* other line ends and comments say the same */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_graph_rules, drop),
		cmocka_unit_test_teardown(test_collisions_are_exact, drop),
		cmocka_unit_test_teardown(test_indexes_and_constraints, drop),
		cmocka_unit_test_teardown(test_schemas_are_told_apart, drop),
		cmocka_unit_test_teardown(test_an_ancestor_does_not_collide, drop),
		cmocka_unit_test_teardown(test_who_joined_by_hand_is_not_asked_again, drop),
		cmocka_unit_test_teardown(test_twins_are_named_once, drop),
		cmocka_unit_test_teardown(test_only_what_is_worse, drop),
		cmocka_unit_test_teardown(test_skipped_rules_say_nothing, drop),
		cmocka_unit_test_teardown(test_stale_lock, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

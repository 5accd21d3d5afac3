#include "graph_text.h"

#include "model/lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HEADER                                                                                     \
	"# onehead: the migrations of this directory and their head. Kept by onehead; see "        \
	"`onehead explain lock`.\n"                                                                \
	"# A conflict here means that two branches added migrations. Resolve it with: onehead "    \
	"resolve\n"

static const char *formatted(struct oh_arena *arena, const struct oh_lock *lock)
{
	return oh_slice_str(arena, oh_lock_format(arena, lock));
}

static void test_format(void **state)
{
	struct oh_arena arena = {0};
	struct oh_graph g = graph_of_text(
		&arena, "737ef < f6a66 c1d2e; f6a66 < 001; c1d2e < 001 001; 001; x < gone");
	struct oh_lock lock = oh_lock_of(&arena, &g);

	(void)state;
	assert_string_equal(formatted(&arena, &lock),
		HEADER "head 737ef\nhead x\n\n001\n737ef c1d2e f6a66\nc1d2e 001\nf6a66 001\nx "
		       "gone\n");
	g = graph_of_text(&arena, "");
	lock = oh_lock_of(&arena, &g);
	assert_string_equal(formatted(&arena, &lock), HEADER);
	oh_arena_drop(&arena);
}

/* Ids that would read as something else, or break a line, come back as they were. */
static void test_nasty_ids(void **state)
{
	static const struct {
		const char *id, *written;
	} cases[] = {
		{"head", "%68ead"},
		{"header", "header"},
		{"format", "%66ormat"},
		{"#1", "%231"},
		{"a#1", "a#1"},
		{"<<<<<<< ours", "%3C<<<<<<%20ours"},
		{"=======", "%3D======"},
		{"||||||||", "%7C|||||||"},
		{">>>>>>", ">>>>>>"},
		{"100%", "100%25"},
		{"%", "%25"},
		{"", "%"},
		{"a b\tc\nd\re\x7f", "a%20b%09c%0Ad%0De%7F"},
		{"\xef\xbb\xbfid", "\xef\xbb\xbfid"},
		{"\xff\xfe", "\xff\xfe"},
		{"h\xc3\xa9", "h\xc3\xa9"},
	};
	struct oh_arena arena = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		/* the last of all ids */
		struct oh_migration m[2] = {
			{.id = oh_slice_of(cases[i].id)}, {.id = OH_SLICE("\xff\xff")}};
		struct oh_migrations all = {m, 2, 2};
		struct oh_slice bytes;
		struct oh_graph g;
		struct oh_lock lock;

		OH_PUSH(&arena, &m[1].parents, m[0].id);
		oh_graph_build(&g, &arena, &all);
		lock = oh_lock_of(&arena, &g);
		bytes = oh_lock_format(&arena, &lock);
		assert_string_equal(oh_slice_str(&arena, bytes),
			oh_slice_printf(&arena, HEADER "head \xff\xff\n\n%s\n\xff\xff %s\n",
				cases[i].written, cases[i].written)
				.ptr);
		assert_true(oh_lock_parse(&lock, &arena, bytes, NULL));
		assert_true(oh_slice_eq(lock.entries.items[0].id, m[0].id));
		assert_true(oh_slice_eq(lock.entries.items[1].parents.items[0], m[0].id));
	}
	oh_arena_drop(&arena);
}

static void assert_reads_as(const char *text, const char *canonical)
{
	struct oh_arena arena = {0};
	struct oh_error err = {0};
	struct oh_lock lock;

	if (!oh_lock_parse(&lock, &arena, oh_slice_of(text), &err))
		fail_msg("%s", err.message);
	assert_string_equal(formatted(&arena, &lock), canonical);
	oh_arena_drop(&arena);
}

static void test_what_is_taken(void **state)
{
	const char *const canonical = HEADER "head b\n\na\nb a c\nc\n";

	(void)state;
	assert_reads_as("", HEADER);
	assert_reads_as(HEADER, HEADER);
	assert_reads_as(canonical, canonical);
	assert_reads_as("# onehead\nhead b\n\nb c a\na\nc", canonical);
	assert_reads_as("\xef\xbb\xbf# onehead\r\nhead b\r\n\r\na\r\nb a c\r\nc\r\n", canonical);
	assert_reads_as(
		"# onehead\n\n\nb a c a\n\tc \nb c a\nhead b\n# note\nhead b\na\n", canonical);
	assert_reads_as("# onehead\nformat 1\nhead b\n\na\nb a c\n%63\n", canonical);
	/* no entries: stale, but it is for others to say so */
	assert_reads_as("# onehead\nhead b\n", HEADER "head b\n");
}

static void assert_refused(const char *text, enum oh_code code, const char *message)
{
	struct oh_arena arena = {0};
	struct oh_error err = {0};
	struct oh_lock lock;

	assert_false(oh_lock_parse(&lock, &arena, oh_slice_of(text), &err));
	assert_int_equal(err.code, code);
	assert_string_equal(err.message, message);
	assert_false(oh_lock_parse(&lock, &arena, oh_slice_of(text), NULL));
	oh_arena_drop(&arena);
}

static void test_what_is_refused(void **state)
{
	(void)state;
	assert_refused("\n", OH_E_FORMAT,
		"line 1: not a lock of onehead (it does not begin with '# onehead')");
	assert_refused("a b\n", OH_E_FORMAT,
		"line 1: not a lock of onehead (it does not begin with '# onehead')");
	assert_refused("# onehead\n\na\n<<<<<<< HEAD\nhead b\n=======\n", OH_E_FORMAT,
		"line 4: a conflict marker (<<<<<<<)");
	assert_refused(
		"<<<<<<< HEAD\n# onehead\n", OH_E_FORMAT, "line 1: a conflict marker (<<<<<<<)");
	assert_refused(
		"# onehead\n||||||| base\n", OH_E_FORMAT, "line 2: a conflict marker (|||||||)");
	assert_refused("# onehead\nhead\n", OH_E_FORMAT, "line 2: a head line names one id");
	assert_refused("# onehead\nhead a b\n", OH_E_FORMAT, "line 2: a head line names one id");
	assert_refused("# onehead\n\na%4\n", OH_E_FORMAT, "line 3: 'a%4' is no id");
	assert_refused("# onehead\n\na %%\n", OH_E_FORMAT, "line 3: '%%' is no id");
	assert_refused("# onehead\n\na%0g\n", OH_E_FORMAT, "line 3: 'a%0g' is no id");
	assert_refused("# onehead\n\na\x1b[2J\n", OH_E_FORMAT, "line 3: 'a\\x1b[2J' is no id");
	assert_refused("# onehead\n\na\rb\n", OH_E_FORMAT, "line 3: a carriage return in it");
	assert_refused("# onehead\n\na b\nc\na\n", OH_E_FORMAT,
		"line 5: a is listed twice, with other parents");
	assert_refused("# onehead\nformat 2\n\x01\x02", OH_E_VERSION,
		"line 2: a lock of format '2', made by a later onehead than this one");
	assert_refused("# onehead\nformat\n", OH_E_VERSION,
		"line 2: a lock of format '', made by a later onehead than this one");
}

/* A NUL is a byte like any other that can't stand in an id. */
static void test_nul(void **state)
{
	struct oh_arena arena = {0};
	struct oh_lock lock;

	(void)state;
	assert_false(oh_lock_parse(&lock, &arena, OH_SLICE("# onehead\n\na\0b\n"), NULL));
	assert_true(oh_lock_parse(&lock, &arena, OH_SLICE("# onehead\n\na%00b\n"), NULL));
	assert_int_equal(lock.entries.items[0].id.len, 3);
	oh_arena_drop(&arena);
}

static struct oh_slice random_id(struct oh_arena *arena, uint64_t *seed)
{
	static const char *const words[] = {"head", "format", "#", "<<<<<<<", "=======", "%"};
	const size_t len = random_below(seed, 4);
	char *bytes = oh_arena_alloc(arena, len);

	if (random_below(seed, 6) == 0)
		return oh_slice_of(words[random_below(seed, sizeof(words) / sizeof(*words))]);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(random_below(seed, 3) ? 'a' + random_below(seed, 4)
							: random_below(seed, 256));
	return (struct oh_slice){bytes, len};
}

static void shuffle_lines(struct oh_slices *lines, uint64_t *seed)
{
	for (size_t i = lines->count; i > 2; i--) {
		const size_t j = 1 + random_below(seed, i - 1);
		const struct oh_slice kept = lines->items[i - 1];

		lines->items[i - 1] = lines->items[j];
		lines->items[j] = kept;
	}
}

static void test_random_round_trips(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct oh_arena arena = {0};
		struct oh_migrations all = {0};
		struct oh_slices lines = {0};
		struct oh_slice first, again, rest, line;
		struct oh_lock lock, back;
		struct oh_graph g, derived;

		for (size_t i = random_below(&seed, 8); i; i--) {
			struct oh_migration m = {.id = random_id(&arena, &seed)};

			for (size_t k = random_below(&seed, 4); k; k--)
				OH_PUSH(&arena, &m.parents, random_id(&arena, &seed));
			OH_PUSH(&arena, &all, m);
		}
		oh_graph_build(&g, &arena, &all);
		lock = oh_lock_of(&arena, &g);
		first = rest = oh_lock_format(&arena, &lock);
		assert_true(oh_lock_parse(&back, &arena, first, NULL));
		assert_int_equal(back.entries.count, g.count);
		again = oh_lock_format(&arena, &back);
		assert_true(oh_slice_eq(first, again));
		oh_lock_graph(&derived, &arena, &back);
		back = oh_lock_of(&arena, &derived);
		assert_true(oh_slice_eq(first, oh_lock_format(&arena, &back)));
		while (oh_slice_next_line(&rest, &line))
			OH_PUSH(&arena, &lines, line);
		shuffle_lines(&lines, &seed);
		assert_true(
			oh_lock_parse(&back, &arena, oh_slices_join(&arena, &lines, "\r\n"), NULL));
		assert_true(oh_slice_eq(first, oh_lock_format(&arena, &back)));
		oh_arena_drop(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_nasty_ids),
		cmocka_unit_test(test_what_is_taken),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_random_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

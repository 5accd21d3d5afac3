#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/adapter.h"
#include "base/digest.h"

static struct oh_arena arena;
static const struct oh_location location = {.directory = {"db", 2}};

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

static const char *str(struct oh_slice s)
{
	return oh_slice_str(&arena, s);
}

/* `id` or `id=name`: the file is db/versions/NAME.py. */
static struct oh_migration one(struct oh_slice text)
{
	const size_t equals = oh_slice_find_byte(text, '=', 0);
	struct oh_migration m = {.id = oh_slice_sub(text, 0, equals)};

	m.path = oh_slice_printf(&arena, "db/versions/" OH_FMT ".py",
		OH_ARG(equals < text.len ? oh_slice_sub(text, equals + 1, text.len) : text));
	return m;
}

/* Words as above, each with `<parent,parent` behind it: "0001 0002<0001". */
static struct oh_migrations graph(const char *text)
{
	const struct oh_slices words = oh_slice_words(&arena, oh_slice_of(text));
	struct oh_migrations out = {0};

	for (size_t i = 0; i < words.count; i++) {
		struct oh_slice rest = words.items[i], name, parent;
		struct oh_migration m;

		(void)oh_slice_next(&rest, '<', &name);
		m = one(name);
		while (oh_slice_next(&rest, ',', &parent))
			OH_PUSH(&arena, &m.parents, parent);
		OH_PUSH(&arena, &out, m);
	}
	return out;
}

/* A line of migrations, each the parent of the next. */
static struct oh_migrations chain(const char *text)
{
	struct oh_migrations out = graph(text);

	for (size_t i = 1; i < out.count; i++)
		OH_PUSH(&arena, &out.items[i].parents, out.items[i - 1].id);
	return out;
}

static bool counts(const struct oh_migrations *migrations)
{
	return oh_adapter_alembic.is_sequential(&arena, migrations);
}

static void assert_counts(const char *text, bool wanted)
{
	const struct oh_migrations migrations = chain(text);

	if (counts(&migrations) != wanted)
		print_error("%s\n", text);
	assert_int_equal(counts(&migrations), wanted);
}

static void knows_what_counts(void **state)
{
	(void)state;
	assert_counts("0001_a 0002_b 0003_c", true);
	assert_counts("0042=0042_a 0043=0043_b 0044=0044_c 0045=x", true);
	assert_counts("1 2 3 4", true);
	assert_counts("0000_start", true);
	assert_counts("1.a 2.b", true);
	assert_counts("0298_a 0299_b 0300_c 0300e_d 0300f_e 0301_f", true);
	assert_counts(
		"001_a ce719ca53e7b 002_b e7ccebcb4be7 0ea4fdf7fc41 56f6544da217 003_c", true);
	/* slips */
	assert_counts("0111_a 0112_b 0113_c 0014_d 0115_e 0116_f 0117_g", true);
	assert_counts("0001_a 0002_b 0002_c 0003_d 0004_e 0005_f", true);
}

static void knows_what_does_not(void **state)
{
	(void)state;
	assert_counts("", false);
	assert_counts("0ea4fdf7fc41 56f6544da217 974bfe0f68ed", false);
	assert_counts("123456789012 123456789013 123456789014", false);
	assert_counts("20240101_a 20240102_b 20240103_c", false);
	assert_counts("2023_12_31_a 2024_01_01_b 2025_01_02_c", false);
	assert_counts("2024_01 2025_02 2026_03", false);
	assert_counts("202401_a 202402_b 202403_c", false);
	assert_counts("20240101120000 20240101120001", false);
	assert_counts("1201_fix 1188_fix 1240_fix 1241_fix 1230_fix", false);
	assert_counts("add_x add_y add_1", false);
	assert_counts("1a2b3c 2a2b3c 3a2b3c", false);
	assert_counts("2024_add", false);
	assert_counts("a1 a2 a3", false);
	assert_counts("0001_a aa bb cc dd", false);
}

/* A fork, and merge revisions with ids that say nothing. */
static void knows_a_fork(void **state)
{
	const struct oh_migrations fork = graph("0001_a 0002_b<0001_a 0002_c<0001_a 0003_d<0002_c");
	const struct oh_migrations joined =
		graph("0001_a 0002_b<0001_a 0002_c<0001_a cb15b9419fb8<0002_b,0002_c "
		      "cb15b9419fb9<0002_b,0002_c cb15b9419fb0<0002_b,0002_c 0003_d<cb15b9419fb8");
	const struct oh_migrations cycle = graph("0002_b<0001_a 0001_a<0002_b");
	const struct oh_migrations lost = graph("0002_b<0001_a 0003_c<0002_b 0004_d<0003_c");

	(void)state;
	assert_true(counts(&fork));
	assert_true(counts(&joined));
	assert_false(counts(&cycle));
	assert_true(counts(&lost));
}

/* What MOVED is called behind TAKEN: `id=name` each. */
static void assert_numbers(const char *taken_text, const char *moved_text, const char *wanted)
{
	const struct oh_migrations taken = graph(taken_text), moved = graph(moved_text);
	const struct oh_migrations names = graph(wanted);
	const struct oh_migration *list[8];
	struct oh_new_name out[8];

	assert_int_equal(moved.count, names.count);
	for (size_t i = 0; i < moved.count; i++)
		list[i] = &moved.items[i];
	oh_adapter_alembic.number(&arena, &location, &taken, list, moved.count, out);
	for (size_t i = 0; i < moved.count; i++) {
		assert_string_equal(str(out[i].id), str(names.items[i].id));
		assert_string_equal(str(out[i].path), str(names.items[i].path));
	}
}

static void gives_the_next_numbers(void **state)
{
	(void)state;
	assert_numbers("0001_a 0002_b", "0002_c 0003_d", "0003_c 0004_d");
	assert_numbers("1 2=2_b", "2=2_c 3=3_d", "3=3_c 4=4_d");
	assert_numbers("8 9", "9=9_c", "10=10_c");
	assert_numbers("009_a", "009_c", "010_c");
	assert_numbers("999_a", "999_c", "1000_c");
	/* of the highest, wherever it stands */
	assert_numbers("0007_a 0003_b", "0004_c", "0008_c");
	assert_numbers("0300_a", "0300e_c", "0301_c");
	assert_numbers("0300e_a", "0300f_c", "0301_c");
}

static void keeps_what_is_higher(void **state)
{
	(void)state;
	assert_numbers("0001_a 0002_b", "0003_c 0004_d", "0003_c 0004_d");
	assert_numbers("0001_a 0002_b", "0002_c 0009_d 0005_e", "0003_c 0009_d 0010_e");
	assert_numbers("0001_a 0002_b", "0ea4fdf7fc41 0002_d", "0ea4fdf7fc41 0003_d");
	assert_numbers("0001_a", "cb15b9419fb8=cb15b9419fb8_merge_b_and_c",
		"cb15b9419fb8=cb15b9419fb8_merge_b_and_c");
	assert_numbers("0ea4fdf7fc41", "0002_d", "0002_d");
	assert_numbers("", "", "");
}

static void takes_the_style_of_the_graph(void **state)
{
	(void)state;
	assert_numbers("1_a 0002.b", "02_c", "0003.c");
	assert_numbers("0002__b", "2_c", "0003__c");
	assert_numbers("0002_b", "0002", "0003");
	assert_numbers("0002", "0002_c", "0003_c");
	/* the same, in whatever order */
	assert_numbers("0002_b 02.b", "1_c", "0003_c");
	assert_numbers("02.b 0002_b", "1_c", "0003_c");
}

static void names_the_files(void **state)
{
	(void)state;
	assert_numbers("0001_a 0002_b", "0002=0002_c", "0003=0003_c");
	assert_numbers("0001_a 0002_b", "0002_c=c", "0003_c=c");
	assert_numbers("0001_a 0002_b", "0002=add_c", "0003=add_c");
	/* the id with an empty slug behind it */
	assert_numbers("0001_a 0002_b", "0002_c=0002_c_", "0003_c=0003_c_");
	/* ids that are cut, or slipped */
	assert_numbers("0001_a 0002_b", "0002_c=0002_c_process_type", "0003_c=0003_c_process_type");
	assert_numbers("0001_a 0002_b", "0002_go_live=0002_golive", "0003_go_live=0003_golive");
	assert_numbers("0101_a 0102_b", "0014_c=0114_c", "0103_c=0103_c");
	assert_numbers("0001_a 0002_b", "2_c=2b-of_it", "0003_c=0003-of_it");
	/* dates in front */
	assert_numbers("0011_a 0012=b", "12=2024_12_05_12_c", "0013=2024_12_05_0013_c");
	assert_numbers("0011_a 0012=b", "0012=2024-01-01-0012-c", "0013=2024-01-01-0013-c");
	assert_numbers("0011_a 0012=b", "0012_c=2024_01_01_c", "0013_c=2024_01_01_c");
}

static void counts_the_files_too(void **state)
{
	(void)state;
	assert_numbers("0001_a 84c3b6eb16b3=0002_b", "0002_c", "0003_c");
	assert_numbers("0001_a 0001_b=0002_b", "0002_c", "0003_c");
	assert_numbers("0001_a 84c3b6eb16b3=2024_01_b", "0001_c", "0002_c");
	assert_numbers("0001_a 84c3b6eb16b3=7_b", "0001_c", "0002_c");
	/* a name that is taken is passed over */
	assert_numbers("1_a x=2_c", "1_c", "3_c");
	assert_numbers("01_a x=2_c 02=y", "01=2_c", "03=03_c");
}

static void leaves_out_what_is_renamed(void **state)
{
	struct oh_migrations taken = graph("0001_a 0002_b 0003_c");
	const struct oh_migration *list[] = {&taken.items[1], &taken.items[2]};
	struct oh_migration copy = taken.items[2];
	struct oh_new_name out[2];

	(void)state;
	oh_adapter_alembic.number(&arena, &location, &taken, list, 2, out);
	assert_string_equal(str(out[0].id), "0002_b");
	assert_string_equal(str(out[1].id), "0003_c");
	list[1] = &copy;
	oh_adapter_alembic.number(&arena, &location, &taken, list, 2, out);
	assert_string_equal(str(out[1].id), "0005_c"); /* somebody else's */
	copy.content = taken.items[2].content =
		OH_SLICE("d670460b4b4aece5915caf5c68d12f560a9fe3e4");
	oh_adapter_alembic.number(&arena, &location, &taken, list, 2, out);
	assert_string_equal(str(out[1].id), "0003_c");
}

static struct oh_new_name renamed(const char *taken_text, const char *text, const char *digest)
{
	const struct oh_migrations taken = chain(taken_text);
	struct oh_migration m = one(oh_slice_of(text));

	m.body.digest = oh_slice_of(digest);
	return oh_adapter_alembic.rename(&arena, &location, &taken, &m);
}

static void assert_renamed(const char *taken, const char *text, const char *id, const char *path)
{
	const struct oh_new_name name = renamed(taken, text, "d1");

	assert_string_equal(str(name.id), id);
	assert_string_equal(str(name.path), path);
}

/* printf 'onehead-rename-1\n56f6544da217\nd1\n' | sha256sum */
#define HASH "c9283dd5098e"

static void renames_by_hash(void **state)
{
	(void)state;
	assert_renamed("56f6544da217=56f6544da217_a", "56f6544da217=56f6544da217_b", HASH,
		"db/versions/" HASH "_b.py");
	assert_renamed("56f6544da217", "56f6544da217=2024_01_01-56f6544da217_b", HASH,
		"db/versions/2024_01_01-" HASH "_b.py");
	assert_renamed("56f6544da217", "56f6544da217=b", HASH, "db/versions/b.py");
	assert_renamed("56f6544da217=b", "56f6544da217=b", HASH, "db/versions/b_" HASH ".py");
	/* no word of its own */
	assert_renamed("x", "56f6544da217=a56f6544da217", HASH, "db/versions/a56f6544da217.py");
	/* the number of a hash in a graph that counts */
	assert_renamed("0001_a 0002_b 0003_c", "56f6544da217=b", HASH, "db/versions/b.py");
	assert_string_not_equal(str(renamed("x", "56f6544da217", "d2").id), HASH);
	assert_string_not_equal(str(renamed("x", "56f6544da218", "d1").id), HASH);
}

static void finds_another_hash(void **state)
{
	const char *taken = "56f6544da217 " HASH;
	const struct oh_slice all =
		oh_digest_sha256(&arena, OH_SLICE("onehead-rename-1\n56f6544da217\nd1\n"));

	(void)state;
	assert_string_equal(str(oh_slice_sub(all, 0, 12)), HASH);
	assert_string_equal(
		str(renamed(taken, "56f6544da217", "d1").id), str(oh_slice_sub(all, 12, 24)));
	for (size_t at = 12; at + 12 <= all.len; at += 12)
		taken = oh_slice_printf(
			&arena, "%s " OH_FMT, taken, OH_ARG(oh_slice_sub(all, at, at + 12)))
				.ptr;
	assert_string_equal(str(renamed(taken, "56f6544da217", "d1").id),
		str(oh_slice_sub(oh_digest_sha256(&arena, all), 0, 12)));
}

static void renames_by_number(void **state)
{
	(void)state;
	assert_renamed("0001=0001_a 0002=0002_b", "0002=0002_c", "0003", "db/versions/0003_c.py");
	assert_renamed("0001_a 0002_b", "0002_b", "0003_b", "db/versions/0003_b.py");
	assert_renamed("0001=a 0002=b", "0002=b", "0003", "db/versions/b_0003.py");
	assert_renamed("0001=a 0002=b", "0002=c", "0003", "db/versions/c.py");
}

static const char *beside(const char *taken_text, const char *text)
{
	const struct oh_migrations taken = chain(taken_text);
	const struct oh_migration m = one(oh_slice_of(text));

	return str(oh_adapter_alembic.beside(&arena, &location, &taken, &m));
}

static void finds_a_file_beside(void **state)
{
	(void)state;
	assert_string_equal(beside("0001_a 0002_b 0003_c", "0003_c"), "db/versions/0004_c.py");
	assert_string_equal(beside("0001_a 0002_b", "0002_b"), "db/versions/0003_b.py");
	assert_string_equal(
		beside("0001=0001_a 0002=0002_b", "0002=0002_b"), "db/versions/0003_b.py");
	assert_string_equal(beside("0001=a 0002=b", "0002=b"), "db/versions/b_2.py");
	assert_string_equal(beside("aaaa=x bbbb=y", "cccc=y"), "db/versions/y_cccc.py");
	assert_string_equal(beside("aaaa bbbb", "bbbb"), "db/versions/bbbb_2.py");
	assert_string_equal(beside("aaaa bbbb=y cccc=y_2", "bbbb=y"), "db/versions/y_2_2.py");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(knows_what_counts, drop),
		cmocka_unit_test_teardown(knows_what_does_not, drop),
		cmocka_unit_test_teardown(knows_a_fork, drop),
		cmocka_unit_test_teardown(gives_the_next_numbers, drop),
		cmocka_unit_test_teardown(keeps_what_is_higher, drop),
		cmocka_unit_test_teardown(takes_the_style_of_the_graph, drop),
		cmocka_unit_test_teardown(names_the_files, drop),
		cmocka_unit_test_teardown(counts_the_files_too, drop),
		cmocka_unit_test_teardown(leaves_out_what_is_renamed, drop),
		cmocka_unit_test_teardown(renames_by_hash, drop),
		cmocka_unit_test_teardown(finds_another_hash, drop),
		cmocka_unit_test_teardown(renames_by_number, drop),
		cmocka_unit_test_teardown(finds_a_file_beside, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/alembic/date.h"
#include "adapters/alembic/merge_revision.h"
#include "adapters/alembic/naming.h"

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

static struct oh_migration parent(
	const char *id, const char *title, const char *date, const char *path)
{
	return (struct oh_migration){.id = oh_slice_of(id),
		.title = oh_slice_of(title),
		.date = oh_slice_of(date),
		.path = oh_slice_of(path)};
}

static struct oh_location place(const char *template)
{
	struct oh_location l = {
		.directory = OH_SLICE("db"), .file_template = oh_slice_of(template)};

	OH_PUSH(&arena, &l.versions, OH_SLICE("db/versions"));
	return l;
}

static struct oh_new_file merge(
	const struct oh_location *location, const struct oh_migration *list, size_t count)
{
	const struct oh_migration *parents[8];

	for (size_t i = 0; i < count; i++)
		parents[i] = &list[i];
	return oh_alembic_merge_revision(&arena, location, parents, count);
}

static const char *str(struct oh_slice s)
{
	return oh_slice_str(&arena, s);
}

/* The chain of the guide rails: what two people get, to the byte. */
static void writes_this_file(void **state)
{
	const struct oh_migration list[] = {
		parent("f6a668d072bb", "Add multi-prototype scoring", "2026-01-10 18:21:32.978882",
			"db/versions/f6a668d072bb_add.py"),
		parent("c1d2e3f4g5h6", "add pending suggestion index", "2026-01-09T23:59:59+00:00",
			"db/versions/c1d2e3f4g5h6_add.py"),
	};
	const struct oh_location location = place("");
	const struct oh_new_file file = merge(&location, list, 2);

	(void)state;
	assert_string_equal(str(file.id), "6337a950b9bb");
	assert_string_equal(str(file.path),
		"db/versions/6337a950b9bb_merge_add_pending_suggestion_index_and_.py");
	assert_string_equal(str(file.bytes),
		"\"\"\"merge add_pending_suggestion_index and add_multi_prototype_scoring\n"
		"\n"
		"Revision ID: 6337a950b9bb\n"
		"Revises: c1d2e3f4g5h6, f6a668d072bb\n"
		"Create Date: 2026-01-10 18:21:32.978882\n"
		"\n"
		"Reconciles:\n"
		"- c1d2e3f4g5h6: add pending suggestion index\n"
		"- f6a668d072bb: Add multi-prototype scoring\n"
		"\"\"\"\n"
		"\n"
		"from typing import Sequence, Union\n"
		"\n"
		"# revision identifiers, used by Alembic.\n"
		"revision: str = \"6337a950b9bb\"\n"
		"down_revision: Union[str, Sequence[str], None] = (\n"
		"    \"c1d2e3f4g5h6\",\n"
		"    \"f6a668d072bb\",\n"
		")\n"
		"branch_labels: Union[str, Sequence[str], None] = None\n"
		"depends_on: Union[str, Sequence[str], None] = None\n"
		"\n"
		"\n"
		"def upgrade() -> None:\n"
		"    \"\"\"Merge point: the lines were applied before, nothing is changed.\"\"\"\n"
		"    pass\n"
		"\n"
		"\n"
		"def downgrade() -> None:\n"
		"    \"\"\"Back to several heads, nothing is changed.\"\"\"\n"
		"    pass\n");
}

static void does_not_care_for_the_order(void **state)
{
	const struct oh_migration list[] = {
		parent("b", "two", "2026-01-02 00:00:00", "db/versions/b.py"),
		parent("c", "three", "2026-01-02T00:00:00", "db/versions/c.py"),
		parent("a", "one", "2026-01-02 01:00:00+01:00", "db/versions/a.py"),
	};
	const struct oh_migration other[] = {list[1], list[2], list[0]};
	const struct oh_location location = place("");
	const struct oh_new_file one = merge(&location, list, 3), two = merge(&location, other, 3);

	(void)state;
	assert_true(oh_slice_eq(one.bytes, two.bytes));
	assert_true(oh_slice_eq(one.path, two.path));
	assert_int_equal(
		oh_slice_find(one.bytes, OH_SLICE("\"\"\"merge one, two and three\n"), 0), 0);
	assert_true(oh_slice_find(one.bytes, OH_SLICE("Create Date: 2026-01-02T00:00:00\n"), 0) <
		    one.bytes.len);
}

static void tells_parents_apart_by_id_where_titles_do_not(void **state)
{
	static const struct {
		const char *ids[2], *titles[2], *message;
	} cases[] = {
		{{"0149_add_crown", "0149_add_key"}, {"add column", "Add column"},
			"merge 0149_add_crown and 0149_add_key"},
		{{"a1", "b2"}, {"", "x"}, "merge a1 and x"},
		{{"a1", "b2"}, {"empty message", "x"}, "merge a1 and x"},
		{{"a1", "\xc3\xa9"}, {"x", "\xe6\x97\xa5\xe6\x9c\xac"}, "merge x and revision"},
		{{"a1", "b2"}, {"one two three four five six seven eight nine ten", "x"},
			"merge one_two_three_four_five_six_seven_eight and x"},
		{{"a1", "b2"}, {"Hinzuf\xc3\xbcgen von Kronen!", "x"}, "merge von_kronen and x"},
	};
	const struct oh_location location = place("");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct oh_migration list[] = {
			parent(cases[i].ids[0], cases[i].titles[0], "", "db/versions/a.py"),
			parent(cases[i].ids[1], cases[i].titles[1], "", "db/versions/b.py")};
		const struct oh_new_file file = merge(&location, list, 2);
		const size_t end = oh_slice_find_byte(file.bytes, '\n', 0);

		assert_string_equal(str(oh_slice_sub(file.bytes, 3, end)), cases[i].message);
		assert_int_equal(
			oh_slice_find(file.bytes, OH_SLICE("Create Date"), 0), file.bytes.len);
	}
}

static void escapes_what_strangers_write(void **state)
{
	const struct oh_migration list[] = {
		parent("a\"'\\\n\xc3\xa9\x1b\xe2\x80\xae",
			"\"\"\" + exec('x') + \"\"\" \\ \x1b[31m \"", "2026\n\"\"\"",
			"db/versions/a.py"),
		parent("b", "ends in a backslash\\", "2026-01-01\r", "db/versions/b.py"),
	};
	const struct oh_location location = place("");
	const struct oh_new_file file = merge(&location, list, 2);
	const struct oh_slice b = file.bytes;

	(void)state;
	assert_true(
		oh_slice_find(b, OH_SLICE("    \"a\\\"'\\\\\\n\\xe9\\x1b\\u202e\",\n"), 0) < b.len);
	assert_true(oh_slice_find(b,
			    OH_SLICE("\\\"\\\"\\\" + exec('x') + \\\"\\\"\\\" \\\\ "
				     "\\\\x1b[31m \"\n"),
			    0) < b.len);
	assert_true(oh_slice_find(b, OH_SLICE("backslash\\\\\n"), 0) < b.len);
	assert_true(oh_slice_find(b, OH_SLICE("Create Date: 2026-01-01\\\\x0d\n"), 0) < b.len);
	for (size_t i = 0; i < b.len; i++)
		assert_true(b.ptr[i] == '\n' || (unsigned char)b.ptr[i] >= 0x20);
}

static void names_by_the_template(void **state)
{
	static const struct {
		const char *template, *path;
		bool recursive;
	} cases[] = {
		{"%(rev)s_%(slug)s", "db/versions/ID_merge_x_and_y.py", false},
		{"%(year)d_%(month).2d_%(day)02d_%(hour)02d%(minute).2d%(second)02d-%(slug)s",
			"db/versions/2026_03_04_050607-merge_x_and_y.py", false},
		{"%(epoch)s_%(rev).4s%%", "db/versions/1772600767_SHORT%.py", false},
		{"%(year)d/%(rev)s", "db/versions/2026_ID.py", false},
		{"%(year)d/%(rev)s", "db/versions/2026/ID.py", true},
		/* what can't be: the default instead */
		{"%(nothing)s", "db/versions/ID_merge_x_and_y.py", false},
		{"%(rev)d", "db/versions/ID_merge_x_and_y.py", false},
		{"100%", "db/versions/ID_merge_x_and_y.py", false},
		{"../%(rev)s", "db/versions/ID_merge_x_and_y.py", true},
		{"a//%(rev)s", "db/versions/ID_merge_x_and_y.py", true},
		{"/etc/%(rev)s", "db/versions/ID_merge_x_and_y.py", true},
		{".#%(rev)s", "db/versions/ID_merge_x_and_y.py", false},
		{"__init__%(rev)s", "db/versions/ID_merge_x_and_y.py", false},
		{"x\n%(rev)s", "db/versions/ID_merge_x_and_y.py", false},
		{"__pycache__/%(rev)s", "db/versions/ID_merge_x_and_y.py", true},
		{"%(rev)99999999999s", "db/versions/ID_merge_x_and_y.py", false},
	};
	const struct oh_migration list[] = {
		parent("a", "x", "2026-03-04 05:06:07.9", "db/versions/a.py"),
		parent("b", "y", "2025-03-04 05:06:07.9", "db/versions/b.py"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct oh_location location = place(cases[i].template);
		struct oh_new_file file;
		struct oh_slice expected = oh_slice_of(cases[i].path), rev;
		size_t at;

		location.recursive = cases[i].recursive;
		file = merge(&location, list, 2);
		at = oh_slice_find(expected, OH_SLICE("SHORT"), 0);
		rev = at < expected.len ? oh_slice_sub(file.id, 0, 4) : file.id;
		if (at == expected.len)
			at = oh_slice_find(expected, OH_SLICE("ID"), 0);
		if (at < expected.len)
			expected = oh_slice_printf(&arena, OH_FMT OH_FMT OH_FMT,
				OH_ARG(oh_slice_sub(expected, 0, at)), OH_ARG(rev),
				OH_ARG(oh_slice_sub(
					expected, at + (rev.len == 4 ? 5 : 2), expected.len)));
		assert_string_equal(str(file.path), str(expected));
	}
}

static void has_a_slug_that_fits(void **state)
{
	struct oh_migration list[2];
	struct oh_location location = place("");
	char word[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(word) - 1; i++)
		word[i] = 'w';
	word[sizeof(word) - 1] = '\0';
	list[0] = parent("a", word, "", "db/versions/a.py");
	list[1] = parent("b", "y", "", "db/versions/b.py");
	location.slug_length = 900;
	assert_true(merge(&location, list, 2).path.len < 200);
	location.file_template = OH_SLICE("%(slug)s_%(slug)s_%(slug)s_%(slug)s_%(slug)s_%(rev)s");
	assert_true(merge(&location, list, 2).path.len < 200);
	location.slug_length = 8;
	location.file_template = OH_SLICE("%(slug)s");
	assert_string_equal(str(merge(&location, list, 2).path), "db/versions/merge_.py");
}

static void finds_its_directory(void **state)
{
	struct oh_migration list[] = {
		parent("a", "x", "2026-03-04", "db/b/2025/a.py"),
		parent("b", "y", "2026-03-04", "db/b/2025/b.py"),
	};
	struct oh_location location = {.directory = OH_SLICE("db"),
		.file_template = OH_SLICE("%(rev)s"),
		.recursive = true};
	struct oh_slice versions[] = {OH_SLICE("db/a"), OH_SLICE("db/b")};

	(void)state;
	location.versions = (struct oh_slices){versions, 2, 2};
	assert_true(oh_slice_has_prefix(merge(&location, list, 2).path, OH_SLICE("db/b/2025/")));
	list[1].path = OH_SLICE("db/b/2026/b.py");
	assert_true(oh_slice_has_prefix(merge(&location, list, 2).path, OH_SLICE("db/a/")));
	location.file_template = OH_SLICE("%(year)d/%(rev)s");
	assert_true(oh_slice_has_prefix(merge(&location, list, 2).path, OH_SLICE("db/b/2026/")));
	list[1].path = OH_SLICE("db/a/b.py");
	assert_true(oh_slice_has_prefix(merge(&location, list, 2).path, OH_SLICE("db/a/2026/")));
	location.versions.count = 0;
	assert_true(
		oh_slice_has_prefix(merge(&location, list, 2).path, OH_SLICE("db/versions/2026/")));
}

static void reads_dates(void **state)
{
	static const struct {
		const char *text;
		long long epoch;
	} good[] = {
		{"1970-01-01 00:00:00", 0},
		{"2026-01-10 18:21:32.978882", 1768069292},
		{"2026-01-10T18:21:32.978882+02:00", 1768062092},
		{"2026-01-10 18:21:32-0530", 1768089092},
		{"2026-01-10 18:21:32 +00:00", 1768069292},
		{"2026-01-10 18:21:32Z", 1768069292},
		{"2026-01-10 18:21:32 UTC", 1768069292},
		{"2026-01-10 18:21", 1768069260},
		{" 2024-02-29 ", 1709164800},
		{"0001-01-01 00:00:00", -62135596800},
		{"9999-12-31 23:59:59.1234567", 253402300799},
	};
	static const char *const bad[] = {"", "yesterday", "2026-13-01", "2026-02-29", "2026-1-1",
		"2026-01-10 24:00", "2026-01-10 18", "2026-01-10 18:21:32 CET",
		"2026-01-10 18:21:32.", "2026-01-10 18:21:32+2", "0000-01-01", "2026-01-10x",
		"2026-01-10 18:21:32+02:00x"};
	struct oh_date date;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(oh_date_parse(oh_slice_of(good[i].text), &date));
		assert_int_equal(date.epoch, good[i].epoch);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(oh_date_parse(oh_slice_of(bad[i]), &date));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_this_file),
		cmocka_unit_test(does_not_care_for_the_order),
		cmocka_unit_test(tells_parents_apart_by_id_where_titles_do_not),
		cmocka_unit_test(escapes_what_strangers_write),
		cmocka_unit_test(names_by_the_template),
		cmocka_unit_test(has_a_slug_that_fits),
		cmocka_unit_test(finds_its_directory),
		cmocka_unit_test(reads_dates),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}

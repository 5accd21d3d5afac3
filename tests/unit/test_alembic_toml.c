#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/alembic/toml.h"

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

static struct oh_toml read_text(const char *text)
{
	struct oh_slice keys[] = {OH_SLICE("tool"), OH_SLICE("alembic")};
	const struct oh_slices table = {keys, 2, 2};
	struct oh_toml toml;

	oh_toml_read(&toml, &arena, oh_slice_of(text), &table);
	return toml;
}

static const struct oh_toml_entry *get(const struct oh_toml *toml, const char *key)
{
	return oh_toml_get(toml, oh_slice_of(key));
}

#define assert_text(toml, key, expected)                                                           \
	do {                                                                                       \
		const struct oh_toml_entry *e_ = get((toml), (key));                               \
		assert_non_null(e_);                                                               \
		assert_int_equal(e_->kind, OH_TOML_STRING);                                        \
		assert_string_equal(oh_slice_str(&arena, e_->text), expected);                     \
	} while (0)

static void reads_what_alembic_init_writes(void **state)
{
	const struct oh_toml toml = read_text("[project]\n"
					      "name = \"app\"\n"
					      "dependencies = [\n"
					      "  'alembic>=1.16', # newest\n"
					      "  \"x [y]\",\n"
					      "]\n"
					      "[tool.ruff.lint]\nselect = [\"E\"]\n"
					      "[tool.alembic]\n"
					      "# here\n"
					      "script_location = \"%(here)s/migrations\"\n"
					      "version_locations = [\n"
					      "    \"%(here)s/a\", # one\n"
					      "    '%(here)s/b',\n"
					      "]\n"
					      "recursive_version_locations = true\n"
					      "sourceless=false\n"
					      "truncate_slug_length = 1_0\n"
					      "[[tool.alembic.post_write_hooks]]\n"
					      "name = \"black\"\n"
					      "script_location = \"no\"\n");

	(void)state;
	assert_null(toml.problem);
	assert_true(toml.found);
	assert_int_equal(toml.entries.count, 5);
	assert_text(&toml, "script_location", "%(here)s/migrations");
	assert_int_equal(get(&toml, "script_location")->line, 11);
	assert_int_equal(get(&toml, "version_locations")->kind, OH_TOML_STRINGS);
	assert_int_equal(get(&toml, "version_locations")->items.count, 2);
	assert_int_equal(get(&toml, "recursive_version_locations")->kind, OH_TOML_TRUE);
	assert_int_equal(get(&toml, "sourceless")->kind, OH_TOML_FALSE);
	assert_int_equal(get(&toml, "truncate_slug_length")->number, 10);
}

static void finds_the_table_however_it_is_written(void **state)
{
	static const char *const texts[] = {
		"[tool.alembic]\nscript_location = 'm'\n",
		"[ tool . \"alembic\" ]\nscript_location = 'm'\n",
		"[tool]\nalembic.script_location = 'm'\n",
		"tool.alembic.script_location = 'm'\n",
		"[tool]\nalembic = { x = {a=1}, script_location = 'm' }\n",
		"tool = {alembic.script_location = \"m\"}",
		"['tool'.alembic]\r\n\"script_\\u006cocation\" = '''\r\nm'''\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct oh_toml toml = read_text(texts[i]);

		assert_null(toml.problem);
		assert_true(toml.found);
		assert_text(&toml, "script_location", "m");
	}
}

static void reads_all_four_kinds_of_strings(void **state)
{
	const struct oh_toml toml = read_text("[tool.alembic]\n"
					      "a = \"tab\\t \\\"q\\\" \\\\ \\u00e9 \\U0001F600\"\n"
					      "b = 'C:\\new'\n"
					      "c = \"\"\"\nx \\\n   \n  y\n\"\"z\"\"\"\"\"\n"
					      "d = '''\nx\\\n'y'''''\n"
					      "e = \"\"\n");

	(void)state;
	assert_null(toml.problem);
	assert_text(&toml, "a", "tab\t \"q\" \\ \xc3\xa9 \xf0\x9f\x98\x80");
	assert_text(&toml, "b", "C:\\new");
	assert_text(&toml, "c", "x y\n\"\"z\"\"");
	assert_text(&toml, "d", "x\\\n'y''");
	assert_text(&toml, "e", "");
}

static void passes_over_everything_else(void **state)
{
	const struct oh_toml toml =
		read_text("a = 1979-05-27 07:32:00 # c\nb = [ [1, 2], {x = [']']} , 1e3, ]\n"
			  "c = {}\nd = inf\n"
			  "[tool.alembic]\nw = 1979-05-27\nx = [1, 'a']\ny = 1.5\nz = []\n"
			  "big = 99999999999999999999999\nhex = 0xff\n");

	(void)state;
	assert_null(toml.problem);
	assert_int_equal(get(&toml, "w")->kind, OH_TOML_OTHER);
	assert_int_equal(get(&toml, "x")->kind, OH_TOML_OTHER);
	assert_int_equal(get(&toml, "y")->kind, OH_TOML_OTHER);
	assert_int_equal(get(&toml, "z")->kind, OH_TOML_STRINGS);
	assert_int_equal(get(&toml, "big")->kind, OH_TOML_OTHER);
	assert_int_equal(get(&toml, "hex")->number, 255);
}

static void does_not_take_another_table_for_it(void **state)
{
	const struct oh_toml toml = read_text("[tools.alembic]\na='1'\n[tool.alembicx]\nb='1'\n"
					      "[tool.'alembic.x']\nc='1'\n[alembic]\nd='1'\n");

	(void)state;
	assert_null(toml.problem);
	assert_false(toml.found);
	assert_int_equal(toml.entries.count, 0);
}

static void says_where_it_is_broken(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {
		{"[tool.alembic]\na = \"x\n", 2},
		{"[tool.alembic]\na = 'x'\n<<<<<<< HEAD\n", 3},
		{"[tool.alembic]\na = 'x'\n\na = 'y'\n", 4},
		{"[tool.alembic\n", 1},
		{"[[tool.alembic]]\n", 1},
		{"[tool]\nalembic = 1\n", 2},
		{"[tool.alembic]\na\n", 2},
		{"[tool.alembic]\na = \n", 2},
		{"[tool.alembic]\na = [\n'x'\n", 4},
		{"[tool.alembic]\na = 'x' 'y'\n", 2},
		{"[tool.alembic]\na = \"\\x41\"\n", 2},
		{"[tool.alembic]\na = \"\\ud800\"\n", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct oh_toml toml = read_text(bad[i].text);

		assert_non_null(toml.problem);
		assert_int_equal(toml.problem_line, bad[i].line);
	}
}

static void is_not_brought_down_by_nesting(void **state)
{
	char text[200000];
	struct oh_toml toml;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = '[';
	text[0] = 'a', text[1] = '=';
	text[sizeof(text) - 1] = '\0';
	toml = read_text(text);
	assert_non_null(toml.problem);
	for (size_t i = 2; i + 4 < sizeof(text); i += 3)
		text[i] = '{', text[i + 1] = 'a', text[i + 2] = '=';
	toml = read_text(text);
	assert_non_null(toml.problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_alembic_init_writes),
		cmocka_unit_test(finds_the_table_however_it_is_written),
		cmocka_unit_test(reads_all_four_kinds_of_strings),
		cmocka_unit_test(passes_over_everything_else),
		cmocka_unit_test(does_not_take_another_table_for_it),
		cmocka_unit_test(says_where_it_is_broken),
		cmocka_unit_test(is_not_brought_down_by_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}

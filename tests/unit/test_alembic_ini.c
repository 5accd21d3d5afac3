#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/alembic/ini.h"

#include <stdio.h>
#include <string.h>

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

static struct oh_ini read_text(const char *text)
{
	struct oh_ini ini = {.here = OH_SLICE("/srv/100%/app")};

	oh_ini_read(&ini, &arena, oh_slice_of(text));
	return ini;
}

static struct oh_ini_value get(const struct oh_ini *ini, const char *key)
{
	return oh_ini_get(ini, OH_SLICE("alembic"), oh_slice_of(key));
}

#define assert_text(ini, key, expected)                                                            \
	do {                                                                                       \
		const struct oh_ini_value v_ = get((ini), (key));                                  \
		assert_true(v_.found);                                                             \
		assert_null(v_.problem);                                                           \
		assert_string_equal(oh_slice_str(&arena, v_.text), expected);                      \
	} while (0)

static void reads_what_alembic_init_writes(void **state)
{
	const struct oh_ini ini = read_text("# A generic configuration.\n"
					    "\n"
					    "[alembic]\n"
					    "# path to migration scripts\n"
					    "script_location = %(here)s/db/migrations\n"
					    "# file_template = %%(rev)s_%%(slug)s\n"
					    "file_template = %%(year)d_%%(rev)s\n"
					    "prepend_sys_path = .\n"
					    "\n"
					    "[loggers]\n"
					    "keys = root,sqlalchemy\n");

	(void)state;
	assert_null(ini.problem);
	assert_text(&ini, "script_location", "/srv/100%/app/db/migrations");
	assert_text(&ini, "file_template", "%(year)d_%(rev)s");
	assert_int_equal(get(&ini, "script_location").line, 5);
	assert_false(get(&ini, "keys").found);
	assert_true(oh_ini_has_section(&ini, OH_SLICE("loggers")));
	assert_false(oh_ini_has_section(&ini, OH_SLICE("DEFAULT")));
}

static void takes_no_comment_behind_a_value(void **state)
{
	const struct oh_ini ini = read_text("[alembic]\na = x ; y\nb: p # q\nc = a;b\n");

	(void)state;
	assert_text(&ini, "a", "x ; y");
	assert_text(&ini, "b", "p # q");
	assert_text(&ini, "c", "a;b");
}

static void goes_on_in_indented_lines(void **state)
{
	const struct oh_ini ini = read_text("[alembic]\n"
					    "version_locations =\n"
					    "    %(here)s/a\n"
					    "  # not this\n"
					    "\n"
					    "    %(here)s/b\n"
					    "\n"
					    "next = 1\n"
					    "  = still next\n");

	(void)state;
	assert_null(ini.problem);
	assert_text(&ini, "version_locations", "\n/srv/100%/app/a\n\n/srv/100%/app/b");
	assert_text(&ini, "next", "1\n= still next");
}

static void knows_every_kind_of_line_end(void **state)
{
	const struct oh_ini ini = read_text("[alembic]\r\nA = 1\r\n  2\rb=3\nc=4");

	(void)state;
	assert_null(ini.problem);
	assert_text(&ini, "a", "1\n2");
	assert_text(&ini, "b", "3");
	assert_text(&ini, "c", "4");
	assert_int_equal(get(&ini, "b").line, 4);
}

static void looks_into_default(void **state)
{
	const struct oh_ini ini = read_text("[DEFAULT]\nbase = db\nscript_location = other\n"
					    "[alembic]\nscript_location = %(BASE)s/m\n"
					    "[x]\n[DEFAULT]\nmore = %(base)s!\n");

	(void)state;
	assert_null(ini.problem);
	assert_text(&ini, "script_location", "db/m");
	assert_text(&ini, "more", "db!");
	assert_true(get(&ini, "script_location").own);
	assert_false(get(&ini, "more").own);
}

static void lets_a_section_say_here_itself(void **state)
{
	const struct oh_ini ini = read_text("[alembic]\nhere = there\na = %(here)s/x\n");

	(void)state;
	assert_text(&ini, "a", "there/x");
}

static void says_what_can_not_be_interpolated(void **state)
{
	const struct oh_ini ini = read_text("[alembic]\n"
					    "unknown = %(DB_URL)s\n"
					    "bare = 100%\n"
					    "open = %(here\n"
					    "wrong = %(here)d\n"
					    "loop = %(loop)s\n"
					    "fine = %%(x)s\n");

	(void)state;
	assert_null(ini.problem);
	assert_string_equal(get(&ini, "unknown").problem, "%(db_url)s is said nowhere");
	assert_non_null(get(&ini, "bare").problem);
	assert_non_null(get(&ini, "open").problem);
	assert_non_null(get(&ini, "wrong").problem);
	assert_non_null(get(&ini, "loop").problem);
	assert_text(&ini, "fine", "%(x)s");
}

static void is_not_brought_down_by_references(void **state)
{
	char text[60000] = "[alembic]\na10 =\n";
	size_t at = strlen(text);
	struct oh_ini ini;

	(void)state;
	for (int level = 9; level >= 1; level--) {
		at += (size_t)sprintf(text + at, "a%d = ", level);
		for (int i = 0; i < 300; i++)
			at += (size_t)sprintf(text + at, "%%(a%d)s", level + 1);
		text[at++] = '\n';
	}
	text[at] = '\0';
	ini = read_text(text);
	assert_null(ini.problem);
	assert_non_null(get(&ini, "a1").problem);
}

static void is_as_strict_as_python(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {
		{"a = 1\n", 1},
		{"[alembic]\na = 1\nA = 2\n", 3},
		{"[alembic]\n[b]\n[alembic]\n", 3},
		{"[alembic]\nnothing\n", 2},
		{"[alembic]\n= x\n", 2},
		{"[DEFAULT]\na=1\n[DEFAULT]\na=1\n", 4},
		{"\xef\xbb\xbf[alembic]\n", 1},
		{"[alembic]\na = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> x\n", 3},
		{"[]\n", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct oh_ini ini = read_text(bad[i].text);

		assert_non_null(ini.problem);
		assert_int_equal(ini.problem_line, bad[i].line);
	}
}

static void strips_the_blanks_that_python_strips(void **state)
{
	const struct oh_ini ini = read_text("[alembic]\n\xc2\xa0\x1f"
					    "a\xe3\x80\x80=\xe2\x80\xa8 x \xc2\x85\nb = y\n");

	(void)state;
	/* the blanks in front of `a` indent it by two, and `b` is not deeper */
	assert_null(ini.problem);
	assert_text(&ini, "a", "x");
	assert_text(&ini, "b", "y");
}

static void has_sections_with_brackets_in_them(void **state)
{
	const struct oh_ini ini = read_text("[a]b] ; tail\nk=v\n");
	const struct oh_ini_value v = oh_ini_get(&ini, OH_SLICE("a]b"), OH_SLICE("k"));

	(void)state;
	assert_null(ini.problem);
	assert_true(v.found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_alembic_init_writes),
		cmocka_unit_test(takes_no_comment_behind_a_value),
		cmocka_unit_test(goes_on_in_indented_lines),
		cmocka_unit_test(knows_every_kind_of_line_end),
		cmocka_unit_test(looks_into_default),
		cmocka_unit_test(lets_a_section_say_here_itself),
		cmocka_unit_test(says_what_can_not_be_interpolated),
		cmocka_unit_test(is_not_brought_down_by_references),
		cmocka_unit_test(is_as_strict_as_python),
		cmocka_unit_test(strips_the_blanks_that_python_strips),
		cmocka_unit_test(has_sections_with_brackets_in_them),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}

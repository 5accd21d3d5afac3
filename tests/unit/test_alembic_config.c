#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/alembic/config.h"
#include "memory_source.h"

static struct oh_arena arena;

/* What a configuration comes to, in a tree. */
struct result {
	struct memory_source tree;
	struct oh_locations locations;
	struct oh_unreadables unreadable;
};

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

static struct result tree(const char *config, const char *text)
{
	struct result r = {.tree = memory_source(&arena)};

	memory_source_add(&r.tree, config, text);
	return r;
}

static void add(struct result *r, const char *path)
{
	memory_source_add(&r->tree, path, "");
}

static void discover(struct result *r, const char *root, const char *config)
{
	r->locations = (struct oh_locations){0};
	r->unreadable = (struct oh_unreadables){0};
	assert_true(oh_alembic_discover(&arena, &r->tree.source, oh_slice_of(root),
		oh_slice_of(config), &r->locations, &r->unreadable, NULL));
}

/* The one location, as "directory: versions". */
static const char *one(const struct result *r)
{
	const struct oh_location *l = r->locations.items;

	assert_int_equal(r->unreadable.count, 0);
	assert_int_equal(r->locations.count, 1);
	return oh_slice_str(
		&arena, oh_slice_printf(&arena, OH_FMT ": " OH_FMT, OH_ARG(l->directory),
				OH_ARG(oh_slices_join(&arena, &l->versions, " "))));
}

static const char *why(const struct result *r)
{
	assert_int_equal(r->unreadable.count, 1);
	return oh_slice_str(&arena, r->unreadable.items[0].why);
}

static void tells_configurations_by_name(void **state)
{
	(void)state;
	assert_true(oh_alembic_is_config(OH_SLICE("alembic.ini")));
	assert_true(oh_alembic_is_config(OH_SLICE("services/a/alembic.ini")));
	assert_true(oh_alembic_is_config(OH_SLICE("pyproject.toml")));
	assert_true(oh_alembic_is_config(OH_SLICE("x/alembic_billing.ini")));
	assert_true(oh_alembic_is_config(OH_SLICE("test-alembic.ini")));
	assert_false(oh_alembic_is_config(OH_SLICE("alembic.ini.mako")));
	assert_false(oh_alembic_is_config(OH_SLICE("alembic/settings.ini")));
	assert_false(oh_alembic_is_config(OH_SLICE("my-pyproject.toml")));
}

static void finds_the_usual_place(void **state)
{
	struct result r = tree("app/alembic.ini", "[alembic]\nscript_location = %(here)s/db\n");

	(void)state;
	add(&r, "app/db/env.py");
	discover(&r, "/srv/repo", "app/alembic.ini");
	assert_string_equal(one(&r), "app/db: app/db/versions");
	discover(&r, "", "app/alembic.ini");
	assert_string_equal(one(&r), "app/db: app/db/versions");
	discover(&r, "/", "app/alembic.ini");
	assert_string_equal(one(&r), "app/db: app/db/versions");
	assert_int_equal(r.locations.items[0].slug_length, 0);
	assert_int_equal(r.locations.items[0].file_template.len, 0);
}

static void tries_relative_paths_here_then_at_the_root(void **state)
{
	struct result r = tree("app/alembic.ini",
		"[alembic]\nscript_location = db\nversion_locations = db/a db/b db/gone\n");

	(void)state;
	add(&r, "db/env.py");
	add(&r, "db/a/1.py");
	add(&r, "db/b/1.py");
	discover(&r, "", "app/alembic.ini");
	assert_string_equal(one(&r), "db: db/a db/b");
	add(&r, "app/db/env.py");
	add(&r, "app/db/a/1.py");
	discover(&r, "", "app/alembic.ini");
	assert_string_equal(one(&r), "app/db: app/db/a db/b");
}

static void splits_as_alembic_splits(void **state)
{
	static const struct {
		const char *option, *versions;
	} cases[] = {
		{"version_locations = a, b c,d\n", "a b c d"},
		{"version_locations = a:b\n", ""},
		{"version_path_separator = os\nversion_locations = a:b : c\n", "a b c"},
		{"path_separator = ;\nversion_path_separator = os\nversion_locations=a; b\n",
			"a b"},
		{"path_separator = newline\nversion_locations =\n   a\n\n   b\n", "a b"},
		{"path_separator = space\nversion_locations = a  b c\n", "a b c"},
		{"path_separator = :\nversion_locations = ./a:x/../b:a\n", "a b"},
		{"version_locations =\n", "versions"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct oh_slice text = oh_slice_printf(
			&arena, "[alembic]\nscript_location = .\n%s", cases[i].option);
		struct result r = tree("alembic.ini", text.ptr);

		add(&r, "a/1.py");
		add(&r, "b/1.py");
		add(&r, "c/1.py");
		add(&r, "d/1.py");
		discover(&r, "", "alembic.ini");
		if (i == 1) /* without a separator, a:b is a resource of the package a */
			assert_string_equal(
				oh_slice_str(&arena, oh_slices_join(&arena,
							     &r.locations.items[0].versions, " ")),
				"");
		else
			assert_string_equal(
				one(&r), oh_slice_printf(&arena, ": %s", cases[i].versions).ptr);
	}
}

static void reads_pyproject(void **state)
{
	struct result r = tree("pyproject.toml", "[tool.alembic]\n"
						 "script_location = '%(here)s/db'\n"
						 "version_locations = ['%(here)s/db/a', 'db/b']\n"
						 "recursive_version_locations = true\n"
						 "file_template = '%%(year)d_%%(rev)s'\n"
						 "truncate_slug_length = 20\n"
						 "timezone = 'UTC'\n");
	const struct oh_location *l;

	(void)state;
	add(&r, "db/a/1.py");
	add(&r, "db/b/1.py");
	discover(&r, "/r", "pyproject.toml");
	assert_string_equal(one(&r), "db: db/a db/b");
	l = r.locations.items;
	assert_true(l->recursive);
	assert_int_equal(l->slug_length, 20);
	assert_string_equal(oh_slice_str(&arena, l->file_template), "%(year)d_%(rev)s");
	assert_string_equal(oh_slice_str(&arena, l->timezone), "UTC");
	assert_string_equal(oh_slice_str(&arena, l->config), "pyproject.toml");
}

static void lets_the_ini_win_per_option(void **state)
{
	struct result r = tree("alembic.ini", "[alembic]\nscript_location = ini\n");

	(void)state;
	memory_source_add(&r.tree, "pyproject.toml",
		"[tool.alembic]\nscript_location = 'toml'\nfile_template = 'x_%%(rev)s'\n");
	add(&r, "ini/env.py");
	add(&r, "toml/env.py");
	discover(&r, "", "alembic.ini");
	assert_string_equal(one(&r), "ini: ini/versions");
	assert_string_equal(oh_slice_str(&arena, r.locations.items[0].file_template), "x_%(rev)s");
	discover(&r, "", "pyproject.toml");
	assert_int_equal(r.locations.count, 0);
	assert_int_equal(r.unreadable.count, 0);
}

static void lets_pyproject_speak_beside_an_ini_for_logging(void **state)
{
	struct result r = tree("alembic.ini", "[loggers]\nkeys = root\n");

	(void)state;
	memory_source_add(&r.tree, "pyproject.toml", "[tool.alembic]\nscript_location='db'\n");
	add(&r, "db/env.py");
	discover(&r, "", "alembic.ini");
	assert_int_equal(r.locations.count + r.unreadable.count, 0);
	discover(&r, "", "pyproject.toml");
	assert_string_equal(one(&r), "db: db/versions");
}

static void does_not_care_for_other_peoples_toml(void **state)
{
	struct result r = tree("pyproject.toml",
		"[project]\ndependencies = [\n<<<<<<< HEAD\n 'alembic',\n=======\n");

	(void)state;
	discover(&r, "", "pyproject.toml");
	assert_int_equal(r.locations.count + r.unreadable.count, 0);
	memory_source_add(&r.tree, "alembic.ini", "[alembic]\nscript_location = db\n");
	add(&r, "db/env.py");
	discover(&r, "", "alembic.ini");
	assert_string_equal(one(&r), "db: db/versions");
}

static void makes_a_graph_of_every_section(void **state)
{
	struct result r = tree("alembic.ini", "[DEFAULT]\nversion_path_separator = os\n"
					      "[alembic]\nscript_location = a\n"
					      "[billing]\nscript_location = b\n"
					      "[again]\nscript_location = ./a\n"
					      "[loggers]\nkeys = root\n");

	(void)state;
	add(&r, "a/env.py");
	add(&r, "b/env.py");
	discover(&r, "", "alembic.ini");
	assert_int_equal(r.unreadable.count, 0);
	assert_int_equal(r.locations.count, 2);
	assert_string_equal(oh_slice_str(&arena, r.locations.items[1].directory), "b");
}

static void says_that_two_graphs_in_one_directory_are_too_many(void **state)
{
	struct result r = tree("alembic.ini", "[DEFAULT]\nscript_location = a\n"
					      "[one]\nversion_locations = a/one\n"
					      "[two]\nversion_locations = a/two\n");

	(void)state;
	add(&r, "a/one/1.py");
	add(&r, "a/two/1.py");
	discover(&r, "", "alembic.ini");
	assert_int_equal(r.locations.count, 1);
	assert_string_equal(
		why(&r), "another section has this script_location with other version_locations");
	assert_int_equal(r.unreadable.items[0].line, 2);
	assert_true(r.unreadable.items[0].computed);
}

static void finds_packages(void **state)
{
	struct result r = tree("svc/alembic.ini", "[alembic]\nscript_location = my.app:db/m\n"
						  "prepend_sys_path = lib:.\n");

	(void)state;
	discover(&r, "", "svc/alembic.ini");
	assert_string_equal(why(&r), "the package my.app is not in this repository");
	assert_true(r.unreadable.items[0].computed);
	add(&r, "svc/src/my/app/db/m/env.py");
	discover(&r, "", "svc/alembic.ini");
	assert_string_equal(one(&r), "svc/src/my/app/db/m: svc/src/my/app/db/m/versions");
	add(&r, "svc/lib/my/app/db/m/env.py");
	discover(&r, "", "svc/alembic.ini");
	assert_string_equal(one(&r), "svc/lib/my/app/db/m: svc/lib/my/app/db/m/versions");
}

static void says_what_it_can_not_know(void **state)
{
	static const struct {
		const char *text, *why;
		unsigned line;
		bool computed;
	} cases[] = {
		{"[alembic]\nscript_location = %(X)s/m\n", "script_location: %(x)s is said nowhere",
			2, false},
		{"[alembic]\nscript_location = /opt/m\n", "/opt/m lies outside of the repository",
			2, true},
		{"[alembic]\n\nscript_location = %(here)s/../../m\n",
			"/srv/r/../../m lies outside of the repository", 3, true},
		{"[alembic]\nscript_location = ../m\n", "../m lies outside of the repository", 2,
			true},
		{"[alembic]\nscript_location = /srv/r2/m\n",
			"/srv/r2/m lies outside of the repository", 2, true},
		{"[alembic]\nscript_location = \x1b[31m\n",
			"script_location: there is no \\x1b[31m", 2, true},
		{"[alembic]\nscript_location = gone\n", "script_location: there is no gone", 2,
			true},
		{"[alembic]\nsqlalchemy.url = x\n", "it names no script_location", 0, true},
		{"[alembic]\nnonsense\n", "neither a section nor an option", 2, false},
		{"[alembic]\nscript_location = db\npath_separator = comma\nversion_locations=a\n",
			"comma is no path separator that Alembic knows", 3, false},
		{"[alembic]\nscript_location = db\ntruncate_slug_length = many\n",
			"truncate_slug_length is no length", 3, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct result r = tree("alembic.ini", cases[i].text);

		add(&r, "db/env.py");
		discover(&r, "/srv/r", "alembic.ini");
		assert_string_equal(why(&r), cases[i].why);
		assert_int_equal(r.unreadable.items[0].line, cases[i].line);
		assert_int_equal(r.unreadable.items[0].computed, cases[i].computed);
	}
}

static void names_compiled_migrations_without_source(void **state)
{
	struct result r =
		tree("alembic.ini", "[alembic]\nscript_location = db\nsourceless = true\n");

	(void)state;
	add(&r, "db/env.py");
	add(&r, "db/versions/a.py");
	add(&r, "db/versions/a.pyc");
	add(&r, "db/versions/b.pyc");
	discover(&r, "", "alembic.ini");
	assert_int_equal(r.locations.count, 1);
	assert_string_equal(why(&r), "a compiled migration without its source");
	assert_string_equal(oh_slice_str(&arena, r.unreadable.items[0].path), "db/versions/b.pyc");
}

static void takes_ini_booleans_literally(void **state)
{
	struct result r = tree("alembic.ini",
		"[alembic]\nscript_location = db\nrecursive_version_locations = True\n");

	(void)state;
	add(&r, "db/env.py");
	discover(&r, "", "alembic.ini");
	assert_string_equal(one(&r), "db: db/versions");
	assert_false(r.locations.items[0].recursive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_configurations_by_name),
		cmocka_unit_test(finds_the_usual_place),
		cmocka_unit_test(tries_relative_paths_here_then_at_the_root),
		cmocka_unit_test(splits_as_alembic_splits),
		cmocka_unit_test(reads_pyproject),
		cmocka_unit_test(lets_the_ini_win_per_option),
		cmocka_unit_test(lets_pyproject_speak_beside_an_ini_for_logging),
		cmocka_unit_test(does_not_care_for_other_peoples_toml),
		cmocka_unit_test(makes_a_graph_of_every_section),
		cmocka_unit_test(says_that_two_graphs_in_one_directory_are_too_many),
		cmocka_unit_test(finds_packages),
		cmocka_unit_test(says_what_it_can_not_know),
		cmocka_unit_test(names_compiled_migrations_without_source),
		cmocka_unit_test(takes_ini_booleans_literally),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}

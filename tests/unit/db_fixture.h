/*
 * A directory for databases, and the programs that fill them: Python's sqlite3 and real Alembic.
 * Include it after cmocka.h.
 */
#ifndef DB_FIXTURE_H
#define DB_FIXTURE_H

#include "base/process.h"
#include "db/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct fixture {
	struct oh_arena arena;
	char directory[64];
	struct oh_error err;
};

static inline int fixture_make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->directory, "/tmp/onehead-db-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	*state = f;
	return 0;
}

/* Runs a program to its end; it must succeed. */
static inline struct oh_slice fixture_run(struct fixture *f, const char *const *argv)
{
	struct oh_process p = {.argv = argv};

	if (!oh_process_run(&f->arena, &p, &f->err))
		fail_msg("%s: %s", argv[0], f->err.message);
	if (p.status != 0)
		fail_msg("%s exited %d: " OH_FMT OH_FMT, argv[0], p.status, OH_ARG(p.output),
			OH_ARG(p.errors));
	return p.output;
}

/* A script of the shell, with $1 … in place of text put into it. */
static inline struct oh_slice fixture_sh(
	struct fixture *f, const char *script, const char *argument)
{
	const char *const argv[] = {"sh", "-euc", script, "sh", f->directory, argument, NULL};

	return fixture_run(f, argv);
}

static inline int fixture_drop(void **state)
{
	struct fixture *f = *state;

	fixture_sh(f, "chmod -R u+rwx \"$1\" && rm -rf \"$1\"", "");
	oh_arena_drop(&f->arena);
	free(f);
	return 0;
}

/* A project with two heads, b1 and c1, stamped by Alembic itself into the database at URL. */
static inline void fixture_stamp(struct fixture *f, const char *url)
{
	fixture_sh(f,
		"cd \"$1\" && unset PYTHONPATH && exec >&2\n"
		"/usr/bin/python3 -m alembic.config init -t generic m\n"
		"printf '[alembic]\\nscript_location = m\\nsqlalchemy.url = %s\\n' \"$2\" >alembic.ini\n"
		"sed -i 's/^    fileConfig(.*/    pass/' m/env.py\n"
		"for r in a1:None b1:\"'a1'\" c1:\"'a1'\"; do\n"
		"printf \"revision = '%s'\\ndown_revision = %s\\ndef upgrade(): pass\\n\""
		" \"${r%%:*}\" \"${r#*:}\" >\"m/versions/${r%%:*}.py\"\n"
		"done\n"
		"/usr/bin/python3 -m alembic.config stamp heads\n",
		url);
}

/* The ids that TABLE of the database at URL holds, with blanks between them; NULL sets f->err. */
static inline const char *fixture_applied(struct fixture *f, const char *url, const char *table)
{
	struct oh_slices ids;
	struct oh_db *db;
	bool ok;

	memset(&f->err, 0, sizeof(f->err));
	if (!oh_db_open(&db, &f->arena, oh_slice_of(url), oh_slice_of(f->directory), &f->err))
		return NULL;
	ok = oh_db_applied(db, &f->arena, oh_slice_of(table), &ids, &f->err);
	oh_db_close(db);
	return ok ? oh_slice_str(&f->arena, oh_slices_join(&f->arena, &ids, " ")) : NULL;
}

static inline void expect_applied(struct fixture *f, const char *url, const char *ids)
{
	const char *found = fixture_applied(f, url, "alembic_version");

	if (!found)
		fail_msg("%s: %s", url, f->err.message);
	assert_string_equal(found, ids);
}

/* One line for a person that holds TEXT, and the code. */
static inline void expect_error(
	struct fixture *f, const char *url, enum oh_code code, const char *text)
{
	const char *found = fixture_applied(f, url, "alembic_version");

	if (found)
		fail_msg("%s was read: \"%s\"", url, found);
	if (f->err.code != code || !strstr(f->err.message, text))
		fail_msg("%s: code %d, \"%s\"", url, f->err.code, f->err.message);
	assert_null(strchr(f->err.message, '\n'));
	assert_null(strstr(f->err.message, "\\n"));
}

static inline double fixture_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif

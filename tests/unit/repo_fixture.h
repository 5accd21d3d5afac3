/*
 * An opened repository for tests.
 *
 *	struct test t;
 *	begin(&t, "r/sub", "mkdir sub && echo 1 >f && git add f");	// run in a new r; entered
 *	… t.repo, t.err …
 *	end(&t);
 */
#ifndef REPO_FIXTURE_H
#define REPO_FIXTURE_H

#include "git_fixture.h"

#include "repo/repo.h"

struct test {
	struct fixture f;
	struct oh_repo *repo;
	struct oh_error err;
};

/* A repository r with SETUP run in it, opened from the directory FROM below it. */
static inline void begin(struct test *t, const char *from, const char *setup)
{
	memset(&t->err, 0, sizeof(t->err));
	fixture_make(&t->f);
	fixture_run(&t->f, "git init -q -b main r && cd r\n%s", setup);
	fixture_enter(&t->f, from);
	assert_done(oh_repo_open(&t->repo, &t->f.arena, &t->err), t->err);
}

static inline void end(struct test *t)
{
	oh_repo_close(t->repo);
	fixture_drop(&t->f);
}

static inline struct oh_slice id_of(struct test *t, const char *rev)
{
	return fixture_run(&t->f, "cd r && git rev-parse '%s'", rev);
}

#endif

/*
 * Real repositories for tests: made by running git in a directory of their own, with nobody's
 * configuration and a fixed identity.
 *
 *	struct fixture f;
 *	fixture_make(&f);				// an empty directory, entered
 *	fixture_run(&f, "git init -q -b main r && cd r && git commit -q --allow-empty -m x");
 *	fixture_drop(&f);
 */
#ifndef GIT_FIXTURE_H
#define GIT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Debian's libgit2 1.5 loses 20 KB of pcre2's whenever a repository is opened. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2";
}

struct fixture {
	struct oh_arena arena;
	char root[64];
	char before[4096];
};

static inline void fixture_make(struct fixture *f)
{
	static const char *const clear[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE",
		"GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "ONEHEAD_OBJECTS"};

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < sizeof(clear) / sizeof(*clear); i++)
		unsetenv(clear[i]);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_SYSTEM", "/dev/null", 1);
	setenv("GIT_AUTHOR_NAME", "Ana", 1);
	setenv("GIT_AUTHOR_EMAIL", "ana@example.com", 1);
	setenv("GIT_AUTHOR_DATE", "2024-02-03T04:05:06+0100", 1);
	setenv("GIT_COMMITTER_NAME", "Bob", 1);
	setenv("GIT_COMMITTER_EMAIL", "bob@example.com", 1);
	setenv("GIT_COMMITTER_DATE", "2024-02-03T05:06:07-0330", 1);
	/* A test that failed may have left us where nothing is any more. */
	if (!getcwd(f->before, sizeof(f->before)))
		strcpy(f->before, "/");
	snprintf(f->root, sizeof(f->root), "%s", "/tmp/onehead-test-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	assert_int_equal(chdir(f->root), 0);
}

/* Runs SCRIPT with sh in the root; what it prints, without the last line's end. */
static inline struct oh_slice fixture_run(struct fixture *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline struct oh_slice fixture_run(struct fixture *f, const char *format, ...)
{
	struct oh_process p = {0};
	struct oh_error err = {0};
	const char *argv[] = {"sh", "-ec", NULL, NULL};
	struct oh_slice script;
	va_list args;

	va_start(args, format);
	script = oh_slice_vprintf(&f->arena, format, args);
	va_end(args);
	argv[2] = oh_slice_printf(&f->arena, "cd %s\n" OH_FMT, f->root, OH_ARG(script)).ptr;
	p.argv = argv;
	if (!oh_process_run(&f->arena, &p, &err))
		fail_msg("%s", err.message);
	if (p.status)
		fail_msg("status %d of: %s\n" OH_FMT, p.status, argv[2], OH_ARG(p.errors));
	if (p.output.len && p.output.ptr[p.output.len - 1] == '\n')
		p.output.len--;
	return oh_slice_dup(&f->arena, p.output);
}

static inline void fixture_enter(struct fixture *f, const char *below)
{
	assert_int_equal(chdir(oh_slice_printf(&f->arena, "%s/%s", f->root, below).ptr), 0);
}

static inline void fixture_drop(struct fixture *f)
{
	fixture_run(f, "chmod -R u+rwx . 2>/dev/null || true");
	assert_int_equal(chdir(f->before), 0);
	assert_int_equal(strncmp(f->root, "/tmp/onehead-test-", 18), 0);
	{
		const char *argv[] = {"rm", "-rf", f->root, NULL};
		struct oh_process p = {.argv = argv};

		assert_true(oh_process_run(&f->arena, &p, NULL));
	}
	oh_arena_drop(&f->arena);
}

#define assert_slice(slice, text)                                                                  \
	do {                                                                                       \
		const struct oh_slice got_ = (slice), want_ = oh_slice_of(text);                   \
		if (!oh_slice_eq(got_, want_))                                                     \
			fail_msg("got '" OH_FMT "', want '" OH_FMT "'", OH_ARG(got_),              \
				OH_ARG(want_));                                                    \
	} while (0)

#define assert_same(a, b)                                                                          \
	do {                                                                                       \
		const struct oh_slice a_ = (a), b_ = (b);                                          \
		if (!oh_slice_eq(a_, b_))                                                          \
			fail_msg("'" OH_FMT "' is not '" OH_FMT "'", OH_ARG(a_), OH_ARG(b_));      \
	} while (0)

#define assert_done(call, err)                                                                     \
	do {                                                                                       \
		if (!(call))                                                                       \
			fail_msg("%s: %s", #call, (err).message);                                  \
	} while (0)

#endif

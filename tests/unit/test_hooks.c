/* What the hooks directory says, on real repositories. */
#include "git_fixture.h"

#include "repo/disk.h"
#include "repo/hooks.h"
#include "repo/manager.h"

#include <time.h>

static const char *const finishing[] = {"pre-merge-commit", "post-merge", "pre-commit", NULL};

/* A repository r, entered, and an onehead-hook in bin/, which is on nobody's PATH. */
static void make(struct fixture *f)
{
	fixture_make(f);
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
	setenv("HOME", f->root, 1);
	unsetenv("ONEHEAD");
	unsetenv("HUSKY");
	unsetenv("LEFTHOOK");
	fixture_run(f, "git init -q -b main r; mkdir -p bin r/.git/hooks; printf '#!/bin/sh\\n' "
		       ">bin/onehead-hook; chmod +x bin/onehead-hook");
	fixture_enter(f, "r");
}

static void put(struct fixture *f, const char *path, struct oh_slice text)
{
	const struct oh_slice full = oh_slice_printf(&f->arena, "%s/%s", f->root, path);
	struct oh_error err = {0};

	assert_done(oh_disk_write(&f->arena, full, text, 0777, &err), err);
}

static void put_ours(struct fixture *f, const char *path, const char *name)
{
	const struct oh_slice bin = oh_slice_printf(&f->arena, "%s/bin", f->root);

	put(f, path, oh_entry_text(&f->arena, oh_entry_named(oh_slice_of(name)), bin));
}

static struct oh_hook look(struct fixture *f, const char *name)
{
	struct oh_error err = {0};
	struct oh_repo *repo;
	struct oh_hook hook;

	assert_done(oh_repo_open(&repo, &f->arena, &err), err);
	hook = oh_hook_look(&f->arena, oh_repo_paths(repo, &err), name);
	hook.path = oh_slice_dup(&f->arena, hook.path);
	hook.carrier = oh_slice_dup(&f->arena, hook.carrier);
	oh_repo_close(repo);
	return hook;
}

static bool live(struct fixture *f)
{
	struct oh_error err = {0};
	struct oh_repo *repo;
	bool answer;

	assert_done(oh_repo_open(&repo, &f->arena, &err), err);
	answer = oh_hooks_live(repo, &f->arena, finishing);
	oh_repo_close(repo);
	return answer;
}

#define assert_state(hook, want_state, want_owner)                                                 \
	do {                                                                                       \
		const struct oh_hook h_ = (hook);                                                  \
		assert_int_equal(h_.state, want_state);                                            \
		assert_int_equal(h_.owner, want_owner);                                            \
	} while (0)

static void test_ours(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	assert_state(look(&f, "pre-commit"), OH_HOOK_ABSENT, OH_OWNER_NOBODY);
	assert_false(live(&f));
	for (const char *const *name = finishing; *name; name++) {
		assert_false(live(&f));
		put_ours(&f, oh_slice_printf(&f.arena, "r/.git/hooks/%s", *name).ptr, *name);
	}
	assert_true(live(&f));
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_US);
	setenv("ONEHEAD", "0", 1);
	assert_state(look(&f, "pre-commit"), OH_HOOK_SWITCHED_OFF, OH_OWNER_US);
	assert_false(live(&f));
	setenv("ONEHEAD", "1", 1);
	assert_true(live(&f));
	fixture_run(&f, "chmod -x r/.git/hooks/post-merge");
	assert_state(look(&f, "post-merge"), OH_HOOK_NOT_EXECUTABLE, OH_OWNER_US);
	assert_false(live(&f));
	fixture_run(&f, "chmod +x r/.git/hooks/post-merge; mv bin/onehead-hook elsewhere");
	assert_state(look(&f, "post-merge"), OH_HOOK_PROGRAM_GONE, OH_OWNER_US);
	assert_false(live(&f));
	fixture_run(&f, "mkdir path; mv elsewhere path/onehead-hook");
	setenv("PATH", oh_slice_printf(&f.arena, "/usr/bin:/bin:%s/path", f.root).ptr, 1);
	assert_true(live(&f));
	fixture_run(&f, "chmod -x path/onehead-hook; mkdir bin/onehead-hook");
	assert_false(live(&f));
	fixture_drop(&f);
}

static void test_other_scripts(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	put(&f, "r/.git/hooks/pre-commit", OH_SLICE("#!/bin/sh\nexit 0\n"));
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_CALLED, OH_OWNER_USER);
	put(&f, "r/.git/hooks/pre-commit",
		OH_SLICE("#!/bin/sh\n# onehead-hook pre-commit\nonehead-hook pre-push\n"));
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_CALLED, OH_OWNER_USER);
	put(&f, "r/.git/hooks/pre-commit", OH_SLICE("#!/bin/sh\nonehead-hook pre-commit \"$@\"\n"));
	assert_state(look(&f, "pre-commit"), OH_HOOK_PROGRAM_GONE, OH_OWNER_USER);
	put(&f, "r/.git/hooks/pre-commit",
		OH_SLICE("#!/bin/sh\n\"$HOME/bin/onehead-hook\" pre-commit \"$@\"\n"));
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_USER);
	fixture_run(&f, "chmod -x r/.git/hooks/pre-commit");
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_EXECUTABLE, OH_OWNER_USER);
	/* what git itself can't run */
	fixture_run(&f, "cd r/.git/hooks; rm pre-commit; ln -s nowhere pre-commit");
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_EXECUTABLE, OH_OWNER_USER);
	fixture_run(&f, "cd r/.git/hooks; rm pre-commit; mkdir pre-commit");
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_EXECUTABLE, OH_OWNER_USER);
	fixture_run(&f, "cd r/.git/hooks; rmdir pre-commit; head -c 100000 /dev/urandom "
			">pre-commit; chmod +x pre-commit");
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_CALLED, OH_OWNER_USER);
	/* a symlink to ours is ours */
	put_ours(&f, "r/ours", "pre-commit");
	fixture_run(&f, "cd r/.git/hooks; rm pre-commit; ln -s ../../ours pre-commit");
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_US);
	fixture_drop(&f);
}

/* A hook that blocks when it is opened must not hang whoever asks. */
static void test_fifo(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	fixture_run(&f, "mkfifo -m 755 r/.git/hooks/pre-commit");
	assert_false(look(&f, "pre-commit").state == OH_HOOK_LIVE);
	fixture_drop(&f);
}

#define FRAMEWORK "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n"
#define HUSKY "#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\""
#define LEFTHOOK "#!/bin/sh\ncall_lefthook()\n{\n:\n}\ncall_lefthook run \"pre-commit\" \"$@\"\n"

static void test_pre_commit_framework(void **state)
{
	struct fixture f;
	struct oh_hook hook;

	(void)state;
	make(&f);
	put(&f, "r/.git/hooks/pre-commit", OH_SLICE(FRAMEWORK));
	hook = look(&f, "pre-commit");
	assert_state(hook, OH_HOOK_NOT_CALLED, OH_OWNER_MANAGER);
	assert_string_equal(hook.manager->name, "pre-commit");
	put_ours(&f, "r/.git/hooks/pre-commit.legacy", "pre-commit");
	hook = look(&f, "pre-commit");
	assert_state(hook, OH_HOOK_LIVE, OH_OWNER_MANAGER);
	assert_true(oh_slice_has_suffix(hook.carrier, OH_SLICE("/pre-commit.legacy")));
	fixture_run(&f, "chmod -x r/.git/hooks/pre-commit.legacy");
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_EXECUTABLE, OH_OWNER_MANAGER);
	fixture_run(&f, "chmod +x r/.git/hooks/pre-commit.legacy; chmod -x "
			"r/.git/hooks/pre-commit");
	hook = look(&f, "pre-commit");
	assert_state(hook, OH_HOOK_NOT_EXECUTABLE, OH_OWNER_MANAGER);
	assert_true(oh_slice_has_suffix(hook.carrier, OH_SLICE("/pre-commit")));
	fixture_run(&f, "chmod +x r/.git/hooks/pre-commit; rm r/.git/hooks/*.legacy");
	put(&f, "r/.pre-commit-config.yaml",
		oh_slice_printf(&f.arena, "    entry: %s/bin/onehead-hook pre-commit\n", f.root));
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_MANAGER);
	put(&f, "r/.pre-commit-config.yaml",
		oh_slice_printf(&f.arena, "  # entry: %s/bin/onehead-hook pre-commit\n", f.root));
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_CALLED, OH_OWNER_MANAGER);
	fixture_drop(&f);
}

static void test_husky(void **state)
{
	struct fixture f;
	struct oh_hook hook;

	(void)state;
	make(&f);
	fixture_run(&f, "cd r; mkdir -p .husky/_; git config core.hooksPath .husky/_");
	put(&f, "r/.husky/_/pre-commit", OH_SLICE(HUSKY));
	hook = look(&f, "pre-commit");
	assert_state(hook, OH_HOOK_NOT_CALLED, OH_OWNER_MANAGER);
	assert_true(oh_slice_has_suffix(hook.carrier, OH_SLICE("/r/.husky/pre-commit")));
	put(&f, "r/.husky/pre-commit",
		OH_SLICE("npm test\n~/bin/onehead-hook pre-commit \"$@\" || exit\n"));
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_MANAGER);
	/* husky runs its scripts with sh, run bit or not */
	fixture_run(&f, "chmod -x r/.husky/pre-commit");
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_MANAGER);
	setenv("HUSKY", "0", 1);
	hook = look(&f, "pre-commit");
	assert_state(hook, OH_HOOK_SWITCHED_OFF, OH_OWNER_MANAGER);
	assert_string_equal(hook.variable, "HUSKY");
	unsetenv("HUSKY");
	/* from a subdirectory the relative path means the same */
	fixture_run(&f, "mkdir -p r/deep/down");
	fixture_enter(&f, "r/deep/down");
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_MANAGER);
	/* 5 to 8: the scripts of the project are the hooks */
	fixture_run(&f, "cd r; git config core.hooksPath .husky");
	put(&f, "r/.husky/pre-commit", OH_SLICE("#!/bin/sh\n. \"$(dirname \"$0\")/_/husky.sh\"\n"));
	assert_state(look(&f, "pre-commit"), OH_HOOK_NOT_CALLED, OH_OWNER_MANAGER);
	put(&f, "r/.husky/pre-commit",
		OH_SLICE("#!/bin/sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n~/bin/onehead-hook "
			 "pre-commit\n"));
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_MANAGER);
	fixture_drop(&f);
}

static void test_lefthook(void **state)
{
	struct fixture f;
	struct oh_hook hook;

	(void)state;
	make(&f);
	put(&f, "r/.git/hooks/pre-commit", OH_SLICE(LEFTHOOK));
	put_ours(&f, "r/.git/hooks/pre-commit.old", "pre-commit");
	hook = look(&f, "pre-commit");
	assert_state(hook, OH_HOOK_NOT_CALLED, OH_OWNER_MANAGER);
	assert_true(oh_slice_has_suffix(hook.carrier, OH_SLICE("/r/lefthook.yml")));
	put(&f, "r/.lefthook.toml", OH_SLICE("[pre-commit]\n"));
	hook = look(&f, "pre-commit");
	assert_true(oh_slice_has_suffix(hook.carrier, OH_SLICE("/r/.lefthook.toml")));
	put(&f, "r/lefthook-local.yml",
		OH_SLICE("pre-commit:\n  commands:\n    x:\n      run: ~/bin/onehead-hook "
			 "pre-commit {0}\n"));
	assert_state(look(&f, "pre-commit"), OH_HOOK_LIVE, OH_OWNER_MANAGER);
	setenv("LEFTHOOK", "0", 1);
	assert_state(look(&f, "pre-commit"), OH_HOOK_SWITCHED_OFF, OH_OWNER_MANAGER);
	unsetenv("LEFTHOOK");
	fixture_drop(&f);
}

static void test_call(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"onehead-hook pre-commit", "onehead-hook"},
		{"onehead hook pre-commit \"$@\"", "onehead"},
		{"git onehead hook pre-commit", "onehead"},
		{"  entry: onehead-hook   pre-commit\r\n", "onehead-hook"},
		{"{\"run\": \"onehead-hook pre-commit\"}", "onehead-hook"},
		{"run = 'onehead-hook pre-commit'", "onehead-hook"},
		{"if x; then /opt/b/onehead-hook pre-commit; fi", "/opt/b/onehead-hook"},
		{"(onehead-hook pre-commit)", "onehead-hook"},
		{"'/opt/onehead-hook' pre-commit", "/opt/onehead-hook"},
		{"\"/opt/onehead\" hook pre-commit", "/opt/onehead"},
		{"onehead check\nx\nonehead-hook pre-commit|cat", "onehead-hook"},
		{"onehead-hook pre-commit-msg", ""},
		{"onehead-hook pre-commitx", ""},
		{"onehead-hook", ""},
		{"onehead-hook ", ""},
		{"onehead-hookpre-commit", ""},
		{"onehead-hooks pre-commit", ""},
		{"onehead  hook pre-commit", ""},
		{"onehead hook", ""},
		{"onehead hooks pre-commit", ""},
		{"# onehead-hook pre-commit", ""},
		{"   // onehead-hook pre-commit", ""},
		{"command -v onehead-hook", ""},
		{"onehead-hook\npre-commit", ""},
		{"", ""},
		{"onehea", ""},
		{"onehead", ""},
		{"onehead\"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_slice(
			oh_script_call(oh_slice_of(cases[i].text), "pre-commit"), cases[i].want);
}

/* What we tell people to paste is what we then recognise. */
static void test_lines_are_recognised(void **state)
{
	struct oh_arena arena = {0};

	(void)state;
	for (const struct oh_entry_row *row = oh_entry_rows(); row->name; row++) {
		struct oh_slices lines = oh_script_lines(&arena, row);

		assert_slice(oh_script_call(oh_slices_join(&arena, &lines, "\n"), row->name),
			"onehead-hook");
		for (const struct oh_manager *m = oh_managers(); m->name; m++) {
			if (!m->lines)
				continue;
			lines = m->lines(&arena, row);
			assert_slice(
				oh_script_call(oh_slices_join(&arena, &lines, "\n"), row->name),
				"onehead-hook");
		}
	}
	oh_arena_drop(&arena);
}

static enum oh_hooks_place place(struct fixture *f)
{
	enum oh_hooks_place out;
	struct oh_error err = {0};
	struct oh_repo *repo;

	assert_done(oh_repo_open(&repo, &f->arena, &err), err);
	assert_done(oh_hooks_place(repo, &f->arena, &out, &err), err);
	oh_repo_close(repo);
	return out;
}

static void test_places(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	assert_int_equal(place(&f), OH_HOOKS_OWN);
	fixture_run(&f, "rm -rf r/.git/hooks");
	assert_int_equal(place(&f), OH_HOOKS_OWN);
	fixture_run(&f, "cd r; git config core.hooksPath .githooks");
	assert_int_equal(place(&f), OH_HOOKS_TRACKED);
	fixture_run(&f, "cd r; mkdir .githooks; echo '*' >.githooks/.gitignore");
	assert_int_equal(place(&f), OH_HOOKS_IGNORED);
	fixture_run(&f, "cd r; >.githooks/pre-commit; git add -f .githooks/pre-commit");
	assert_int_equal(place(&f), OH_HOOKS_TRACKED);
	fixture_run(&f, "cd r; git config core.hooksPath ~/hooks");
	assert_int_equal(place(&f), OH_HOOKS_ELSEWHERE);
	fixture_run(&f, "cd r; git config core.hooksPath '~/hooks'; mkdir ~/hooks");
	assert_int_equal(place(&f), OH_HOOKS_ELSEWHERE);
	fixture_run(&f, "cd r; git config core.hooksPath /dev/null");
	assert_int_equal(place(&f), OH_HOOKS_NOWHERE);
	/* symlinks do not hide whose a directory is */
	fixture_run(&f, "cd r; git config --unset core.hooksPath; ln -s ~/hooks .git/hooks");
	assert_int_equal(place(&f), OH_HOOKS_ELSEWHERE);
	fixture_run(&f, "cd r; rm .git/hooks; mkdir scripts; ln -s ../scripts .git/hooks");
	assert_int_equal(place(&f), OH_HOOKS_TRACKED);
	fixture_run(&f, "cd r; git config core.hooksPath back; ln -s .git/other back; mkdir "
			".git/other");
	assert_int_equal(place(&f), OH_HOOKS_OWN);
	fixture_drop(&f);
}

/* A linked worktree runs the hooks of the common directory. */
static void test_linked_worktree(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	for (const char *const *name = finishing; *name; name++)
		put_ours(&f, oh_slice_printf(&f.arena, "r/.git/hooks/%s", *name).ptr, *name);
	fixture_run(&f,
		"cd r; git -c core.hooksPath=/dev/null commit -q --allow-empty -m x; git worktree "
		"add -q ../w");
	fixture_enter(&f, "w");
	assert_true(live(&f));
	assert_int_equal(place(&f), OH_HOOKS_OWN);
	fixture_run(&f, "cd r; git config core.hooksPath .hooks");
	assert_false(live(&f));
	fixture_drop(&f);
}

/* The merge driver asks while somebody waits for git. */
static void test_costs_little(void **state)
{
	enum { TIMES = 200 };
	struct oh_error err = {0};
	struct timespec from, to;
	struct oh_repo *repo;
	struct fixture f;
	double spent;

	(void)state;
	make(&f);
	for (const char *const *name = finishing; *name; name++) {
		put(&f, oh_slice_printf(&f.arena, "r/.git/hooks/%s", *name).ptr,
			OH_SLICE(FRAMEWORK));
		put_ours(&f, oh_slice_printf(&f.arena, "r/.git/hooks/%s.legacy", *name).ptr, *name);
	}
	assert_done(oh_repo_open(&repo, &f.arena, &err), err);
	assert_non_null(oh_repo_paths(repo, &err));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int i = 0; i < TIMES; i++)
		assert_true(oh_hooks_live(repo, &f.arena, finishing));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	oh_repo_close(repo);
	spent = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	if (spent / TIMES > 2.0)
		fail_msg("%.2f ms", spent / TIMES);
	fixture_drop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_other_scripts),
		cmocka_unit_test(test_fifo),
		cmocka_unit_test(test_pre_commit_framework),
		cmocka_unit_test(test_husky),
		cmocka_unit_test(test_lefthook),
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_lines_are_recognised),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_linked_worktree),
		cmocka_unit_test(test_costs_little),
	};

	return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}

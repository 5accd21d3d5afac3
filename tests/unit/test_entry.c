/* The shell entries, run by real shells and by real git. */
#include "git_fixture.h"

#include "repo/entry.h"

#define NASTY "it's \"100%O\" $HOME `id` \\ bin"

static const char *const shells[] = {"dash", "bash", "bash --posix"};
#define SHELLS (sizeof(shells) / sizeof(*shells))

static struct oh_slice nasty(struct fixture *f)
{
	return oh_path_join(&f->arena, oh_slice_of(f->root), OH_SLICE(NASTY));
}

static void write_text(struct fixture *f, const char *path, struct oh_slice text)
{
	const char *name = oh_slice_printf(&f->arena, "%s/%s", f->root, path).ptr;
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
	fixture_run(f, "chmod +x %s", oh_shell_quote(&f->arena, oh_slice_of(name)).ptr);
}

/* hooks/NAME is ours; its program, in a directory of nasty name, logs and exits as $OURS says. */
static void put_hook(struct fixture *f, const char *name)
{
	const struct oh_slice programs = nasty(f);
	const struct oh_entry_row *row = oh_entry_named(oh_slice_of(name));

	assert_non_null(row);
	fixture_run(f, "mkdir -p hooks %s", oh_shell_quote(&f->arena, programs).ptr);
	write_text(f, oh_slice_printf(&f->arena, "hooks/%s", name).ptr,
		oh_entry_text(&f->arena, row, programs));
	write_text(f, NASTY "/onehead-hook",
		OH_SLICE("#!/bin/sh\nprintf '%s|' ours \"$@\" >>\"$LOG\"\n"
			 "[ ! \"$READS\" ] || cat >>\"$LOG\"\nexit ${OURS:-0}\n"));
}

static void put_users(struct fixture *f, const char *name)
{
	write_text(f, oh_slice_printf(&f->arena, "hooks/%s.onehead-saved", name).ptr,
		OH_SLICE("#!/bin/sh\nprintf '%s|' users \"$@\" >>\"$LOG\"\n"
			 "[ ! \"$READS\" ] || cat >>\"$LOG\"\nexit ${USERS:-0}\n"));
}

/* Runs hooks/NAME by SHELL in ENVIRONMENT: status, log, and what stood on stderr. */
static const char *run_hook(
	struct fixture *f, const char *shell, const char *name, const char *environment)
{
	return oh_slice_str(&f->arena,
		fixture_run(f,
			": >log; status=0; "
			"LOG=log %s %s hooks/%s 'a b' \"c'd\" <${INPUT:-/dev/null} 2>err || "
			"status=$?; printf '%%s %%s %%s' $status \"$(cat log)\" \"$(cat err)\"",
			environment, shell, name));
}

static void test_text_says_its_program(void **state)
{
	struct oh_arena arena = {0};
	const struct oh_slice directories[] = {OH_SLICE("/opt/bin"), OH_SLICE("/o'p t/" NASTY),
		OH_SLICE("/'"), OH_SLICE("/''%%"), OH_SLICE("/")};

	(void)state;
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		const struct oh_slice hook =
			oh_path_join(&arena, directories[i], OH_SLICE("onehead-hook"));
		const struct oh_slice driver =
			oh_path_join(&arena, directories[i], OH_SLICE("onehead-merge-driver"));

		for (const struct oh_entry_row *row = oh_entry_rows(); row->name; row++) {
			const struct oh_slice text = oh_entry_text(&arena, row, directories[i]);

			assert_true(oh_entry_is_ours(text));
			assert_same(oh_entry_program(&arena, text), hook);
		}
		assert_same(oh_driver_program(&arena, oh_driver_command(&arena, directories[i])),
			driver);
	}
	oh_arena_drop(&arena);
}

static void test_foreign_text_is_not_ours(void **state)
{
	static const char *const texts[] = {"", "\n", "#!/bin/sh\n", "#!/bin/sh",
		"# onehead hook entry", "#!/bin/sh\n\n# onehead hook entry",
		"#!/bin/sh\nprogram='x", "#!/bin/sh\nonehead-hook pre-commit\n"};
	struct oh_arena arena = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(oh_entry_is_ours(oh_slice_of(texts[i])));
	assert_slice(oh_entry_program(&arena, OH_SLICE("#!/bin/sh\nprogram='/unclosed")), "");
	assert_slice(oh_driver_program(&arena, OH_SLICE("mydriver %O %A %B")), "");
	oh_arena_drop(&arena);
}

static void test_veto(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put_hook(&f, "pre-commit");
	for (size_t i = 0; i < SHELLS; i++) {
		fixture_run(&f, "rm -f hooks/*saved");
		assert_string_equal(
			run_hook(&f, shells[i], "pre-commit", ""), "0 ours|pre-commit|a b|c'd| ");
		assert_string_equal(run_hook(&f, shells[i], "pre-commit", "OURS=3"),
			"3 ours|pre-commit|a b|c'd| ");
		assert_string_equal(
			run_hook(&f, shells[i], "pre-commit", "OURS=3 ONEHEAD=0"), "0  ");
		put_users(&f, "pre-commit");
		assert_string_equal(run_hook(&f, shells[i], "pre-commit", ""),
			"0 users|a b|c'd|ours|pre-commit|a b|c'd| ");
		assert_string_equal(
			run_hook(&f, shells[i], "pre-commit", "USERS=7"), "7 users|a b|c'd| ");
		assert_string_equal(run_hook(&f, shells[i], "pre-commit", "OURS=5"),
			"5 users|a b|c'd|ours|pre-commit|a b|c'd| ");
		assert_string_equal(run_hook(&f, shells[i], "pre-commit", "ONEHEAD=0 OURS=5"),
			"0 users|a b|c'd| ");
		/* git skips a hook without a run bit, and so do we. */
		fixture_run(&f, "chmod -x hooks/*saved");
		assert_string_equal(run_hook(&f, shells[i], "pre-commit", "USERS=1"),
			"0 ours|pre-commit|a b|c'd| ");
	}
	fixture_drop(&f);
}

static void test_afterwards(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put_hook(&f, "post-merge");
	for (size_t i = 0; i < SHELLS; i++) {
		fixture_run(&f, "rm -f hooks/*saved");
		assert_string_equal(run_hook(&f, shells[i], "post-merge", "OURS=4"),
			"4 ours|post-merge|a b|c'd| ");
		put_users(&f, "post-merge");
		assert_string_equal(run_hook(&f, shells[i], "post-merge", "OURS=4"),
			"4 ours|post-merge|a b|c'd|users|a b|c'd| ");
		assert_string_equal(run_hook(&f, shells[i], "post-merge", "USERS=6"),
			"6 ours|post-merge|a b|c'd|users|a b|c'd| ");
	}
	fixture_drop(&f);
}

#define GONE(name)                                                                                 \
	"onehead: " name " did not look at the migrations: the program onehead-hook is gone; "     \
	"install onehead again"

static void test_program_gone(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put_hook(&f, "pre-commit");
	put_hook(&f, "post-merge");
	fixture_run(&f, "mkdir path; mv ./*bin/onehead-hook path/");
	for (size_t i = 0; i < SHELLS; i++) {
		fixture_run(&f, "rm -f hooks/*saved");
		assert_string_equal(
			run_hook(&f, shells[i], "pre-commit", ""), "0  " GONE("pre-commit"));
		assert_string_equal(
			run_hook(&f, shells[i], "post-merge", ""), "0  " GONE("post-merge"));
		assert_string_equal(run_hook(&f, shells[i], "pre-commit", "ONEHEAD=0"), "0  ");
		/* moved, and to be found on PATH */
		assert_string_equal(
			run_hook(&f, shells[i], "pre-commit", "PATH=\"$PWD/path:$PATH\" OURS=9"),
			"9 ours|pre-commit|a b|c'd| ");
		put_users(&f, "pre-commit");
		put_users(&f, "post-merge");
		assert_string_equal(
			run_hook(&f, shells[i], "pre-commit", "USERS=2"), "2 users|a b|c'd| ");
		assert_string_equal(run_hook(&f, shells[i], "pre-commit", ""),
			"0 users|a b|c'd| " GONE("pre-commit"));
		assert_string_equal(run_hook(&f, shells[i], "post-merge", "USERS=2"),
			"2 users|a b|c'd| " GONE("post-merge"));
	}
	fixture_drop(&f);
}

static void test_input_reaches_both(void **state)
{
	static const char *const inputs[] = {"printf ''", "printf 'a b c d\\n'", "printf 'no end'",
		"printf '\\n\\n x\\\\n%%s\\n\\n\\n'", "seq 1 200000"};
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put_hook(&f, "pre-push");
	put_users(&f, "pre-push");
	for (size_t i = 0; i < SHELLS; i++)
		for (size_t k = 0; k < sizeof(inputs) / sizeof(*inputs); k++)
			fixture_run(&f,
				"%s >in; : >log; LOG=log READS=1 %s hooks/pre-push o u <in; "
				"{ printf 'users|o|u|'; cat in; printf 'ours|pre-push|o|u|'; cat in; "
				"} >want; cmp log want",
				inputs[k], shells[i]);
	fixture_drop(&f);
}

/* A hook that does not read what git says must not make the other fail, or be killed for it. */
static void test_input_unread(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put_hook(&f, "pre-push");
	for (size_t i = 0; i < SHELLS; i++) {
		put_users(&f, "pre-push");
		assert_slice(
			fixture_run(&f,
				"seq 1 200000 >in; : >log; LOG=log %s hooks/pre-push o <in 2>&1; "
				"cat log",
				shells[i]),
			"users|o|ours|pre-push|o|");
		assert_slice(
			fixture_run(&f,
				": >log; LOG=log USERS=4 %s hooks/pre-push o <in 2>&1 && exit 1; "
				"echo $?; cat log",
				shells[i]),
			"4\nusers|o|");
		assert_slice(
			fixture_run(&f,
				": >log; LOG=log OURS=5 %s hooks/pre-push o <in 2>&1 && exit 1; "
				"echo $?; cat log; rm hooks/*saved",
				shells[i]),
			"5\nusers|o|ours|pre-push|o|");
		assert_slice(fixture_run(&f,
				     ": >log; READS=1 LOG=log %s hooks/pre-push o <in 2>&1; "
				     "tail -1 log",
				     shells[i]),
			"200000");
	}
	fixture_drop(&f);
}

/* post-commit costs a test until somebody leaves it something to do, in the git directory of the
 * worktree that commits: the main one, a linked one, a submodule, a separate git directory. */
static void test_post_commit_waits_for_its_flag(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put_hook(&f, "post-commit");
	fixture_run(&f,
		"git init -q main; cd main; git config core.hooksPath $PWD/../hooks\n"
		"git commit -q --allow-empty -m 1; mkdir sub; git worktree add -q ../linked\n"
		"cd ..; git init -q --separate-git-dir=far apart; cd apart\n"
		"git config core.hooksPath $PWD/../hooks; git commit -q --allow-empty -m 1; cd ..\n"
		"cd main; git -c protocol.file.allow=always submodule --quiet add \"$PWD/../apart\" "
		"module\n"
		"cd module; git config core.hooksPath $PWD/../../hooks");
	fixture_run(&f,
		"for d in main main/sub linked apart main/module; do\n"
		"  cd %s/$d; export LOG=%s/log; : >$LOG\n"
		"  git commit -q --allow-empty -m 2; [ ! -s $LOG ]\n"
		"  flags=$(git rev-parse --absolute-git-dir)/onehead; mkdir -p $flags\n"
		"  for flag in after-commit pending-commit; do\n"
		"    : >$LOG; >$flags/$flag; git commit -q --allow-empty -m 3\n"
		"    [ \"$(cat $LOG)\" = 'ours|post-commit|' ] || { echo $d >&2; exit 1; }\n"
		"    rm $flags/$flag\n"
		"  done\n"
		"done",
		f.root, f.root);
	fixture_drop(&f);
}

/* Nothing in the git directory says that a commit is a single revert's: git's command line does. */
static void test_post_commit_knows_its_caller(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put_hook(&f, "post-commit");
	for (size_t i = 0; i < SHELLS; i++)
		fixture_run(&f,
			"sed -i \"1s|.*|#!/usr/bin/env -S %s|\" hooks/post-commit\n"
			"rm -rf r; git init -q r; cd r; git config core.hooksPath $PWD/../hooks\n"
			"export LOG=$PWD/../log GIT_EDITOR=:; : >$LOG\n"
			"echo 1 >a; git add a; git commit -q -m 1; echo 2 >a; git commit -q -a -m 2\n"
			"git checkout -q -b other; git commit -q --allow-empty -m \"$(seq 9999)\"\n"
			"git commit -q --allow-empty -m 3; git rebase -q --force-rebase HEAD~2\n"
			"[ ! -s $LOG ]\n"
			"called() { [ \"$(cat $LOG)\" = 'ours|post-commit|' ] || exit 1; : >$LOG; }\n"
			"git -c a.b=c revert --no-edit HEAD~2 >/dev/null; called\n"
			"git revert -e HEAD >/dev/null; called\n"
			"git cherry-pick -e HEAD~1 >/dev/null; called\n",
			shells[i]);
	fixture_drop(&f);
}

/* A repository in which `git merge theirs` calls the driver for FILE. */
static void make_forked(struct fixture *f, struct oh_slice driver)
{
	fixture_run(f,
		"rm -rf r; git init -q -b ours r; cd r; git config merge.onehead.name x\n"
		"printf '%%s' %s | xargs -0 git config merge.onehead.driver\n"
		"printf 'l.lock merge=onehead\\n' >.gitattributes\n"
		"printf 'base\\n' >l.lock; git add .; git commit -q -m base; git checkout -q -b theirs\n"
		"printf 'theirs\\n' >l.lock; git commit -q -a -m theirs; git checkout -q ours\n"
		"printf 'ours\\n' >l.lock; git commit -q -a -m ours",
		oh_shell_quote(&f->arena, driver).ptr);
}

static void test_driver_gets_its_arguments(void **state)
{
	const struct oh_slice log =
		OH_SLICE("#!/bin/sh\ncat \"$1\" \"$2\" \"$3\" >seen; echo \"$4 $5\" >>seen\n"
			 "echo joined >\"$2\"; exit ${OURS:-0}\n");
	struct fixture f;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "mkdir %s", oh_shell_quote(&f.arena, OH_SLICE(NASTY)).ptr);
	write_text(&f, NASTY "/onehead-merge-driver", log);
	make_forked(&f, oh_driver_command(&f.arena, nasty(&f)));
	assert_slice(fixture_run(&f, "cd r; git merge -q theirs >../out; cat seen l.lock"),
		"base\nours\ntheirs\n7 l.lock\njoined");
	/* what it says is a conflict is one, with the text that it left */
	assert_slice(
		fixture_run(&f,
			"cd r; git reset -q --hard HEAD~1; OURS=1 git merge -q theirs >/dev/null "
			"2>&1 && exit 1; git ls-files -u | wc -l; cat l.lock"),
		"3\njoined");
	fixture_drop(&f);
}

#define PLAIN "<<<<<<< ours\nours\n=======\ntheirs\n>>>>>>> theirs"

static void expect_plain_conflict(struct fixture *f, const char *environment)
{
	assert_slice(fixture_run(f,
			     "cd r; %s git merge -q theirs >../out 2>&1 && exit 1; cat l.lock; "
			     "git ls-files -u | wc -l; git merge --abort; git status --porcelain",
			     environment),
		PLAIN "\n3");
}

static void test_driver_without_its_program(void **state)
{
	struct fixture f;
	struct oh_slice command;

	(void)state;
	fixture_make(&f);
	command = oh_driver_command(&f.arena, nasty(&f));
	make_forked(&f, command);
	expect_plain_conflict(&f, "");
	/* the user's style of markers is for the user's files: tools read these */
	expect_plain_conflict(&f, "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=merge.conflictStyle "
				  "GIT_CONFIG_VALUE_0=diff3");
	fixture_run(&f, "mkdir %s path", oh_shell_quote(&f.arena, OH_SLICE(NASTY)).ptr);
	write_text(&f, "path/onehead-merge-driver", OH_SLICE("#!/bin/sh\necho found >\"$2\"\n"));
	assert_slice(
		fixture_run(&f,
			"cd r; PATH=$PWD/../path:$PATH git merge -q theirs >../out; cat l.lock; "
			"git reset -q --hard HEAD~1"),
		"found");
	/* switched off, and programs that can't run or die */
	write_text(&f, NASTY "/onehead-merge-driver", OH_SLICE("#!/bin/sh\necho wrong >\"$2\"\n"));
	expect_plain_conflict(&f, "ONEHEAD=0");
	write_text(&f, NASTY "/onehead-merge-driver", OH_SLICE("#!/nowhere/interpreter\n"));
	expect_plain_conflict(&f, "");
	write_text(&f, NASTY "/onehead-merge-driver", OH_SLICE("#!/bin/sh\nkill -9 $$\n"));
	expect_plain_conflict(&f, "");
	fixture_drop(&f);
}

/* A driver that leaves a conflict in 127 places answers 127: that is no missing program. */
static void test_driver_with_many_conflicts(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "mkdir %s", oh_shell_quote(&f.arena, OH_SLICE(NASTY)).ptr);
	write_text(&f, NASTY "/onehead-merge-driver",
		OH_SLICE(
			"#!/bin/sh\nprintf '<<<<<<< o\\n=======\\n>>>>>>> t\\n' >\"$2\"; exit 127\n"));
	make_forked(&f, oh_driver_command(&f.arena, nasty(&f)));
	assert_slice(
		fixture_run(&f,
			"cd r; git merge -q theirs >../out 2>&1 && exit 1; git ls-files -u | wc "
			"-l; cat l.lock"),
		"3\n<<<<<<< o\n=======\n>>>>>>> t");
	fixture_drop(&f);
}

/* git ends the whole merge where a driver answers 129 or more; binary files make merge-file say
 * 255. */
static void test_driver_never_ends_the_merge(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	make_forked(&f, oh_driver_command(&f.arena, oh_slice_of(f.root)));
	assert_slice(
		fixture_run(&f,
			"cd r; git checkout -q theirs; printf 'a\\0b' >l.lock; git commit -q -a -m b\n"
			"git checkout -q ours; status=0; git merge -q theirs >/dev/null 2>&1 || "
			"status=$?; echo $status; git ls-files -u | wc -l; cat l.lock"),
		"1\n3\nours");
	fixture_drop(&f);
}

static void test_driver_merges_cleanly_as_git_does(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	make_forked(&f, oh_driver_command(&f.arena, oh_slice_of(f.root)));
	assert_slice(
		fixture_run(&f,
			"cd r; git checkout -q theirs; seq 1 9 >l.lock; git commit -q -a -m 1\n"
			"git checkout -q ours; git reset -q --hard theirs; sed -i 's/^9$/nine/' "
			"l.lock; git commit -q -a -m 9\n"
			"git checkout -q theirs; sed -i 's/^1$/one/' l.lock; git commit -q -a -m "
			"2; git merge -q ours >../out; tr '\\n' ' ' <l.lock"),
		"one 2 3 4 5 6 7 8 nine ");
	fixture_drop(&f);
}

static void test_alias_runs_where_the_user_is(void **state)
{
	struct fixture f;
	struct oh_slice alias;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "mkdir %s", oh_shell_quote(&f.arena, OH_SLICE(NASTY)).ptr);
	write_text(
		&f, NASTY "/onehead", OH_SLICE("#!/bin/sh\nprintf '%s|' \"${PWD##*/}\" \"$@\"\n"));
	alias = oh_alias_command(&f.arena, nasty(&f));
	assert_slice(
		fixture_run(&f,
			"git init -q r; cd r; printf '%%s' %s | xargs -0 git config "
			"alias.onehead\n"
			"git commit -q --allow-empty -m 1; git worktree add -q ../w; mkdir 's b' "
			"../w/t\n"
			"git onehead a 'b  c'; cd 's b'; git onehead; cd ../../w; git onehead; "
			"cd t; git onehead x",
			oh_shell_quote(&f.arena, alias).ptr),
		"r|a|b  c|s b|w|t|x|");
	fixture_drop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_says_its_program),
		cmocka_unit_test(test_foreign_text_is_not_ours),
		cmocka_unit_test(test_veto),
		cmocka_unit_test(test_afterwards),
		cmocka_unit_test(test_program_gone),
		cmocka_unit_test(test_input_reaches_both),
		cmocka_unit_test(test_input_unread),
		cmocka_unit_test(test_post_commit_waits_for_its_flag),
		cmocka_unit_test(test_post_commit_knows_its_caller),
		cmocka_unit_test(test_driver_gets_its_arguments),
		cmocka_unit_test(test_driver_without_its_program),
		cmocka_unit_test(test_driver_with_many_conflicts),
		cmocka_unit_test(test_driver_never_ends_the_merge),
		cmocka_unit_test(test_driver_merges_cleanly_as_git_does),
		cmocka_unit_test(test_alias_runs_where_the_user_is),
	};

	return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}

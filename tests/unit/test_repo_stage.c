/* Files put into the worktree and the index: whole or not at all, and nobody's work lost. */
#include "repo_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void stage(struct test *t, const char *path, const char *bytes)
{
	assert_done(oh_repo_stage(t->repo, oh_slice_of(path), oh_slice_of(bytes), false, &t->err),
		t->err);
}

static void refuses(struct test *t, const char *path, enum oh_code code)
{
	const struct oh_slice before = fixture_run(&t->f, "cd r && git ls-files -s -t && "
							  "find . -path ./.git -prune -o -print");

	memset(&t->err, 0, sizeof(t->err));
	assert_false(oh_repo_stage(t->repo, oh_slice_of(path), OH_SLICE("new\n"), false, &t->err));
	if (t->err.code != code)
		fail_msg("%s: code %d: %s", path, t->err.code, t->err.message);
	assert_same(fixture_run(&t->f, "cd r && git ls-files -s -t && "
				       "find . -path ./.git -prune -o -print"),
		before);
}

static void stages_new_and_known_files(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r/sub",
		"mkdir sub && echo a >sub/a && echo x >x && chmod +x x && git add . &&"
		"git commit -q -m one && echo ignored.lock >.git/info/exclude");
	stage(&t, "sub/a", "b\n");
	stage(&t, "x", "#!\n");
	stage(&t, "deep/er/new", "n\n");
	stage(&t, "ignored.lock", "l\n");
	stage(&t, "empty", "");
	stage(&t, "-n *?[a]", "odd\n");
	stage(&t, "two\nlines,and \xff", "odd too\n");
	stage(&t, "sub/a", "c\n");
	assert_slice(fixture_run(&t.f, "cd r && git diff-files --raw && git status --porcelain -z |"
				       "tr '\\0' '|'"),
		"A  -n *?[a]|A  deep/er/new|A  empty|A  ignored.lock|M  sub/a|"
		"A  two\nlines,and \xff|M  x|");
	assert_slice(fixture_run(&t.f, "cd r && cat x sub/a deep/er/new && test -x x &&"
				       "git show :x :sub/a && git ls-files -s x | cut -c1-6"),
		"#!\nc\nn\n#!\nc\n100755");
	end(&t);
}

static void applies_filters_on_the_way_out(void **state)
{
	struct test t;
	struct oh_slice id;

	(void)state;
	begin(&t, "r",
		"echo '*.crlf text eol=crlf' >.gitattributes &&"
		"echo '*.up filter=up' >>.gitattributes &&"
		"echo '*.u16 text working-tree-encoding=UTF-16LE' >>.gitattributes &&"
		"git config filter.up.smudge 'tr a-z A-Z' &&"
		"git config filter.up.clean 'tr A-Z a-z' && git add . && git commit -q -m x");
	stage(&t, "a.crlf", "one\ntwo\n");
	stage(&t, "a.up", "one\n");
	stage(&t, "a.u16", "one\n");
	assert_slice(fixture_run(&t.f, "cd r && od -An -c a.crlf && cat a.up && od -An -c a.u16"),
		"   o   n   e  \\r  \\n   t   w   o  \\r  \\n\nONE\n"
		"   o  \\0   n  \\0   e  \\0  \\n  \\0");
	assert_slice(
		fixture_run(&t.f, "cd r && git show :a.crlf :a.up :a.u16"), "one\ntwo\none\none");
	assert_slice(fixture_run(&t.f, "cd r && git diff-files --raw"), "");
	assert_done(oh_repo_write_blob(t.repo, &t.f.arena, OH_SLICE("z.crlf"), OH_SLICE("one\r\n"),
			    &id, &t.err),
		t.err);
	assert_slice(fixture_run(&t.f, "git -C r cat-file blob " OH_FMT " | od -An -c", OH_ARG(id)),
		"   o   n   e  \\n");
	end(&t);
}

static void never_follows_a_symlink_or_overwrites_work(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r",
		"mkdir ../outside d && ln -s ../outside out && ln -s d in && ln -s d/f link &&"
		"echo 1 >d/f && echo 1 >mod && echo 1 >same && mkdir dir && echo 1 >dir/x &&"
		"git add . && git commit -q -m x && echo mine >mod && echo mine >untracked &&"
		"mkfifo fifo && mkdir emptydir");
	refuses(&t, "out/file", OH_E_CHANGED);
	refuses(&t, "in/f", OH_E_CHANGED);
	refuses(&t, "link", OH_E_CHANGED);
	refuses(&t, "mod", OH_E_CHANGED);
	refuses(&t, "untracked", OH_E_CHANGED);
	refuses(&t, "fifo", OH_E_CHANGED);
	refuses(&t, "dir", OH_E_CHANGED);
	refuses(&t, "emptydir", OH_E_CHANGED);
	refuses(&t, "d/f/below", OH_E_CHANGED);
	refuses(&t, "../outside/f", OH_E_FORMAT);
	refuses(&t, "/etc/f", OH_E_FORMAT);
	refuses(&t, ".git/config", OH_E_FORMAT);
	refuses(&t, "d//f", OH_E_FORMAT);
	refuses(&t, "d/", OH_E_FORMAT);
	refuses(&t, "", OH_E_FORMAT);
	assert_slice(fixture_run(&t.f, "ls outside; cat r/mod r/untracked"), "mine\nmine");
	/* What is there already may be staged, and a touched file is not a changed one. */
	fixture_run(&t.f, "cd r && echo new >untracked && touch -d 2001-01-01 same");
	stage(&t, "untracked", "new\n");
	assert_done(oh_repo_stage(t.repo, OH_SLICE("mod"), OH_SLICE("3\n"), true, &t.err), t.err);
	assert_false(oh_repo_stage(t.repo, OH_SLICE("link"), OH_SLICE("3\n"), true, &t.err));
	stage(&t, "same", "2\n");
	end(&t);
}

static void resolves_a_conflict(void **state)
{
	struct test t;
	struct oh_slices unmerged;

	(void)state;
	begin(&t, "r",
		"echo 0 >f && git add f && git commit -q -m 0 && git checkout -q -b side &&"
		"echo 1 >f && git commit -q -a -m 1 && git checkout -q main && echo 2 >f &&"
		"git commit -q -a -m 2 && ! git merge -q side >/dev/null");
	assert_done(oh_repo_unmerged(t.repo, &t.f.arena, &unmerged, &t.err), t.err);
	assert_int_equal(unmerged.count, 1);
	assert_slice(unmerged.items[0], "f");
	stage(&t, "f", "both\n");
	assert_done(oh_repo_unmerged(t.repo, &t.f.arena, &unmerged, &t.err), t.err);
	assert_int_equal(unmerged.count, 0);
	assert_slice(fixture_run(&t.f, "cd r && cat f && git status --porcelain"), "both\nM  f");
	end(&t);
}

static void says_who_holds_the_index(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r", "echo 1 >f && git add f && git commit -q -m x && touch .git/index.lock");
	refuses(&t, "new/dir/file", OH_E_GIT);
	assert_string_equal(t.err.message, "another git process holds index.lock");
	refuses(&t, "f", OH_E_GIT);
	end(&t);
}

static void follows_the_index_of_a_partial_commit(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r", "echo 1 >f && git add f && git commit -q -m x && cp .git/index ../other");
	setenv("GIT_INDEX_FILE", oh_slice_printf(&t.f.arena, "%s/other", t.f.root).ptr, 1);
	stage(&t, "g", "1\n");
	unsetenv("GIT_INDEX_FILE");
	assert_slice(fixture_run(&t.f, "cd r && git ls-files && GIT_INDEX_FILE=../other"
				       " git ls-files && cat g"),
		"f\nf\ng\n1");
	end(&t);
}

static void stays_out_of_sight_in_a_sparse_checkout(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r",
		"mkdir -p in out/deep && echo 1 >in/f && echo 1 >out/f && echo 1 >out/deep/f &&"
		"git add . && git commit -q -m x && git sparse-checkout set --cone in");
	stage(&t, "in/new", "2\n");
	stage(&t, "out/f", "2\n");
	stage(&t, "out/new", "2\n");
	stage(&t, "out/other/new", "2\n");
	assert_slice(fixture_run(&t.f, "cd r && git ls-files -t && ls && git diff-files --raw &&"
				       "git show :out/f :out/new && git status --porcelain"),
		"H in/f\nH in/new\nS out/deep/f\nS out/f\nS out/new\nS out/other/new\nin\n2\n2\n"
		"A  in/new\nM  out/f\nA  out/new\nA  out/other/new");
	end(&t);
}

/* Everything in the worktree and the index. */
static struct oh_slice everything(struct test *t)
{
	return fixture_run(&t->f, "cd r && git ls-files -s -t && git status --porcelain &&"
				  "find . -path ./.git -prune -o -type f -exec sha1sum {} +");
}

/* PATH can't be staged in a child that has been made unable by PREPARE; nothing has changed. */
static void fails_unable(
	struct test *t, const char *path, size_t size, void (*prepare)(void), const char *words)
{
	const struct oh_slice before = everything(t);
	char *bytes = oh_arena_alloc(&t->f.arena, size + 1);
	int status;
	pid_t child;

	memset(bytes, 'a', size);
	child = fork();
	if (child == 0) {
		struct oh_error err = {0};
		bool ok;

		prepare();
		ok = oh_repo_stage(
			t->repo, oh_slice_of(path), (struct oh_slice){bytes, size}, true, &err);
		if (ok || !strstr(err.message, words) || strchr(err.message, '\n'))
			fprintf(stderr, "staged: %d, %s\n", ok, err.message);
		_exit(ok || !strstr(err.message, words));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_same(everything(t), before);
}

/* As a full disk: a file may not grow beyond this. */
static void limit_files(void)
{
	const struct rlimit limit = {65536, 65536};

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		_exit(77);
}

static void leaves_nothing_half_done_on_a_full_disk(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r", "mkdir d && echo 1 >d/f && git add . && git commit -q -m x");
	/* The blob fits, the file does not. */
	fails_unable(&t, "d/f", 1 << 20, limit_files, "d/f: File too large");
	fails_unable(&t, "new/dir/f", 1 << 20, limit_files, "new/dir/f: File too large");
	/* The file fits, the index does not. */
	fixture_run(&t.f, "cd r && i=0; while [ $i -lt 1500 ]; do : >d/$i; i=$((i+1)); done;"
			  "git add . && git commit -q -m many");
	fails_unable(&t, "new/dir/f", 10, limit_files, "git update-index: ");
	fails_unable(&t, "d/f", 10, limit_files, "git update-index: ");
	end(&t);
}

static void become_nobody(void)
{
	if (geteuid() == 0 && setuid(65534) < 0)
		_exit(77);
	setenv("GIT_CONFIG_COUNT", "1", 1);
	setenv("GIT_CONFIG_KEY_0", "safe.directory", 1);
	setenv("GIT_CONFIG_VALUE_0", "*", 1);
}

static void leaves_nothing_half_done_where_it_may_not_write(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r",
		"mkdir d e && echo 1 >d/f && echo 1 >e/f && git add . && git commit -q -m x");
	fixture_run(&t.f, "chmod 755 . && chmod -R a+rwX r && chmod 555 r/d");
	fails_unable(&t, "d/f", 10, become_nobody, "d/f: Permission denied");
	fails_unable(&t, "d/g/f", 10, become_nobody, "d/g/f: Permission denied");
	fixture_run(&t.f, "chmod 555 r/.git");
	fails_unable(&t, "e/f", 10, become_nobody, "index.lock': Permission denied");
	fails_unable(&t, "e/new/f", 10, become_nobody, "index.lock': Permission denied");
	end(&t);
}

/* Something takes the place at the last moment: the index is as it was, conflict included. */
static void takes_the_index_back(void **state)
{
	struct test t;
	struct oh_slice before;

	(void)state;
	begin(&t, "r",
		"echo 0 >f && echo '* filter=late' >.git/info/attributes && git add f &&"
		"git commit -q -m 0 && git checkout -q -b side && echo 1 >f && git commit -q -a -m 1 &&"
		"git checkout -q main && echo 2 >f && git commit -q -a -m 2 &&"
		"! git merge -q side >/dev/null && rm f && git config filter.late.smudge"
		" 'cat; mkdir -p \"$PWD/f/g\" \"$PWD/new/h\" \"$PWD/known/i\"' &&"
		"git update-index --add --cacheinfo 100755,$(git rev-parse HEAD:f),known");
	before = fixture_run(&t.f, "cd r && git ls-files -s");
	assert_false(oh_repo_stage(t.repo, OH_SLICE("f"), OH_SLICE("x"), true, &t.err));
	assert_int_equal(t.err.code, OH_E_IO);
	fixture_run(&t.f, "rm -r r/f r/new r/known");
	assert_false(oh_repo_stage(t.repo, OH_SLICE("new"), OH_SLICE("x"), true, &t.err));
	fixture_run(&t.f, "rm -r r/f r/new r/known");
	assert_false(oh_repo_stage(t.repo, OH_SLICE("known"), OH_SLICE("x"), true, &t.err));
	assert_same(fixture_run(&t.f, "cd r && git ls-files -s"), before);
	assert_slice(fixture_run(&t.f, "cd r && rm -r f new known && ls -A"), ".git");
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_new_and_known_files),
		cmocka_unit_test(applies_filters_on_the_way_out),
		cmocka_unit_test(never_follows_a_symlink_or_overwrites_work),
		cmocka_unit_test(resolves_a_conflict),
		cmocka_unit_test(says_who_holds_the_index),
		cmocka_unit_test(follows_the_index_of_a_partial_commit),
		cmocka_unit_test(stays_out_of_sight_in_a_sparse_checkout),
		cmocka_unit_test(leaves_nothing_half_done_on_a_full_disk),
		cmocka_unit_test(leaves_nothing_half_done_where_it_may_not_write),
		cmocka_unit_test(takes_the_index_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What git is asked about commits, changes and the index: names, ancestors, who did what. */
#include "repo_fixture.h"

static struct oh_slice commit_of(struct test *t, const char *rev)
{
	return fixture_run(&t->f, "cd r && git rev-parse \"$(git rev-parse '%s')^0\"", rev);
}

static void resolves_what_git_resolves(void **state)
{
	static const char *const good[] = {"HEAD", "main", "heads/main", "v1", "v1^{}", "HEAD~1",
		"side@{0}", "@", ":/two", "HEAD^{/one}", "refs/tags/v1", "sp\xc3\xa9"};
	static const char *const bad[] = {"", "nothing", "--help", "-1", "HEAD\nHEAD", "HEAD:f",
		"HEAD^{tree}", "main missing", "x blob", "x blob 3", "HEAD^9", "0000000",
		"1234567890123456789012345678901234567890", "\x1b[31m"};
	struct test t;

	(void)state;
	begin(&t, "r",
		"echo 1 >f && git add f && git commit -q -m one && git tag -a -m t v1 &&"
		"git commit -q --allow-empty -m two && git branch side && git branch sp\xc3\xa9 HEAD~1");
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct oh_slice id;

		assert_done(oh_repo_resolve(t.repo, &t.f.arena, oh_slice_of(good[i]), &id, &t.err),
			t.err);
		assert_same(id, commit_of(&t, good[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct oh_slice id;
		struct oh_source *tree;

		if (oh_repo_resolve(t.repo, &t.f.arena, oh_slice_of(bad[i]), &id, &t.err))
			fail_msg("'%s' is " OH_FMT, bad[i], OH_ARG(id));
		if (t.err.code != OH_E_NOT_FOUND)
			fail_msg("'%s': %d %s", bad[i], t.err.code, t.err.message);
		assert_null(strchr(t.err.message, '\x1b'));
		if (bad[i][0] && strcmp(bad[i], "HEAD^{tree}") != 0)
			assert_false(oh_repo_tree(t.repo, oh_slice_of(bad[i]), &tree, &t.err));
	}
	end(&t);
}

/* A long conversation sees what others write meanwhile. */
static void sees_new_commits(void **state)
{
	struct test t;
	struct oh_slice id;

	(void)state;
	begin(&t, "r", "git commit -q --allow-empty -m one");
	for (int i = 0; i < 3; i++) {
		assert_done(
			oh_repo_resolve(t.repo, &t.f.arena, OH_SLICE("HEAD"), &id, &t.err), t.err);
		assert_same(id, commit_of(&t, "HEAD"));
		fixture_run(&t.f, "cd r && git commit -q --allow-empty -m %d && git gc -q", i);
	}
	end(&t);
}

static struct oh_slice bases(struct test *t, const char *a, const char *b)
{
	struct oh_slices ids;

	assert_done(oh_repo_merge_bases(
			    t->repo, &t->f.arena, oh_slice_of(a), oh_slice_of(b), &ids, &t->err),
		t->err);
	oh_slices_sort(&ids);
	return oh_slices_join(&t->f.arena, &ids, "\n");
}

static void finds_all_merge_bases(void **state)
{
	struct test t;
	struct oh_slices ids;

	(void)state;
	begin(&t, "r",
		"c() { git commit -q --allow-empty -m $1; }; c 0; git branch b; c a1; git tag a1;"
		"git checkout -q b; c b1; git tag b1; git merge -q -m x a1; git checkout -q main;"
		"git merge -q -m y b1; c a2; git checkout -q --orphan alone; c alone");
	assert_same(bases(&t, "main", "b"),
		fixture_run(&t.f, "cd r && git rev-parse a1 b1 | LC_ALL=C sort"));
	assert_slice(bases(&t, "main", "alone"), "");
	assert_same(bases(&t, "main", "main"), commit_of(&t, "main"));
	assert_false(oh_repo_merge_bases(
		t.repo, &t.f.arena, OH_SLICE("main"), OH_SLICE("no"), &ids, &t.err));
	assert_int_equal(t.err.code, OH_E_NOT_FOUND);
	assert_false(oh_repo_merge_bases(
		t.repo, &t.f.arena, OH_SLICE("--all"), OH_SLICE("main"), &ids, &t.err));
	end(&t);
}

static struct oh_slice text_of(struct test *t, const struct oh_changes *changes)
{
	struct oh_slices lines = {0};

	for (size_t i = 0; i < changes->count; i++) {
		const struct oh_change *c = &changes->items[i];

		assert_int_equal(c->old_id.len, 40);
		assert_int_equal(c->new_id.len, 40);
		OH_PUSH(&t->f.arena, &lines,
			oh_slice_printf(&t->f.arena, "%c " OH_FMT, c->status, OH_ARG(c->path)));
	}
	return oh_slices_join(&t->f.arena, &lines, "|");
}

static struct oh_slice staged(struct test *t, const char *rev)
{
	struct oh_changes changes;

	assert_done(
		oh_repo_staged(t->repo, &t->f.arena, oh_slice_of(rev), &changes, &t->err), t->err);
	return text_of(t, &changes);
}

static struct oh_slice diffed(struct test *t, const char *from, const char *to)
{
	struct oh_changes changes;

	assert_done(oh_repo_diff(t->repo, &t->f.arena, oh_slice_of(from), oh_slice_of(to), &changes,
			    &t->err),
		t->err);
	return text_of(t, &changes);
}

static void lists_changes(void **state)
{
	struct test t;
	struct oh_changes changes;

	(void)state;
	begin(&t, "r/sub",
		"mkdir sub && for f in a t x sub/m sub/old; do echo $f >$f; done && git add . &&"
		"git commit -q -m one && git config diff.renames true && git config diff.noprefix true &&"
		"git rm -q a && ln -sf x t && chmod +x x && echo 2 >sub/m && echo 1 >sub/n &&"
		"git mv sub/old sub/renamed && echo 1 >\"$(printf 'two\\nlines')\" && git add -A . &&"
		"echo unstaged >sub/m && echo untracked >u");
	oh_repo_prefetch_staged(t.repo);
	oh_repo_prefetch_staged(t.repo);
	assert_slice(staged(&t, "HEAD"), "D a|M sub/m|A sub/n|D sub/old|"
					 "A sub/renamed|T t|A two\nlines|M x");
	/* Asked again, it looks again. */
	fixture_run(&t.f, "cd r && git reset -q -- sub t x a");
	assert_slice(staged(&t, "HEAD"), "A two\nlines");
	fixture_run(&t.f, "cd r && git commit -q -m two");
	assert_slice(staged(&t, "HEAD"), "");
	assert_slice(staged(&t, "HEAD~1"), "A two\nlines");
	assert_slice(diffed(&t, "HEAD~1", "HEAD"), "A two\nlines");
	assert_slice(diffed(&t, "HEAD", "HEAD~1^{tree}"), "D two\nlines");
	assert_slice(diffed(&t, "", "HEAD~1"), "A a|A sub/m|A sub/old|A t|A x");
	assert_slice(diffed(&t, "HEAD", ""), "D a|D sub/m|D sub/old|D t|D two\nlines|D x");
	assert_false(oh_repo_diff(
		t.repo, &t.f.arena, OH_SLICE("-p"), OH_SLICE("HEAD"), &changes, &t.err));
	assert_false(oh_repo_staged(t.repo, &t.f.arena, OH_SLICE("none"), &changes, &t.err));
	assert_int_equal(t.err.code, OH_E_NOT_FOUND);
	end(&t);
}

static void knows_a_branch_without_commits(void **state)
{
	static const char *const formats[] = {"sha1", "sha256"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct test t;
		struct oh_changes changes;
		struct oh_source *source;
		struct oh_entries list;
		struct oh_slice id;

		memset(&t, 0, sizeof(t));
		fixture_make(&t.f);
		fixture_run(&t.f,
			"git init -q -b main --object-format=%s r && cd r && echo 1 >f &&"
			"git add f",
			formats[i]);
		fixture_enter(&t.f, "r");
		assert_done(oh_repo_open(&t.repo, &t.f.arena, &t.err), t.err);
		oh_repo_prefetch_staged(t.repo);
		assert_done(oh_repo_staged(t.repo, &t.f.arena, OH_SLICE("HEAD"), &changes, &t.err),
			t.err);
		assert_int_equal(changes.count, 1);
		assert_int_equal(changes.items[0].status, 'A');
		assert_slice(changes.items[0].path, "f");
		assert_slice(oh_repo_branch(t.repo, &t.f.arena), "refs/heads/main");
		assert_false(oh_repo_resolve(t.repo, &t.f.arena, OH_SLICE("HEAD"), &id, &t.err));
		assert_int_equal(t.err.code, OH_E_NOT_FOUND);
		assert_done(oh_repo_tree(t.repo, OH_SLICE(""), &source, &t.err), t.err);
		assert_done(oh_source_list(source, &t.f.arena, OH_SLICE(""), true, &list, &t.err),
			t.err);
		assert_int_equal(list.count, 0);
		end(&t);
	}
}

static void finds_files_by_name(void **state)
{
	static const char *const names[] = {"alembic.ini", "*.toml", NULL};
	struct test t;
	struct oh_slices found;

	(void)state;
	begin(&t, "r/a",
		"mkdir -p a/b && touch alembic.ini a/b/alembic.ini a/xalembic.ini 'a/*.toml' a/y.toml &&"
		"git add . && touch b.alembic.ini a/alembic.ini");
	assert_done(oh_repo_find_files(t.repo, &t.f.arena, names, &found, &t.err), t.err);
	assert_slice(
		oh_slices_join(&t.f.arena, &found, "|"), "a/*.toml|a/b/alembic.ini|alembic.ini");
	assert_done(oh_repo_find_files(t.repo, &t.f.arena, NULL, &found, &t.err), t.err);
	assert_int_equal(found.count, 5);
	end(&t);
}

static struct oh_slice who(struct test *t, const char *range, char what, const char *path)
{
	struct oh_commit commit;

	if (oh_repo_who(t->repo, &t->f.arena, oh_slice_of(range), what, oh_slice_of(path), &commit,
		    &t->err))
		return commit.subject;
	assert_int_equal(t->err.code, OH_E_NOT_FOUND);
	return OH_SLICE("nobody");
}

static void says_who_added_and_who_deleted(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r/v",
		"git config log.follow true && git config log.showSignature true &&"
		"git config core.quotePath true && mkdir v && echo 0 >v/0 && echo 0 >v/z &&"
		"git add . && git commit -q -m root && git branch side && echo 1 >v/1 && git add . &&"
		"git commit -q -m 'adds 1' && git mv v/1 v/moved && git commit -q -m 'moves 1' &&"
		"git checkout -q side && echo 2 >'v/*' && git add . && git commit -q -m 'adds star' &&"
		"git rm -q v/z && git commit -q -m 'drops z' && echo 9 >v/gone && git add . &&"
		"git commit -q -m 'adds gone' && git checkout -q main &&"
		"git merge -q --no-commit side && git rm -q -f v/0 v/gone && echo 3 >v/evil &&"
		"git add v/evil && git commit -q -m 'evil merge'");
	assert_slice(who(&t, "HEAD", 'A', "v/0"), "root");
	assert_slice(who(&t, "HEAD", 'A', "v/1"), "adds 1");
	assert_slice(who(&t, "HEAD", 'D', "v/1"), "moves 1");
	assert_slice(who(&t, "HEAD", 'A', "v/moved"), "moves 1");
	assert_slice(who(&t, "HEAD", 'A', "v/*"), "adds star");
	assert_slice(who(&t, "HEAD", 'D', "v/z"), "drops z");
	assert_slice(who(&t, "HEAD", 'A', "v/evil"), "evil merge");
	assert_slice(who(&t, "HEAD", 'D', "v/0"), "evil merge");
	assert_slice(who(&t, "HEAD", 'A', "v/gone"), "adds gone");
	assert_slice(who(&t, "HEAD^1..HEAD", 'A', "v/1"), "nobody");
	assert_slice(who(&t, "HEAD^1..HEAD^2", 'A', "v/*"), "adds star");
	assert_slice(who(&t, "HEAD", 'D', "v/none"), "nobody");
	assert_slice(who(&t, "--all", 'A', "v/0"), "nobody");
	end(&t);
}

static void runs_git_at_the_top(void **state)
{
	const char *const good[] = {"git", "ls-files", "--", "v/a[b]", NULL};
	const char *const bad[] = {"git", "update-ref", "refs/x", "nonsense", NULL};
	struct test t;
	struct oh_slice out;

	(void)state;
	begin(&t, "r/v", "mkdir v && touch 'v/a[b]' v/ab && git add .");
	assert_done(oh_repo_git(t.repo, &t.f.arena, good, OH_SLICE(""), &out, &t.err), t.err);
	assert_slice(out, "v/a[b]\n");
	assert_false(oh_repo_git(t.repo, &t.f.arena, bad, OH_SLICE(""), &out, &t.err));
	assert_int_equal(t.err.code, OH_E_GIT);
	assert_int_equal(t.err.native, 128);
	assert_string_equal(t.err.message, "git update-ref: nonsense: not a valid SHA1");
	setenv("GIT_TRACE", "1", 1);
	assert_false(oh_repo_git(t.repo, &t.f.arena, bad, OH_SLICE(""), &out, &t.err));
	assert_string_equal(t.err.message, "git update-ref: nonsense: not a valid SHA1");
	unsetenv("GIT_TRACE");
	end(&t);
}

/* The user's hooks see what he set, and nothing of ours that would change what they do. */
static void leaves_hooks_their_environment(void **state)
{
	const char *const argv[] = {"git", "commit", "-q", "--allow-empty", "-m", "x", NULL};
	struct test t;

	(void)state;
	begin(&t, "r",
		"printf '#!/bin/sh\\nenv >env\\n' >.git/hooks/pre-commit && chmod +x .git/hooks/*");
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_done(oh_repo_git(t.repo, &t.f.arena, argv, OH_SLICE(""), NULL, &t.err), t.err);
	assert_slice(fixture_run(&t.f, "grep -E '^(LC_ALL|GIT_(LITERAL|TERMINAL|OPTIONAL)[A-Z_]*)='"
				       " r/env"),
		"LC_ALL=C.UTF-8");
	unsetenv("LC_ALL");
	end(&t);
}

/* GIT_DIR and GIT_WORK_TREE, relative, seen from below the top. */
static void follows_the_environment_from_below(void **state)
{
	struct test t;
	struct oh_slices unmerged, found;

	(void)state;
	memset(&t, 0, sizeof(t));
	fixture_make(&t.f);
	fixture_run(&t.f, "git init -q -b main r && cd r && mkdir v && touch v/f && git add . &&"
			  "git commit -q -m x && mv .git ../elsewhere");
	fixture_enter(&t.f, "r/v");
	setenv("GIT_DIR", "../../elsewhere", 1);
	setenv("GIT_WORK_TREE", "..", 1);
	assert_done(oh_repo_open(&t.repo, &t.f.arena, &t.err), t.err);
	assert_true(oh_repo_has_state(t.repo, "HEAD"));
	assert_done(oh_repo_unmerged(t.repo, &t.f.arena, &unmerged, &t.err), t.err);
	assert_done(oh_repo_find_files(t.repo, &t.f.arena, NULL, &found, &t.err), t.err);
	assert_int_equal(found.count, 1);
	assert_slice(found.items[0], "v/f");
	assert_done(
		oh_repo_stage(t.repo, OH_SLICE("v/f"), OH_SLICE("new\n"), false, &t.err), t.err);
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	assert_slice(fixture_run(&t.f, "cat r/v/f && git --git-dir=elsewhere --work-tree=r status"
				       " --porcelain"),
		"new\nM  v/f");
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves_what_git_resolves),
		cmocka_unit_test(sees_new_commits),
		cmocka_unit_test(finds_all_merge_bases),
		cmocka_unit_test(lists_changes),
		cmocka_unit_test(knows_a_branch_without_commits),
		cmocka_unit_test(finds_files_by_name),
		cmocka_unit_test(says_who_added_and_who_deleted),
		cmocka_unit_test(runs_git_at_the_top),
		cmocka_unit_test(leaves_hooks_their_environment),
		cmocka_unit_test(follows_the_environment_from_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

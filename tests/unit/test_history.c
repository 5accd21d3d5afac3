/* What git is asked about the past: refs, every file that ever was, what a clone lacks. */
#include "repo_fixture.h"

#include "repo/history.h"

static struct oh_slices words(struct test *t, const char *text)
{
	return oh_slice_words(&t->f.arena, oh_slice_of(text));
}

static struct oh_refs refs(struct test *t, const char *patterns)
{
	const struct oh_slices wanted = words(t, patterns);
	struct oh_refs list;

	assert_done(oh_repo_refs(t->repo, &t->f.arena, &wanted, &list, &t->err), t->err);
	return list;
}

static void lists_refs(void **state)
{
	struct oh_refs list;
	const struct oh_ref *ref;
	struct test t;

	(void)state;
	begin(&t, "r",
		"git commit -q --allow-empty -m one && git tag -a -m x v1 && git branch topic &&"
		"git remote add a/b /x && git config push.default current &&"
		"git update-ref refs/remotes/a/b/main HEAD && git update-ref refs/remotes/a/b/topic HEAD &&"
		"git symbolic-ref refs/remotes/a/b/HEAD refs/remotes/a/b/main &&"
		"git symbolic-ref refs/remotes/a/b/gone refs/remotes/a/b/nothing &&"
		"git config branch.topic.remote a/b && git config branch.topic.merge refs/heads/main");
	list = refs(&t, "refs/remotes refs/tags refs/heads/topic");
	assert_int_equal(list.count, 5);
	ref = oh_refs_find(&list, OH_SLICE("refs/heads/topic"));
	assert_slice(ref->upstream, "refs/remotes/a/b/main");
	assert_slice(ref->push, "refs/remotes/a/b/topic");
	assert_slice(ref->push_remote, "a/b");
	assert_same(ref->id, id_of(&t, "HEAD"));
	ref = oh_refs_find(&list, OH_SLICE("refs/remotes/a/b/HEAD"));
	assert_slice(ref->symbolic, "refs/remotes/a/b/main");
	ref = oh_refs_find(&list, OH_SLICE("refs/remotes/a/b/main"));
	assert_slice(ref->symbolic, "");
	assert_slice(ref->push, "");
	ref = oh_refs_find(&list, OH_SLICE("refs/tags/v1"));
	assert_same(ref->id, id_of(&t, "v1"));
	assert_null(oh_refs_find(&list, OH_SLICE("refs/heads/main")));
	assert_null(oh_refs_find(&list, OH_SLICE("")));
	assert_int_equal(refs(&t, "").count, 0);
	assert_int_equal(refs(&t, "refs/nothing --shell").count, 0);
	end(&t);
}

static void names_remotes(void **state)
{
	struct oh_slices names;
	struct test t;

	(void)state;
	begin(&t, "r",
		"git remote add origin /x && git remote add a/b /y && git remote add x.url /z &&"
		"git config --add remote.origin.url /again && git config remote.half.fetch '+refs/*:refs/x/*'");
	names = oh_repo_remotes(t.repo, &t.f.arena);
	assert_slice(oh_slices_join(&t.f.arena, &names, " "), "origin a/b x.url");
	end(&t);
}

static struct oh_history history(struct test *t, const char *tips, const char *without)
{
	const struct oh_slice all = fixture_run(&t->f, "cd r && git rev-parse %s", tips);
	const struct oh_slice less =
		*without ? fixture_run(&t->f, "cd r && git rev-parse %s", without) : OH_SLICE("");
	struct oh_slices ids[2] = {{0}, {0}}, paths = words(t, "m");
	struct oh_slice rest[2] = {all, less}, id;
	struct oh_history found;

	for (size_t i = 0; i < 2; i++)
		while (oh_slice_next(&rest[i], '\n', &id))
			OH_PUSH(&t->f.arena, &ids[i], id);
	assert_done(
		oh_repo_history(t->repo, &t->f.arena,
			&(struct oh_history_request){&ids[0], &ids[1], &paths}, &found, &t->err),
		t->err);
	return found;
}

/* "BLOB PATH" of every file, sorted, each once. */
static struct oh_slice files(struct test *t, const struct oh_history *found)
{
	struct oh_slices lines = {0}, each = {0};

	for (size_t i = 0; i < found->files.count; i++) {
		const struct oh_past_file *f = &found->files.items[i];

		if (f->blob.len)
			OH_PUSH(&t->f.arena, &lines,
				oh_slice_printf(&t->f.arena, OH_FMT " " OH_FMT, OH_ARG(f->blob),
					OH_ARG(f->path)));
	}
	oh_slices_sort(&lines);
	for (size_t i = 0; i < lines.count; i++)
		if (!i || !oh_slice_eq(lines.items[i], lines.items[i - 1]))
			OH_PUSH(&t->f.arena, &each, lines.items[i]);
	return oh_slices_join(&t->f.arena, &each, "\n");
}

/* Side branches that come to nothing, merges that change what neither side had, a root. */
static const char *const TANGLED =
	"put() { mkdir -p m other && echo $2 >m/$1 && echo $2 >other/$1 && git add -A; }\n"
	"c() { git commit -q -m x; }\n"
	"put a 1; c; git tag root; put b 1; c; git branch side; put a 2; c;"
	"git checkout -q side; put gone 1; c; git rm -q m/gone; c; put b 2; c;"
	"git checkout -q main; git merge -q --no-commit side; put a 3; put evil 1; c;"
	"git rm -q m/evil; c; git tag merged; chmod +x m/a; git add -A; c;"
	"git checkout -q --orphan fresh; put alone 1; c; git checkout -q main;"
	"git merge -q -m x --allow-unrelated-histories -s ours fresh;"
	"git checkout -q -b octo1 main; put o1 1; c; git checkout -q -b octo2 main; put o2 1; c;"
	"git checkout -q main; git merge -q octo1 octo2; ln -s a m/link; git add -A; c;"
	"for i in 1 2 3; do put many$i $i; c; done; git mv m/many1 m/moved; c; git rm -q m/many2; c";

static void sees_every_file(void **state)
{
	static const char *const settings[] = {"", "git config log.showRoot false",
		"git config diff.renames copies; git config log.follow true",
		"git config diff.relative true; git config color.ui always",
		"git config log.showSignature true; git config format.pretty oneline",
		"git config core.abbrev 4; git config log.diffMerges first-parent"};
	struct test t;

	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		struct oh_arena arena = {0};
		struct oh_history found;

		/* from below: paths are relative to the top all the same */
		begin(&t, "r/m", oh_slice_printf(&arena, "%s\n%s", TANGLED, settings[i]).ptr);
		found = history(&t, "main octo1 fresh", "");
		assert_same(files(&t, &found),
			fixture_run(&t.f, "cd r && for c in $(git rev-list main octo1 fresh); do"
					  " git ls-tree -r $c -- m/; done | grep -v ^120000 |"
					  " sed 's/^...... blob //; s/\t/ /' | LC_ALL=C sort -u"));
		assert_slice(fixture_run(&t.f, "cd r && git rev-list --count main octo1 fresh"),
			oh_slice_printf(&t.f.arena, "%zu", found.commits.count).ptr);
		end(&t);
		oh_arena_drop(&arena);
	}
}

static void sees_a_part(void **state)
{
	struct oh_history found;
	struct test t;

	(void)state;
	begin(&t, "r", TANGLED);
	found = history(&t, "main", "merged");
	assert_same(oh_slice_printf(&t.f.arena, "%zu", found.commits.count),
		fixture_run(&t.f, "cd r && git rev-list --count main ^merged"));
	for (size_t i = 0; i < found.files.count; i++)
		assert_true(oh_slice_find(found.files.items[i].path, OH_SLICE("gone"), 0) ==
			    found.files.items[i].path.len);
	found = history(&t, "main", "main");
	assert_int_equal(found.commits.count, 0);
	found = history(&t, "root", "");
	assert_int_equal(found.commits.count, 1);
	assert_int_equal(found.files.count, 1);
	assert_slice(found.files.items[0].path, "m/a");
	end(&t);
}

/* Parents, tips and what each commit brought. */
static void keeps_the_shape(void **state)
{
	struct oh_history found;
	struct test t;

	(void)state;
	begin(&t, "r", TANGLED);
	found = history(&t, "main octo1 side", "");
	for (size_t i = 0; i < found.commits.count; i++) {
		const struct oh_past_commit *c = &found.commits.items[i];
		const struct oh_slice parents = oh_slices_join(&t.f.arena, &c->parents, " ");

		assert_same(parents, fixture_run(&t.f, "cd r && git log -1 --format=%%P " OH_FMT,
					     OH_ARG(c->id)));
		fixture_run(&t.f, "cd r && git merge-base --is-ancestor " OH_FMT " " OH_FMT,
			OH_ARG(c->id), OH_ARG(c->tip));
		for (size_t k = 0; k < c->count; k++) {
			const struct oh_past_file *f = &found.files.items[c->first + k];

			if (f->blob.len)
				assert_same(
					f->blob, fixture_run(&t.f,
							 "cd r && git rev-parse " OH_FMT ":" OH_FMT,
							 OH_ARG(c->id), OH_ARG(f->path)));
			else
				assert_slice(f->path, "m/link");
		}
	}
	end(&t);
}

static void odd_paths_and_no_tips(void **state)
{
	const struct oh_slices none = {0};
	struct oh_slice dirs[] = {OH_SLICE("gl*b"), OH_SLICE("")};
	struct oh_slice tip[1];
	const struct oh_slices tips = {tip, 1, 1};
	struct oh_history_request r = {&tips, &none, &(struct oh_slices){dirs, 1, 2}};
	struct oh_history found;
	struct test t;

	(void)state;
	begin(&t, "r",
		"mkdir 'gl*b' glob && echo 1 >'gl*b/:(top)' && echo 2 >'gl*b/new\nline' && echo 3 >glob/x &&"
		"printf 4 >\"$(printf 'gl*b/\\001\\377')\" && git add -A . && git commit -q -m x");
	tip[0] = id_of(&t, "HEAD");
	assert_done(oh_repo_history(t.repo, &t.f.arena, &r, &found, &t.err), t.err);
	assert_int_equal(found.files.count, 3);
	r.paths = &(struct oh_slices){dirs + 1, 1, 1};
	assert_done(oh_repo_history(t.repo, &t.f.arena, &r, &found, &t.err), t.err);
	assert_int_equal(found.files.count, 4);
	r.tips = &none;
	assert_done(oh_repo_history(t.repo, &t.f.arena, &r, &found, &t.err), t.err);
	assert_int_equal(found.commits.count, 0);
	tip[0] = OH_SLICE("1234567890123456789012345678901234567890");
	r.tips = &tips;
	assert_false(oh_repo_history(t.repo, &t.f.arena, &r, &found, &t.err));
	assert_int_equal(t.err.code, OH_E_NOT_FOUND);
	end(&t);
}

static void peels(void **state)
{
	struct oh_slices ids = {0}, commits;
	static const char *const names[] = {"HEAD", "v1", "outer", "tree", "blob", "HEAD^{tree}"};
	struct test t;

	(void)state;
	begin(&t, "r",
		"echo 1 >f && git add f && git commit -q -m one && git tag -a -m x v1 &&"
		"git tag -a -m x outer v1 && git tag -a -m x tree HEAD^{tree} && git tag blob HEAD:f");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		OH_PUSH(&t.f.arena, &ids, id_of(&t, names[i]));
	OH_PUSH(&t.f.arena, &ids, OH_SLICE("1234567890123456789012345678901234567890"));
	assert_done(oh_repo_peel(t.repo, &t.f.arena, &ids, &commits, &t.err), t.err);
	assert_int_equal(commits.count, 7);
	for (size_t i = 0; i < 7; i++)
		assert_same(commits.items[i], i < 3 ? id_of(&t, "HEAD") : OH_SLICE(""));
	ids.count = 0;
	assert_done(oh_repo_peel(t.repo, &t.f.arena, &ids, &commits, &t.err), t.err);
	end(&t);
}

static void reads_blobs(void **state)
{
	struct oh_past_blob blobs[6] = {{.is_here = false}};
	struct test t;

	(void)state;
	begin(&t, "r",
		"seq 50000 >large; : >empty; printf 'a\\0b' >nul; echo missing >missing;"
		"git add -A && git commit -q -m x && id=$(git rev-parse HEAD:missing) &&"
		"rm -f .git/objects/$(echo $id | sed 's,^..,&/,')");
	blobs[0].id = blobs[5].id = id_of(&t, "HEAD:large");
	blobs[1].id = id_of(&t, "HEAD:empty");
	blobs[2].id = id_of(&t, "HEAD:missing");
	blobs[3].id = id_of(&t, "HEAD:nul");
	blobs[4].id = id_of(&t, "HEAD^{tree}");
	for (int pass = 0; pass < 2; pass++) {
		assert_done(oh_repo_blobs(t.repo, &t.f.arena, blobs, 4, &t.err), t.err);
		assert_true(blobs[0].is_here && blobs[1].is_here && blobs[3].is_here);
		assert_false(blobs[2].is_here);
		assert_int_equal(blobs[0].bytes.len, 288894);
		assert_int_equal(blobs[1].bytes.len, 0);
		assert_true(oh_slice_eq(blobs[3].bytes, OH_SLICE("a\0b")));
		/* as if it were a partial clone: asked another way, the answer is the same */
		fixture_run(
			&t.f, "mkdir -p r/.git/objects/pack && : >r/.git/objects/pack/x.promisor");
	}
	assert_done(oh_repo_blobs(t.repo, &t.f.arena, blobs, 0, &t.err), t.err);
	end(&t);
}

static void counts_ahead(void **state)
{
	struct oh_ahead questions[9] = {{.count = 0}};
	struct test t;

	(void)state;
	begin(&t, "r",
		"for i in 1 2 3 4 5 6 7 8 9; do git commit -q --allow-empty -m $i; git tag t$i; done");
	for (size_t i = 0; i < 9; i++) {
		questions[i].commit = OH_SLICE("HEAD");
		OH_PUSH(&t.f.arena, &questions[i].without,
			oh_slice_printf(&t.f.arena, "t%zu", i + 1));
		OH_PUSH(&t.f.arena, &questions[i].without, OH_SLICE("t2"));
	}
	assert_done(oh_repo_count_ahead(t.repo, &t.f.arena, questions, 9, &t.err), t.err);
	for (size_t i = 0; i < 9; i++)
		assert_int_equal(questions[i].count, i ? 8 - i : 7);
	questions[3].commit = OH_SLICE("nothing");
	assert_false(oh_repo_count_ahead(t.repo, &t.f.arena, questions, 9, &t.err));
	questions[3].commit = OH_SLICE("HEAD");
	questions[3].without.count = 0;
	assert_done(oh_repo_count_ahead(t.repo, &t.f.arena, questions, 4, &t.err), t.err);
	assert_int_equal(questions[3].count, 9);
	end(&t);
}

static bool blocked(struct test *t, const char *path)
{
	return oh_repo_is_blocked(t->repo, &t->f.arena, OH_SLICE("HEAD"), oh_slice_of(path));
}

static void finds_symlinks(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r",
		"mkdir -p a/b && echo 1 >a/b/f && ln -s a link && ln -s b a/inner && git add -A &&"
		"git commit -q -m x");
	assert_false(blocked(&t, "a/b"));
	assert_false(blocked(&t, "a"));
	assert_false(blocked(&t, ""));
	assert_false(blocked(&t, "a/new"));
	assert_false(blocked(&t, "new/deeper"));
	assert_true(blocked(&t, "link"));
	assert_true(blocked(&t, "link/b"));
	assert_true(blocked(&t, "a/inner"));
	assert_true(blocked(&t, "a/inner/x"));
	assert_true(blocked(&t, "a/b/f"));
	assert_true(blocked(&t, "a/b\nx"));
	assert_false(oh_repo_is_blocked(t.repo, &t.f.arena, OH_SLICE(""), OH_SLICE("link")));
	end(&t);
}

static void finds_ids(void **state)
{
	static const char *const paths[] = {"a/b/f", "a/b/g h", "top", "a/b/run"};
	static const char *const not_files[] = {"a", "a/b", "link", "a/inner/f", "a/x", "x/f", ""};
	struct test t;

	(void)state;
	begin(&t, "r",
		"mkdir -p a/b && echo 1 >a/b/f && echo 2 >'a/b/g h' && echo 3 >top && echo 4 >a/b/run &&"
		"chmod +x a/b/run && ln -s a link && ln -s b a/inner && git add -A && git commit -q -m x");
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_same(
			oh_repo_id_at(t.repo, &t.f.arena, OH_SLICE("HEAD"), oh_slice_of(paths[i])),
			fixture_run(&t.f, "cd r && git rev-parse 'HEAD:%s'", paths[i]));
	for (size_t i = 0; i < sizeof(not_files) / sizeof(*not_files); i++)
		assert_slice(oh_repo_id_at(t.repo, &t.f.arena, OH_SLICE("HEAD"),
				     oh_slice_of(not_files[i])),
			"");
	assert_slice(oh_repo_id_at(t.repo, &t.f.arena, OH_SLICE("nothing"), OH_SLICE("top")), "");
	end(&t);
}

static void knows_cuts(void **state)
{
	struct oh_slice before;
	struct test t;
	long long newest;

	(void)state;
	begin(&t, "r", "for i in 1 2 3; do git commit -q --allow-empty -m $i; done");
	assert_false(oh_repo_is_cut(t.repo, &t.f.arena, &newest));
	before = oh_repo_cuts(t.repo, &t.f.arena);
	fixture_run(&t.f, "cd r && git rev-parse HEAD~1 >.git/shallow &&"
			  " echo 1234567890123456789012345678901234567890 >>.git/shallow");
	assert_true(oh_repo_is_cut(t.repo, &t.f.arena, &newest));
	assert_int_equal(newest, 1706949367); /* GIT_COMMITTER_DATE of the fixture */
	assert_false(oh_slice_eq(before, oh_repo_cuts(t.repo, &t.f.arena)));
	fixture_run(&t.f, "cd r && echo nonsense >.git/shallow");
	assert_true(oh_repo_is_cut(t.repo, &t.f.arena, &newest));
	assert_true(newest > 1ll << 60);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_refs),
		cmocka_unit_test(names_remotes),
		cmocka_unit_test(sees_every_file),
		cmocka_unit_test(sees_a_part),
		cmocka_unit_test(keeps_the_shape),
		cmocka_unit_test(odd_paths_and_no_tips),
		cmocka_unit_test(peels),
		cmocka_unit_test(reads_blobs),
		cmocka_unit_test(counts_ahead),
		cmocka_unit_test(finds_symlinks),
		cmocka_unit_test(finds_ids),
		cmocka_unit_test(knows_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What changes a repository: trees, commits made again, index and worktree, refs. */
#include "repo_fixture.h"

static struct oh_slice edited(
	struct test *t, const char *rev, const struct oh_edited_file *files, size_t count)
{
	struct oh_slice tree = OH_SLICE("");

	assert_done(oh_repo_edit_files(
			    t->repo, &t->f.arena, oh_slice_of(rev), files, count, &tree, &t->err),
		t->err);
	return tree;
}

static void edits_trees(void **state)
{
	struct test t;
	struct oh_slice blob;

	(void)state;
	begin(&t, "r",
		"mkdir -p a/b c && echo 1 >a/b/f && echo 1 >a/g && echo 1 >c/only && echo 1 >x &&"
		"chmod +x x && ln -s x l && echo 1 >'a.b' && echo 1 >a0 && git add . &&"
		"git update-index --add --cacheinfo"
		" 160000,1234567890123456789012345678901234567890,module &&"
		"git commit -q -m x");
	blob = fixture_run(&t.f, "cd r && echo new | git hash-object -w --stdin");
	{
		const struct oh_edited_file files[] = {
			{OH_SLICE("a/b/f"), OH_SLICE("new\n"), false},
			{OH_SLICE("a/new"), OH_SLICE("new\n"), false},
			{OH_SLICE("c/only"), OH_SLICE(""), true},
			{OH_SLICE("x"), OH_SLICE("new\n"), false},
			{OH_SLICE("n/e/w"), OH_SLICE("new\n"), false},
			{OH_SLICE("l"), OH_SLICE("new\n"), false},
			{OH_SLICE("not/there"), OH_SLICE(""), true},
			{OH_SLICE("n/e/x"), OH_SLICE("new\n"), false},
			{OH_SLICE("a/g"), OH_SLICE(""), true},
			{OH_SLICE("a/g/now/deep"), OH_SLICE("new\n"), false}};
		const struct oh_slice tree =
			edited(&t, "HEAD", files, sizeof(files) / sizeof(*files));

		/* git's own index says what it should be. */
		assert_same(tree,
			fixture_run(&t.f,
				"cd r && export GIT_INDEX_FILE=../i && git read-tree HEAD &&"
				"git update-index --force-remove c/only a/g && git update-index --add"
				" --cacheinfo 100644,%s,a/b/f --cacheinfo 100644,%s,a/new"
				" --cacheinfo 100755,%s,x --cacheinfo 100644,%s,n/e/w"
				" --cacheinfo 100644,%s,l --cacheinfo 100644,%s,n/e/x"
				" --cacheinfo 100644,%s,a/g/now/deep && git write-tree",
				blob.ptr, blob.ptr, blob.ptr, blob.ptr, blob.ptr, blob.ptr,
				blob.ptr));
		assert_same(edited(&t, "HEAD", NULL, 0), id_of(&t, "HEAD^{tree}"));
		assert_same(edited(&t, "", &files[6], 1),
			oh_slice_of("4b825dc642cb6eb9a060e54bf8d69288fbee4904"));
	}
	{
		static const char *const bad[] = {
			"x/below", "a", "a/../b", "/a", ".git/hooks/x", "a//b", ""};
		struct oh_slice tree;

		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
			const struct oh_edited_file file = {
				oh_slice_of(bad[i]), OH_SLICE("new\n"), false};

			assert_false(oh_repo_edit_files(
				t.repo, &t.f.arena, OH_SLICE("HEAD"), &file, 1, &tree, &t.err));
		}
	}
	end(&t);
}

/* What git makes of the bytes is in the tree, not what was given. */
static void applies_filters_on_the_way_in(void **state)
{
	const struct oh_edited_file files[] = {
		{OH_SLICE("d/crlf"), OH_SLICE("one\r\ntwo\r\n"), false},
		{OH_SLICE("plain"), OH_SLICE("one\r\n"), false},
		{OH_SLICE("d/up"), OH_SLICE("loud\n"), false},
		{OH_SLICE("d/empty"), OH_SLICE(""), false}};
	struct test t;
	struct oh_slice tree;

	(void)state;
	begin(&t, "r",
		"git config filter.up.clean 'tr a-z A-Z' && mkdir d &&"
		"printf 'crlf text\nup filter=up\n' >d/.gitattributes && git add . &&"
		"git commit -q -m x");
	tree = edited(&t, "HEAD", files, sizeof(files) / sizeof(*files));
	assert_slice(fixture_run(&t.f,
			     "cd r && for f in d/crlf plain d/up d/empty; do"
			     " git cat-file blob %s:$f | od -An -c | tr -d ' \n'; printf '|'; done",
			     tree.ptr),
		"one\\ntwo\\n|one\\r\\n|LOUD\\n||");
	assert_slice(fixture_run(&t.f, "cd r && git fsck --no-dangling 2>&1"), "");
	end(&t);
}

static struct oh_slice recommitted(struct test *t, const char *rev, const char *tree)
{
	struct oh_commit commit;
	struct oh_slice id = OH_SLICE("");

	assert_done(
		oh_repo_commit(t->repo, &t->f.arena, oh_slice_of(rev), &commit, &t->err), t->err);
	assert_done(oh_repo_recommit(t->repo, &t->f.arena, &commit, id_of(t, tree), &id, &t->err),
		t->err);
	return id;
}

/* All of a commit but its tree and its signature. */
static struct oh_slice words_of(struct test *t, struct oh_slice id)
{
	return fixture_run(&t->f,
		"git -C r cat-file commit " OH_FMT
		" | sed -e 1d -e '/^gpgsig/,/^ -*END/d' | od -An -c",
		OH_ARG(id));
}

static void commits_again_to_the_byte(void **state)
{
	struct test t;
	struct oh_slice id;

	(void)state;
	begin(&t, "r",
		"echo 1 >f && git add f && git commit -q -m one && git checkout -q -b side &&"
		"echo 1 >g && git add g && git commit -q -m two &&"
		"printf 'object %s\\ntype commit\\ntag v1\\ntagger T <t@x> 1 +0000\\n\\nt\\n"
		"-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n' \"$(git rev-parse HEAD)\""
		" | git hash-object -t tag -w --stdin | xargs git update-ref refs/tags/v1 &&"
		"git checkout -q main && echo 2 >f && git commit -q -a -m three &&"
		"git -c i18n.commitEncoding=ISO-8859-1 -c user.name='J\xf6rg' -c user.email=j@x"
		" merge -q --no-ff -m 'caf\xe9 \n\n\nends without' v1 &&"
		"git cat-file commit HEAD | grep -q ^mergetag &&"
		"git cat-file commit HEAD | grep -q '^encoding ISO-8859-1'");
	id = recommitted(&t, "HEAD", "HEAD~1^{tree}");
	assert_same(words_of(&t, id), words_of(&t, id_of(&t, "HEAD")));
	assert_same(fixture_run(&t.f, "git -C r rev-parse " OH_FMT "^{tree}", OH_ARG(id)),
		id_of(&t, "HEAD~1^{tree}"));
	assert_same(recommitted(&t, "HEAD", "HEAD^{tree}"), id_of(&t, "HEAD"));
	end(&t);
}

static void reads_a_commits_words(void **state)
{
	struct test t;
	struct oh_commit c;

	(void)state;
	begin(&t, "r",
		"git -c user.name=x commit -q --allow-empty --cleanup=verbatim -m '\n\n  a subject \n"
		"in two lines\n\nbody\n' --author 'Ana B. C\xc3\xb3 <ana+x@example.com>' &&"
		"git tag -a -m t deep && git tag -a -m t deeper deep");
	assert_done(oh_repo_commit(t.repo, &t.f.arena, OH_SLICE("deeper"), &c, &t.err), t.err);
	assert_same(c.id, id_of(&t, "HEAD"));
	assert_same(c.tree, id_of(&t, "HEAD^{tree}"));
	assert_slice(c.author, "Ana B. C\xc3\xb3");
	assert_slice(c.email, "ana+x@example.com");
	assert_slice(c.subject, "a subject in two lines");
	assert_int_equal(c.parents.count, 0);
	assert_false(c.is_signed);
	assert_false(oh_repo_commit(t.repo, &t.f.arena, OH_SLICE("HEAD^{tree}"), &c, &t.err));
	assert_int_equal(t.err.code, OH_E_NOT_FOUND);
	end(&t);
}

static void signs_again(struct test *t, const char *verify)
{
	const struct oh_slice id = recommitted(t, "HEAD", "HEAD~1^{tree}");

	assert_same(words_of(t, id), words_of(t, id_of(t, "HEAD")));
	fixture_run(&t->f, "cd r && git %s verify-commit " OH_FMT, verify, OH_ARG(id));
	assert_false(oh_slice_eq(id, id_of(t, "HEAD")));
}

static const char *const SIGNED_HISTORY =
	"echo 1 >f && git add f && git commit -q -m one && echo 2 >f && git add f &&"
	"git -c i18n.commitEncoding=ISO-8859-1 commit -q -S --cleanup=verbatim -m '\n caf\xe9 \n\n\n'"
	" --author='O. Ther <o@example.com>' --date='@1 +0545'";

static void signs_again_with_gpg(void **state)
{
	struct test t;

	(void)state;
	if (system("command -v gpg >/dev/null"))
		skip();
	begin(&t, "r", "true");
	setenv("GNUPGHOME", oh_slice_printf(&t.f.arena, "%s/gnupg", t.f.root).ptr, 1);
	fixture_run(&t.f,
		"mkdir -m 700 gnupg && gpg -q --batch --passphrase '' --quick-gen-key"
		" 'Bob <bob@example.com>' ed25519 sign never 2>/dev/null && cd r &&"
		"%s",
		SIGNED_HISTORY);
	signs_again(&t, "");
	/* No key any more: said, and nothing made. */
	fixture_run(&t.f, "gpgconf --kill all; rm -rf gnupg && mkdir -m 700 gnupg");
	{
		struct oh_commit commit;
		struct oh_slice id;

		assert_true(oh_repo_commit(t.repo, &t.f.arena, OH_SLICE("HEAD"), &commit, NULL));
		assert_true(commit.is_signed);
		assert_false(
			oh_repo_recommit(t.repo, &t.f.arena, &commit, commit.tree, &id, &t.err));
		assert_int_equal(t.err.code, OH_E_GIT);
	}
	fixture_run(&t.f, "gpgconf --kill all || true");
	unsetenv("GNUPGHOME");
	end(&t);
}

static void signs_again_with_ssh(void **state)
{
	struct test t;

	(void)state;
	if (system("command -v ssh-keygen >/dev/null"))
		skip();
	begin(&t, "r",
		"ssh-keygen -q -t ed25519 -N '' -f ../key && git config gpg.format ssh &&"
		"git config user.signingKey \"$PWD/../key.pub\" &&"
		"echo \"bob@example.com $(cat ../key.pub)\" >../allowed &&"
		"git config gpg.ssh.allowedSignersFile \"$PWD/../allowed\"");
	fixture_run(&t.f, "cd r && %s", SIGNED_HISTORY);
	signs_again(&t, "");
	end(&t);
}

static void refuses_what_it_can_not_sign_to_the_byte(void **state)
{
	struct test t;
	struct oh_commit commit;
	struct oh_slice id;

	(void)state;
	if (system("command -v ssh-keygen >/dev/null"))
		skip();
	begin(&t, "r",
		"ssh-keygen -q -t ed25519 -N '' -f ../key && git config gpg.format ssh &&"
		"git config user.signingKey \"$PWD/../key.pub\" &&"
		"git commit -q --allow-empty -m one && git checkout -q -b side &&"
		"git commit -q --allow-empty -m two &&"
		"printf 'object %s\\ntype commit\\ntag v1\\ntagger T <t@x> 1 +0000\\n\\nt\\n"
		"-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n' \"$(git rev-parse HEAD)\""
		" | git hash-object -t tag -w --stdin | xargs git update-ref refs/tags/v1 &&"
		"git checkout -q main && git commit -q --allow-empty -m three &&"
		"git merge -q -S --no-ff -m m v1 && git cat-file commit HEAD | grep -q ^mergetag");
	assert_true(oh_repo_commit(t.repo, &t.f.arena, OH_SLICE("HEAD"), &commit, NULL));
	assert_true(commit.is_signed);
	assert_false(oh_repo_recommit(t.repo, &t.f.arena, &commit, commit.tree, &id, &t.err));
	assert_int_equal(t.err.code, OH_E_UNSUPPORTED);
	end(&t);
}

static bool switched(struct test *t, const char *from, const char *to)
{
	memset(&t->err, 0, sizeof(t->err));
	return oh_repo_switch_tree(t->repo, oh_slice_of(from), oh_slice_of(to), &t->err);
}

static void switches_trees(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r/sub",
		"mkdir sub && echo 1 >a && echo 1 >b && echo 1 >sub/c && git add . &&"
		"git commit -q -m 1 && git tag one && echo 2 >a && echo 2 >new && git add . &&"
		"git commit -q -m 2 && git tag two && git checkout -q one && echo 2 >b && git add b");
	/* Somebody else's change stays; a file that was only touched is not in the way. */
	fixture_run(&t.f, "cd r && touch -d 2001-01-01 a");
	assert_done(switched(&t, "one", "two"), t.err);
	assert_slice(fixture_run(&t.f, "cd r && cat a b new && git diff-files --raw"), "2\n2\n2");
	assert_done(switched(&t, "two", "one"), t.err);
	fixture_run(&t.f, "cd r && echo mine >new");
	assert_false(switched(&t, "one", "two"));
	assert_int_equal(t.err.code, OH_E_CHANGED);
	assert_non_null(strstr(t.err.message, "'new'"));
	fixture_run(&t.f, "cd r && rm new && echo mine >a");
	assert_false(switched(&t, "one", "two"));
	assert_int_equal(t.err.code, OH_E_CHANGED);
	assert_non_null(strstr(t.err.message, "'a'"));
	assert_slice(fixture_run(&t.f, "cd r && cat a && ls"), "mine\na\nb\nsub");
	fixture_run(&t.f, "cd r && echo 1 >a && touch .git/index.lock");
	assert_false(switched(&t, "one", "two"));
	assert_string_equal(t.err.message, "another git process holds index.lock");
	assert_false(switched(&t, "--help", "two"));
	assert_int_equal(t.err.code, OH_E_NOT_FOUND);
	end(&t);
}

static bool updated(struct test *t, const char *ref, struct oh_slice to, struct oh_slice from,
	const char *message)
{
	memset(&t->err, 0, sizeof(t->err));
	return oh_repo_update_ref(
		t->repo, oh_slice_of(ref), to, from, oh_slice_of(message), &t->err);
}

static void moves_refs_only_from_where_they_were(void **state)
{
	static const char *const zeros = "0000000000000000000000000000000000000000";
	struct test t;
	struct oh_slice one, two, message;

	(void)state;
	begin(&t, "r",
		"git commit -q --allow-empty -m 1 && git tag one && git commit -q --allow-empty -m 2 &&"
		"git tag two");
	one = id_of(&t, "one");
	two = id_of(&t, "two");
	assert_false(updated(&t, "HEAD", one, one, "no"));
	assert_int_equal(t.err.code, OH_E_CHANGED);
	assert_done(updated(&t, "HEAD", one, two, "merge x: made again"), t.err);
	assert_same(id_of(&t, "main"), one);
	assert_false(updated(&t, "refs/heads/main", two, oh_slice_of(zeros), ""));
	assert_int_equal(t.err.code, OH_E_CHANGED);
	assert_done(updated(&t, "refs/onehead/kept", two, oh_slice_of(zeros), ""), t.err);
	assert_false(updated(&t, "refs/onehead/kept", OH_SLICE(""), one, ""));
	assert_int_equal(t.err.code, OH_E_CHANGED);
	assert_done(updated(&t, "refs/onehead/kept", OH_SLICE(""), two, ""), t.err);
	assert_false(updated(&t, "-d", two, OH_SLICE(""), ""));
	for (int i = 0; i < 2; i++) {
		const struct oh_slice ref = i ? OH_SLICE("refs/heads/main") : OH_SLICE("HEAD");

		assert_done(
			oh_repo_reflog_message(t.repo, &t.f.arena, ref, &message, &t.err), t.err);
		assert_slice(message, "merge x: made again");
		assert_done(oh_repo_reflog_drop_previous(t.repo, &ref, 1, &t.err), t.err);
		assert_slice(fixture_run(&t.f, "cd r && git reflog --format='%%H %%gs' %s",
				     oh_slice_str(&t.f.arena, ref)),
			oh_slice_printf(&t.f.arena,
				OH_FMT " merge x: made again\n" OH_FMT " commit (initial): 1",
				OH_ARG(one), OH_ARG(one))
				.ptr);
	}
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_trees),
		cmocka_unit_test(applies_filters_on_the_way_in),
		cmocka_unit_test(commits_again_to_the_byte),
		cmocka_unit_test(reads_a_commits_words),
		cmocka_unit_test(signs_again_with_gpg),
		cmocka_unit_test(signs_again_with_ssh),
		cmocka_unit_test(refuses_what_it_can_not_sign_to_the_byte),
		cmocka_unit_test(switches_trees),
		cmocka_unit_test(moves_refs_only_from_where_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

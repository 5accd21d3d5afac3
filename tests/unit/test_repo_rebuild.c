/* Commits made again: git's own index and commit-tree say what they are to be. */
#include "repo_fixture.h"

#include "repo/rebuild.h"

#include <sys/stat.h>

struct list {
	struct oh_rebuilt *items;
	size_t count, capacity;
};

static void add_commit(struct test *t, struct list *list, const char *rev)
{
	OH_PUSH(&t->f.arena, list, (struct oh_rebuilt){.id = id_of(t, rev)});
}

/* To the commit that was added last. BYTES NULL: the path goes away. */
static void add_bytes(struct test *t, struct list *list, const char *path, struct oh_slice bytes)
{
	struct oh_rebuilt *commit = &list->items[list->count - 1];
	const struct oh_rebuild_edit edit = {oh_slice_of(path), !bytes.ptr, bytes};

	OH_PUSH(&t->f.arena, &commit->edits, edit);
}

static void add_edit(struct test *t, struct list *list, const char *path, const char *bytes)
{
	add_bytes(t, list, path, bytes ? oh_slice_of(bytes) : (struct oh_slice){0});
}

static bool rebuild(struct test *t, struct list *list)
{
	memset(&t->err, 0, sizeof(t->err));
	return oh_repo_rebuild(t->repo, &t->f.arena, list->items, list->count, &t->err);
}

static void refuses(struct test *t, struct list *list, enum oh_code code, const char *words)
{
	assert_false(rebuild(t, list));
	if (t->err.code != code || !strstr(t->err.message, words))
		fail_msg("%d %s", (int)t->err.code, t->err.message);
}

static const char *new_id(const struct list *list, size_t at)
{
	assert_non_null(list->items[at].new_id.ptr);
	return list->items[at].new_id.ptr;
}

/* A commit without its tree, its parents and its signature. */
static struct oh_slice words_of(struct test *t, const char *id)
{
	return fixture_run(&t->f,
		"git -C r cat-file commit %s | sed -n -e '1,/^$/{' -e '/^tree /d' -e '/^parent /d'"
		" -e '/^gpgsig/,/^ -*END/d' -e '}' -e p | od -An -c",
		id);
}

static void keeps_words(struct test *t, const struct list *list, size_t at)
{
	assert_same(words_of(t, new_id(list, at)), words_of(t, list->items[at].id.ptr));
}

static struct oh_slice files_of(struct test *t, const char *id)
{
	return fixture_run(&t->f, "git -C r ls-tree -r --format='%%(objectmode) %%(path)' %s", id);
}

static void is_sound(struct test *t)
{
	assert_slice(fixture_run(&t->f, "git -C r fsck --full --strict --no-dangling 2>&1"), "");
}

/* All that git keeps but objects. */
static struct oh_slice visible(struct test *t)
{
	return fixture_run(&t->f,
		"cd r && find . -path ./.git/objects -prune -o -type f -exec sha256sum {} + | sort");
}

static const char *const CHAIN =
	"mkdir -p m/v && echo 1 >m/v/1.py && echo x >run && chmod +x run && ln -s run link &&"
	"echo r >README && git add . && git commit -q -m one && git tag one &&"
	"echo 2 >m/v/2.py && git add . && git commit -q -m two && git tag two &&"
	"echo R >README && git commit -q -a -m three && git tag three &&"
	"echo 4 >m/v/4.py && git add . && git commit -q -m four && git tag four";

static void rebuilds_a_chain(void **state)
{
	struct test t;
	struct list list = {0};
	struct oh_slice before;

	(void)state;
	begin(&t, "r/m", CHAIN);
	add_commit(&t, &list, "one");
	add_commit(&t, &list, "two");
	add_edit(&t, &list, "m/v/2.py", NULL);
	add_edit(&t, &list, "m/v/3.py", "3\n");
	add_edit(&t, &list, "run", "y\n");
	add_edit(&t, &list, "n/e/w", "");
	add_edit(&t, &list, "link", "a file now\n");
	add_edit(&t, &list, "not/there", NULL);
	add_commit(&t, &list, "three");
	add_commit(&t, &list, "four");
	add_edit(&t, &list, "m/v/4.py", "4\n");
	before = visible(&t);
	assert_done(rebuild(&t, &list), t.err);
	assert_same(visible(&t), before);
	is_sound(&t);
	assert_same(list.items[0].new_id, id_of(&t, "one"));
	assert_slice(files_of(&t, new_id(&list, 1)),
		"100644 README\n100644 link\n100644 m/v/1.py\n100644 m/v/3.py\n100644 n/e/w\n"
		"100755 run");
	assert_slice(fixture_run(&t.f, "git -C r show %s:m/v/3.py %s:run %s:link", new_id(&list, 1),
			     new_id(&list, 1), new_id(&list, 1)),
		"3\ny\na file now");
	/* Another parent, the same tree. */
	assert_same(fixture_run(&t.f, "git -C r rev-parse %s^{tree}", new_id(&list, 2)),
		id_of(&t, "three^{tree}"));
	assert_same(fixture_run(&t.f, "git -C r rev-parse %s^{tree}", new_id(&list, 3)),
		id_of(&t, "four^{tree}"));
	assert_same(fixture_run(&t.f, "git -C r rev-list %s", new_id(&list, 3)),
		oh_slice_printf(&t.f.arena, "%s\n%s\n%s\n%s", new_id(&list, 3), new_id(&list, 2),
			new_id(&list, 1), new_id(&list, 0)));
	for (size_t i = 0; i < list.count; i++)
		keeps_words(&t, &list, i);
	end(&t);
}

static void changes_nothing_for_nothing(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", CHAIN);
	assert_done(rebuild(&t, &list), t.err);
	add_commit(&t, &list, "one");
	add_edit(&t, &list, "m/v/1.py", "1\n");
	add_edit(&t, &list, "gone", NULL);
	add_edit(&t, &list, "run", "x\n");
	add_commit(&t, &list, "two");
	add_edit(&t, &list, "m/new", "made and taken away");
	add_edit(&t, &list, "m/new", NULL);
	add_edit(&t, &list, "new/new", "made and taken away");
	add_edit(&t, &list, "new/new", NULL);
	assert_done(rebuild(&t, &list), t.err);
	assert_same(list.items[0].new_id, list.items[0].id);
	assert_same(list.items[1].new_id, list.items[1].id);
	end(&t);
}

/* A tree that git would write in another order and with other modes stays as it is. */
static void leaves_odd_trees_alone(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r",
		"echo 1 >a && echo 2 >z && git add . && git cat-file tree $(git write-tree) >../t &&"
		"{ tail -c 29 ../t; head -c 29 ../t | sed s/100644/100664/; } >../odd &&"
		"t=$(git hash-object -t tree -w --literally ../odd) &&"
		"git update-ref HEAD $(git commit-tree -m x $t) &&"
		"git cat-file tree HEAD^{tree} | cmp - ../odd && ! cmp -s ../odd ../t");
	add_commit(&t, &list, "HEAD");
	add_edit(&t, &list, "b", NULL);
	assert_done(rebuild(&t, &list), t.err);
	assert_same(list.items[0].new_id, list.items[0].id);
	add_edit(&t, &list, "b", "3\n");
	assert_done(rebuild(&t, &list), t.err);
	/* ls-tree says 100644 of it. */
	fixture_run(&t.f, "git -C r cat-file tree %s: | grep -aq '^100664 a'", new_id(&list, 0));
	assert_slice(files_of(&t, new_id(&list, 0)), "100644 a\n100644 b\n100644 z");
	end(&t);
}

static void rebuilds_merges(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r",
		"for b in a b c; do git read-tree --empty && echo $b >$b && git add $b &&"
		"git tag $b $(git commit-tree -m $b $(git write-tree)); done &&"
		"git add . && t=$(git write-tree) &&"
		"git tag octopus $(git commit-tree -m o -p c -p a -p b $t) &&"
		"git tag merge $(git commit-tree -m m -p octopus -p a $t) &&"
		"git tag last $(git commit-tree -m l -p merge $t) && git update-ref HEAD last");
	add_commit(&t, &list, "a");
	add_edit(&t, &list, "a", "otherwise\n");
	add_commit(&t, &list, "b");
	add_commit(&t, &list, "octopus");
	add_edit(&t, &list, "d", "new\n");
	add_commit(&t, &list, "merge");
	add_commit(&t, &list, "last");
	assert_done(rebuild(&t, &list), t.err);
	is_sound(&t);
	assert_same(list.items[1].new_id, id_of(&t, "b"));
	assert_same(fixture_run(&t.f, "git -C r log -1 --format=%%P %s", new_id(&list, 2)),
		oh_slice_printf(&t.f.arena, OH_FMT " %s %s", OH_ARG(id_of(&t, "c")),
			new_id(&list, 0), new_id(&list, 1)));
	assert_same(fixture_run(&t.f, "git -C r log -1 --format=%%P %s", new_id(&list, 3)),
		oh_slice_printf(&t.f.arena, "%s %s", new_id(&list, 2), new_id(&list, 0)));
	assert_same(fixture_run(&t.f, "git -C r log -1 --format=%%P %s", new_id(&list, 4)),
		list.items[3].new_id);
	assert_slice(files_of(&t, new_id(&list, 2)), "100644 a\n100644 b\n100644 c\n100644 d");
	end(&t);
}

static void empties_and_fills_trees(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r",
		"mkdir -p a/b && echo 1 >a/b/c && git add . && git commit -q -m 1 && git tag one &&"
		"git rm -q a/b/c && git commit -q -m 2 && git tag two");
	add_commit(&t, &list, "one");
	add_edit(&t, &list, "a/b/c", NULL);
	add_commit(&t, &list, "two");
	add_edit(&t, &list, "a/b/c", "1\n");
	assert_done(rebuild(&t, &list), t.err);
	is_sound(&t);
	assert_same(fixture_run(&t.f, "git -C r rev-parse %s^{tree}", new_id(&list, 0)),
		id_of(&t, "two^{tree}"));
	assert_same(fixture_run(&t.f, "git -C r rev-parse %s^{tree}", new_id(&list, 1)),
		id_of(&t, "one^{tree}"));
	end(&t);
}

static void writes_bytes_of_any_size(void **state)
{
	static const size_t sizes[] = {
		0, 1, 15, 16, 2047, 2048, 65534, 65535, 65536, 131070, 131071, 3000000};
	const size_t count = sizeof(sizes) / sizeof(*sizes);
	struct test t;
	struct list list = {0};
	uint32_t next = 1;

	(void)state;
	begin(&t, "r", "git commit -q --allow-empty -m x && mkdir ../sizes");
	add_commit(&t, &list, "HEAD");
	for (size_t i = 0; i < count; i++) {
		char *bytes = oh_arena_alloc(&t.f.arena, sizes[i] + 1);
		const char *path = oh_slice_printf(&t.f.arena, "../sizes/%zu", i).ptr;
		FILE *file = fopen(path, "w");

		for (size_t k = 0; k < sizes[i]; k++)
			bytes[k] = (char)((next = next * 1664525u + 1013904223u) >> 24);
		assert_int_equal(fwrite(bytes, 1, sizes[i], file), sizes[i]);
		fclose(file);
		add_bytes(&t, &list, oh_slice_printf(&t.f.arena, "%zu", i).ptr,
			(struct oh_slice){bytes, sizes[i]});
	}
	assert_done(rebuild(&t, &list), t.err);
	for (size_t i = 0; i < count; i++)
		fixture_run(&t.f, "git -C r cat-file blob %s:%zu | cmp - sizes/%zu",
			new_id(&list, 0), i, i);
	is_sound(&t);
	end(&t);
}

/* HEADERS and the rest of a raw commit behind its parents. */
static void add_raw(struct test *t, const char *words)
{
	const char *format = strchr(words, '%') ? "%s" : words;

	fixture_run(&t->f,
		"cd r && { git cat-file commit HEAD | sed -n '/^tree/p' &&"
		"echo parent $(git rev-parse HEAD) && printf '%s'; } >../raw &&"
		"git update-ref HEAD $(git hash-object -t commit -w --literally ../raw)",
		format);
}

static void keeps_words_to_the_byte(void **state)
{
	static const char *const raw[] = {
		"author A <a@x> 1 +0000\\ncommitter B <b@x> 2 -0030\\n\\n",
		"author A <a@x> 1 +0000\\ncommitter B <b@x> 2 -0030\\n\\nno newline",
		"author A <a@x> 1 +0000\\ncommitter B <b@x> 2 -0030\\n",
		"author A <a@x> 1 +0000\\ncommitter B <b@x> 2 -0030",
		"\\n",
		"author A <a@x> 1 +0000\\ncommitter B <b@x> 2 -0030\\n\\na\\000b\\n",
		"author A <a@x> 1 +0000\\ncommitter B <b@x> 2 -0030\\n\\n\\n\\n  x \\r\\n\\n\\n",
		"author J\\366rg <a@x> 1 +0000\\ncommitter  <> 2 -9999\\n\\nx\\n",
		"author A <a <b> c> 99999999999999999999 +0000\\ncommitter\\n\\nx\\n",
		"author A <a@x> 1 +0000\\nauthor A <a@x> 1 +0000\\ncommitter B <b@x> 2 +0000\\n\\nx\\n",
		"committer B <b@x> 2 +0000\\nauthor A <a@x> 1 +0000\\n\\nx\\n",
		("author A <a@x> 1 +0000\\ncommitter B <b@x> 2 +0000\\nencoding ISO-8859-1\\n"
		 "HG:rename a b\\nkey\\nmergetag object 1\\n tag t\\n \\n parent x\\n\\ncaf\\351\\n"),
	};
	struct test t;
	struct list list = {0};
	const size_t count = sizeof(raw) / sizeof(*raw);

	(void)state;
	begin(&t, "r", "echo 1 >f && git add f && git commit -q -m one");
	for (size_t i = 0; i < count; i++) {
		add_raw(&t, raw[i]);
		add_commit(&t, &list, "HEAD");
		if (i % 3 == 0)
			add_edit(&t, &list, "f", "2\n");
	}
	assert_done(rebuild(&t, &list), t.err);
	for (size_t i = 0; i < count; i++) {
		/* Behind "tree", its id and "parent", its id. */
		fixture_run(&t.f,
			"cd r && git cat-file commit %s | tail -c +95 >../old &&"
			"git cat-file commit %s | tail -c +95 >../new && printf '%s' | cmp - ../old &&"
			"cmp ../old ../new",
			list.items[i].id.ptr, new_id(&list, i), raw[i]);
		assert_same(fixture_run(&t.f, "git -C r cat-file commit %s | sed -n 2p",
				    new_id(&list, i)),
			oh_slice_printf(&t.f.arena, "parent " OH_FMT,
				OH_ARG(i ? list.items[i - 1].new_id : id_of(&t, "HEAD~12"))));
		assert_slice(fixture_run(&t.f, "git -C r cat-file blob %s:f", new_id(&list, i)),
			i % 3 ? "1" : "2");
	}
	end(&t);
}

static const char *const SIGNED_TAG =
	"printf 'object %s\\ntype commit\\ntag v1\\ntagger T <t@x> 1 +0000\\n\\nt\\n"
	"-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'"
	" \"$(git rev-parse HEAD)\" | git hash-object -t tag -w --stdin |"
	" xargs git update-ref refs/tags/v1";

static void keeps_what_git_itself_writes(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", "echo 1 >f && git add f && git commit -q -m one && git checkout -q -b side");
	fixture_run(&t.f,
		"cd r && echo 1 >g && git add g && git commit -q -m two && git tag two && %s &&"
		"git checkout -q main &&"
		"echo 2 >f && git commit -q -a --allow-empty-message -m '' && git tag three &&"
		"git -c i18n.commitEncoding=ISO-8859-1 -c user.name='J\xf6rg' -c user.email=j@x"
		" merge -q --no-ff -m 'caf\xe9 \n\n\nends' v1 &&"
		"git cat-file commit HEAD | grep -q ^mergetag &&"
		"git cat-file commit HEAD | grep -q '^encoding ISO-8859-1'",
		SIGNED_TAG);
	add_commit(&t, &list, "two");
	add_edit(&t, &list, "g", "3\n");
	add_commit(&t, &list, "three");
	add_edit(&t, &list, "f", "3\n");
	add_commit(&t, &list, "main");
	add_edit(&t, &list, "f", "3\n");
	add_edit(&t, &list, "g", "3\n");
	assert_done(rebuild(&t, &list), t.err);
	is_sound(&t);
	for (size_t i = 0; i < list.count; i++)
		keeps_words(&t, &list, i);
	assert_same(fixture_run(&t.f, "git -C r log -1 --format=%%P %s", new_id(&list, 2)),
		oh_slice_printf(&t.f.arena, "%s %s", new_id(&list, 1), new_id(&list, 0)));
	end(&t);
}

static void refuses_what_can_not_be(void **state)
{
	static const char *const in_the_way[] = {"m", "m/v", "run/below", "m/v/1.py/below", NULL};
	static const char *const bad[] = {
		"", "/a", "a/", "a//b", "a/../b", "./a", ".git/hooks/x", "m/.git", NULL};
	struct test t;
	struct list list = {0};
	struct oh_slice before;

	(void)state;
	begin(&t, "r", CHAIN);
	before = visible(&t);
	for (const char *const *path = in_the_way; *path; path++) {
		list.count = 0;
		add_commit(&t, &list, "one");
		add_edit(&t, &list, *path, "x");
		refuses(&t, &list, OH_E_CHANGED, *path);
		list.items[0].edits.count = 0;
		add_edit(&t, &list, *path, NULL);
		refuses(&t, &list, OH_E_CHANGED, *path);
	}
	for (const char *const *path = bad; *path; path++) {
		list.count = 0;
		add_commit(&t, &list, "one");
		add_edit(&t, &list, *path, "x");
		refuses(&t, &list, OH_E_FORMAT, *path);
	}
	list.count = 0;
	add_commit(&t, &list, "one");
	add_edit(&t, &list, "new", "x");
	add_edit(&t, &list, "new/below", "x");
	refuses(&t, &list, OH_E_CHANGED, "new/below");
	assert_same(visible(&t), before);
	end(&t);
}

static void refuses_other_commits(void **state)
{
	struct test t;
	struct list list = {0};
	static const char *const none[] = {"HEAD", "", "--help", "deadbeef",
		"0123456789012345678901234567890123456789",
		"012345678901234567890123456789012345678\n", NULL};

	(void)state;
	begin(&t, "r", CHAIN);
	add_commit(&t, &list, "two");
	add_commit(&t, &list, "one");
	refuses(&t, &list, OH_E_USAGE, "before its parent");
	list.count = 0;
	add_commit(&t, &list, "one");
	add_commit(&t, &list, "one");
	refuses(&t, &list, OH_E_USAGE, "twice");
	list.count = 0;
	add_commit(&t, &list, "one^{tree}");
	refuses(&t, &list, OH_E_FORMAT, "not a commit");
	for (const char *const *id = none; *id; id++) {
		list.items[0].id = oh_slice_of(*id);
		refuses(&t, &list, OH_E_NOT_FOUND, "no such");
	}
	/* A damaged repository is not a commit that does not exist. */
	fixture_run(&t.f, "cd r && t=$(git rev-parse one:m/v) &&"
			  "rm -f .git/objects/$(echo $t | sed 's,..,&/,')");
	list.count = 0;
	add_commit(&t, &list, "one");
	add_edit(&t, &list, "m/v/1.py", "x");
	refuses(&t, &list, OH_E_GIT, "no such object");
	end(&t);
}

static void says_why_git_can_not_write(void **state)
{
	struct test t;
	struct list list = {0};
	struct oh_slice before;

	(void)state;
	begin(&t, "r", CHAIN);
	fixture_run(&t.f, "cd r && git repack -adq && cd .git/objects && rm -rf [0-9a-f][0-9a-f] &&"
			  "for d in $(seq 0 255); do : >$(printf %%02x $d); done");
	before = visible(&t);
	add_commit(&t, &list, "one");
	add_edit(&t, &list, "m/v/1.py", "x");
	refuses(&t, &list, OH_E_GIT, "writing objects: git unpack-objects: ");
	assert_null(list.items[0].new_id.ptr);
	assert_same(visible(&t), before);
	end(&t);
}

/* git takes what has the right name for what it is to write, damaged or not. */
static void sees_what_is_there_already(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", CHAIN);
	add_commit(&t, &list, "one");
	add_edit(&t, &list, "m/v/1.py", "x");
	assert_done(rebuild(&t, &list), t.err);
	fixture_run(&t.f,
		"cd r/.git/objects && new=$(echo %s | sed 's,..,&/,') && rm -f $new &&"
		"cp $(git rev-parse one | sed 's,..,&/,') $new",
		new_id(&list, 0));
	refuses(&t, &list, OH_E_GIT, "");
	end(&t);
}

/* So much that git begins to write before all of it is made. */
static void add_large_edits(struct test *t, struct list *list)
{
	static const char *const tags[] = {"one", "two", "three", "four"};

	for (size_t i = 0; i < 4; i++) {
		const size_t size = 400000;
		char *bytes = oh_arena_alloc(&t->f.arena, size);

		memset(bytes, (int)('a' + i), size);
		add_commit(t, list, tags[i]);
		add_bytes(t, list, "m/v/large.py", (struct oh_slice){bytes, size});
	}
}

static void writes_while_it_makes(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", CHAIN);
	add_large_edits(&t, &list);
	assert_done(rebuild(&t, &list), t.err);
	is_sound(&t);
	for (size_t i = 0; i < list.count; i++) {
		keeps_words(&t, &list, i);
		assert_slice(fixture_run(&t.f,
				     "git -C r show %s:m/v/large.py | tr -d %c | wc -c; "
				     "git -C r cat-file -s %s:m/v/large.py",
				     new_id(&list, i), (int)('a' + i), new_id(&list, i)),
			"0\n400000");
	}
	/* What was written first is looked at, too. */
	fixture_run(&t.f,
		"cd r/.git/objects && rm -f $(git rev-parse %s:m/v/large.py | sed 's,..,&/,') &&"
		"cp $(git rev-parse one:README | sed 's,..,&/,')"
		" $(git rev-parse %s:m/v/large.py | sed 's,..,&/,')",
		new_id(&list, 0), new_id(&list, 0));
	refuses(&t, &list, OH_E_GIT, "");
	end(&t);
}

static const char *const SSH =
	"ssh-keygen -q -t ed25519 -N '' -f ../key && git config gpg.format ssh &&"
	"git config user.signingKey \"$PWD/../key.pub\" &&"
	"echo \"bob@example.com $(cat ../key.pub)\" >../allowed &&"
	"git config gpg.ssh.allowedSignersFile \"$PWD/../allowed\"";

static void signs_again(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", SSH);
	fixture_run(&t.f,
		"cd r && echo 1 >f && git add f && git commit -q -S -m one && git tag one &&"
		"echo 2 >f && git commit -q -a -m two && git tag two &&"
		"echo 3 >f && git -c i18n.commitEncoding=ISO-8859-1 commit -q -a -S"
		" --cleanup=verbatim -m '\n caf\xe9 \n\n\n' --author='O. Ther <o@example.com>'"
		" --date='@1 +0545' && git tag three &&"
		"echo 4 >f && git commit -q -a -S -m four && git tag four");
	add_commit(&t, &list, "one");
	add_commit(&t, &list, "two");
	add_edit(&t, &list, "g", "new\n");
	add_commit(&t, &list, "three");
	add_edit(&t, &list, "g", "new\n");
	add_commit(&t, &list, "four");
	assert_done(rebuild(&t, &list), t.err);
	is_sound(&t);
	assert_same(list.items[0].new_id, id_of(&t, "one"));
	for (size_t i = 0; i < list.count; i++) {
		keeps_words(&t, &list, i);
		if (i != 1)
			fixture_run(&t.f, "git -C r verify-commit %s", new_id(&list, i));
	}
	assert_same(fixture_run(&t.f, "git -C r rev-list %s", new_id(&list, 3)),
		oh_slice_printf(&t.f.arena, "%s\n%s\n%s\n%s", new_id(&list, 3), new_id(&list, 2),
			new_id(&list, 1), new_id(&list, 0)));
	assert_same(fixture_run(&t.f, "git -C r rev-parse %s^{tree}", new_id(&list, 3)),
		id_of(&t, "four^{tree}"));
	fixture_run(&t.f, "rm key");
	refuses(&t, &list, OH_E_GIT, "signing: ");
	end(&t);
}

static void refuses_what_can_not_be_signed_again(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", SSH);
	fixture_run(&t.f,
		"cd r && git commit -q --allow-empty -m one && git checkout -q -b side &&"
		"git commit -q --allow-empty -m two && %s &&"
		"git checkout -q main && git commit -q --allow-empty -m three &&"
		"git merge -q -S --no-ff -m m v1 && git cat-file commit HEAD | grep -q ^mergetag",
		SIGNED_TAG);
	add_commit(&t, &list, "HEAD");
	add_edit(&t, &list, "f", "x");
	refuses(&t, &list, OH_E_UNSUPPORTED, "can't sign again");
	/* As long as nothing changes there is nothing to sign. */
	list.items[0].edits.count = 0;
	assert_done(rebuild(&t, &list), t.err);
	assert_same(list.items[0].new_id, list.items[0].id);
	add_raw(&t,
		"author A <a@x> 1 +0000\\ncommitter B <b@x> 2 +0000\\ngpgsig x\\n y\\n\\na\\000b");
	list.count = 0;
	add_commit(&t, &list, "HEAD");
	add_edit(&t, &list, "f", "x");
	refuses(&t, &list, OH_E_UNSUPPORTED, "can't sign again");
	end(&t);
}

static void names_objects_by_sha256(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", "rm -rf .git && git init -q -b main --object-format=sha256");
	oh_repo_close(t.repo);
	assert_done(oh_repo_open(&t.repo, &t.f.arena, &t.err), t.err);
	fixture_run(&t.f,
		"cd r && %s && %s &&"
		"echo 5 >run && git commit -q -a -S -m five",
		CHAIN, SSH);
	add_commit(&t, &list, "two");
	add_edit(&t, &list, "m/v/2.py", "new\n");
	add_commit(&t, &list, "three");
	add_commit(&t, &list, "four");
	add_commit(&t, &list, "HEAD");
	assert_done(rebuild(&t, &list), t.err);
	is_sound(&t);
	assert_int_equal(list.items[2].new_id.len, 64);
	for (size_t i = 0; i < list.count; i++)
		keeps_words(&t, &list, i);
	assert_slice(
		fixture_run(&t.f, "git -C r cat-file blob %s~2:m/v/2.py", new_id(&list, 3)), "2");
	assert_slice(
		fixture_run(&t.f, "git -C r cat-file blob %s~3:m/v/2.py", new_id(&list, 3)), "new");
	end(&t);
}

static void sees_real_commits(void **state)
{
	struct test t;
	struct list list = {0};
	struct oh_slice want;

	(void)state;
	begin(&t, "r", CHAIN);
	add_commit(&t, &list, "three");
	add_edit(&t, &list, "m/v/1.py", "new\n");
	add_commit(&t, &list, "four");
	assert_done(rebuild(&t, &list), t.err);
	want = list.items[1].new_id;
	/* Another parent by a graft; another commit, tree and file by replace refs. */
	fixture_run(&t.f,
		"cd r && git config advice.graftFileDeprecated false && t=$(git rev-parse three) &&"
		"echo $t $(git rev-parse one) >.git/info/grafts && git update-ref refs/replace/$t"
		" $(git commit-tree -m otherwise $(git rev-parse one^{tree})) &&"
		"git update-ref refs/replace/$(git rev-parse four^{tree})"
		" $(git rev-parse one^{tree}) && git update-ref"
		" refs/replace/$(git rev-parse two:m/v) $(git rev-parse two:m) &&"
		"git log -1 --format=%%s $t | grep -q otherwise");
	assert_done(rebuild(&t, &list), t.err);
	assert_same(list.items[1].new_id, want);
	/* Nor is anything else known when all has to be made. */
	fixture_run(&t.f,
		"cd r && git --no-replace-objects prune --expire=now &&"
		"! git cat-file -e " OH_FMT,
		OH_ARG(want));
	assert_done(rebuild(&t, &list), t.err);
	assert_same(list.items[1].new_id, want);
	end(&t);
}

/* Opens the repository that SCRIPT has made as r, in the place of the one that was r before. */
static void reopen(struct test *t, const char *at)
{
	oh_repo_close(t->repo);
	fixture_enter(&t->f, at);
	assert_done(oh_repo_open(&t->repo, &t->f.arena, &t->err), t->err);
}

static void stops_where_a_shallow_clone_ends(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", CHAIN);
	fixture_run(&t.f, "git -C r config uploadpack.allowFilter true && mv r full &&"
			  "git clone -q --filter=blob:none --depth=2 file://$PWD/full r");
	reopen(&t, "r");
	add_commit(&t, &list, "HEAD~1");
	add_commit(&t, &list, "HEAD");
	add_edit(&t, &list, "m/v/1.py", "new\n");
	assert_done(rebuild(&t, &list), t.err);
	assert_slice(
		fixture_run(&t.f, "git -C r log --format=%%s %s", new_id(&list, 1)), "four\nthree");
	list.items[1].edits.count = 0;
	assert_done(rebuild(&t, &list), t.err);
	assert_same(list.items[1].new_id, list.items[1].id);
	list.count = 1;
	add_edit(&t, &list, "m/v/1.py", "new\n");
	refuses(&t, &list, OH_E_UNSUPPORTED, "has a parent that is not here");
	/* It has not gone and fetched it. */
	fixture_run(&t.f,
		"cd r && git config --remove-section remote.origin &&"
		"! git cat-file -e $(git cat-file commit HEAD~1 | sed -n 's/^parent //p')");
	end(&t);
}

static void stops_where_a_parent_is_missing(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", CHAIN);
	add_commit(&t, &list, "three");
	add_edit(&t, &list, "m/v/1.py", "new\n");
	fixture_run(&t.f, "cd r && git rev-parse two | sed 's,..,.git/objects/&/,' | xargs rm -f");
	refuses(&t, &list, OH_E_UNSUPPORTED, "has a parent that is not here");
	end(&t);
}

static void fetches_what_a_partial_clone_lacks(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", CHAIN);
	fixture_run(&t.f, "git -C r config uploadpack.allowFilter true && mv r full &&"
			  "git clone -q --no-checkout --filter=tree:0 file://$PWD/full r");
	reopen(&t, "r");
	add_commit(&t, &list, "HEAD~1");
	add_edit(&t, &list, "m/v/1.py", "new\n");
	add_commit(&t, &list, "HEAD");
	assert_done(rebuild(&t, &list), t.err);
	assert_slice(fixture_run(&t.f, "git -C r show %s~1:m/v/1.py", new_id(&list, 1)), "new");
	end(&t);
}

static void writes_where_git_writes(void **state)
{
	static const char *const places[] = {"borrower", "linked/m", "bare.git", "r/.git", NULL};
	struct test t;
	struct list list = {0};
	struct oh_slice lender;

	(void)state;
	begin(&t, "r", CHAIN);
	fixture_run(&t.f, "git clone -q --shared r borrower && git clone -q --bare r bare.git &&"
			  "git -C r worktree add -q ../linked && git -C r repack -adq");
	add_commit(&t, &list, "two");
	add_edit(&t, &list, "m/v/2.py", "new\n");
	add_commit(&t, &list, "three");
	lender = fixture_run(&t.f, "find r/.git/objects -type f | sort");
	for (const char *const *place = places; *place; place++) {
		reopen(&t, *place);
		assert_done(rebuild(&t, &list), t.err);
		assert_slice(
			fixture_run(&t.f, "git -C %s show %s~1:m/v/2.py", *place, new_id(&list, 1)),
			"new");
		assert_slice(fixture_run(&t.f, "git -C %s fsck --no-dangling 2>&1", *place), "");
		if (place == places)
			assert_same(
				fixture_run(&t.f, "find r/.git/objects -type f | sort"), lender);
		fixture_run(&t.f, "git -C %s prune --expire=now", *place);
	}
	end(&t);
}

/* As in pre-receive: what is rejected is to leave nothing behind. */
static void stays_in_quarantine(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r", CHAIN);
	add_commit(&t, &list, "two");
	add_edit(&t, &list, "m/v/2.py", "new\n");
	fixture_run(&t.f, "mkdir quarantine");
	setenv("GIT_OBJECT_DIRECTORY", oh_slice_printf(&t.f.arena, "%s/quarantine", t.f.root).ptr,
		1);
	setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES",
		oh_slice_printf(&t.f.arena, "%s/r/.git/objects", t.f.root).ptr, 1);
	assert_done(rebuild(&t, &list), t.err);
	unsetenv("GIT_OBJECT_DIRECTORY");
	unsetenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
	fixture_run(&t.f, "! git -C r cat-file -e %s && ls quarantine/%.2s/%s", new_id(&list, 0),
		new_id(&list, 0), new_id(&list, 0) + 2);
	end(&t);
}

/* Settings that fast-import, hash-object or a checkout would listen to. */
static void takes_bytes_as_they_are(void **state)
{
	struct test t;
	struct list list = {0};

	(void)state;
	begin(&t, "r",
		"git config core.autocrlf true && git config core.bigFileThreshold 30 &&"
		"git config fastimport.unpackLimit 0 && git config transfer.fsckObjects true &&"
		"git config core.compression 0 && git config core.fsync all &&"
		"git config core.fsyncMethod batch && git config filter.f.clean 'tr a b' &&"
		"git config core.ignoreCase true && echo '* filter=f text' >.gitattributes &&"
		"git add . && git commit -q -m x");
	add_commit(&t, &list, "HEAD");
	add_edit(&t, &list, "f", "a\r\na\n");
	add_edit(&t, &list, "large", "0123456789012345678901234567890123456789");
	assert_done(rebuild(&t, &list), t.err);
	fixture_run(&t.f, "printf 'a\\r\\na\\n' >want && git -C r cat-file blob %s:f | cmp - want",
		new_id(&list, 0));
	is_sound(&t);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rebuilds_a_chain),
		cmocka_unit_test(changes_nothing_for_nothing),
		cmocka_unit_test(leaves_odd_trees_alone),
		cmocka_unit_test(rebuilds_merges),
		cmocka_unit_test(empties_and_fills_trees),
		cmocka_unit_test(writes_bytes_of_any_size),
		cmocka_unit_test(keeps_words_to_the_byte),
		cmocka_unit_test(keeps_what_git_itself_writes),
		cmocka_unit_test(refuses_what_can_not_be),
		cmocka_unit_test(refuses_other_commits),
		cmocka_unit_test(says_why_git_can_not_write),
		cmocka_unit_test(sees_what_is_there_already),
		cmocka_unit_test(writes_while_it_makes),
		cmocka_unit_test(signs_again),
		cmocka_unit_test(refuses_what_can_not_be_signed_again),
		cmocka_unit_test(names_objects_by_sha256),
		cmocka_unit_test(sees_real_commits),
		cmocka_unit_test(stops_where_a_shallow_clone_ends),
		cmocka_unit_test(stops_where_a_parent_is_missing),
		cmocka_unit_test(fetches_what_a_partial_clone_lacks),
		cmocka_unit_test(writes_where_git_writes),
		cmocka_unit_test(stays_in_quarantine),
		cmocka_unit_test(takes_bytes_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

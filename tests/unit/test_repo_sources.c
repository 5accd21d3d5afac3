/*
 * Trees and indexes of every kind of repository, against git's own listings, through both
 * backends; and one content seen as a commit, as an index and as a directory.
 */
#include "git_fixture.h"

#include "repo/repo.h"

#include <fcntl.h>

struct test {
	struct fixture f;
	struct oh_repo *repo;
	struct oh_error err;
};

/* Files of all sizes, with names that nobody should give. */
static const char *const MANY =
	"i=0; while [ $i -lt 40 ]; do mkdir -p d$((i%7))/e$((i%3));"
	" seq $((i*i)) >d$((i%7))/e$((i%3))/f$i.py; seq $i >d$((i%7))/g$i.py; i=$((i+1)); done;"
	"seq 200000 >d1/large.py; : >d1/empty.py; cp d1/large.py d1/same.py;"
	"printf 'a\\0b\\r\\n' >'d2/two\nlines'; echo 1 >\"$(printf 'd2/\\377\\376')\";"
	"mkdir -- '-dash' 'gl*b[x]'; echo 2 >-dash/--help; echo 3 >'gl*b[x]/?'; echo 4 >'gl*b[x]/:(top)';"
	"echo 5 >d2/run.sh; chmod +x d2/run.sh; mkdir 'sp ace'; echo 6 >'sp ace/t\tab'; echo 7 >HEAD;"
	"git add -A . && git commit -q -m many";

static void open_repo(struct test *t, const char *from)
{
	memset(&t->err, 0, sizeof(t->err));
	fixture_enter(&t->f, from);
	assert_done(oh_repo_open(&t->repo, &t->f.arena, &t->err), t->err);
}

static const struct oh_entry *find(const struct oh_entries *list, struct oh_slice path)
{
	for (size_t i = 0; i < list->count; i++)
		if (oh_slice_eq(list->items[i].path, path))
			return &list->items[i];
	return NULL;
}

/* Writes BYTES as file NUMBER, to be hashed by git. */
static void save(struct test *t, size_t number, struct oh_slice bytes)
{
	FILE *out = fopen(oh_slice_printf(&t->f.arena, "%s/read/%zu", t->f.root, number).ptr, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, out), bytes.len);
	fclose(out);
}

/* LISTING is git's: "MODE … ID …" TAB PATH NUL. What SOURCE lists and reads must be the same. */
static void matches(struct test *t, struct oh_source *source, struct oh_slice listing)
{
	struct oh_slice rest = listing, line, hashes;
	struct oh_entries list;
	struct oh_slices ids = {0};
	size_t count = 0;

	fixture_run(&t->f, "rm -rf read && mkdir read");
	assert_done(
		oh_source_list(source, &t->f.arena, OH_SLICE(""), true, &list, &t->err), t->err);
	while (oh_slice_next(&rest, '\0', &line)) {
		const size_t tab = oh_slice_find_byte(line, '\t', 0);
		const struct oh_slice path = oh_slice_sub(line, tab + 1, line.len);
		const struct oh_entry *entry = find(&list, path);
		struct oh_slice bytes;

		count++;
		if (!entry)
			fail_msg("not listed: " OH_FMT, OH_ARG(path));
		if (oh_slice_has_prefix(line, OH_SLICE("160000"))) {
			assert_int_equal(entry->kind, OH_OTHER);
			continue;
		}
		assert_int_equal(entry->kind, OH_FILE);
		assert_true(oh_slice_find(line, entry->content, 0) < tab);
		assert_done(oh_source_read(source, &t->f.arena, path, &bytes, &t->err), t->err);
		save(t, ids.count, bytes);
		OH_PUSH(&t->f.arena, &ids, entry->content);
	}
	assert_int_equal(list.count, count);
	hashes = fixture_run(&t->f,
		"cd r && i=0; while [ $i -lt %zu ]; do echo \"$PWD/../read/$i\";"
		" i=$((i+1)); done | git hash-object --no-filters --stdin-paths",
		ids.count);
	assert_same(hashes, oh_slices_join(&t->f.arena, &ids, "\n"));
}

static struct oh_slice git_tree(struct test *t, const char *from, const char *rev)
{
	return fixture_run(
		&t->f, "cd %s && git ls-tree -r -z --full-tree %s && printf ' '", from, rev);
}

static struct oh_slice without_last(struct oh_slice s)
{
	return oh_slice_sub(s, 0, s.len - 1);
}

static void compare(struct test *t, const char *from, const char *rev)
{
	struct oh_source *source;

	open_repo(t, from);
	assert_done(oh_repo_tree(t->repo, oh_slice_of(rev), &source, &t->err), t->err);
	matches(t, source, without_last(git_tree(t, from, rev)));
	oh_repo_close(t->repo);
}

static void compare_index(struct test *t, const char *from)
{
	struct oh_source *source;

	open_repo(t, from);
	assert_done(oh_repo_index(t->repo, &source, &t->err), t->err);
	matches(t, source,
		without_last(fixture_run(&t->f,
			"cd %s && cd \"$(git rev-parse --show-toplevel)\" && git ls-files -s -z &&"
			"printf ' '",
			from)));
	oh_repo_close(t->repo);
}

/* Repositories of all kinds: each makes `r`, and may leave others beside it. */
static const struct kind {
	const char *name;
	const char *make; /* after `git init` and MANY in r */
	const char *from, *rev;
	bool has_index;
} KINDS[] = {
	{"loose", "true", "r", "HEAD", true},
	{"below the top", "true", "r/d1/e1", "HEAD", true},
	{"packed", "git gc -q && echo 1 >new && git add new && git commit -q -m new", "r", "HEAD~1",
		true},
	{"annotated tag", "git tag -a -m t t && git tag -a -m tt tt t", "r", "tt", true},
	{"branch and tag of one name", "git tag main HEAD && git commit -q --allow-empty -m x", "r",
		"main", true},
	{"partial clone",
		"git config uploadpack.allowFilter true && git config uploadpack.allowAnySHA1InWant true &&"
		"git clone -q --no-checkout --filter=blob:none \"file://$PWD\" ../c",
		"c", "HEAD", false},
	{"shallow clone",
		"git commit -q --allow-empty -m x && git clone -q --depth 1 \"file://$PWD\" ../c",
		"c", "HEAD", true},
	{"linked worktree",
		"git worktree add -q ../w && cd ../w && echo 1 >w && git add w && git commit -q -m w",
		"w", "HEAD", true},
	{"bare", "git clone -q --bare . ../b", "b", "HEAD", false},
	{"submodule",
		"git init -q ../s && git -C ../s commit -q --allow-empty -m s &&"
		"git -c protocol.file.allow=always submodule --quiet add \"$PWD/../s\" mod 2>/dev/null &&"
		"git commit -q -m sub",
		"r", "HEAD", true},
	{"sparse checkout with a sparse index",
		"git sparse-checkout set --cone --sparse-index d1 && git ls-files --sparse | grep -q /$",
		"r", "HEAD", true},
	{"split index",
		"git config splitIndex.maxPercentChange 100 && git update-index --split-index &&"
		"echo 1 >n && git add n && ls .git/sharedindex.*",
		"r", "HEAD", true},
	{"worktreeConfig",
		"git config extensions.worktreeConfig true && git config --worktree core.x y", "r",
		"HEAD", true},
	{"replaced tree",
		"git replace HEAD^{tree} $(git mktree </dev/null) &&"
		"git replace d1/e1 HEAD 2>/dev/null || git replace $(git rev-parse HEAD:d1)"
		" $(git rev-parse HEAD:d2)",
		"r", "HEAD", false},
	{"borrowed objects", "git clone -q --shared . ../c", "c", "HEAD", true},
	{"relative alternates",
		"git clone -q --bare . ../b && rm -rf .git/objects/?? .git/objects/pack &&"
		"mkdir -p .git/objects/info && echo ../../../b/objects >.git/objects/info/alternates",
		"r", "HEAD", true},
};

static void compare_kind(struct test *t, const struct kind *k)
{
	/* libgit2 first: what git fetches for it is there afterwards. */
	static const char *const backends[] = {"libgit2", "git"};

	fixture_run(&t->f,
		"rm -rf r c w b s && cp -a template r && cd r && git update-index -q --refresh\n%s",
		k->make);
	for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++) {
		if (getenv("ONEHEAD_TEST_VERBOSE"))
			fprintf(stderr, "%s, %s\n", k->name, backends[i]);
		setenv("ONEHEAD_OBJECTS", backends[i], 1);
		compare(t, k->from, k->rev);
		if (k->has_index)
			compare_index(t, k->from);
		unsetenv("ONEHEAD_OBJECTS");
	}
}

static void compare_kinds(const char *format, size_t count)
{
	struct test t;

	fixture_make(&t.f);
	fixture_run(&t.f, "git init -q -b main --object-format=%s template && cd template\n%s",
		format, MANY);
	for (size_t i = 0; i < count; i++)
		compare_kind(&t, &KINDS[i]);
	fixture_drop(&t.f);
}

static void every_kind_reads_as_git_reads_it(void **state)
{
	(void)state;
	compare_kinds("sha1", sizeof(KINDS) / sizeof(*KINDS));
}

static void sha256_reads_as_git_reads_it(void **state)
{
	(void)state;
	compare_kinds("sha256", 3);
}

/* With libgit2 chosen, git is not asked for what has an id: it isn't even there. */
static void libgit2_really_reads(void **state)
{
	struct test t;
	struct oh_source *source;
	struct oh_slice id, bytes;
	const char *path = strdup(getenv("PATH"));

	(void)state;
	fixture_make(&t.f);
	setenv("ONEHEAD_OBJECTS", "libgit2", 1);
	fixture_run(&t.f, "git init -q -b main r && cd r && mkdir d && echo 1 >d/f && git add . &&"
			  "git commit -q -m x");
	id = fixture_run(&t.f, "git -C r rev-parse HEAD");
	open_repo(&t, "r");
	assert_non_null(oh_repo_paths(t.repo, &t.err));
	setenv("PATH", "/nowhere", 1);
	assert_done(oh_repo_tree(t.repo, id, &source, &t.err), t.err);
	assert_done(oh_source_read(source, &t.f.arena, OH_SLICE("d/f"), &bytes, &t.err), t.err);
	assert_slice(bytes, "1\n");
	assert_false(oh_repo_tree(t.repo, OH_SLICE("HEAD"), &source, &t.err));
	setenv("PATH", path, 1);
	oh_repo_close(t.repo);
	unsetenv("ONEHEAD_OBJECTS");
	fixture_drop(&t.f);
	free((char *)(uintptr_t)path);
}

static void sees_what_was_put_in_an_objects_place(void **state)
{
	static const char *const backends[] = {"git", "libgit2"};
	struct test t;
	struct oh_source *source;
	struct oh_slice bytes;

	(void)state;
	fixture_make(&t.f);
	fixture_run(&t.f,
		"git init -q -b main r && cd r && echo 1 >f && echo 2 >g && git add . &&"
		"git commit -q -m x && git replace $(git rev-parse :f :g) && git pack-refs --all");
	for (size_t i = 0; i < 2; i++) {
		setenv("ONEHEAD_OBJECTS", backends[i], 1);
		open_repo(&t, "r");
		assert_done(oh_repo_tree(t.repo, OH_SLICE("HEAD"), &source, &t.err), t.err);
		assert_done(
			oh_source_read(source, &t.f.arena, OH_SLICE("f"), &bytes, &t.err), t.err);
		assert_slice(bytes, "2\n");
		oh_repo_close(t.repo);
	}
	unsetenv("ONEHEAD_OBJECTS");
	fixture_drop(&t.f);
}

/* What a push brings lies in quarantine until the hook has agreed. */
static void sees_what_is_in_quarantine(void **state)
{
	static const char *const backends[] = {"git", "libgit2"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct test t;
		struct oh_source *source;
		struct oh_slice id, bytes;

		fixture_make(&t.f);
		setenv("ONEHEAD_OBJECTS", backends[i], 1);
		fixture_run(&t.f, "git init -q -b main r && git init -q --bare -b main b && cd r &&"
				  "echo 1 >f && git add f && git commit -q -m x");
		id = fixture_run(&t.f, "git -C r rev-parse HEAD");
		setenv("GIT_DIR", ".", 1);
		setenv("GIT_OBJECT_DIRECTORY",
			oh_slice_printf(&t.f.arena, "%s/r/.git/objects", t.f.root).ptr, 1);
		setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES",
			oh_slice_printf(&t.f.arena, "%s/b/objects", t.f.root).ptr, 1);
		open_repo(&t, "b");
		assert_done(oh_repo_tree(t.repo, id, &source, &t.err), t.err);
		assert_done(
			oh_source_read(source, &t.f.arena, OH_SLICE("f"), &bytes, &t.err), t.err);
		assert_slice(bytes, "1\n");
		oh_repo_close(t.repo);
		unsetenv("GIT_DIR");
		unsetenv("GIT_OBJECT_DIRECTORY");
		unsetenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
		unsetenv("ONEHEAD_OBJECTS");
		fixture_drop(&t.f);
	}
}

static void reads_the_index_it_is_given(void **state)
{
	struct test t;

	(void)state;
	fixture_make(&t.f);
	fixture_run(&t.f, "git init -q -b main r && cd r && mkdir sub && echo 1 >f && git add f &&"
			  "git commit -q -m x && cp .git/index ../other && echo 2 >g &&"
			  "GIT_INDEX_FILE=../other git add g");
	setenv("GIT_INDEX_FILE", oh_slice_printf(&t.f.arena, "%s/other", t.f.root).ptr, 1);
	compare_index(&t, "r");
	compare_index(&t, "r/sub");
	unsetenv("GIT_INDEX_FILE");
	fixture_drop(&t.f);
}

/* One line an entry: path, kind, whether it can be read. */
static struct oh_slice view(
	struct test *t, struct oh_source *source, const char *directory, bool recursive)
{
	static const char *const kinds[] = {"file", "directory", "symlink", "other"};
	struct oh_entries list;
	struct oh_slices lines = {0};

	assert_done(oh_source_list(
			    source, &t->f.arena, oh_slice_of(directory), recursive, &list, &t->err),
		t->err);
	for (size_t i = 0; i < list.count; i++) {
		struct oh_slice bytes = OH_SLICE("-");
		struct oh_error err = {0};
		const bool is_file =
			oh_source_read(source, &t->f.arena, list.items[i].path, &bytes, &err);

		if (is_file != (list.items[i].kind == OH_FILE))
			fail_msg("%d " OH_FMT, is_file, OH_ARG(list.items[i].path));
		if (!is_file)
			assert_int_equal(err.code, OH_E_NOT_FOUND);
		OH_PUSH(&t->f.arena, &lines,
			oh_slice_printf(&t->f.arena, OH_FMT " %s " OH_FMT,
				OH_ARG(list.items[i].path), kinds[list.items[i].kind],
				OH_ARG(oh_slice_trim(bytes))));
	}
	oh_slices_sort(&lines);
	return oh_slices_join(&t->f.arena, &lines, "\n");
}

static const char *const LINKED =
	"git init -q -b main r && cd r && mkdir -p a/b v ../outside && echo out >../outside/f &&"
	"echo 1 >a/f && echo 2 >a/b/f && ln -s f a/same && ln -s ../a/b v/dir && ln -s dir/f v/via &&"
	"ln -s ../v/via a/chain && ln -s ./.././a/./f v/dots && ln -s loop loop && ln -s two one &&"
	"ln -s one two && ln -s . self && ln -s self/self/self/a/f deep && ln -s ../outside/f out &&"
	"ln -s \"$PWD/a/f\" absolute && ln -s ../r/a/f roundabout && ln -s none dangling &&"
	"ln -s a/f/ notdir && ln -s a/f/x below && ln -s dir/../f v/parent && ln -s a/ slash &&"
	"ln -s /etc v/etc && ln -s .. a/up && ln -s ../.. a/outer && git add -A . && git commit -q -m x";

static void symlinks_are_the_same_everywhere(void **state)
{
	static const struct {
		const char *directory;
		bool recursive;
	} asked[] = {{"", true}, {"", false}, {"v", false}, {"v/", true}, {"v/dir", true},
		{"self/a", true}, {"self", false}, {"a/up/v", false}, {"out", true},
		{"v/etc", true}, {"a/outer", false}, {"loop", true}, {"a/f", true},
		{"none/at/all", false}, {"slash", true}, {"dangling", true}};
	struct test t;

	(void)state;
	fixture_make(&t.f);
	fixture_run(&t.f, "%s", LINKED);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		struct oh_source *tree, *index, *directory, *files;
		struct oh_slice want, got;

		open_repo(&t, "r");
		assert_done(oh_repo_tree(t.repo, OH_SLICE("HEAD"), &tree, &t.err), t.err);
		assert_done(oh_repo_index(t.repo, &index, &t.err), t.err);
		fixture_run(&t.f,
			"rm -rf plain && mkdir plain && cp -a r plain/r && rm -rf plain/r/.git");
		directory = oh_directory_source(
			&t.f.arena, oh_slice_printf(&t.f.arena, "%s/plain/r", t.f.root));
		files = oh_directory_source(&t.f.arena, OH_SLICE(""));
		fixture_enter(&t.f, "plain/r");
		want = view(&t, tree, asked[i].directory, asked[i].recursive);
		assert_same(view(&t, index, asked[i].directory, asked[i].recursive), want);
		got = view(&t, directory, asked[i].directory, asked[i].recursive);
		assert_same(got, want);
		assert_same(view(&t, files, asked[i].directory, asked[i].recursive), want);
		oh_repo_close(t.repo);
	}
	{
		struct oh_source *tree;

		open_repo(&t, "r");
		assert_done(oh_repo_tree(t.repo, OH_SLICE("HEAD"), &tree, &t.err), t.err);
		assert_slice(view(&t, tree, "", false),
			"a directory -\nabsolute symlink -\nbelow symlink -\ndangling symlink -\n"
			"deep file 1\nloop symlink -\nnotdir symlink -\none symlink -\nout symlink -\n"
			"roundabout symlink -\nself directory -\nslash directory -\ntwo symlink -\n"
			"v directory -");
		assert_slice(view(&t, tree, "v", true),
			"v/dir directory -\nv/dots file 1\nv/etc symlink -\nv/parent file 1\n"
			"v/via file 2");
		oh_repo_close(t.repo);
	}
	fixture_drop(&t.f);
}

/* Trees that git would never write. */
static void refuses_trees_that_lead_elsewhere(void **state)
{
	static const char *const trees[] = {"100644 ..\\0%s", "100644 .git\\0%s", "100644 a/b\\0%s",
		"100644 .\\0%s", "100644 \\0%s", "1006x4 f\\0%s", "100644 f\\0abc", "100644 f",
		"1006440000 f\\0%s"};
	struct test t;

	(void)state;
	fixture_make(&t.f);
	fixture_run(&t.f, "git init -q -b main r");
	open_repo(&t, "r");
	for (size_t i = 0; i < sizeof(trees) / sizeof(*trees); i++) {
		const struct oh_slice id = fixture_run(&t.f,
			"cd r && printf '%s' | sed 's/%%s/aaaaaaaaaaaaaaaaaaaa/' |"
			"git hash-object -t tree -w --literally --stdin",
			trees[i]);
		struct oh_source *source;
		struct oh_entries list;

		assert_done(oh_repo_tree(t.repo, id, &source, &t.err), t.err);
		if (oh_source_list(source, &t.f.arena, OH_SLICE(""), true, &list, &t.err))
			fail_msg("taken: %s", trees[i]);
		assert_int_equal(t.err.code, OH_E_FORMAT);
	}
	oh_repo_close(t.repo);
	fixture_drop(&t.f);
}

/* A damaged object is an error of its own; what comes after it can still be read. */
static void survives_damaged_objects(void **state)
{
	struct test t;
	struct oh_source *source;
	struct oh_slice bytes;

	(void)state;
	fixture_make(&t.f);
	fixture_run(&t.f, "git init -q -b main r && cd r && for i in 1 2 3 4 5 6 7 8 9; do"
			  " echo $i >f$i.py; done; git add . && git commit -q -m x &&"
			  "id=$(git rev-parse :f4.py) && f=.git/objects/${id%%${id#??}}/${id#??} &&"
			  "chmod u+w $f && echo garbage >$f && id=$(git rev-parse :f6.py) &&"
			  "rm -f .git/objects/${id%%${id#??}}/${id#??}");
	open_repo(&t, "r");
	assert_done(oh_repo_tree(t.repo, OH_SLICE("HEAD"), &source, &t.err), t.err);
	for (int i = 1; i <= 9; i++) {
		const struct oh_slice path = oh_slice_printf(&t.f.arena, "f%d.py", i);
		const bool ok = oh_source_read(source, &t.f.arena, path, &bytes, &t.err);

		assert_int_equal(ok, i != 4 && i != 6);
		if (ok)
			assert_int_equal(bytes.ptr[0], '0' + i);
		else if (!strstr(t.err.message, i == 4 ? "f4.py: object " : "f6.py: no such"))
			fail_msg("%s", t.err.message);
		assert_true(ok || t.err.code == OH_E_GIT);
	}
	oh_repo_close(t.repo);
	fixture_drop(&t.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_reads_as_git_reads_it),
		cmocka_unit_test(sha256_reads_as_git_reads_it),
		cmocka_unit_test(libgit2_really_reads),
		cmocka_unit_test(sees_what_was_put_in_an_objects_place),
		cmocka_unit_test(sees_what_is_in_quarantine),
		cmocka_unit_test(reads_the_index_it_is_given),
		cmocka_unit_test(symlinks_are_the_same_everywhere),
		cmocka_unit_test(refuses_trees_that_lead_elsewhere),
		cmocka_unit_test(survives_damaged_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Files put into the worktree and the index: whole or not at all, and nobody's work lost. */
#include "repo_fixture.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

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

/* The kernel's answer to the calls that some file systems do not know. */
static void refuse_calls(bool links)
{
	const unsigned int link_answer = links ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_linkat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, link_answer),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_renameat2, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[4])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(77);
}

static void refuse_flags(void)
{
	refuse_calls(false);
}

static void refuse_flags_and_links(void)
{
	refuse_calls(true);
}

static void refuse_nothing(void)
{
}

/* Where a worktree can be. */
static const struct place {
	const char *name;
	void (*prepare)(void);
	bool is_far; /* from its git directory */
} PLACES[] = {
	{"as usual", refuse_nothing, false},
	{"files can't change places", refuse_flags, false},
	{"nor be linked", refuse_flags_and_links, false},
	{"on another file system", refuse_nothing, true},
	{"there, and files can't change places", refuse_flags, true},
	{"there, nor be linked", refuse_flags_and_links, true},
};
#define PLACE_COUNT (sizeof(PLACES) / sizeof(*PLACES))

/* As begin(), with a filter that runs ../late at the last moment. */
static void begin_at(struct test *t, const struct place *place, const char *setup)
{
	struct oh_arena arena = {0};

	begin(t, "r",
		oh_slice_printf(&arena,
			"far=$(mktemp -d /dev/shm/onehead-test-XXXXXX) && echo $far >../far &&"
			"if %s; then test $(stat -c %%d $far) != $(stat -c %%d .) &&"
			"mv .git $far/git && echo gitdir: $far/git >.git; fi &&"
			"git config filter.late.smudge 'cat; sh ../late' && : >../late &&"
			"echo '* filter=late' >$(git rev-parse --git-path info/attributes)\n%s",
			place->is_far ? "true" : "false", setup)
			.ptr);
	oh_arena_drop(&arena);
	/* What was started early can't be finished by several children. */
	assert_done(oh_repo_paths(t->repo, &t->err) != NULL, t->err);
	oh_repo_config(t->repo, "core.sparsecheckout");
}

static void end_at(struct test *t)
{
	fixture_run(&t->f, "rm -r $(cat far)");
	end(t);
}

/* Staging PATH ends with the code WANTED, in a child. */
static void stage_at(struct test *t, const struct place *place, const char *path, bool replace,
	enum oh_code wanted)
{
	const pid_t child = fork();
	int status;

	if (child == 0) {
		struct oh_error err = {0};

		place->prepare();
		oh_repo_stage(t->repo, oh_slice_of(path), OH_SLICE("ours\n"), replace, &err);
		if (err.code != wanted)
			fprintf(stderr, "%s: %s: %d: %s\n", place->name, path, err.code,
				err.message);
		_exit(err.code != wanted);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Files of ours that are not in their place, in the worktree and in the git directory. */
static struct oh_slice strays(struct test *t)
{
	return fixture_run(&t->f,
		"find r r/$(cd r && git rev-parse --git-path onehead)"
		" \"$(cd r && git rev-parse --absolute-git-dir)\" -name '.onehead*'"
		" 2>/dev/null || true");
}

static void stages_wherever_the_worktree_is(void **state)
{
	(void)state;
	for (const struct place *p = PLACES; p < PLACES + PLACE_COUNT; p++) {
		struct test t;

		begin_at(&t, p,
			"echo 1 >f && echo 1 >x && chmod +x x && echo 1 >lock && git add . &&"
			"git commit -q -m 1 && echo theirs >lock");
		stage_at(&t, p, "f", false, OH_E_NONE);
		stage_at(&t, p, "x", false, OH_E_NONE);
		stage_at(&t, p, "lock", true, OH_E_NONE);
		stage_at(&t, p, "new/n", false, OH_E_NONE);
		stage_at(&t, p, "new/n", false, OH_E_NONE);
		assert_slice(
			fixture_run(&t.f, "cd r && cat f x lock new/n && git status --porcelain"
					  "&& git diff-files --raw && stat -c %%a f x new/n"),
			"ours\nours\nours\nours\nM  f\nM  lock\nA  new/n\nM  x\n644\n755\n644");
		assert_slice(strays(&t), "");
		end_at(&t);
	}
}

static struct oh_slice seen(struct test *t)
{
	return fixture_run(&t->f,
		"cd r && git ls-files -s && git status --porcelain -uall &&"
		"find . -path ./.git -prune -o -type f -exec sha1sum {} + &&"
		"find . -path ./.git -prune -o -printf '%%p %%y %%m %%l\n' | sort &&"
		"stat -c %%Y f u");
}

static void the_worktree_goes_back_where_the_index_refuses(void **state)
{
	static const char *const names[] = {"f", "u", "x", "new", "new/dir/n", "gone"};

	(void)state;
	for (const struct place *p = PLACES; p < PLACES + PLACE_COUNT; p++) {
		struct test t;
		struct oh_slice before;

		begin_at(&t, p,
			"echo 1 >f && echo 1 >x && echo 1 >gone && git add . && git commit -q -m 1 &&"
			"chmod 600 f && touch -d 2001-01-01 f && rm gone && echo mine >u &&"
			"echo 3 >x && git add x && chmod +x x &&"
			"touch $(git rev-parse --git-path index.lock)");
		before = seen(&t);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			stage_at(&t, p, names[i], true, OH_E_GIT);
			assert_same(seen(&t), before);
		}
		assert_slice(strays(&t), "");
		end_at(&t);
	}
}

#define FIND "find . -path ./.git -prune -o -name '.onehead-*' -o"
#define LOOK FIND " -printf '%%p %%y %%l\n' | sort && " FIND " -type f -exec sha1sum {} + | sort"

static const char BOTH_SIDES[] =
	"echo 1 >f && echo 1 >x && git add . && git commit -q -m 1 && touch -d 2001-01-01 f &&"
	"echo 0 >conflict && id=$(git hash-object -w conflict) &&"
	"for i in 1 2 3; do printf '100644 %s %d\\tconflict\\n' $id $i; done |"
	"git update-index --index-info";

/* The file NAME does SCRIPT and keeps how r looks then. */
static void write_script(struct test *t, const char *name, const char *script)
{
	fixture_run(&t->f, "cat >%s <<'S'\n%s\n{ " LOOK "; } >../wanted\nS\n", name, script);
}

/* What somebody does at the last moment stays as he has left it. */
static void stays(const struct place *p, const char *path, const char *script)
{
	struct test t;
	struct oh_slice before;

	begin_at(&t, p, BOTH_SIDES);
	before = fixture_run(&t.f, "cd r && git ls-files -s");
	write_script(&t, "late", script);
	stage_at(&t, p, path, false, OH_E_CHANGED);
	assert_same(fixture_run(&t.f, "cd r && " LOOK), fixture_run(&t.f, "cat wanted"));
	assert_same(fixture_run(&t.f, "cd r && git ls-files -s"), before);
	assert_slice(strays(&t), "");
	end_at(&t);
}

static void what_comes_late_stays(void **state)
{
	static const struct {
		const char *path, *script;
	} cases[] = {
		{"new", "echo mine >new"},
		{"new", "mkdir new && echo mine >new/f"},
		{"new", "mkdir new"},
		{"new", "ln -s f new"},
		{"new", "ln -s nowhere new"},
		{"new", "mkfifo new"},
		{"d/n/new", "echo mine >d/n/new"},
		{"f", "echo mine >f"},
		{"f", "echo 2 >f"}, /* as long as it was */
		{"f", "echo 2 >g && mv g f"},
		{"f", "rm f && mkdir f && echo mine >f/g"},
		{"f", "rm f && mkdir f"},
		{"f", "rm f && ln -s x f"},
		{"f", "rm f && mkfifo f"},
		{"f", "rm f"},
		{"conflict", "echo solved >conflict"},
		{"conflict", "rm conflict && mkdir conflict && echo mine >conflict/f"},
	};

	(void)state;
	for (const struct place *p = PLACES; p < PLACES + PLACE_COUNT; p++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
			stays(p, cases[i].path, cases[i].script);
}

/* A git before the real one, $git, that runs ../meanwhile when its arguments match PATTERN. */
static void watch(struct test *t, const char *pattern, const char *script)
{
	write_script(t, "meanwhile", script);
	fixture_run(&t->f,
		"mkdir bin && git=$(command -v git) && cat >bin/git <<S && chmod +x bin/git\n"
		"#!/bin/sh\n"
		"case \"\\$*\" in %s) git=$git sh ../meanwhile;; esac\n"
		"exec $git \"\\$@\"\nS\n",
		pattern);
}

static void begin_watched(struct test *t, const struct place *p, const char *script)
{
	begin_at(t, p, BOTH_SIDES);
	watch(t, "*update-index*", script);
}

static void stage_watched(
	struct test *t, const struct place *p, const char *path, enum oh_code wanted)
{
	const char *before = oh_slice_str(&t->f.arena, oh_slice_of(getenv("PATH")));

	setenv("PATH", oh_slice_printf(&t->f.arena, "%s/bin:%s", t->f.root, before).ptr, 1);
	stage_at(t, p, path, false, wanted);
	setenv("PATH", before, 1);
}

/* The new file is there, and the index refuses it: it goes, unless somebody has been at work. */
static void what_comes_while_the_index_refuses_stays(void **state)
{
	static const struct {
		const char *path, *script;
	} cases[] = {
		{"new", "echo mine >>new"},
		{"new", "echo mine >n && mv n new"},
		{"new", "rm new"},
		{"new", "rm new && mkdir new && echo mine >new/f"},
		{"f", "echo mine >>f"},
		{"f", "echo mine >n && mv n f"},
		{"f", "rm f"},
		{"f", "rm f && mkdir f && echo mine >f/g"},
		{"f", "rm f && ln -s x f"},
		{"conflict", "echo solved >conflict"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases) * PLACE_COUNT; i++) {
		const struct place *p = &PLACES[i % PLACE_COUNT];
		struct test t;

		begin_watched(&t, p, cases[i / PLACE_COUNT].script);
		fixture_run(&t.f, "cd r && touch $(git rev-parse --git-path index.lock)");
		stage_watched(&t, p, cases[i / PLACE_COUNT].path, OH_E_GIT);
		assert_same(fixture_run(&t.f, "cd r && " LOOK), fixture_run(&t.f, "cat wanted"));
		assert_slice(strays(&t), "");
		end_at(&t);
	}
}

/* The index gets the bytes that were decided, whatever the worktree has become. */
static void what_comes_later_is_not_staged(void **state)
{
	(void)state;
	for (const struct place *p = PLACES; p < PLACES + PLACE_COUNT; p++) {
		struct test t;

		begin_watched(&t, p, "echo mine >>new");
		stage_watched(&t, p, "new", OH_E_NONE);
		assert_slice(
			fixture_run(&t.f, "cd r && git show :new && cat new"), "ours\nours\nmine");
		assert_slice(strays(&t), "");
		end_at(&t);
	}
}

/* A kill between any two calls of git leaves nothing that `git commit -a` would delete. */
static void git_misses_nothing_meanwhile(void **state)
{
	static const char *const paths[] = {"out/f", "out/new", "in/f", "in/new"};
	struct test t;

	(void)state;
	begin_at(&t, &PLACES[0],
		"mkdir in out && echo 1 >in/f && echo 1 >out/f && git add . && git commit -q -m x &&"
		"git sparse-checkout set --cone in");
	watch(&t, "*",
		"$git diff-files --name-only --diff-filter=D >>../missing; echo >>../looked");
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		stage_watched(&t, &PLACES[0], paths[i], OH_E_NONE);
	assert_slice(fixture_run(&t.f, "cat missing && test $(wc -l <looked) -gt 12 && cd r &&"
				       "git ls-files -t && git diff-files --raw"),
		"H in/f\nH in/new\nS out/f\nS out/new");
	end_at(&t);
}

/* An editor that had the old file open: what it writes is not thrown away. */
static void keeps_what_is_written_to_the_old_file(void **state)
{
	struct test t;

	(void)state;
	begin_watched(
		&t, &PLACES[0], "for old in .git/onehead/.onehead-*; do echo mine >>$old; done");
	stage_watched(&t, &PLACES[0], "f", OH_E_NONE);
	assert_slice(fixture_run(&t.f, "cd r && cat f .git/onehead/.onehead-*"), "ours\n1\nmine");
	end_at(&t);
}

/* The group and the access list that a directory gives to its files. */
static void belongs_to_its_directory(void **state)
{
	static const unsigned char list[] = {2, 0, 0, 0, /* version */
		0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, /* owner */
		0x04, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, /* group */
		0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}; /* others */
	struct test t;

	(void)state;
	begin_at(&t, &PLACES[0], "mkdir shared listed && chgrp 4242 shared && chmod g+s shared");
	assert_int_equal(setxattr("listed", "system.posix_acl_default", list, sizeof(list), 0), 0);
	stage(&t, "shared/f", "1\n");
	stage(&t, "shared/f", "2\n");
	stage(&t, "listed/f", "1\n");
	stage(&t, "listed/f", "2\n");
	assert_slice(fixture_run(&t.f, "cd r && umask && stat -c '%%g %%a' shared/f && stat -c %%a"
				       " listed/f && git status --porcelain"),
		"0022\n4242 644\n660\nA  listed/f\nA  shared/f");
	assert_slice(strays(&t), "");
	end_at(&t);
}

static void sweeps_what_kills_have_left_of_long_ago(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "r",
		"mkdir .git/onehead && cd .git/onehead && now=$(date +%s) &&"
		"touch .onehead-$((now-13*86400)).000000001-1.tmp parsed"
		" .onehead-$((now-15*86400)).000000001-1.tmp .onehead-7.000000001-1.tmp.old");
	stage(&t, "f", "1\n");
	assert_slice(
		fixture_run(&t.f, "cd r/.git/onehead && ls -A | wc -l && ls parsed"
				  " .onehead-*-1.tmp | wc -l && git -C ../.. status --porcelain"),
		"2\n2\nA  f");
	end(&t);
}

/* Something takes the place at the last moment: the index is as it was, conflict included. */
static void leaves_the_index_where_the_place_is_taken(void **state)
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
	assert_int_equal(t.err.code, OH_E_CHANGED);
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
		cmocka_unit_test(leaves_the_index_where_the_place_is_taken),
		cmocka_unit_test(stages_wherever_the_worktree_is),
		cmocka_unit_test(the_worktree_goes_back_where_the_index_refuses),
		cmocka_unit_test(what_comes_late_stays),
		cmocka_unit_test(what_comes_while_the_index_refuses_stays),
		cmocka_unit_test(what_comes_later_is_not_staged),
		cmocka_unit_test(git_misses_nothing_meanwhile),
		cmocka_unit_test(keeps_what_is_written_to_the_old_file),
		cmocka_unit_test(belongs_to_its_directory),
		cmocka_unit_test(sweeps_what_kills_have_left_of_long_ago),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

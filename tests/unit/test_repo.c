/* Opening a repository: where it is, what it is configured to, what it is in the middle of. */
#include "git_fixture.h"

#include "repo/repo.h"

static struct oh_repo *opened(struct fixture *f)
{
	struct oh_repo *repo = NULL;
	struct oh_error err = {0};

	assert_done(oh_repo_open(&repo, &f->arena, &err), err);
	return repo;
}

static const struct oh_repo_paths *paths_of(struct oh_repo *repo)
{
	struct oh_error err = {0};
	const struct oh_repo_paths *paths = oh_repo_paths(repo, &err);

	if (!paths)
		fail_msg("%s", err.message);
	return paths;
}

static const char *below(struct fixture *f, const char *path)
{
	return oh_slice_printf(&f->arena, "%s/%s", f->root, path).ptr;
}

static void finds_its_places(void **state)
{
	struct fixture f;
	struct oh_repo *repo;
	const struct oh_repo_paths *paths;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "git init -q -b main r && mkdir -p r/a/b");
	fixture_enter(&f, "r/a/b");
	repo = opened(&f);
	paths = paths_of(repo);
	assert_slice(paths->top, below(&f, "r"));
	assert_slice(paths->prefix, "a/b/");
	assert_slice(paths->git_dir, below(&f, "r/.git"));
	assert_slice(paths->common_dir, below(&f, "r/.git"));
	assert_slice(paths->hooks, below(&f, "r/.git/hooks"));
	oh_repo_close(repo);
	fixture_drop(&f);
}

static void resolves_core_hookspath_as_git_does(void **state)
{
	struct fixture f;
	struct oh_repo *repo;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "git init -q -b main r && mkdir -p r/a && cd r &&"
			"git config core.hooksPath .husky/_");
	fixture_enter(&f, "r/a");
	repo = opened(&f);
	assert_slice(paths_of(repo)->hooks, below(&f, "r/.husky/_"));
	assert_slice(oh_repo_config(repo, "core.hookspath"), ".husky/_");
	oh_repo_close(repo);
	fixture_run(&f, "git -C r config core.hooksPath '~/hooks'");
	setenv("HOME", f.root, 1);
	repo = opened(&f);
	assert_slice(paths_of(repo)->hooks, below(&f, "hooks"));
	oh_repo_close(repo);
	fixture_drop(&f);
}

static void finds_a_bare_one_and_a_linked_worktree(void **state)
{
	struct fixture f;
	struct oh_repo *repo;
	const struct oh_repo_paths *paths;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "git init -q -b main r && cd r && git commit -q --allow-empty -m x &&"
			"git worktree add -q ../w && git clone -q --bare . ../bare");
	fixture_enter(&f, "w");
	repo = opened(&f);
	paths = paths_of(repo);
	assert_slice(paths->top, below(&f, "w"));
	assert_slice(paths->git_dir, below(&f, "r/.git/worktrees/w"));
	assert_slice(paths->common_dir, below(&f, "r/.git"));
	assert_slice(paths->hooks, below(&f, "r/.git/hooks"));
	assert_slice(oh_repo_branch(repo, &f.arena), "refs/heads/w");
	oh_repo_close(repo);
	fixture_enter(&f, "bare");
	repo = opened(&f);
	paths = paths_of(repo);
	assert_slice(paths->top, "");
	assert_slice(paths->prefix, "");
	assert_slice(paths->git_dir, below(&f, "bare"));
	assert_slice(oh_repo_branch(repo, &f.arena), "refs/heads/main");
	oh_repo_close(repo);
	/* A push into a repository with a worktree runs its hooks inside .git. */
	fixture_enter(&f, "r/.git");
	setenv("GIT_DIR", ".", 1);
	repo = opened(&f);
	assert_slice(paths_of(repo)->git_dir, below(&f, "r/.git"));
	assert_true(oh_repo_has_state(repo, "HEAD"));
	oh_repo_close(repo);
	fixture_drop(&f);
}

/* What is found without asking rev-parse is what rev-parse says, and where it is not, it is asked.
 */
static void knows_where_it_is_as_git_knows(void **state)
{
	static const char *const makes[] = {"true", "git config core.hooksPath h",
		"git config core.hooksPath ''", "git config core.worktree ../../w",
		"git config core.bare true", "git config core.bare no",
		"git config core.bare false", "mv .git ../g && ln -s ../g .git",
		"mv .git ../g && echo 'gitdir: ../g' >.git",
		"rm -r .git && git init -q --object-format=sha256", "rm .git/HEAD",
		"rm -r .git/refs", "echo junk >>.git/config", "chown 65534 .git || true",
		"chown 65534 . || true", "git init -q --bare .git/../ 2>/dev/null",
		"cd .. && mv r r2 && ln -s r2 r",
		"git worktree add -q --orphan x ../x 2>/dev/null || true"};
	static const char *const asked[] = {"--git-dir", "--git-common-dir", "--git-path hooks",
		"--show-toplevel", "--show-prefix"};

	(void)state;
	for (size_t i = 0; i < sizeof(makes) / sizeof(*makes); i++) {
		struct fixture f;
		struct oh_repo *repo;
		const struct oh_repo_paths *paths;

		fixture_make(&f);
		setenv("GIT_CEILING_DIRECTORIES", f.root, 1);
		fixture_run(&f, "git init -q -b main r && mkdir w && cd r && %s", makes[i]);
		fixture_enter(&f, "r");
		repo = opened(&f);
		paths = oh_repo_paths(repo, NULL);
		for (size_t k = 0; k < sizeof(asked) / sizeof(*asked); k++) {
			const struct oh_slice want = fixture_run(&f,
				"cd r && git rev-parse --path-format=absolute %s 2>/dev/null ||"
				" echo none",
				asked[k]);
			const struct oh_slice got = !paths   ? OH_SLICE("none")
						    : k == 0 ? paths->git_dir
						    : k == 1 ? paths->common_dir
						    : k == 2 ? paths->hooks
						    : k == 3 ? paths->top
							     : paths->prefix;

			if (!oh_slice_eq(got, want) &&
				!(k == 3 && oh_slice_eq(want, OH_SLICE("none")) && !got.len) &&
				!(k == 2 && oh_slice_eq(want, OH_SLICE("none")) &&
					oh_slice_eq(got, OH_SLICE("/"))))
				fail_msg("%s: %s: '" OH_FMT "', git says '" OH_FMT "'", makes[i],
					asked[k], OH_ARG(got), OH_ARG(want));
		}
		oh_repo_close(repo);
		fixture_drop(&f);
	}
	unsetenv("GIT_CEILING_DIRECTORIES");
}

static void takes_names_with_line_ends(void **state)
{
	struct fixture f;
	struct oh_repo *repo;
	const struct oh_repo_paths *paths;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "mkdir 'two\nlines' && cd 'two\nlines' && git init -q -b main . &&"
			"mkdir -p 'a\nb'");
	fixture_enter(&f, "two\nlines/a\nb");
	repo = opened(&f);
	paths = paths_of(repo);
	assert_slice(paths->top, below(&f, "two\nlines"));
	assert_slice(paths->prefix, "a\nb/");
	assert_slice(paths->hooks, below(&f, "two\nlines/.git/hooks"));
	oh_repo_close(repo);
	fixture_drop(&f);
}

static void says_where_there_is_none(void **state)
{
	struct fixture f;
	struct oh_repo *repo;
	struct oh_error err = {0};

	(void)state;
	fixture_make(&f);
	setenv("GIT_CEILING_DIRECTORIES", "/", 1);
	repo = opened(&f);
	assert_null(oh_repo_paths(repo, &err));
	assert_int_equal(err.code, OH_E_NOT_FOUND);
	assert_string_equal(err.message, "not in a git repository");
	assert_false(oh_repo_has_state(repo, "HEAD"));
	assert_slice(oh_repo_branch(repo, &f.arena), "");
	assert_null(oh_repo_paths(repo, &err));
	oh_repo_close(repo);
	unsetenv("GIT_CEILING_DIRECTORIES");
	fixture_drop(&f);
}

static void reads_its_configuration(void **state)
{
	struct fixture f;
	struct oh_repo *repo;
	struct oh_slices all;

	(void)state;
	fixture_make(&f);
	fixture_run(&f,
		"git init -q -b main r && cd r &&"
		"git config --add onehead.graph 'one\ntwo' &&"
		"git config --add onehead.graph three &&"
		"git config branch.Topic.merge refs/heads/x && git config onehead.EMPTY '' &&"
		"printf '[onehead]\\n\\tbare\\n' >>.git/config &&"
		"git config remote.origin.url https://example.com/x");
	fixture_enter(&f, "r");
	setenv("GIT_CONFIG_COUNT", "1", 1);
	setenv("GIT_CONFIG_KEY_0", "onehead.postmerge", 1);
	setenv("GIT_CONFIG_VALUE_0", "off", 1);
	repo = opened(&f);
	assert_slice(oh_repo_config(repo, "onehead.graph"), "three");
	all = oh_repo_config_all(repo, &f.arena, "onehead.graph");
	assert_int_equal(all.count, 2);
	assert_slice(all.items[0], "one\ntwo");
	assert_slice(oh_repo_config(repo, "branch.Topic.merge"), "refs/heads/x");
	assert_slice(oh_repo_config(repo, "onehead.bare"), "true");
	assert_slice(oh_repo_config(repo, "onehead.empty"), "");
	assert_slice(oh_repo_config_scope(repo, "onehead.empty"), "local");
	assert_slice(oh_repo_config(repo, "onehead.postmerge"), "off");
	assert_slice(oh_repo_config_scope(repo, "onehead.postmerge"), "command");
	assert_slice(oh_repo_config(repo, "onehead.none"), "");
	assert_slice(oh_repo_config_scope(repo, "onehead.none"), "");
	oh_repo_close(repo);
	unsetenv("GIT_CONFIG_COUNT");
	fixture_drop(&f);
}

static void sees_what_it_is_in_the_middle_of(void **state)
{
	struct fixture f;
	struct oh_repo *repo;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "git init -q -b main r && cd r && git commit -q --allow-empty -m a &&"
			"git checkout -q -b side && echo 1 >f && git add f && git commit -q -m b &&"
			"git checkout -q main && git commit -q --allow-empty -m c &&"
			"git merge -q --no-commit side && mkdir sub");
	for (int i = 0; i < 2; i++) {
		fixture_enter(&f, i ? "r/sub" : "r");
		repo = opened(&f);
		assert_true(oh_repo_has_state(repo, "MERGE_HEAD"));
		assert_false(oh_repo_has_state(repo, "rebase-merge"));
		assert_same(oh_slice_trim(oh_repo_state(repo, &f.arena, "MERGE_HEAD")),
			fixture_run(&f, "git -C r rev-parse side"));
		assert_slice(oh_repo_state(repo, &f.arena, "SQUASH_MSG"), "");
		assert_slice(oh_repo_branch(repo, &f.arena), "refs/heads/main");
		oh_repo_close(repo);
	}
	fixture_run(&f, "cd r && git merge --abort && git checkout -q --detach");
	repo = opened(&f);
	assert_slice(oh_repo_branch(repo, &f.arena), "");
	oh_repo_close(repo);
	fixture_drop(&f);
}

/* Opened and closed without a question: no child, no descriptor, no memory is left. */
static void leaves_nothing_behind(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	fixture_run(&f, "git init -q -b main r");
	fixture_enter(&f, "r");
	for (int i = 0; i < 50; i++) {
		struct oh_repo *repo = opened(&f);

		oh_repo_prefetch_staged(repo);
		oh_repo_close(repo);
	}
	assert_int_equal(dup(0) < 20, 1);
	fixture_drop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_its_places),
		cmocka_unit_test(resolves_core_hookspath_as_git_does),
		cmocka_unit_test(finds_a_bare_one_and_a_linked_worktree),
		cmocka_unit_test(knows_where_it_is_as_git_knows),
		cmocka_unit_test(takes_names_with_line_ends),
		cmocka_unit_test(says_where_there_is_none),
		cmocka_unit_test(reads_its_configuration),
		cmocka_unit_test(sees_what_it_is_in_the_middle_of),
		cmocka_unit_test(leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

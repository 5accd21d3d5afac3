/* Where the repository is: natively where that is certain, else as rev-parse says. */
#include "repo/private.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The last asks for more than a bare repository has: git prints the others before it fails. */
enum where { INSIDE, FORMAT, GIT_DIR, COMMON_DIR, HOOKS, PREFIX, TOP, WHERES };

static const char *const WHERE[] = {"git", "rev-parse", "--is-inside-work-tree",
	"--show-object-format", "--path-format=absolute", "--git-dir", "--git-common-dir",
	"--git-path", "hooks", "--show-prefix", "--show-toplevel", NULL};

static const struct oh_git_call ask_where = {.argv = WHERE};

/*
 * In most hooks git itself put us at the top of an ordinary worktree: .git is a directory here.
 * git looks there first, so that a process need not be asked. Not certain where the environment
 * says something, or where git might refuse because all of it is somebody else's.
 */
static bool is_plain(void)
{
	static const char *const variables[] = {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"};
	struct stat here, git;

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if (getenv(variables[i]))
			return false;
	return stat(".", &here) == 0 && lstat(".git", &git) == 0 && S_ISDIR(git.st_mode) &&
	       here.st_uid == geteuid() && git.st_uid == geteuid() &&
	       access(".git/HEAD", F_OK) == 0 && access(".git/objects", F_OK) == 0 &&
	       access(".git/refs", F_OK) == 0 && access(".git/commondir", F_OK) < 0;
}

void oh_where_start(struct oh_repo *repo)
{
	char *here = is_plain() ? getcwd(NULL, 0) : NULL;

	if (here && here[0] == '/')
		repo->plain_top = oh_slice_dup(&repo->arena, oh_slice_of(here));
	else
		oh_early_start(repo, &repo->where, &ask_where);
	free(here);
}

static struct oh_slice without_newline(struct oh_slice s)
{
	return oh_slice_sub(s, 0, s.len && s.ptr[s.len - 1] == '\n' ? s.len - 1 : s.len);
}

/* One answer at a time: for paths that hold line ends. */
static bool ask_singly(struct oh_repo *repo, struct oh_slice lines[WHERES], struct oh_error *err)
{
	static const char *const asked[WHERES][3] = {{"--is-inside-work-tree"},
		{"--show-object-format"}, {"--git-dir"}, {"--git-common-dir"},
		{"--git-path", "hooks"}, {"--show-prefix"}, {"--show-toplevel"}};

	for (size_t i = 0; i < WHERES; i++) {
		const char *const argv[] = {"git", "rev-parse", "--path-format=absolute",
			asked[i][0], asked[i][1], NULL};
		struct oh_process process;
		const struct oh_git_call call = {.argv = argv};

		if (!oh_git_run(repo, &repo->arena, &call, &process, err))
			return false;
		if (process.status && i != TOP && i != HOOKS)
			return oh_git_fail(&process, err);
		lines[i] = process.status ? OH_SLICE("") : without_newline(process.output);
	}
	return true;
}

static bool split_where(struct oh_repo *repo, struct oh_slice lines[WHERES], struct oh_error *err)
{
	const struct oh_process *p = &repo->where.process;
	struct oh_slice rest = p->output, line;
	size_t count = 0;

	while (oh_slice_next(&rest, '\n', &line)) {
		if (count < WHERES)
			lines[count] = line;
		count++;
	}
	if (count < HOOKS)
		return oh_git_fail(p, err);
	if (count == (p->status ? TOP : WHERES))
		return true;
	return ask_singly(repo, lines, err);
}

struct oh_slice oh_repo_git_dir(struct oh_repo *repo)
{
	const struct oh_repo_paths *paths;

	if (repo->plain_top.len)
		return oh_path_join(&repo->arena, repo->plain_top, OH_SLICE(".git"));
	paths = oh_repo_paths(repo, NULL);
	return paths ? paths->git_dir : OH_SLICE("");
}

void oh_where_take_plain(struct oh_repo *repo, size_t id_length, struct oh_slice hooks)
{
	repo->id_length = id_length;
	repo->paths.top = repo->plain_top;
	repo->paths.prefix = OH_SLICE("");
	repo->paths.git_dir = repo->paths.common_dir = oh_repo_git_dir(repo);
	repo->paths.hooks = hooks;
	repo->has_paths = true;
}

/* The rest of what rev-parse would say, where configuration says nothing else. */
static bool plain_paths(struct oh_repo *repo)
{
	static const char *const keys[] = {
		"core.worktree", "core.bare", "core.hookspath", "extensions.objectformat"};

	if (!repo->plain_top.len || !oh_early_finish(repo, &repo->config, NULL) ||
		repo->config.process.status > 1)
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (oh_repo_config_scope(repo, keys[i]).len &&
			!oh_slice_eq(oh_repo_config(repo, keys[i]), OH_SLICE("false")))
			return false;
	oh_where_take_plain(
		repo, 40, oh_path_join(&repo->arena, oh_repo_git_dir(repo), OH_SLICE("hooks")));
	return true;
}

const struct oh_repo_paths *oh_repo_paths(struct oh_repo *repo, struct oh_error *err)
{
	struct oh_slice lines[WHERES] = {0};

	if (repo->has_paths || plain_paths(repo))
		return &repo->paths;
	if (!repo->where.is_running && !repo->where.is_finished)
		oh_early_start(repo, &repo->where, &ask_where);
	if (!oh_early_finish(repo, &repo->where, err) || !split_where(repo, lines, err))
		return NULL;
	repo->id_length = oh_slice_eq(lines[FORMAT], OH_SLICE("sha256")) ? 64 : 40;
	repo->paths = (struct oh_repo_paths){
		.top = lines[TOP].len ? lines[TOP] : OH_SLICE(""),
		.prefix = lines[PREFIX],
		.git_dir = lines[GIT_DIR],
		.common_dir = lines[COMMON_DIR],
		/* An empty core.hooksPath, which has no absolute form: git runs "" + "/pre-commit".
		 */
		.hooks = lines[HOOKS].len ? lines[HOOKS] : OH_SLICE("/"),
	};
	repo->has_paths = true;
	return &repo->paths;
}

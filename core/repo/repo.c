#include "repo/disk.h"
#include "repo/private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(struct oh_repo *repo, struct oh_early *early, const char *const *argv)
{
	const struct oh_git_call call = {.argv = argv};

	early->is_running =
		oh_git_prepare(repo, &repo->arena, &call, &early->process, &early->err) &&
		oh_process_start(&repo->arena, &early->process, &early->err);
}

bool oh_early_finish(struct oh_repo *repo, struct oh_early *early, struct oh_error *err)
{
	if (early->is_running)
		early->is_finished = oh_process_finish(&repo->arena, &early->process, &early->err);
	early->is_running = false;
	if (!early->is_finished && err)
		*err = early->err;
	return early->is_finished;
}

/* Nobody wants the answer any more: it only reads, so it can be stopped anywhere. */
static void cancel(struct oh_early *early)
{
	struct oh_process *p = &early->process;

	if (!early->is_running)
		return;
	kill(p->pid, SIGKILL);
	close(p->out);
	close(p->err);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	early->is_running = false;
}

/* The last asks for more than a bare repository has: git prints the others before it fails. */
enum where { INSIDE, FORMAT, GIT_DIR, COMMON_DIR, HOOKS, PREFIX, TOP, WHERES };

static const char *const WHERE[] = {"git", "rev-parse", "--is-inside-work-tree",
	"--show-object-format", "--path-format=absolute", "--git-dir", "--git-common-dir",
	"--git-path", "hooks", "--show-prefix", "--show-toplevel", NULL};

static const char *const CONFIG[] = {"git", "config", "--null", "--show-scope", "--get-regexp",
	"^(onehead\\..*|core\\.(hookspath|commentchar|sparsecheckout)|commit\\.gpgsign|user\\.email"
	"|merge\\.onehead\\..*|remote\\..*\\.url|branch\\..*)$",
	NULL};

/*
 * The git directory where it is certain without asking: GIT_DIR, or what is in the working
 * directory itself, which git looks at first. "" leaves it to rev-parse.
 */
static struct oh_slice native_git_dir(struct oh_arena *arena)
{
	const char *given = getenv("GIT_DIR");
	struct stat st;
	char *here;
	struct oh_slice dir;

	if (given && given[0])
		dir = oh_slice_of(given);
	else if (!given && lstat(".git", &st) == 0 && S_ISDIR(st.st_mode) &&
		 access(".git/HEAD", F_OK) == 0 && access(".git/objects", F_OK) == 0 &&
		 access(".git/refs", F_OK) == 0)
		dir = OH_SLICE(".git");
	else
		return OH_SLICE("");
	if (stat(dir.ptr, &st) < 0 || !S_ISDIR(st.st_mode))
		return OH_SLICE("");
	if (dir.ptr[0] == '/')
		return dir;
	here = getcwd(NULL, 0);
	dir = here ? oh_slice_printf(arena, "%s/" OH_FMT, here, OH_ARG(dir)) : OH_SLICE("");
	free(here);
	return dir;
}

bool oh_repo_open(struct oh_repo **out, struct oh_arena *arena, struct oh_error *err)
{
	struct oh_repo *repo = oh_arena_alloc(arena, sizeof(*repo));

	start(repo, &repo->where, WHERE);
	start(repo, &repo->config, CONFIG);
	if (!repo->where.is_running) {
		if (err)
			*err = repo->where.err;
		oh_repo_close(repo);
		return false;
	}
	repo->native_git_dir = native_git_dir(&repo->arena);
	repo->objects = oh_objects_new(&repo->arena);
	*out = repo;
	return true;
}

void oh_repo_close(struct oh_repo *repo)
{
	if (!repo)
		return;
	cancel(&repo->where);
	cancel(&repo->config);
	cancel(&repo->staged);
	if (repo->objects)
		oh_objects_close(repo->objects);
	repo->objects = NULL;
	oh_arena_drop(&repo->arena);
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
		if (process.status && i != TOP)
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
	if (count < TOP)
		return oh_git_fail(p, err);
	if (count == (p->status ? TOP : WHERES))
		return true;
	return ask_singly(repo, lines, err);
}

const struct oh_repo_paths *oh_repo_paths(struct oh_repo *repo, struct oh_error *err)
{
	struct oh_slice lines[WHERES] = {0};

	if (repo->has_paths)
		return &repo->paths;
	if (!oh_early_finish(repo, &repo->where, err) || !split_where(repo, lines, err))
		return NULL;
	repo->id_length = oh_slice_eq(lines[FORMAT], OH_SLICE("sha256")) ? 64 : 40;
	repo->paths = (struct oh_repo_paths){
		.top = lines[TOP].len ? lines[TOP] : OH_SLICE(""),
		.prefix = lines[PREFIX],
		.git_dir = lines[GIT_DIR],
		.common_dir = lines[COMMON_DIR],
		.hooks = lines[HOOKS],
	};
	repo->has_paths = true;
	return &repo->paths;
}

/* scope NUL key [LF value] NUL; a key without a value is a true one. */
static void load_settings(struct oh_repo *repo)
{
	struct oh_slice rest, scope, pair;

	if (repo->has_settings)
		return;
	repo->has_settings = true;
	if (!oh_early_finish(repo, &repo->config, NULL))
		return;
	rest = repo->config.process.output;
	while (oh_slice_next(&rest, '\0', &scope) && oh_slice_next(&rest, '\0', &pair)) {
		const size_t end = oh_slice_find_byte(pair, '\n', 0);
		const struct oh_setting setting = {scope, oh_slice_sub(pair, 0, end),
			end == pair.len ? OH_SLICE("true") : oh_slice_sub(pair, end + 1, pair.len)};

		OH_PUSH(&repo->arena, &repo->settings, setting);
	}
}

static const struct oh_setting *setting(struct oh_repo *repo, const char *key)
{
	load_settings(repo);
	for (size_t i = repo->settings.count; i > 0; i--)
		if (oh_slice_eq(repo->settings.items[i - 1].key, oh_slice_of(key)))
			return &repo->settings.items[i - 1];
	return NULL;
}

struct oh_slice oh_repo_config(struct oh_repo *repo, const char *key)
{
	const struct oh_setting *found = setting(repo, key);

	return found ? found->value : OH_SLICE("");
}

struct oh_slice oh_repo_config_scope(struct oh_repo *repo, const char *key)
{
	const struct oh_setting *found = setting(repo, key);

	return found ? found->scope : OH_SLICE("");
}

struct oh_slices oh_repo_config_all(struct oh_repo *repo, struct oh_arena *arena, const char *key)
{
	struct oh_slices all = {0};

	load_settings(repo);
	for (size_t i = 0; i < repo->settings.count; i++)
		if (oh_slice_eq(repo->settings.items[i].key, oh_slice_of(key)))
			OH_PUSH(arena, &all, repo->settings.items[i].value);
	return all;
}

static struct oh_slice git_dir(struct oh_repo *repo)
{
	const struct oh_repo_paths *paths;

	if (repo->native_git_dir.len && !repo->has_paths)
		return repo->native_git_dir;
	paths = oh_repo_paths(repo, NULL);
	return paths ? paths->git_dir : OH_SLICE("");
}

static const char *state_path(struct oh_repo *repo, struct oh_arena *arena, const char *name)
{
	const struct oh_slice dir = git_dir(repo);

	return dir.len ? oh_slice_printf(arena, OH_FMT "/%s", OH_ARG(dir), name).ptr : NULL;
}

bool oh_repo_has_state(struct oh_repo *repo, const char *name)
{
	struct oh_arena scratch = {0};
	const char *path = state_path(repo, &scratch, name);
	const bool there = path && access(path, F_OK) == 0;

	oh_arena_drop(&scratch);
	return there;
}

struct oh_slice oh_repo_state(struct oh_repo *repo, struct oh_arena *arena, const char *name)
{
	const char *path = state_path(repo, arena, name);
	struct oh_slice bytes;

	if (!path || !oh_disk_read(arena, oh_slice_of(path), &bytes, NULL))
		return OH_SLICE("");
	return bytes;
}

/* HEAD is a file in every repository; with the reftable backend it only says to ask git. */
struct oh_slice oh_repo_branch(struct oh_repo *repo, struct oh_arena *arena)
{
	static const char *const argv[] = {"git", "symbolic-ref", "-q", "HEAD", NULL};
	const struct oh_git_call call = {.argv = argv};
	struct oh_slice head = oh_slice_trim(oh_repo_state(repo, arena, "HEAD"));

	if (head.len && head.len >= 40 && oh_slice_find_byte(head, ':', 0) == head.len)
		return OH_SLICE("");
	if (oh_slice_cut_prefix(&head, OH_SLICE("ref: ")) &&
		!oh_slice_eq(head, OH_SLICE("refs/heads/.invalid")))
		return head;
	return oh_git_read_line(repo, arena, &call, &head, NULL) ? head : OH_SLICE("");
}

struct oh_slice oh_id_zero(struct oh_repo *repo)
{
	static const char zeros[] =
		"0000000000000000000000000000000000000000000000000000000000000000";

	return oh_slice_sub(
		oh_slice_of(zeros), 0, oh_repo_paths(repo, NULL) ? repo->id_length : 40);
}

bool oh_id_is_zero(struct oh_slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.ptr[i] != '0')
			return false;
	return id.len > 0;
}

struct oh_slice oh_id_empty_tree(struct oh_repo *repo)
{
	return oh_id_zero(repo).len == 64
		       ? OH_SLICE(
				 "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321")
		       : OH_SLICE("4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}

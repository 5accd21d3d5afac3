#include "repo/private.h"

#include <stdlib.h>
#include <string.h>

struct words {
	const char **items;
	size_t count, capacity;
};

/* Commands that run the user's hooks: those are to find the environment that he gave. */
static const char *const WITH_HOOKS[] = {"am", "checkout", "cherry-pick", "commit", "merge", "pull",
	"push", "rebase", "revert", "switch", NULL};

static const struct variable {
	const char *assignment;
	bool for_writing, for_hooks; /* also for a command that writes, that runs hooks */
} VARIABLES[] = {
	/* git's own language; where filters run too, without touching their character set. */
	{"LC_ALL=C", false, false},
	{"LANGUAGE=C", true, true},
	/* No locks for what only reads, no questions, and a path is a path whatever is in it. */
	{"GIT_OPTIONAL_LOCKS=0", false, false},
	{"GIT_TERMINAL_PROMPT=0", true, false},
	{"GIT_LITERAL_PATHSPECS=1", true, false},
};

static bool runs_hooks(const char *command)
{
	for (const char *const *c = WITH_HOOKS; *c; c++)
		if (strcmp(command, *c) == 0)
			return true;
	return false;
}

/* Options of git itself stand before the command. */
static const char *command_of(const char *const *argv)
{
	size_t i = 1;

	while (argv[i] && (strcmp(argv[i], "-C") == 0 || strcmp(argv[i], "-c") == 0) && argv[i + 1])
		i += 2;
	return argv[i] ? argv[i] : "";
}

static void set_variables(struct oh_arena *arena, const struct oh_git_call *call, struct words *set)
{
	const bool hooks = runs_hooks(command_of(call->argv));

	for (size_t i = 0; i < sizeof(VARIABLES) / sizeof(*VARIABLES); i++)
		if ((VARIABLES[i].for_writing || !call->writes) &&
			(VARIABLES[i].for_hooks || !hooks))
			OH_PUSH(arena, set, VARIABLES[i].assignment);
	for (size_t i = 0; call->set[i]; i++)
		OH_PUSH(arena, set, call->set[i]);
}

static const char *assignment(struct oh_arena *arena, const char *name, struct oh_slice value)
{
	return oh_slice_printf(arena, "%s=" OH_FMT, name, OH_ARG(value)).ptr;
}

/* A relative GIT_DIR or GIT_WORK_TREE means another place once git has changed directory. */
static void pin_environment(
	struct oh_arena *arena, const struct oh_repo_paths *paths, struct words *set)
{
	if (getenv("GIT_DIR"))
		OH_PUSH(arena, set, assignment(arena, "GIT_DIR", paths->git_dir));
	if (getenv("GIT_WORK_TREE"))
		OH_PUSH(arena, set, assignment(arena, "GIT_WORK_TREE", paths->top));
}

static bool move_to_top(struct oh_repo *repo, struct oh_arena *arena, struct words *argv,
	struct words *set, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);

	if (!paths)
		return false;
	if (!paths->prefix.len)
		return true;
	OH_PUSH(arena, argv, "-C");
	OH_PUSH(arena, argv, oh_slice_str(arena, paths->top));
	pin_environment(arena, paths, set);
	return true;
}

bool oh_git_prepare(struct oh_repo *repo, struct oh_arena *arena, const struct oh_git_call *call,
	struct oh_process *process, struct oh_error *err)
{
	struct words argv = {0}, set = {0};

	OH_PUSH(arena, &argv, call->argv[0]);
	set_variables(arena, call, &set);
	if (call->at_top && !move_to_top(repo, arena, &argv, &set, err))
		return false;
	for (size_t i = 1; call->argv[i]; i++)
		OH_PUSH(arena, &argv, call->argv[i]);
	OH_PUSH(arena, &argv, NULL);
	OH_PUSH(arena, &set, NULL);
	*process = (struct oh_process){.argv = argv.items, .set = set.items, .input = call->input};
	return true;
}

bool oh_git_run(struct oh_repo *repo, struct oh_arena *arena, const struct oh_git_call *call,
	struct oh_process *process, struct oh_error *err)
{
	return oh_git_prepare(repo, arena, call, process, err) &&
	       oh_process_run(arena, process, err);
}

bool oh_git_read(struct oh_repo *repo, struct oh_arena *arena, const struct oh_git_call *call,
	struct oh_slice *output, struct oh_error *err)
{
	struct oh_process process;

	if (!oh_git_run(repo, arena, call, &process, err))
		return false;
	if (process.status)
		return oh_git_fail(&process, err);
	if (output)
		*output = process.output;
	return true;
}

bool oh_git_read_line(struct oh_repo *repo, struct oh_arena *arena, const struct oh_git_call *call,
	struct oh_slice *line, struct oh_error *err)
{
	if (!oh_git_read(repo, arena, call, line, err))
		return false;
	if (line->len && line->ptr[line->len - 1] == '\n')
		line->len--;
	return true;
}

/* What git says first that says why, without "fatal: ". Traces, warnings and hints don't. */
static struct oh_slice reason(struct oh_slice errors)
{
	static const char *const marks[] = {"error: ", "fatal: "};
	struct oh_slice rest = errors, line;

	while (oh_slice_next_line(&rest, &line))
		for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
			if (oh_slice_cut_prefix(&line, oh_slice_of(marks[i])))
				return line;
	return oh_slice_next_line(&errors, &line) ? line : OH_SLICE("");
}

/* What git's words mean to us: the first that is found in them. */
static const struct meaning {
	const char *words;
	enum oh_code code;
	const char *instead; /* NULL: git's own words will do */
} MEANINGS[] = {
	{"index.lock': File exists", OH_E_GIT, "another git process holds index.lock"},
	{"not a git repository", OH_E_NOT_FOUND, "not in a git repository"},
	{"would be overwritten by merge", OH_E_CHANGED, NULL},
	{"not uptodate. Cannot merge", OH_E_CHANGED, NULL},
	{"would lose untracked files", OH_E_CHANGED, NULL},
	{"beyond a symbolic link", OH_E_CHANGED, NULL},
	{"but expected", OH_E_CHANGED, NULL},
	{"reference already exists", OH_E_CHANGED, NULL},
	{"unable to resolve reference", OH_E_CHANGED, NULL},
	{"bad revision", OH_E_NOT_FOUND, NULL},
	{"Not a valid object name", OH_E_NOT_FOUND, NULL},
	{"bad object", OH_E_NOT_FOUND, NULL},
};

static const struct meaning *meaning_of(struct oh_slice errors)
{
	for (size_t i = 0; i < sizeof(MEANINGS) / sizeof(*MEANINGS); i++)
		if (oh_slice_find(errors, oh_slice_of(MEANINGS[i].words), 0) < errors.len)
			return &MEANINGS[i];
	return NULL;
}

static bool fail_as(struct oh_slice errors, const char *command, int status, struct oh_error *err)
{
	const struct meaning *meaning = meaning_of(errors);
	const enum oh_code code = meaning ? meaning->code : OH_E_GIT;
	const struct oh_slice why = reason(errors);

	if (meaning && meaning->instead)
		oh_fail(err, code, "%s", meaning->instead);
	else if (why.len)
		oh_fail(err, code, "git %s: " OH_FMT, command, OH_ARG(why));
	else
		oh_fail(err, code, "git %s ended with status %d", command, status);
	if (err)
		err->native = status;
	return false;
}

bool oh_git_fail(const struct oh_process *process, struct oh_error *err)
{
	return fail_as(process->errors, command_of(process->argv), process->status, err);
}

bool oh_git_peer_fail(struct oh_peer *peer, const char *command, struct oh_error *err)
{
	struct oh_arena arena = {0};

	fail_as(oh_peer_errors(peer, &arena), command, 0, err);
	oh_arena_drop(&arena);
	return false;
}

void oh_repo_prefetch_git(struct oh_repo *repo, const char *const *argv)
{
	const struct oh_git_call call = {.argv = argv, .at_top = true};

	if (repo->asked.is_running)
		return;
	repo->asked_argv = argv;
	oh_early_start(repo, &repo->asked, &call);
}

static bool same_words(const char *const *a, const char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

bool oh_repo_git(struct oh_repo *repo, struct oh_arena *arena, const char *const *argv,
	struct oh_slice input, struct oh_slice *output, struct oh_error *err)
{
	const struct oh_git_call call = {
		.argv = argv, .input = input, .writes = true, .at_top = true};

	if (repo->asked.is_running && output && same_words(argv, repo->asked_argv) &&
		oh_early_finish(repo, &repo->asked, NULL) && !repo->asked.process.status) {
		*output = repo->asked.process.output;
		return true;
	}
	/* It may be a command that writes. */
	oh_index_forget(repo);
	return oh_git_read(repo, arena, &call, output, err);
}

bool oh_repo_git_own_index(struct oh_repo *repo, struct oh_arena *arena, const char *const *argv,
	struct oh_slice *output, struct oh_error *err)
{
	const struct oh_git_call call = {.argv = argv,
		.set = {"GIT_INDEX_FILE=", "GIT_LITERAL_PATHSPECS=1"},
		.at_top = true};

	return oh_git_read(repo, arena, &call, output, err);
}

bool oh_rev_check(struct oh_slice rev, struct oh_error *err)
{
	if (rev.len && rev.ptr[0] != '-' && oh_slice_find_byte(rev, '\n', 0) == rev.len &&
		oh_slice_find_byte(rev, '\0', 0) == rev.len)
		return true;
	return oh_fail(err, OH_E_NOT_FOUND, "no such revision: '" OH_FMT "'", OH_ARG(rev));
}

struct oh_slice oh_rev_peeled(struct oh_arena *arena, struct oh_slice rev, const char *kind)
{
	/* Behind a colon everything is a path. */
	if (oh_slice_find_byte(rev, ':', 0) < rev.len)
		return rev;
	return oh_slice_printf(arena, OH_FMT "^{%s}", OH_ARG(rev), kind);
}

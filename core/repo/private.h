/* What the files of repo/ share. Nobody else includes it. */
#ifndef OH_REPO_PRIVATE_H
#define OH_REPO_PRIVATE_H

#include "base/map.h"
#include "repo/objects.h"
#include "repo/repo.h"

/* A child that was started early and is finished when its answer is needed. */
struct oh_early {
	struct oh_process process;
	bool is_running, is_finished;
	bool writes; /* it is not stopped where nobody wants the answer any more */
	struct oh_error err; /* why it could not be started */
};

struct oh_index_entry {
	struct oh_slice path, id;
	unsigned int mode;
	int stage;
};

struct oh_setting {
	struct oh_slice scope, key, value;
};

struct oh_repo {
	struct oh_arena arena; /* all that is loaded lazily: the caller may rewind his own */
	struct oh_early where, config, staged, bases, index_tree, times, commit, asked;
	struct oh_slice commit_id; /* that `commit` writes */
	const char *bases_of[6]; /* argv of `bases` */
	const char *const *asked_argv; /* of `asked` */
	struct oh_repo_paths paths;
	struct oh_slice plain_top; /* found without git; "" where that is not certain */
	size_t id_length; /* 40 or 64 */
	bool has_paths, has_settings, has_index;
	bool is_recalled; /* no git has been asked for anything (recall.h) */
	struct {
		struct oh_setting *items;
		size_t count, capacity;
	} settings;
	struct {
		struct oh_index_entry *items;
		size_t count, capacity;
	} index; /* sorted by path, then stage */
	struct oh_objects *objects;
};

/* How to call git. `argv` begins with "git"; the rest is as in oh_process. */
struct oh_git_call {
	const char *const *argv;
	struct oh_slice input;
	const char *set[8]; /* further "NAME=value"; ends with NULL */
	bool writes; /* or runs the user's filters */
	bool at_top; /* paths are relative to the top of the worktree, wherever we are */
};

/* Fills PROCESS for CALL: environment, place. */
bool oh_git_prepare(struct oh_repo *repo, struct oh_arena *arena, const struct oh_git_call *call,
	struct oh_process *process, struct oh_error *err);
/* Runs it; false only where git could not be run. */
bool oh_git_run(struct oh_repo *repo, struct oh_arena *arena, const struct oh_git_call *call,
	struct oh_process *process, struct oh_error *err);
/* Runs it; a non-zero exit is OH_E_GIT with git's own words. OUTPUT may be NULL. */
bool oh_git_read(struct oh_repo *repo, struct oh_arena *arena, const struct oh_git_call *call,
	struct oh_slice *output, struct oh_error *err);
/* The same with the last newline of the output taken off: for a command that prints one id. */
bool oh_git_read_line(struct oh_repo *repo, struct oh_arena *arena, const struct oh_git_call *call,
	struct oh_slice *line, struct oh_error *err);
/* Sets ERR from what a failed git said. */
bool oh_git_fail(const struct oh_process *process, struct oh_error *err);
/* The same for a peer that ended early, or could not do what was asked. */
bool oh_git_peer_fail(struct oh_peer *peer, const char *command, struct oh_error *err);

/* A child that is started before its answer is needed. */
void oh_early_start(struct oh_repo *repo, struct oh_early *early, const struct oh_git_call *call);
/* Finishes it, once. */
bool oh_early_finish(struct oh_repo *repo, struct oh_early *early, struct oh_error *err);

/* What is left to do where configuration and place have been asked for, or are known. */
bool oh_repo_complete(struct oh_repo *repo, struct oh_repo **out, struct oh_error *err);
void oh_config_start(struct oh_repo *repo);
void oh_where_start(struct oh_repo *repo);
/* The paths of a repository whose plain_top is known. */
void oh_where_take_plain(struct oh_repo *repo, size_t id_length, struct oh_slice hooks);

/* The whole index, by one `git ls-files`; kept until something is written. */
bool oh_index_load(struct oh_repo *repo, struct oh_error *err);
void oh_index_forget(struct oh_repo *repo);
/* The index takes note of the times of these files (NULL-ended), which were just written: git
 * status need not read them again. Nobody waits for it; failing is no error. Not by `git
 * update-index`, which would look at every file, or stage what somebody has changed since. */
void oh_index_note_times(struct oh_repo *repo, const char *const *files);

/* A blob as `git add PATH` would make it, in two halves. */
bool oh_blob_start(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice bytes, struct oh_process *process, struct oh_error *err);
bool oh_blob_finish(struct oh_arena *arena, struct oh_process *process, struct oh_slice *id,
	struct oh_error *err);

/* Fills in what COMMIT's raw bytes say. */
void oh_commit_parse(struct oh_arena *arena, struct oh_commit *commit);

/* REV as an object of this kind, for oh_objects_read. */
struct oh_slice oh_rev_peeled(struct oh_arena *arena, struct oh_slice rev, const char *kind);
/* REV may stand on a command line: not empty, no option, one line. */
bool oh_rev_check(struct oh_slice rev, struct oh_error *err);
struct oh_slice oh_id_zero(struct oh_repo *repo);
bool oh_id_is_zero(struct oh_slice id);
struct oh_slice oh_id_empty_tree(struct oh_repo *repo);

#endif

/*
 * What a clone knows of the past: its refs, and every file that ever lay in some directories in
 * the history of commits. Nothing is ever fetched: what a partial clone lacks stays unknown.
 *
 *	struct oh_refs refs;
 *	if (!oh_repo_refs(repo, arena, &patterns, &refs, err)) …
 *	struct oh_history past;
 *	if (!oh_repo_history(repo, arena, &(struct oh_history_request){…}, &past, err)) …
 */
#ifndef OH_REPO_HISTORY_H
#define OH_REPO_HISTORY_H

#include "repo/repo.h"

struct oh_ref {
	struct oh_slice name; /* refs/remotes/origin/main */
	struct oh_slice id; /* of what it names: a commit, a tag, or anything else */
	struct oh_slice symbolic; /* the ref that a symbolic one stands for, else "" */
	/* Of a branch, as configured, whether they are there or not; else "". */
	struct oh_slice upstream, push;
	struct oh_slice push_remote; /* where it is configured which one */
};

struct oh_refs {
	struct oh_ref *items; /* sorted by name */
	size_t count, capacity;
};

/* The refs that one of PATTERNS (as `git for-each-ref` takes them) names; none where there are no
 * patterns. Dangling symbolic ones are left out. */
bool oh_repo_refs(struct oh_repo *repo, struct oh_arena *arena, const struct oh_slices *patterns,
	struct oh_refs *out, struct oh_error *err);
/* NULL where NAME is not among them. */
const struct oh_ref *oh_refs_find(const struct oh_refs *refs, struct oh_slice name);

/* The commit that each of IDS (objects of any kind) leads to, "" where that is none. */
bool oh_repo_peel(struct oh_repo *repo, struct oh_arena *arena, const struct oh_slices *ids,
	struct oh_slices *commits, struct oh_error *err);

/* The id of the file PATH of COMMIT, "" where there is none. No blob is read, no symlink followed.
 */
struct oh_slice oh_repo_id_at(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice commit, struct oh_slice path);

/* In COMMIT, is a symlink or a file where the directory PATH should be, or on the way to it? */
bool oh_repo_is_blocked(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice commit, struct oh_slice path);

/* The names of the remotes that have an URL. */
struct oh_slices oh_repo_remotes(struct oh_repo *repo, struct oh_arena *arena);

/* How many commits COMMIT has that none of WITHOUT has. */
struct oh_ahead {
	struct oh_slice commit; /* ids */
	struct oh_slices without;
	size_t count; /* out */
};
/* Several such questions, side by side. */
bool oh_repo_count_ahead(struct oh_repo *repo, struct oh_arena *arena, struct oh_ahead *questions,
	size_t count, struct oh_error *err);

struct oh_history_request {
	const struct oh_slices *tips; /* ids; those of no commit say nothing */
	const struct oh_slices *without; /* what these reach is left out */
	const struct oh_slices *paths; /* directories and files, as they are written */
};

/* A file as a commit made it. */
struct oh_past_file {
	struct oh_slice path;
	struct oh_slice blob; /* "" for a symlink */
};

struct oh_past_commit {
	struct oh_slice id;
	struct oh_slice tip; /* one of request->tips by which it was reached */
	struct oh_slices parents;
	size_t first, count; /* what it added or changed: indices into files */
};

struct oh_history {
	struct {
		struct oh_past_commit *items;
		size_t count, capacity;
	} commits; /* every one of the range */
	struct {
		struct oh_past_file *items;
		size_t count, capacity;
	} files;
};

/*
 * What each commit of the range has in the paths that none of its parents has, merges included.
 * Where history is cut off (a shallow clone) the last commit counts as the first. OH_E_GIT where a
 * commit or a tree is not here.
 */
bool oh_repo_history(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_history_request *request, struct oh_history *out, struct oh_error *err);

struct oh_past_blob {
	struct oh_slice id; /* in */
	bool is_here; /* out */
	struct oh_slice bytes;
};
/* The bytes of those that are in this clone. */
bool oh_repo_blobs(struct oh_repo *repo, struct oh_arena *arena, struct oh_past_blob *blobs,
	size_t count, struct oh_error *err);

/* Is history cut off somewhere (a shallow clone)? *NEWEST is when the newest commit that has lost
 * its parents was committed, in seconds since 1970. */
bool oh_repo_is_cut(struct oh_repo *repo, struct oh_arena *arena, long long *newest);
/* What changes how history is read (where it is cut off, grafts), for who remembers it. */
struct oh_slice oh_repo_cuts(struct oh_repo *repo, struct oh_arena *arena);

#endif

/*
 * git: objects, index, refs, worktree. The only room (with apply/, through it) that talks to git.
 *
 * Objects are read by `git cat-file --batch`, and by libgit2 (module onehead-git2) where many are
 * read and libgit2 does not refuse; see repo/objects.h. Everything that writes goes through git's
 * plumbing. The environment counts (GIT_DIR, GIT_INDEX_FILE, quarantine): a hook sees what git
 * shows it.
 *
 *	struct oh_repo *repo;
 *	if (!oh_repo_open(&repo, arena, err)) …		// git could not be started
 *	if (!oh_repo_paths(repo, err)) …		// OH_E_NOT_FOUND: not in a repository
 *	struct oh_source *ours, *index;
 *	oh_repo_tree(repo, OH_SLICE("HEAD"), &ours, err);
 *	oh_repo_index(repo, &index, err);
 *	…
 *	oh_repo_close(repo);
 *
 * Sources and what comes out of functions live as long as the arena given at open (or the one
 * given to the call), and not beyond oh_repo_close. Object ids are hex slices, 40 or 64 long.
 */
#ifndef OH_REPO_REPO_H
#define OH_REPO_REPO_H

#include "base/process.h"
#include "model/source.h"

struct oh_repo;

/* Starts `git config` and, where it is not clear without it where we are, `git rev-parse` side by
 * side; nobody waits until an answer is needed. */
bool oh_repo_open(struct oh_repo **out, struct oh_arena *arena, struct oh_error *err);
void oh_repo_close(struct oh_repo *repo);

/* where things are: absolute paths: */
struct oh_repo_paths {
	struct oh_slice top; /* worktree; "" in a bare repository */
	struct oh_slice prefix; /* of the working directory below top: "" or "sub/dir/" */
	struct oh_slice git_dir, common_dir;
	struct oh_slice hooks; /* as git resolves it, core.hooksPath included */
};
/* OH_E_NOT_FOUND where there is no repository. NULL is never returned without err set. */
const struct oh_repo_paths *oh_repo_paths(struct oh_repo *repo, struct oh_error *err);

/* configuration: keys as git prints them (section and name in lower case): */
/* Only keys onehead.*, core.hookspath, core.commentchar, core.sparsecheckout, commit.gpgsign,
 * user.email, merge.onehead.*, remote.*.url and branch.* are fetched. "" where unset; the last
 * value wins. */
struct oh_slice oh_repo_config(struct oh_repo *repo, const char *key);
struct oh_slices oh_repo_config_all(struct oh_repo *repo, struct oh_arena *arena, const char *key);
/* From local, worktree, command-line or global config, never from a tracked file: all of git's
 * own configuration is that; this names the scope ("local", "global", …), "" where unset. */
struct oh_slice oh_repo_config_scope(struct oh_repo *repo, const char *key);

/* state of the working tree's operation: */
/* The git directory alone: most hooks need not ask git for it. "" where there is no repository. */
struct oh_slice oh_repo_git_dir(struct oh_repo *repo);
/* Is there a file of this name in the git directory (MERGE_HEAD, rebase-merge, SQUASH_MSG)? */
bool oh_repo_has_state(struct oh_repo *repo, const char *name);
/* Its bytes, "" where it is not there. */
struct oh_slice oh_repo_state(struct oh_repo *repo, struct oh_arena *arena, const char *name);
/* Is there a MERGE_HEAD of a merge that is committed? A git that was ended in its last hook leaves
 * it behind. */
bool oh_repo_has_stale_merge(struct oh_repo *repo, struct oh_arena *arena);

/* reading: */
/* REV^{commit} as an id. OH_E_NOT_FOUND where it does not exist. */
bool oh_repo_resolve(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	struct oh_slice *id, struct oh_error *err);
/* Is commit A in the history of B? False also where one of them is not there, or "". */
bool oh_repo_is_ancestor(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice a, struct oh_slice b);
/* All best common ancestors. */
bool oh_repo_merge_bases(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice a,
	struct oh_slice b, struct oh_slices *out, struct oh_error *err);
/* Starts what oh_repo_merge_bases(repo, A, B) needs; nobody waits for it. One pair at a time. */
void oh_repo_prefetch_merge_bases(struct oh_repo *repo, struct oh_slice a, struct oh_slice b);
/* Objects will be read soon: starts what reads them. Nobody waits for it. */
void oh_repo_prefetch_objects(struct oh_repo *repo);
/* Directories and files that will be read soon from the tree of REV: git looks for them while
 * something else is done. A hint. */
void oh_repo_expect(struct oh_repo *repo, struct oh_slice rev, const struct oh_slices *paths);
/* The tree of a commit or tree. An empty REV is an empty tree. In every source a directory behind a
 * symlink is listed as a directory, but a recursive listing does not enter it (as os.walk). */
bool oh_repo_tree(
	struct oh_repo *repo, struct oh_slice rev, struct oh_source **out, struct oh_error *err);
/* The index, entries of stage 0 only. */
bool oh_repo_index(struct oh_repo *repo, struct oh_source **out, struct oh_error *err);
/* The same, as if these files were staged, too: regular ones, each named by the id of its blob. */
struct oh_placed_files {
	struct oh_placed_file {
		struct oh_slice path, id;
	} * items;
	size_t count, capacity;
};
bool oh_repo_index_with(struct oh_repo *repo, const struct oh_placed_files *files,
	struct oh_source **out, struct oh_error *err);
/* A directory on disk, without git. Never follows a symlink out of ROOT. ROOT "" is ".". */
struct oh_source *oh_directory_source(struct oh_arena *arena, struct oh_slice root);

struct oh_change {
	char status; /* A M D T U as in git diff --raw; renames are not looked for */
	struct oh_slice path;
	struct oh_slice old_id, new_id; /* all zeros where there is none */
};
struct oh_changes {
	struct oh_change *items;
	size_t count, capacity;
};
/* Starts what oh_repo_staged(repo, "HEAD") needs; nobody waits for it. For hooks whose first
 * question this is. */
void oh_repo_prefetch_staged(struct oh_repo *repo);
/* git diff-index --cached against REV ("HEAD"; the empty tree where HEAD is unborn). */
bool oh_repo_staged(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	struct oh_changes *out, struct oh_error *err);
/* git diff-tree between two trees or commits. */
bool oh_repo_diff(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice from,
	struct oh_slice to, struct oh_changes *out, struct oh_error *err);
/* What each of COMMITS, ids, changes against each of its parents. */
bool oh_repo_changes_of(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_slices *commits, struct oh_changes *out, struct oh_error *err);
/* Paths with unmerged entries in the index. */
bool oh_repo_unmerged(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slices *out, struct oh_error *err);
/* What the index has at PATH in conflict: the blobs of the base, of ours and of theirs, "" where
 * one of them has no regular file there. */
struct oh_unmerged {
	struct oh_slice base, ours, theirs;
};
bool oh_repo_unmerged_at(
	struct oh_repo *repo, struct oh_slice path, struct oh_unmerged *out, struct oh_error *err);
/* The path of the index (stage 0) that has the blob ID; "" where none or several have. */
bool oh_repo_find_blob(
	struct oh_repo *repo, struct oh_slice id, struct oh_slice *path, struct oh_error *err);
/* Paths of the index (stage 0) whose last component is one of NAMES (NULL-ended); every path
 * where NAMES itself is NULL. */
bool oh_repo_find_files(struct oh_repo *repo, struct oh_arena *arena, const char *const *names,
	struct oh_slices *out, struct oh_error *err);

/* A commit's own words. */
struct oh_commit {
	struct oh_slice id, tree;
	struct oh_slices parents;
	struct oh_slice author, email; /* names as written */
	struct oh_slice subject;
	struct oh_slice raw; /* the whole object */
	bool is_signed;
};
bool oh_repo_commit(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	struct oh_commit *out, struct oh_error *err);
/* The newest commit in RANGE (git log's argument) that added ('A') or deleted ('D') PATH; false
 * with OH_E_NOT_FOUND where none did. */
bool oh_repo_who(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice range, char what,
	struct oh_slice path, struct oh_commit *out, struct oh_error *err);

/* writing objects: nothing visible changes: */
/* A blob as `git add PATH` would make it: filters and line ends are applied. */
bool oh_repo_write_blob(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice bytes, struct oh_slice *id, struct oh_error *err);
struct oh_edited_file {
	struct oh_slice path;
	struct oh_slice bytes; /* as in the worktree: filters and line ends are applied */
	bool remove;
};
/* The tree of REV ("": the empty one) with FILES in it, their blobs as `git add` would make them. A
 * path keeps its run bit. OH_E_CHANGED where a file and a directory would have one name. */
bool oh_repo_edit_files(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	const struct oh_edited_file *files, size_t count, struct oh_slice *tree,
	struct oh_error *err);
/* Starts what oh_repo_write_index needs; nobody waits for it. Not before a change of the index. */
void oh_repo_prefetch_index_tree(struct oh_repo *repo);
/* The index as a tree (git write-tree). OH_E_GIT where it has unmerged entries. */
bool oh_repo_write_index(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice *tree, struct oh_error *err);
/* COMMIT again with another tree: same parents, author, committer, message, encoding and
 * mergetags; signed anew where it was signed. OH_E_UNSUPPORTED where git can't sign the same words
 * again (a signed merge of a signed tag): nothing is lost, the caller leaves the commit alone. */
bool oh_repo_recommit(struct oh_repo *repo, struct oh_arena *arena, const struct oh_commit *commit,
	struct oh_slice tree, struct oh_slice *id, struct oh_error *err);
/* The same in two halves: its id is known at once, it is there when the second has said so. No ref
 * moves before (oh_repo_update_refs sees to it). */
bool oh_repo_recommit_start(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_commit *commit, struct oh_slice tree, struct oh_slice *id,
	struct oh_error *err);
bool oh_repo_commit_finish(struct oh_repo *repo, struct oh_error *err);

/* changing what the user sees: called by apply/ only: */
/* git read-tree -m -u FROM TO: index and worktree go along where they can; nothing happens and
 * OH_E_CHANGED is set where the user's own changes are in the way. */
bool oh_repo_switch_tree(
	struct oh_repo *repo, struct oh_slice from, struct oh_slice to, struct oh_error *err);
/* The same, and git may still be taking note of the files' times: until oh_repo_settle no other git
 * can lock the index. For what needs no index, meanwhile. */
bool oh_repo_switch_tree_early(
	struct oh_repo *repo, struct oh_slice from, struct oh_slice to, struct oh_error *err);
void oh_repo_settle(struct oh_repo *repo);
/* Writes file PATH (bytes as in the repository, filters applied on the way out) into the worktree
 * and stages it; refuses (OH_E_CHANGED) to follow a symlink and, unless REPLACE (the lock is ours
 * to write, whatever it says), to overwrite an untracked or modified file of other content. */
bool oh_repo_stage(struct oh_repo *repo, struct oh_slice path, struct oh_slice bytes, bool replace,
	struct oh_error *err);
/* git update-ref -m MESSAGE REF NEW OLD; OLD all zeros: must not exist; NEW "": delete. */
bool oh_repo_update_ref(struct oh_repo *repo, struct oh_slice ref, struct oh_slice new_id,
	struct oh_slice old_id, struct oh_slice message, struct oh_error *err);
struct oh_ref_move {
	struct oh_slice ref, new_id, old_id; /* as for oh_repo_update_ref */
};
/* Several in one transaction: all move, or none does. */
bool oh_repo_update_refs(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_ref_move *moves, size_t count, struct oh_slice message,
	struct oh_error *err);
/* The reflog message of REF@{0}; takes REF@{1} of each of REFS out of its reflog, so that the
 * last two moves read as one. */
bool oh_repo_reflog_message(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice ref,
	struct oh_slice *message, struct oh_error *err);
bool oh_repo_reflog_drop_previous(
	struct oh_repo *repo, const struct oh_slice *refs, size_t count, struct oh_error *err);
/* refs/heads/x that HEAD points to; "" where it is detached. */
struct oh_slice oh_repo_branch(struct oh_repo *repo, struct oh_arena *arena);

/* git itself, for what is not above: */
/* Runs git with ARGV (argv[0] "git"); OH_E_GIT with git's own first line of stderr where it
 * exits non-zero. OUTPUT may be NULL. */
bool oh_repo_git(struct oh_repo *repo, struct oh_arena *arena, const char *const *argv,
	struct oh_slice input, struct oh_slice *output, struct oh_error *err);
/* The same with the index of the worktree, whatever GIT_INDEX_FILE says; for what only looks. */
bool oh_repo_git_own_index(struct oh_repo *repo, struct oh_arena *arena, const char *const *argv,
	struct oh_slice *output, struct oh_error *err);
/* Starts what oh_repo_git(repo, …, argv, no input, …) will ask, for a command that only looks and
 * prints; nobody waits for it. ARGV is borrowed. One at a time. */
void oh_repo_prefetch_git(struct oh_repo *repo, const char *const *argv);

#endif

/*
 * Operations: what one act of onehead does to refs, index and worktree, as a value. It is carried
 * out whole or not at all, recorded, and can be taken back.
 *
 *	struct oh_operation op = {.command = OH_SLICE("rebase"),
 *		.title = OH_SLICE("the rebase of topic"), .message = OH_SLICE("onehead: rebase")};
 *	OH_PUSH(arena, &op.refs, (struct oh_operation_ref){.name = OH_SLICE("HEAD"),
 *		.old_id = rebased, .new_id = rebuilt, .before = orig_head});
 *	OH_PUSH(arena, &op.refs, (struct oh_operation_ref){.name = OH_SLICE("refs/heads/other"),
 *		.old_id = …, .new_id = …});
 *	if (!oh_apply_move(repo, arena, &op, err)) … nothing has happened
 *	…
 *	if (!oh_apply_undo(repo, arena, false, &undone, err)) … err says why not, and the way on
 *
 * Records lie in <git dir of the worktree>/onehead/operations/<number>, the last
 * OH_OPERATIONS_KEPT of them; what an operation replaced is kept under refs/onehead/undo/ as long
 * as its record is.
 */
#ifndef OH_APPLY_OPERATION_H
#define OH_APPLY_OPERATION_H

#include "model/step.h"
#include "repo/repo.h"

#define OH_OPERATIONS_KEPT 50

/* Ids are whole object names; "" where the ref is not there. */
struct oh_operation_ref {
	struct oh_slice name; /* full, or "HEAD": whatever HEAD is, its branch or itself */
	struct oh_slice old_id, new_id; /* the same: it is to be there, and stays */
	struct oh_slice before; /* where undo goes back to; "": to old_id */
	bool has_before; /* before is an ancestor of old_id, and kept with it */
	/* Only recorded: git itself moves it later (git rebase --update-refs), to new_id by the
	 * list below; to old_id where it never gets that. Now it is at `before`. */
	bool by_git;
};

/* One path in index and worktree. */
struct oh_path_state {
	/* "MODE ID STAGE" as git ls-files -s has them; none: not in it. Mode 000000 in an old
	 * state: it was marked with git add -N. */
	struct oh_slices entries;
	struct oh_slice file; /* "MODE ID" of its very bytes, without filters; "" for no file */
};
struct oh_operation_path {
	struct oh_slice path;
	struct oh_path_state old_state, new_state;
	bool index_only; /* its file is none of the operation's: `file` is "" in both */
};

struct oh_operation {
	/* the caller's: */
	struct oh_slice command; /* "merge", "rebase", "resolve", "pre-commit" */
	struct oh_slice title; /* for people: "the merge of theirs" */
	struct oh_slice message; /* for reflogs, one line */
	struct {
		struct oh_operation_ref *items;
		size_t count, capacity;
	} refs; /* HEAD's first, where it is among them */
	/* The trees (or commits) between which index and worktree go; "": those of the first ref.
	 * Only where that is HEAD's. */
	struct oh_slice from, to;
	/* HEAD is detached and git itself will put this branch there when it is done (git rebase
	 * --apply); "" for none. */
	struct oh_slice branch_later;
	/* git's own list of the refs that it moves later, which changes with the refs; path "" for
	 * none. */
	struct {
		struct oh_slice path, before, after;
	} list;
	/* The reflogs of HEAD and its branch are to read as if this move and the one before it had
	 * been one. */
	bool as_one_move;

	/* set by apply: */
	struct {
		struct oh_operation_path *items;
		size_t count, capacity;
	} paths; /* of one that changes these alone, or that made a commit of them: then HEAD moves,
		  * and index and worktree do not go along */
	struct oh_slices kept; /* "REF ID": the refs that keep what was replaced */
	struct oh_slice when; /* seconds since 1970 */
	bool moves_head; /* the first ref is HEAD's */
	size_t undoes; /* the number of the operation that this one took back, or 0 */
	struct oh_slice never; /* why this one can't be taken back, for people; or "" */
};

/*
 * Moves the refs of OP in one transaction, index and worktree along with the first one where that
 * is HEAD's. What they were is kept, `before` too; OP is recorded. The user's own changes stay as
 * they are, in index and worktree; nothing is touched where they are in the way. Errors leave
 * everything as it was (where even that fails, the message says so, and oh_apply_recover takes it
 * back):
 * OH_E_CHANGED a ref is not at old_id, HEAD's ref is among them but not the first, a branch is
 * checked out in another worktree, the user's files are in the way, or another onehead is at work
 * here; OH_E_IO, OH_E_GIT for the rest. HEAD's ref must be there before and after.
 */
bool oh_apply_move(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_error *err);

/* Does git commit from an index of its own (`-a`, `-i`, PATH, or a GIT_INDEX_FILE of the user's),
 * which replaces the worktree's in the end, or does not? Known by the file, not by its name. */
bool oh_apply_has_own_index(struct oh_repo *repo, struct oh_arena *arena);

/*
 * oh_apply_stage as an operation that can be taken back: OP has command and title. UNTRACKED,
 * which may be NULL, is carried out in the worktree alone: files that git does not know, and need
 * not. OH_E_CHANGED where one is not as its step expects it. Where git is in a commit with an index
 * of its own STEPS are oh_apply_stage and no more; where nothing would change there is no record.
 */
bool oh_apply_stage_recorded(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_operation *op, const struct oh_steps *steps,
	const struct oh_steps *untracked, struct oh_error *err);

/*
 * Puts on record what git itself has done at onehead's bidding (`git commit` within `onehead
 * merge`): OP's refs are at new_id, index and worktree too. No old_id may be kept by nothing but
 * this: it is an ancestor of new_id. Nothing that anybody sees changes.
 */
bool oh_apply_record(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	struct oh_error *err);

struct oh_undone {
	struct oh_operation operation; /* that was, or would be, taken back; the first ref by the
					  name that it has by now */
	struct oh_changes changes; /* files that go: A is put there again, D taken away */
};

/*
 * Takes back the last operation of this worktree that is not yet taken back; DRY_RUN only finds out
 * whether that can be done. OH_E_NOT_FOUND where there is none. OH_E_CHANGED, with the reason and
 * the way on in one line, where somebody has gone on since: then nothing has happened.
 */
bool oh_apply_undo(struct oh_repo *repo, struct oh_arena *arena, bool dry_run,
	struct oh_undone *out, struct oh_error *err);
/* The number of the newest record of all, if it took another one back; else 0. */
size_t oh_apply_last_undo(struct oh_repo *repo, struct oh_arena *arena);

#endif

/*
 * Carries plans out: whole or not at all. The only room that changes what the user sees.
 *
 * A plan that touches refs is journaled in <git dir>/onehead/journal before anything visible
 * happens; a journal that a kill left behind is finished or rolled back by oh_apply_recover,
 * which every command that writes calls first.
 */
#ifndef OH_APPLY_APPLY_H
#define OH_APPLY_APPLY_H

#include "model/step.h"
#include "repo/repo.h"

/* Writes the files of STEPS and stages them. On failure what was staged is taken back. */
bool oh_apply_stage(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	struct oh_error *err);

/* The tree of REV with STEPS in it: objects are written, nothing that anybody sees has changed.
 * OH_E_CHANGED where a file is not as a step expects it. */
bool oh_apply_tree(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	const struct oh_steps *steps, struct oh_slice *tree, struct oh_error *err);

/*
 * Puts another commit in HEAD's place: COMMIT again (same parents, author, message; signed anew
 * where it was signed) with TREE as its tree. Index and worktree go along, the reflog reads as if
 * it had been made so, the old commit is kept under refs/onehead/undo/. OH_E_CHANGED where HEAD
 * is no longer COMMIT or the user's own files are in the way: then nothing has happened.
 */
bool oh_apply_replace(struct oh_repo *repo, struct oh_arena *arena, const struct oh_commit *commit,
	struct oh_slice tree, struct oh_slice *new_id, struct oh_error *err);

/* A commit of its own on top of HEAD (parent HEAD), journaled like a replacement; for where `git
 * commit` can't run because a merge is being finished. Signed where commit.gpgSign is set. */
bool oh_apply_commit(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	struct oh_slice message, struct oh_slice *new_id, struct oh_error *err);

/* Puts index and worktree at TREE and leaves the state of a merge of HEADS that stopped before its
 * commit: `git commit` finishes it, `git merge --abort` goes back. */
bool oh_apply_start_merge(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice tree,
	const struct oh_slices *heads, struct oh_slice message, struct oh_error *err);

/* Finishes or rolls back what a kill left half done. True where there was nothing to do as well;
 * DID is set to one line for people, or "". */
bool oh_apply_recover(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice *did, struct oh_error *err);

#endif

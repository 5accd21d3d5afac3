/*
 * What every flow stands on: the repository, what is switched off, what it has to say.
 *
 *	struct oh_flow flow;
 *	if (!oh_flow_open(&flow, &arena, &err)) …
 *	ok = oh_flow_pre_commit(&flow, &err);	// lines and status in flow.report
 *	oh_flow_close(&flow);
 *
 * Every oh_flow_<hook> returns false only for an error (it could not be decided). A refusal is
 * report.status == OH_FINDINGS.
 */
#ifndef OH_FLOW_FLOW_H
#define OH_FLOW_FLOW_H

#include "flow/report.h"
#include "repo/repo.h"

struct oh_flow {
	struct oh_arena *arena;
	struct oh_repo *repo;
	struct oh_report report;
	struct oh_slices skip; /* rules named in ONEHEAD_SKIP */
};

bool oh_flow_open(struct oh_flow *flow, struct oh_arena *arena, struct oh_error *err);
/* The same in two halves: commands that may do without a repository ask for it when they do not. */
void oh_flow_begin(struct oh_flow *flow, struct oh_arena *arena);
bool oh_flow_need_repo(struct oh_flow *flow, struct oh_error *err);
void oh_flow_close(struct oh_flow *flow);

/* The hooks, by git's names. ARGS are git's arguments. */
bool oh_flow_pre_merge_commit(struct oh_flow *flow, struct oh_error *err);
bool oh_flow_post_merge(struct oh_flow *flow, bool squash, struct oh_error *err);
bool oh_flow_pre_commit(struct oh_flow *flow, struct oh_error *err);
bool oh_flow_post_commit(struct oh_flow *flow, struct oh_error *err);
/* post-applypatch, and what post-commit does in a cherry-pick. */
bool oh_flow_post_pick(struct oh_flow *flow, struct oh_error *err);
/* COMMAND is "rebase" or "amend", PAIRS what git writes to stdin: "OLD NEW" lines. */
bool oh_flow_post_rewrite(
	struct oh_flow *flow, struct oh_slice command, struct oh_slice pairs, struct oh_error *err);
/* INPUT is what git writes to the hook's stdin. */
bool oh_flow_pre_push(
	struct oh_flow *flow, struct oh_slice remote, struct oh_slice input, struct oh_error *err);

/* Commands. */
struct oh_resolve_request {
	bool accept_collisions; /* --merge */
	bool linear; /* --linear */
	unsigned stays; /* --ours-first: 1, --theirs-first: 2, else 0 */
	bool dry_run;
};
/* Joins what the index (of a stopped merge, or as it is) has too much, and stages it. */
bool oh_flow_resolve(
	struct oh_flow *flow, const struct oh_resolve_request *request, struct oh_error *err);
struct oh_merge_request {
	struct oh_slices branches; /* none: join the heads that HEAD itself has */
	struct oh_slice message; /* "" for git's own */
	bool accept_collisions;
	bool dry_run;
};
bool oh_flow_merge(
	struct oh_flow *flow, const struct oh_merge_request *request, struct oh_error *err);
struct oh_rebase_request {
	struct oh_slice onto; /* a revision; "" for the target */
	bool dry_run;
};
/* git's own rebase; OH_FINDINGS where it stopped. */
bool oh_flow_rebase(
	struct oh_flow *flow, const struct oh_rebase_request *request, struct oh_error *err);
/* Other numbers for what is not committed yet, where the target has taken them since. */
bool oh_flow_renumber(struct oh_flow *flow, bool dry_run, struct oh_error *err);
/* Takes back the last operation of this worktree, or says what that would do. */
bool oh_flow_undo(struct oh_flow *flow, bool dry_run, struct oh_error *err);

#endif

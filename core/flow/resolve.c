#include "flow/flow.h"

#include "apply/apply.h"
#include "apply/operation.h"
#include "flow/apart.h"
#include "flow/ask.h"
#include "flow/judge.h"
#include "flow/lines.h"
#include "flow/settle.h"
#include "model/lock.h"

#include <string.h>

/* Says what stands in the way of looking at the graph: files that only their authors can resolve.
 */
static bool all_resolved(struct oh_flow *flow, const struct oh_slices *unmerged)
{
	bool ok = true;

	for (size_t i = 0; i < unmerged->count; i++) {
		if (oh_slice_eq(oh_path_name(unmerged->items[i]), OH_SLICE(OH_LOCK_NAME)))
			continue;
		if (ok)
			oh_say(&flow->report,
				"onehead: these files are still in conflict; resolve them and git "
				"add them first:");
		oh_say(&flow->report, "  " OH_FMT,
			OH_ARG(oh_slice_printable(flow->arena, unmerged->items[i])));
		ok = false;
	}
	if (!ok)
		flow->report.status = OH_FINDINGS;
	return ok;
}

/* A lock is written by whatever changes it; a person is told once. */
static bool is_told(const struct oh_steps *steps, size_t i)
{
	const struct oh_step *s = &steps->items[i];

	for (size_t k = 0; k < i; k++)
		if (steps->items[k].kind == s->kind && oh_slice_eq(steps->items[k].path, s->path) &&
			oh_slice_eq(steps->items[k].reason, s->reason))
			return true;
	return false;
}

void oh_tell_steps(struct oh_flow *flow, const struct oh_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct oh_step *s = &steps->items[i];

		if (is_told(steps, i))
			continue;
		oh_say(&flow->report, "would %s " OH_FMT " (" OH_FMT ")",
			s->kind == OH_STEP_ADD	    ? "add"
			: s->kind == OH_STEP_REMOVE ? "remove"
						    : "write",
			OH_ARG(oh_slice_printable(flow->arena, s->path)), OH_ARG(s->reason));
	}
}

/* How what git is in the middle of goes on. */
static const char *next_command(struct oh_flow *flow)
{
	static const struct {
		const char *state, *command;
	} table[] = {{"MERGE_HEAD", "git commit"},
		{"CHERRY_PICK_HEAD", "git cherry-pick --continue"},
		{"REVERT_HEAD", "git revert --continue"}, {"rebase-merge", "git rebase --continue"},
		{"rebase-apply/applying", "git am --continue"},
		{"rebase-apply", "git rebase --continue"}};
	/* A rebase has a CHERRY_PICK_HEAD as well. */
	const bool rebase = oh_repo_has_state(flow->repo, "rebase-merge");

	for (size_t i = rebase ? 3 : 0; i < sizeof(table) / sizeof(*table); i++)
		if (oh_repo_has_state(flow->repo, table[i].state))
			return table[i].command;
	return "git commit";
}

struct resolving {
	struct oh_flow *flow;
	const struct oh_resolve_request *request;
	struct oh_lines lines;
	bool in_rebase; /* whose commits are moved when it is done */
	struct oh_apart apart;
	struct oh_source *index; /* with what is taken apart */
	struct oh_verdicts verdicts;
	struct oh_slice unmoved; /* why the order that was asked for can't be had; or "" */
};

static bool is_taken_apart(const struct resolving *r)
{
	return r->lines.count == 2;
}

static void name_apart(struct resolving *r, bool theirs_stay)
{
	r->lines.names_apart = (struct oh_apart_names){0};
	r->lines.apart = theirs_stay ? 0 : 1;
	for (size_t i = 0; i < r->apart.files.count; i++)
		if (r->apart.files.items[i].is_new)
			OH_PUSH(r->flow->arena, &r->lines.names_apart,
				((struct oh_apart_name){r->apart.files.items[i].path,
					r->apart.files.items[i].beside}));
}

/* *DONE is false where files are left that only their authors can resolve. That lines collide is
 * said at the end of a rebase; but of what was one file it may mean that it is one migration. */
static bool judge(struct resolving *r, bool theirs_stay, bool *done, struct oh_error *err)
{
	struct oh_flow *flow = r->flow;

	r->apart = (struct oh_apart){.left = r->lines.unmerged};
	if (is_taken_apart(r) &&
		!oh_apart_find(&r->apart, flow, &r->lines.unmerged, theirs_stay, err))
		return false;
	if (r->in_rebase && !r->apart.files.count)
		r->lines.accept_collisions = true;
	name_apart(r, theirs_stay);
	*done = all_resolved(flow, &r->apart.left);
	return !*done || (oh_repo_index_with(flow->repo, &r->apart.placed, &r->index, err) &&
				 oh_judge(flow, &r->lines, r->index, &r->verdicts, err));
}

/* Ours keeps its file's name where theirs moves, or where nothing moves and ours is not ours alone.
 */
static bool must_ours_stay(const struct resolving *r, bool *ours, struct oh_error *err)
{
	bool fixed;

	*ours = false;
	for (size_t i = 0; i < r->verdicts.count; i++)
		if (r->verdicts.items[i].moves.list.count) {
			*ours = r->verdicts.items[i].mover == 1;
			return true;
		}
	for (size_t i = 0; i < r->apart.files.count; i++) {
		if (!oh_settle_is_fixed(
			    r->flow, &r->verdicts, 0, r->apart.files.items[i].path, &fixed, err))
			return false;
		*ours = *ours || fixed;
	}
	return true;
}

static bool judge_either(struct resolving *r, bool *done, struct oh_error *err)
{
	const bool is_merge = !r->in_rebase && !r->lines.picked;
	bool ours;

	if (!judge(r, is_merge, done, err))
		return false;
	if (!*done || !is_merge || !r->apart.files.count)
		return true;
	return must_ours_stay(r, &ours, err) && (!ours || judge(r, false, done, err));
}

static bool does_collide(const struct oh_verdict *v)
{
	for (size_t i = 0; i < v->worse.count; i++)
		if (v->worse.items[i].severity >= OH_ERROR)
			return true;
	return false;
}

static bool only_collides(const struct oh_verdicts *vs)
{
	for (size_t i = 0; i < vs->count; i++) {
		const struct oh_findings *worse = &vs->items[i].worse;

		for (size_t k = 0; k < worse->count; k++)
			if (worse->items[k].severity >= OH_ERROR &&
				strcmp(worse->items[k].rule, "collision") != 0)
				return false;
		if (vs->items[i].join.undecided.count)
			return false;
	}
	return true;
}

/* Who asks for one line after the other has seen that they collide. Where neither may move they
 * would be joined without an order: they still collide. */
static bool judge_in_order(struct resolving *r, bool *done, struct oh_error *err)
{
	struct oh_flow *flow = r->flow;
	const struct oh_verdicts collided = r->verdicts;
	const struct oh_slices skip = flow->skip;
	bool ok;

	OH_PUSH(flow->arena, &flow->skip, OH_SLICE("collision"));
	ok = judge_either(r, done, err);
	flow->skip = skip;
	if (!ok)
		return false;
	for (size_t i = 0; i < collided.count; i++)
		if (does_collide(&collided.items[i]) && r->verdicts.items[i].joined.count) {
			r->unmoved = r->verdicts.items[i].unmoved;
			r->verdicts = collided;
			return true;
		}
	return true;
}

/* In a rebase the locks alone: of the index as it will be committed. */
static struct oh_steps planned(const struct resolving *r)
{
	struct oh_steps steps = {0};

	if (!r->in_rebase)
		return oh_verdicts_steps(r->flow->arena, &r->verdicts);
	for (size_t i = 0; i < r->verdicts.count; i++)
		oh_lock_plan(r->flow->arena, r->verdicts.items[i].meeting.result, &steps);
	return steps;
}

static void tell_done(const struct resolving *r)
{
	struct oh_flow *flow = r->flow;
	const bool changes = oh_verdicts_change_anything(&r->verdicts);

	if (!r->in_rebase)
		oh_tell_joined(flow, &r->verdicts, "staged");
	else if (changes)
		oh_say(&flow->report,
			"onehead: staged; what has forked is settled when the rebase ends");
	if (!changes)
		oh_say(&flow->report, "onehead: the lock is true again, and staged");
	oh_apart_tell(&r->apart, flow);
	oh_say(&flow->report, "next: %s", next_command(flow));
}

static bool carry_out(const struct resolving *r, struct oh_error *err)
{
	struct oh_flow *flow = r->flow;
	struct oh_steps steps = planned(r);
	const struct oh_operation op = {
		.command = OH_SLICE("resolve"), .title = OH_SLICE("onehead resolve")};

	if (!oh_apart_steps(&r->apart, flow, r->index, &steps, err))
		return false;
	if (!steps.count) {
		oh_say(&flow->report, "onehead: nothing to resolve");
		return true;
	}
	if (r->request->dry_run) {
		oh_tell_steps(flow, &steps);
		oh_tell_unasked(flow, &r->verdicts);
		return true;
	}
	if (!oh_apply_stage_recorded(flow->repo, flow->arena, &op, &steps, NULL, err))
		return false;
	tell_done(r);
	return true;
}

static void tell_stopped(const struct resolving *r)
{
	struct oh_flow *flow = r->flow;

	oh_tell_stopped(flow, &r->verdicts, "nothing staged");
	if (r->unmoved.len)
		oh_say(&flow->report, "  not moved: " OH_FMT, OH_ARG(r->unmoved));
	for (size_t i = 0; i < r->apart.files.count; i++)
		oh_say(&flow->report,
			"  if they are one migration: write it into " OH_FMT ", git add",
			OH_ARG(oh_slice_printable(flow->arena, r->apart.files.items[i].path)));
	if (!r->in_rebase) {
		oh_tell_ways(flow, &r->verdicts, oh_repo_has_state(flow->repo, "MERGE_HEAD"));
		return;
	}
	oh_say(&flow->report, "  choose: git rebase --abort    go back");
	oh_say(&flow->report, "          git rebase --skip     without this commit");
	if (r->apart.files.count)
		oh_say(&flow->report,
			"          export ONEHEAD_SKIP=collision && onehead resolve && "
			"git rebase --continue    both");
}

/* What is decided for the whole rebase counts, not what one of its commits looks like. */
static void set_lines(struct resolving *r, const struct oh_slices *unmerged)
{
	const struct oh_resolve_request *request = r->request;

	r->in_rebase = oh_in_watched_rebase(r->flow) && oh_lines_of_rebase_now(r->flow, &r->lines);
	if (!r->in_rebase)
		r->lines = oh_lines_of(r->flow, oh_occasion_now(r->flow));
	r->lines.unmerged = *unmerged;
	r->lines.accept_collisions = request->accept_collisions;
	r->lines.linear = request->linear || request->stays;
	r->lines.stays = request->stays;
}

bool oh_flow_resolve(
	struct oh_flow *flow, const struct oh_resolve_request *request, struct oh_error *err)
{
	struct resolving r = {.flow = flow, .request = request, .unmoved = OH_SLICE("")};
	struct oh_slices unmerged;
	struct oh_slice did;
	bool done, chosen = true;

	if (!oh_apply_recover(flow->repo, flow->arena, &did, err) ||
		!oh_repo_unmerged(flow->repo, flow->arena, &unmerged, err))
		return false;
	if (did.len)
		oh_say(&flow->report, "onehead: " OH_FMT, OH_ARG(did));
	set_lines(&r, &unmerged);
	if (!judge_either(&r, &done, err))
		return false;
	if (!done)
		return true;
	if (oh_verdicts_stop(&r.verdicts) && r.lines.linear && only_collides(&r.verdicts) &&
		!judge_in_order(&r, &done, err))
		return false;
	if (oh_verdicts_stop(&r.verdicts)) {
		tell_stopped(&r);
		return true;
	}
	if (!request->dry_run)
		oh_choose(flow, &r.verdicts, &chosen);
	return !chosen || carry_out(&r, err);
}

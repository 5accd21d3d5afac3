#include "flow/flow.h"

#include "apply/apply.h"
#include "apply/pending.h"
#include "flow/after_commit.h"
#include "flow/amending.h"
#include "flow/ask.h"
#include "flow/given_up.h"
#include "flow/judge.h"
#include "flow/lines.h"
#include "flow/numbers.h"
#include "flow/pick.h"
#include "flow/touch.h"
#include "model/lock.h"

#include <string.h>

/* One line says that the commit would fork, then who is to be named as the parent. */
static void refuse_fork(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_verdict *v, const struct oh_indices *group)
{
	const struct oh_snapshot *result = v->meeting.result;
	const struct oh_snapshot *before = v->meeting.sides[0];
	struct oh_slices ids = {0};

	for (size_t i = 0; i < group->count; i++)
		OH_PUSH(flow->arena, &ids, result->graph.nodes[group->items[i]].migration->id);
	oh_say(&flow->report,
		OH_FMT "REFUSED, nothing committed: this would make %zu heads: " OH_FMT,
		OH_ARG(oh_graph_prefix(flow->arena, result, vs->count)), ids.count,
		OH_ARG(oh_slice_printable(flow->arena, oh_slices_join(flow->arena, &ids, ", "))));
	for (size_t i = 0; i < group->count; i++) {
		const struct oh_migration *m = result->graph.nodes[group->items[i]].migration;

		oh_say(&flow->report, "  %s  " OH_FMT ":%u",
			oh_snapshot_find(before, m->id) ? "is there" : "new     ",
			OH_ARG(oh_slice_printable(flow->arena, m->path)), m->parents_line);
	}
	oh_say(&flow->report, "  choose: name the head that is there as the parent of the new one");
	oh_say(&flow->report, "          onehead resolve && git commit    join them");
	flow->report.status = OH_FINDINGS;
}

static bool refuse_forks(struct oh_flow *flow, const struct oh_verdicts *verdicts)
{
	bool refused = false;

	for (size_t i = 0; i < verdicts->count; i++)
		for (size_t g = 0; g < verdicts->items[i].join.groups.count; g++) {
			refuse_fork(flow, verdicts, &verdicts->items[i],
				&verdicts->items[i].join.groups.items[g]);
			refused = true;
		}
	return refused;
}

/* A row of picks goes on with the index that it had before this hook: what is staged here would be
 * in its way. */
static bool refuse_row(struct oh_flow *flow, const struct oh_steps *steps)
{
	struct oh_pick pick;

	if (!steps->count || !oh_repo_has_state(flow->repo, "sequencer/todo") ||
		!oh_pick_find(flow, &pick))
		return false;
	oh_say(&flow->report,
		"onehead: REFUSED, nothing committed: what these picks brought is not joined with "
		"what is here");
	oh_say(&flow->report, "  next: onehead resolve && git %s --continue", pick.command);
	flow->report.status = OH_FINDINGS;
	return true;
}

static bool is_skipped(const struct oh_flow *flow, const char *rule)
{
	return oh_slices_contain(&flow->skip, oh_slice_of(rule));
}

/* The lock alone, where a fork is let through: then nothing is joined, nor said to be. */
static struct oh_steps lock_steps(struct oh_flow *flow, struct oh_verdicts *verdicts)
{
	struct oh_steps steps = {0};

	for (size_t i = 0; i < verdicts->count; i++) {
		oh_lock_plan(flow->arena, verdicts->items[i].meeting.result, &steps);
		verdicts->items[i].joined.count = verdicts->items[i].moves.list.count = 0;
	}
	return steps;
}

/* What has forked by now is settled when the rebase ends: nobody is to join it. */
static void forget_forks(struct oh_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		verdicts->items[i].join.left_alone.count = 0;
}

/* What forks in the middle of a row is joined after its last commit. */
static bool in_row(struct oh_flow *flow)
{
	struct oh_pick pick;

	return oh_pick_find(flow, &pick) && !pick.is_last;
}

/* What is to be staged; false where the commit is refused. */
static bool take_steps(struct oh_flow *flow, enum oh_occasion occasion,
	struct oh_verdicts *verdicts, struct oh_steps *steps)
{
	const bool lets_fork =
		occasion == OH_AT_COMMIT &&
		(is_skipped(flow, "multiple-heads") || oh_in_rebase(flow) || in_row(flow));
	bool chosen;

	if (occasion == OH_AT_COMMIT && !lets_fork && refuse_forks(flow, verdicts))
		return false;
	*steps = lets_fork ? lock_steps(flow, verdicts) : oh_verdicts_steps(flow->arena, verdicts);
	if (refuse_row(flow, steps))
		return false;
	if (lets_fork)
		return true;
	oh_choose(flow, verdicts, &chosen);
	*steps = oh_verdicts_steps(flow->arena, verdicts);
	return chosen;
}

/* The lock that follows a commit is no act of its own: who goes on with an ordinary commit does not
 * find that onehead undo takes back that one. */
static bool keeps_lock_only(const struct oh_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		if (!oh_slice_eq(oh_path_name(steps->items[i].path), OH_SLICE(OH_LOCK_NAME)))
			return false;
	return true;
}

/* Within a rebase or a row of picks there is nothing to be taken back alone. */
static bool stage(struct oh_flow *flow, enum oh_occasion occasion, const struct oh_steps *steps,
	struct oh_error *err)
{
	const bool is_act =
		!oh_replay_state(flow) && (occasion != OH_AT_COMMIT || !keeps_lock_only(steps) ||
						  oh_pending_is_noted(flow->repo));
	const struct oh_operation op = {.command = occasion == OH_AT_MERGE    ? OH_SLICE("merge")
						   : occasion == OH_AT_SQUASH ? OH_SLICE("squash")
									      : OH_SLICE("commit"),
		.title = occasion == OH_AT_SQUASH ? OH_SLICE("the squash merge")
						  : OH_SLICE("the merge"),
		.message = OH_SLICE("onehead: commit")};

	return (is_act ? oh_pending_stage(flow->repo, flow->arena, &op, steps, err)
		       : oh_apply_stage(flow->repo, flow->arena, steps, err)) &&
	       oh_after_commit_remember(flow, steps, err) && oh_given_up_note(flow, steps, err);
}

/* What pre-commit looks at. */
struct committing {
	enum oh_occasion occasion;
	struct oh_lines lines;
	struct oh_numbers numbers;
	bool is_touched; /* some migration is: else there is nothing to look at */
};

/* The cheap questions. */
static bool find_touched(struct oh_flow *flow, struct committing *c, struct oh_error *err)
{
	bool *touched = &c->is_touched;

	c->numbers.amends = oh_is_amending(flow);
	if (!oh_touch_staged(flow, touched, err) ||
		(!*touched && c->numbers.amends &&
			!oh_touch_between(flow, OH_SLICE("HEAD^"), OH_SLICE("HEAD"), touched, err)))
		return false;
	c->occasion = oh_occasion_now(flow);
	if (!*touched && c->occasion != OH_AT_PICK)
		return true;
	c->lines = oh_lines_of(flow, c->occasion);
	/* The commits of the row before this one: nobody has looked at them. */
	return *touched ||
	       oh_touch_between(flow, c->lines.sides[0], OH_SLICE("HEAD"), touched, err);
}

static bool decide(struct oh_flow *flow, struct committing *c, struct oh_verdicts *verdicts,
	struct oh_error *err)
{
	struct oh_steps steps;

	if (!take_steps(flow, c->occasion, verdicts, &steps))
		return true;
	if (c->occasion == OH_AT_COMMIT && !in_row(flow) &&
		!oh_numbers_of_commit(flow, verdicts, &c->numbers, &steps, err))
		return false;
	if (c->numbers.refused)
		return true;
	if (oh_in_watched_rebase(flow))
		forget_forks(verdicts);
	if (!stage(flow, c->occasion, &steps, err))
		return oh_numbers_in_the_way(flow, &c->numbers, err);
	oh_tell_numbers(flow, &c->numbers);
	oh_tell_joined(flow, verdicts,
		c->occasion == OH_AT_COMMIT  ? ""
		: c->occasion == OH_AT_MERGE ? "in this merge commit"
					     : "in this commit");
	return true;
}

bool oh_flow_pre_commit(struct oh_flow *flow, struct oh_error *err)
{
	struct committing c = {0};
	struct oh_verdicts verdicts;
	struct oh_source *index;

	oh_repo_prefetch_staged(flow->repo);
	if (oh_repo_has_state(flow->repo, "onehead/journal"))
		return oh_fail(err, OH_E_CHANGED,
			"an operation of onehead was interrupted here; finish it first: "
			"onehead resolve");
	if (!oh_given_up_check(flow, &c.numbers.refused, err))
		return false;
	if (c.numbers.refused)
		return true;
	if (!find_touched(flow, &c, err))
		return false;
	if (!c.is_touched)
		return true;
	if (!oh_repo_index(flow->repo, &index, err) ||
		!oh_judge(flow, &c.lines, index, &verdicts, err))
		return false;
	if (oh_verdicts_stop(&verdicts)) {
		oh_tell_stopped(flow, &verdicts, "nothing committed");
		oh_tell_ways(flow, &verdicts, c.occasion == OH_AT_MERGE);
		return true;
	}
	return decide(flow, &c, &verdicts, err);
}

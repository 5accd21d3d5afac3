/* Numbers in pre-commit: what is due, what is refused, what is staged. */
#include "flow/numbers.h"

#include "flow/lines.h"
#include "plan/join.h"

static bool is_due(struct oh_flow *flow, const struct oh_verdicts *verdicts, bool amends)
{
	if (oh_replay_state(flow))
		return false;
	for (size_t i = 0; i < verdicts->count; i++)
		if (oh_renumber_is_due(flow->arena, verdicts->items[i].meeting.result,
			    verdicts->items[i].meeting.base))
			return true;
	return amends;
}

/* onehead.precommit */
static bool only_checks(struct oh_flow *flow, bool *yes, struct oh_error *err)
{
	const struct oh_slice set = oh_repo_config(flow->repo, "onehead.precommit");

	*yes = oh_slice_eq(set, OH_SLICE("check"));
	return *yes || !set.len || oh_slice_eq(set, OH_SLICE("renumber")) ||
	       oh_fail(err, OH_E_USAGE,
		       "onehead.precommit is \"" OH_FMT "\"; it can be renumber or check",
		       OH_ARG(set));
}

static void say_refused(
	struct oh_flow *flow, const struct oh_numbers *numbers, const struct oh_numbered *n)
{
	const struct oh_renumbered *first = &n->renumbering.list.items[0];

	oh_say(&flow->report, OH_FMT "REFUSED, nothing committed: " OH_FMT " is taken in " OH_FMT,
		OH_ARG(oh_graph_prefix(flow->arena, n->snapshot, n->graph_count)),
		OH_ARG(oh_slice_printable(flow->arena, first->migration->id)),
		OH_ARG(oh_slice_printable(flow->arena, numbers->target.name)));
	if (n->refused.len)
		oh_say(&flow->report, "  " OH_FMT, OH_ARG(n->refused));
	else if (numbers->amends)
		oh_say(&flow->report,
			"  onehead renumber changes it, or names the rebase that does");
	else
		oh_say(&flow->report, "  onehead renumber makes it " OH_FMT "; then commit again",
			OH_ARG(oh_slice_printable(flow->arena, first->name.id)));
	flow->report.status = OH_FINDINGS;
}

void oh_numbered_steps(struct oh_flow *flow, const struct oh_numbered *n, struct oh_steps *steps)
{
	for (size_t i = 0; i < n->steps.count; i++)
		OH_PUSH(flow->arena, steps, n->steps.items[i]);
	if (n->after && n->steps.count)
		oh_lock_plan(flow->arena, n->after, steps);
}

/* Of a graph with other numbers another lock is true. */
static struct oh_steps steps_of(
	struct oh_flow *flow, const struct oh_steps *locks, const struct oh_numbers *numbers)
{
	struct oh_steps steps = {0};

	for (size_t i = 0; i < numbers->count; i++)
		oh_numbered_steps(flow, &numbers->items[i], &steps);
	for (size_t i = 0; i < locks->count; i++) {
		bool is_other = true;

		for (size_t k = 0; k < numbers->count; k++)
			is_other =
				is_other && !(numbers->items[k].after &&
						    oh_slice_eq(locks->items[i].path,
							    numbers->items[k].snapshot->lock_path));
		if (is_other)
			OH_PUSH(flow->arena, &steps, locks->items[i]);
	}
	return steps;
}

bool oh_numbers_of_commit(struct oh_flow *flow, const struct oh_verdicts *verdicts,
	struct oh_numbers *out, struct oh_steps *steps, struct oh_error *err)
{
	const struct oh_numbers_request request = {.amends = out->amends};
	struct oh_error why = {0};
	bool checks;

	if (oh_slices_contain(&flow->skip, OH_SLICE("numbers")) ||
		!is_due(flow, verdicts, out->amends))
		return true;
	if (!only_checks(flow, &checks, err))
		return false;
	if (!oh_numbers_find(flow, &request, out, &why)) {
		oh_say(&flow->report, "onehead: numbers were not compared with upstream: %s",
			why.message);
		*out = (struct oh_numbers){0};
		return true;
	}
	for (size_t i = 0; i < out->count; i++)
		if (out->items[i].renumbering.list.count && (checks || out->items[i].refused.len)) {
			say_refused(flow, out, &out->items[i]);
			out->refused = true;
		}
	if (!out->refused && oh_numbers_change_anything(out))
		*steps = steps_of(flow, steps, out);
	return true;
}

bool oh_numbers_in_the_way(
	struct oh_flow *flow, const struct oh_numbers *numbers, const struct oh_error *err)
{
	for (size_t i = 0; err->code == OH_E_CHANGED && i < numbers->count; i++)
		if (numbers->items[i].renumbering.list.count) {
			struct oh_numbered n = numbers->items[i];

			n.refused = oh_slice_printf(flow->arena, "%s", err->message);
			say_refused(flow, numbers, &n);
			return true;
		}
	return false;
}

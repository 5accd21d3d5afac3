#include "flow/flow.h"

#include "apply/apply.h"
#include "apply/operation.h"
#include "flow/ask.h"
#include "flow/lines.h"
#include "model/lock.h"

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

void oh_tell_steps(struct oh_flow *flow, const struct oh_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct oh_step *s = &steps->items[i];

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

static bool carry_out(struct oh_flow *flow, const struct oh_resolve_request *request,
	const struct oh_verdicts *verdicts, struct oh_error *err)
{
	const struct oh_steps steps = oh_verdicts_steps(flow->arena, verdicts);
	const struct oh_operation op = {
		.command = OH_SLICE("resolve"), .title = OH_SLICE("onehead resolve")};

	if (!steps.count) {
		oh_say(&flow->report, "onehead: nothing to resolve");
		return true;
	}
	if (request->dry_run) {
		oh_tell_steps(flow, &steps);
		oh_tell_unasked(flow, verdicts);
		return true;
	}
	if (!oh_apply_stage_recorded(flow->repo, flow->arena, &op, &steps, NULL, err))
		return false;
	oh_tell_joined(flow, verdicts, "staged");
	if (!oh_verdicts_change_anything(verdicts))
		oh_say(&flow->report, "onehead: the lock is true again, and staged");
	oh_say(&flow->report, "next: %s", next_command(flow));
	return true;
}

bool oh_flow_resolve(
	struct oh_flow *flow, const struct oh_resolve_request *request, struct oh_error *err)
{
	struct oh_lines lines = oh_lines_of(flow, oh_occasion_now(flow));
	struct oh_verdicts verdicts;
	struct oh_source *index;
	struct oh_slice did;
	bool chosen = true;

	if (!oh_apply_recover(flow->repo, flow->arena, &did, err) ||
		!oh_repo_unmerged(flow->repo, flow->arena, &lines.unmerged, err))
		return false;
	if (did.len)
		oh_say(&flow->report, "onehead: " OH_FMT, OH_ARG(did));
	if (!all_resolved(flow, &lines.unmerged))
		return true;
	lines.accept_collisions = request->accept_collisions;
	lines.linear = request->linear || request->stays;
	lines.stays = request->stays;
	if (!oh_repo_index(flow->repo, &index, err) ||
		!oh_judge(flow, &lines, index, &verdicts, err))
		return false;
	if (oh_verdicts_stop(&verdicts)) {
		oh_tell_stopped(flow, &verdicts, "nothing staged");
		oh_tell_ways(flow, &verdicts, oh_repo_has_state(flow->repo, "MERGE_HEAD"));
		return true;
	}
	if (!request->dry_run)
		oh_choose(flow, &verdicts, &chosen);
	return !chosen || carry_out(flow, request, &verdicts, err);
}

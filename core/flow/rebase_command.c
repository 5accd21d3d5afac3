/* `onehead rebase`: git's own rebase onto the branch that this one is bound for; the post-rewrite
 * hook puts the migrations on top in each of its commits. */
#include "apply/apply.h"
#include "base/process.h"
#include "flow/flow.h"
#include "flow/judge.h"
#include "flow/lines.h"
#include "flow/merged_tree.h"
#include "flow/target.h"
#include "repo/hooks.h"

struct rebasing {
	struct oh_flow *flow;
	struct oh_slice name, onto, head; /* where to, for people; ids */
	struct oh_slice fetched; /* " (fetched 3 hours ago)", or "" */
};

static bool find_onto(struct rebasing *r, struct oh_slice named, struct oh_error *err)
{
	struct oh_flow *flow = r->flow;
	struct oh_target target;

	r->name = named;
	r->fetched = OH_SLICE("");
	if (!named.len) {
		if (!oh_target_find(flow, &target, err))
			return false;
		if (!target.name.len)
			return oh_fail(err, OH_E_USAGE,
				"it is not known which branch this one is bound for; name it: "
				"--onto REV, or git config onehead.target REV");
		r->name = target.name;
		if (target.fetched >= 0)
			r->fetched = oh_slice_printf(flow->arena, " (fetched " OH_FMT ")",
				OH_ARG(oh_age(flow->arena, target.fetched)));
	}
	return oh_repo_resolve(flow->repo, flow->arena, r->name, &r->onto, err) &&
	       oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &r->head, err);
}

static bool can_begin(struct oh_flow *flow, struct oh_error *err)
{
	static const char *const needed[] = {"post-rewrite", NULL};
	const char *state = oh_replay_state(flow);

	if (state || oh_repo_has_state(flow->repo, "MERGE_HEAD"))
		return oh_fail(err, OH_E_CHANGED,
			"git is in the middle of something (%s); finish it first: git status says "
			"how",
			state ? state : "MERGE_HEAD");
	return oh_hooks_live(flow->repo, flow->arena, needed) ||
	       oh_fail(err, OH_E_UNSUPPORTED,
		       "the post-rewrite hook does not run here, so nothing would be moved; "
		       "onehead doctor says why");
}

static bool tell_plan(struct rebasing *r, struct oh_error *err)
{
	struct oh_flow *flow = r->flow;
	const struct oh_slice branch = oh_repo_branch(flow->repo, flow->arena);
	struct oh_lines lines = {.sides = {r->onto, r->head},
		.names = {"ours", "theirs"},
		.count = 2,
		.rebased = branch.len ? branch : OH_SLICE("HEAD")};
	struct oh_verdicts verdicts;
	struct oh_source *result;
	struct oh_steps steps;
	struct oh_slice tree;

	lines.branches[0] = lines.branches[1] = OH_SLICE("");
	if (!oh_merged_tree(flow, r->onto, r->head, &tree, err))
		return oh_wrap(err, "it can't be said beforehand what this comes to");
	if (!oh_repo_tree(flow->repo, tree, &result, err) ||
		!oh_judge(flow, &lines, result, &verdicts, err))
		return false;
	if (oh_verdicts_stop(&verdicts)) {
		oh_tell_stopped(flow, &verdicts, "this is what the rebase would come to");
		return true;
	}
	steps = oh_verdicts_steps(flow->arena, &verdicts);
	oh_say(&flow->report, "would rebase onto " OH_FMT "%s" OH_FMT, OH_ARG(r->name),
		steps.count ? "" : "; nothing has to move", OH_ARG(r->fetched));
	oh_tell_steps(flow, &steps);
	return true;
}

static bool run_git(struct rebasing *r, struct oh_error *err)
{
	struct oh_flow *flow = r->flow;
	const char *argv[] = {"git", "rebase", oh_slice_str(flow->arena, r->name), NULL};
	struct oh_process p = {.argv = argv, .show_errors = true, .show_output = true};

	if (!oh_process_run(flow->arena, &p, err))
		return false;
	if (!p.status)
		return true;
	flow->report.status = OH_FINDINGS;
	if (!oh_replay_state(flow))
		return true;
	oh_say(&flow->report,
		"onehead: the rebase stopped; mend what git names, git add it, then:");
	oh_say(&flow->report, "  choose: git rebase --continue   go on");
	oh_say(&flow->report, "          git rebase --abort      go back");
	return true;
}

bool oh_flow_rebase(
	struct oh_flow *flow, const struct oh_rebase_request *request, struct oh_error *err)
{
	struct rebasing r = {.flow = flow};
	struct oh_slice did;

	if (!oh_apply_recover(flow->repo, flow->arena, &did, err))
		return false;
	if (did.len)
		oh_say(&flow->report, "onehead: " OH_FMT, OH_ARG(did));
	if (!find_onto(&r, request->onto, err) || !can_begin(flow, err))
		return false;
	if (oh_repo_is_ancestor(flow->repo, flow->arena, r.onto, r.head)) {
		oh_say(&flow->report, "onehead: " OH_FMT " is in this branch already" OH_FMT,
			OH_ARG(r.name), OH_ARG(r.fetched));
		return true;
	}
	return request->dry_run ? tell_plan(&r, err) : run_git(&r, err);
}

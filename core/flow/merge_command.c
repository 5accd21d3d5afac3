#include "flow/flow.h"

#include "apply/apply.h"
#include "apply/operation.h"
#include "base/buf.h"
#include "flow/ask.h"
#include "flow/lines.h"
#include "flow/merged_tree.h"
#include "flow/own_heads.h"

/* A merge of several lines, put together as objects before anything visible changes. */
struct merging {
	struct oh_flow *flow;
	const struct oh_merge_request *request;
	struct oh_lines lines; /* HEAD and those branches that HEAD does not have yet */
	struct oh_slices heads; /* their commits */
	struct oh_slices names;
	struct oh_slice tree;
	struct oh_verdicts *folded; /* of each line on top of those before it; NULL: none moves */
};

static bool add_branch(struct merging *m, struct oh_slice name, struct oh_error *err)
{
	struct oh_slice commit;

	if (!oh_repo_resolve(m->flow->repo, m->flow->arena, name, &commit, err))
		return oh_wrap(err, OH_FMT " can't be merged", OH_ARG(name));
	for (size_t i = 0; i < m->lines.count; i++)
		if (oh_repo_is_ancestor(m->flow->repo, m->flow->arena, commit, m->lines.sides[i]))
			return true; /* nothing in it that is not there */
	oh_lines_add(&m->lines, commit, name);
	OH_PUSH(m->flow->arena, &m->heads, commit);
	OH_PUSH(m->flow->arena, &m->names, name);
	return true;
}

static bool forget_committed_merge(struct oh_flow *flow, struct oh_error *err)
{
	const char *argv[] = {"git", "merge", "--quit", NULL};

	return !oh_repo_has_stale_merge(flow->repo, flow->arena) ||
	       oh_repo_git(flow->repo, flow->arena, argv, OH_SLICE(""), NULL, err);
}

static bool is_clean(struct oh_flow *flow, struct oh_error *err)
{
	struct oh_changes changes = {0};
	struct oh_slices unmerged = {0};

	if (!oh_repo_unmerged(flow->repo, flow->arena, &unmerged, err) ||
		!oh_repo_staged(flow->repo, flow->arena, OH_SLICE("HEAD"), &changes, err))
		return false;
	if (oh_in_rebase(flow))
		return oh_fail(err, OH_E_CHANGED,
			"a rebase is under way, and has its migrations settled when it ends; go on "
			"with git rebase --continue");
	if (oh_repo_has_state(flow->repo, "MERGE_HEAD") || unmerged.count)
		return oh_fail(err, OH_E_CHANGED,
			"a merge is under way; finish it with git commit, or git merge --abort");
	if (changes.count)
		return oh_fail(err, OH_E_CHANGED,
			"changes are staged; commit them (git commit) or put them away (git stash)");
	return true;
}

static bool commit_tree(struct merging *m, struct oh_slice tree, struct oh_slice a,
	struct oh_slice b, struct oh_slice *out, struct oh_error *err)
{
	struct oh_arena *arena = m->flow->arena;
	const char *argv[] = {"git", "commit-tree", "--no-gpg-sign", "-p", oh_slice_str(arena, a),
		"-p", oh_slice_str(arena, b), "-m", "merge", oh_slice_str(arena, tree), NULL};

	if (!oh_repo_git(m->flow->repo, arena, argv, OH_SLICE(""), out, err))
		return false;
	*out = oh_slice_trim(*out);
	return true;
}

static bool merge_all(struct merging *m, struct oh_error *err)
{
	struct oh_slice current = m->lines.sides[0];

	for (size_t i = 0; i < m->heads.count; i++) {
		if (!oh_merged_tree(m->flow, current, m->heads.items[i], &m->tree, err))
			return oh_wrap(err, "try git merge " OH_FMT, OH_ARG(m->names.items[i]));
		if (i + 1 < m->heads.count &&
			!commit_tree(m, m->tree, current, m->heads.items[i], &current, err))
			return false;
	}
	return true;
}

static bool merge_message(struct merging *m, struct oh_slice *message, struct oh_error *err)
{
	const char *argv[] = {"git", "fmt-merge-msg", NULL};
	struct oh_buf list = {.arena = m->flow->arena};

	if (m->request->message.len) {
		*message =
			oh_slice_printf(m->flow->arena, OH_FMT "\n", OH_ARG(m->request->message));
		return true;
	}
	for (size_t i = 0; i < m->heads.count; i++)
		oh_buf_addf(&list, OH_FMT "\t\tbranch '" OH_FMT "' of .\n",
			OH_ARG(m->heads.items[i]), OH_ARG(m->names.items[i]));
	return oh_repo_git(m->flow->repo, m->flow->arena, argv, oh_buf_slice(&list), message, err);
}

/* git makes the commit: its hooks run, its configuration counts. */
static bool git_commit(struct oh_flow *flow, const char *message, struct oh_error *err)
{
	const char *argv[] = {"git", "commit", "-q", message ? "-m" : "--no-edit", message, NULL};
	struct oh_process p = {.argv = argv, .show_errors = true, .show_output = true};

	if (!oh_process_run(flow->arena, &p, err))
		return false;
	if (p.status)
		return oh_fail(err, OH_E_GIT,
			"git commit refused; finish with git commit, or go back with git %s",
			message ? "reset --merge" : "merge --abort");
	return true;
}

/* `onehead undo` goes back to HEAD as it was before the commit. */
static bool record(
	struct oh_flow *flow, struct oh_slice head, const char *title, struct oh_error *err)
{
	struct oh_operation op = {.command = OH_SLICE("merge"),
		.title = oh_slice_of(title),
		.message = OH_SLICE("onehead: merge")};
	struct oh_operation_ref ref = {.name = OH_SLICE("HEAD"), .old_id = head};

	if (!oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &ref.new_id, err))
		return false;
	OH_PUSH(flow->arena, &op.refs, ref);
	return oh_apply_record(flow->repo, flow->arena, &op, err) ||
	       oh_wrap(err, "it is done, but `onehead undo` will not know of it");
}

/* CURRENT and a further line in one tree, and in a commit that nobody sees. *ONE_LINE is false
 * where they don't come to one line. */
static bool fold_one(struct merging *m, size_t line, struct oh_verdicts *v,
	struct oh_slice *current, bool *one_line, struct oh_error *err)
{
	struct oh_flow *flow = m->flow;
	struct oh_lines lines = {.sides = {*current}, .names = {"ours"}, .count = 1};
	struct oh_source *result;
	struct oh_steps steps;

	lines.branches[0] = OH_SLICE("");
	lines.accept_collisions = m->lines.accept_collisions;
	/* Nothing moves twice: what is said of the first move would be wrong. */
	lines.stays = v == m->folded ? 0 : 1;
	oh_lines_add(&lines, m->heads.items[line], m->names.items[line]);
	if (!oh_merged_tree(flow, *current, m->heads.items[line], &m->tree, err) ||
		!oh_repo_tree(flow->repo, m->tree, &result, err) ||
		!oh_judge(flow, &lines, result, v, err))
		return false;
	*one_line = !oh_verdicts_stop(v);
	for (size_t k = 0; k < v->count; k++)
		*one_line = *one_line && !v->items[k].joined.count;
	if (!*one_line)
		return true;
	steps = oh_verdicts_steps(flow->arena, v);
	return oh_apply_tree(flow->repo, flow->arena, m->tree, &steps, &m->tree, err) &&
	       commit_tree(m, m->tree, *current, m->heads.items[line], current, err);
}

/* All lines, one on top of the other, FIRST right above HEAD's or below it. */
static bool fold_from(struct merging *m, size_t first)
{
	struct oh_slice current = m->lines.sides[0];
	struct oh_error none = {0};
	bool one_line = true;

	for (size_t i = 0; i < m->heads.count && one_line; i++)
		if (!fold_one(m, (first + i) % m->heads.count, &m->folded[i], &current, &one_line,
			    &none))
			return false;
	return one_line;
}

/* Where all but one of them may move; else they are joined at once, in the tree that is there. One
 * that must not move comes first. */
static void fold(struct merging *m)
{
	const struct oh_slice tree = m->tree;

	if (m->heads.count < 2)
		return;
	m->folded = oh_arena_alloc(m->flow->arena, m->heads.count * sizeof(*m->folded));
	for (size_t first = 0; first < m->heads.count; first++)
		if (fold_from(m, first))
			return;
	m->folded = NULL;
	m->tree = tree;
}

static void tell(const struct merging *m, const struct oh_verdicts *verdicts)
{
	if (!m->folded)
		oh_tell_joined(m->flow, verdicts, "in this merge commit");
	for (size_t i = 0; m->folded && i < m->heads.count; i++)
		oh_tell_joined(m->flow, &m->folded[i], "in this merge commit");
	if (!oh_verdicts_change_anything(verdicts))
		oh_say(&m->flow->report, "onehead: merged; one head, nothing to join");
}

static bool finish(struct merging *m, const struct oh_verdicts *verdicts, struct oh_error *err)
{
	struct oh_steps steps = {0};
	struct oh_slice message;

	if (!m->folded)
		steps = oh_verdicts_steps(m->flow->arena, verdicts);

	if (m->request->dry_run) {
		oh_say(&m->flow->report, "would commit a merge of " OH_FMT,
			OH_ARG(oh_slice_printable(
				m->flow->arena, oh_slices_join(m->flow->arena, &m->names, ", "))));
		oh_tell_steps(m->flow, &steps);
		oh_tell_unasked(m->flow, verdicts);
		for (size_t i = 0; m->folded && i < m->heads.count; i++)
			oh_tell_joined(m->flow, &m->folded[i], "in it");
		return true;
	}
	if (!oh_apply_tree(m->flow->repo, m->flow->arena, m->tree, &steps, &m->tree, err) ||
		!merge_message(m, &message, err) ||
		!oh_apply_start_merge(
			m->flow->repo, m->flow->arena, m->tree, &m->heads, message, err) ||
		!git_commit(m->flow, NULL, err) ||
		!record(m->flow, m->lines.sides[0], "onehead merge", err))
		return false;
	tell(m, verdicts);
	return true;
}

static bool fast_forward(struct merging *m, struct oh_error *err)
{
	const char *argv[] = {
		"git", "merge", "--ff-only", oh_slice_str(m->flow->arena, m->names.items[0]), NULL};
	struct oh_process p = {.argv = argv, .show_errors = true, .show_output = true};

	if (m->request->dry_run) {
		oh_say(&m->flow->report, "would fast-forward to " OH_FMT ", and change nothing",
			OH_ARG(oh_slice_printable(m->flow->arena, m->names.items[0])));
		return true;
	}
	if (!oh_process_run(m->flow->arena, &p, err))
		return false;
	return !p.status || oh_fail(err, OH_E_GIT, "git merge --ff-only refused");
}

static bool merge_branches(
	struct oh_flow *flow, const struct oh_merge_request *request, struct oh_error *err)
{
	struct merging m = {.flow = flow, .request = request};
	struct oh_verdicts verdicts;
	struct oh_source *result;
	struct oh_slice head;
	bool chosen = true;

	if (!oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &head, err) ||
		!is_clean(flow, err))
		return false;
	m.lines = (struct oh_lines){.sides = {head}, .names = {"ours"}, .count = 1};
	m.lines.branches[0] = OH_SLICE("");
	m.lines.accept_collisions = request->accept_collisions;
	for (size_t i = 0; i < request->branches.count; i++)
		if (!add_branch(&m, request->branches.items[i], err))
			return false;
	if (!m.heads.count) {
		oh_say(&flow->report, "onehead: already up to date");
		return true;
	}
	if (m.heads.count == 1 &&
		oh_repo_is_ancestor(flow->repo, flow->arena, head, m.heads.items[0]))
		return fast_forward(&m, err);
	if (!merge_all(&m, err) || !oh_repo_tree(flow->repo, m.tree, &result, err))
		return false;
	if (!oh_judge(flow, &m.lines, result, &verdicts, err))
		return false;
	if (!oh_verdicts_stop(&verdicts)) {
		if (oh_verdicts_change_anything(&verdicts))
			fold(&m);
		if (!request->dry_run && !m.folded)
			oh_choose(flow, &verdicts, &chosen);
		return !chosen || finish(&m, &verdicts, err);
	}
	oh_tell_stopped(flow, &verdicts, "nothing merged");
	if (oh_verdicts_may_be_accepted(&verdicts))
		oh_say(&flow->report,
			"  choose: mend one of the branches, or join them as they are: "
			"onehead merge --accept");
	return true;
}

/* What each of two heads did, compared as if they were branches that meet. */
static void compare_heads(struct oh_flow *flow, struct oh_verdict *v)
{
	const struct oh_slices skip = flow->skip;

	for (size_t g = 0; g < v->join.groups.count; g++) {
		const struct oh_meeting heads = oh_meeting_of_heads(
			flow->arena, v->meeting.result, &v->join.groups.items[g]);
		struct oh_findings found = {0};

		oh_rule_named(OH_SLICE("collision"))
			->check(flow->arena, oh_rule_named(OH_SLICE("collision")), &heads, &found);
		oh_rule_named(OH_SLICE("twins"))
			->check(flow->arena, oh_rule_named(OH_SLICE("twins")), &heads, &found);
		for (size_t i = 0; i < found.count; i++)
			if (!oh_slices_contain(&skip, oh_slice_of(found.items[i].rule)))
				OH_PUSH(flow->arena, &v->worse, found.items[i]);
	}
}

/* HEAD has several heads by itself: they are joined in a commit of their own. */
static bool merge_own_heads(
	struct oh_flow *flow, const struct oh_merge_request *request, struct oh_error *err)
{
	const struct oh_lines nothing_met = {.sides = {OH_SLICE("")}, .count = 0};
	struct oh_verdicts verdicts;
	struct oh_source *tree;
	struct oh_steps steps;
	struct oh_slice head;

	if (!is_clean(flow, err) ||
		!oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &head, err) ||
		!oh_repo_tree(flow->repo, OH_SLICE("HEAD"), &tree, err) ||
		!oh_judge(flow, &nothing_met, tree, &verdicts, err))
		return false;
	for (size_t i = 0; i < verdicts.count && !request->accept_collisions; i++)
		compare_heads(flow, &verdicts.items[i]);
	if (!oh_verdicts_change_anything(&verdicts)) {
		oh_say(&flow->report, "onehead: one head already, nothing to join");
		return true;
	}
	if (oh_verdicts_stop(&verdicts)) {
		oh_tell_stopped(flow, &verdicts, "nothing joined");
		if (oh_verdicts_may_be_accepted(&verdicts))
			oh_say(&flow->report, "  to join them as they are: onehead merge --accept");
		return true;
	}
	steps = oh_verdicts_steps(flow->arena, &verdicts);
	if (request->dry_run) {
		oh_tell_steps(flow, &steps);
		return true;
	}
	if (!oh_apply_stage(flow->repo, flow->arena, &steps, err) ||
		!git_commit(flow,
			request->message.len ? oh_slice_str(flow->arena, request->message)
					     : "Join the heads of the migrations",
			err) ||
		!record(flow, head, "onehead merge", err))
		return false;
	oh_tell_joined(flow, &verdicts, "in a commit of its own");
	return true;
}

bool oh_flow_merge(
	struct oh_flow *flow, const struct oh_merge_request *request, struct oh_error *err)
{
	struct oh_slice did;

	if (!oh_apply_recover(flow->repo, flow->arena, &did, err))
		return false;
	if (did.len)
		oh_say(&flow->report, "onehead: " OH_FMT, OH_ARG(did));
	if (!request->dry_run && !forget_committed_merge(flow, err))
		return false;
	return request->branches.count ? merge_branches(flow, request, err)
				       : merge_own_heads(flow, request, err);
}

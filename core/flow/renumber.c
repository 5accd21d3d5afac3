/* Numbers that are taken: what is said of them, and the command that looks after them. */
#include "flow/numbers.h"

#include "apply/apply.h"
#include "apply/operation.h"
#include "flow/lines.h"
#include "flow/shared_branch.h"
#include "repo/disk.h"

static struct oh_slice printable(struct oh_flow *flow, struct oh_slice s)
{
	return oh_slice_printable(flow->arena, s);
}

/* How this branch gets what the target has. */
static struct oh_slice next_command(struct oh_flow *flow, const struct oh_target *t)
{
	struct oh_slice branch = oh_repo_branch(flow->repo, flow->arena);
	const struct oh_slices patterns = {&branch, branch.len ? 1 : 0, 1};
	const struct oh_slices remotes = oh_repo_remotes(flow->repo, flow->arena);
	const struct oh_remote_branch from = oh_remote_branch_of(&remotes, t->ref);
	struct oh_refs refs = {0};
	const struct oh_ref *own;

	if (!oh_repo_refs(flow->repo, flow->arena, &patterns, &refs, NULL))
		refs.count = 0;
	own = oh_refs_find(&refs, branch);
	if (own && t->ref.len && oh_slice_eq(own->upstream, t->ref))
		return OH_SLICE("git pull --rebase");
	if (from.name.len)
		return oh_slice_printf(flow->arena, "git pull --rebase " OH_FMT " " OH_FMT,
			OH_ARG(from.remote), OH_ARG(from.name));
	return oh_slice_printf(flow->arena, "git rebase " OH_FMT, OH_ARG(t->name));
}

/* The row that a database has of it is another one from now on. */
static void tell_database(struct oh_flow *flow, const struct oh_numbered *n)
{
	const struct oh_adapter *adapter = oh_adapter_named(n->snapshot->location.system);

	if (n->snapshot->graph.heads.count != 1 || !adapter->stamp_only_command)
		return;
	for (size_t i = 0; i < n->renumbering.list.count; i++) {
		const struct oh_renumbered *r = &n->renumbering.list.items[i];

		oh_say(&flow->report, "  a database that has run " OH_FMT " last needs:",
			OH_ARG(printable(flow, r->migration->id)));
		oh_say(&flow->report, "    %s " OH_FMT, adapter->stamp_only_command,
			OH_ARG(printable(flow, r->name.id)));
	}
}

static void tell_renumbered(
	struct oh_flow *flow, const struct oh_numbers *numbers, const struct oh_numbered *n)
{
	const size_t count = n->renumbering.list.count;
	struct oh_slice why = OH_SLICE("");

	if (n->renumbering.taken_by)
		why = oh_slice_printf(flow->arena, ": " OH_FMT " has got " OH_FMT,
			OH_ARG(numbers->target.name), OH_ARG(n->renumbering.taken_by->id));
	oh_say(&flow->report, OH_FMT "%zu migration%s renumbered" OH_FMT,
		OH_ARG(oh_graph_prefix(flow->arena, n->snapshot, n->graph_count)), count,
		count == 1 ? "" : "s", OH_ARG(printable(flow, why)));
	for (size_t i = 0; i < count; i++) {
		const struct oh_renumbered *r = &n->renumbering.list.items[i];

		oh_say(&flow->report, "  " OH_FMT "  becomes " OH_FMT,
			OH_ARG(printable(flow, r->migration->id)),
			OH_ARG(printable(flow, r->name.id)));
	}
	tell_database(flow, n);
}

static void tell_parents(
	struct oh_flow *flow, const struct oh_numbers *numbers, const struct oh_numbered *n)
{
	for (size_t i = 0; i < n->parents.count; i++)
		oh_say(&flow->report, OH_FMT OH_FMT " stands on " OH_FMT " in " OH_FMT ": " OH_FMT,
			OH_ARG(oh_graph_prefix(flow->arena, n->snapshot, n->graph_count)),
			OH_ARG(printable(flow, n->parents.items[i].child->id)),
			OH_ARG(printable(flow, n->parents.items[i].parent)),
			OH_ARG(printable(flow, numbers->target.name)),
			OH_ARG(printable(flow, next_command(flow, &numbers->target))));
}

static void tell_kept(struct oh_flow *flow, const struct oh_numbered *n)
{
	if (n->kept.len)
		oh_say(&flow->report, OH_FMT OH_FMT,
			OH_ARG(oh_graph_prefix(flow->arena, n->snapshot, n->graph_count)),
			OH_ARG(n->kept));
}

void oh_tell_numbers(struct oh_flow *flow, const struct oh_numbers *numbers)
{
	for (size_t i = 0; i < numbers->count; i++) {
		const struct oh_numbered *n = &numbers->items[i];

		if (n->renumbering.list.count)
			tell_renumbered(flow, numbers, n);
		tell_kept(flow, n);
		tell_parents(flow, numbers, n);
	}
}

static bool carry_out(
	struct oh_flow *flow, const struct oh_numbers *numbers, bool dry_run, struct oh_error *err)
{
	const struct oh_operation op = {
		.command = OH_SLICE("renumber"), .title = OH_SLICE("onehead renumber")};
	struct oh_steps steps = {0}, untracked = {0};

	for (size_t i = 0; i < numbers->count; i++) {
		const struct oh_numbered *n = &numbers->items[i];

		oh_numbered_steps(flow, n, &steps);
		for (size_t k = 0; k < n->untracked.count; k++)
			OH_PUSH(flow->arena, &untracked, n->untracked.items[k]);
	}
	if (dry_run) {
		oh_tell_steps(flow, &untracked);
		oh_tell_steps(flow, &steps);
		return true;
	}
	if (!oh_apply_stage_recorded(flow->repo, flow->arena, &op, &steps, &untracked, err))
		return false;
	oh_tell_numbers(flow, numbers);
	return true;
}

static bool say_refused(struct oh_flow *flow, const struct oh_numbers *numbers)
{
	for (size_t i = 0; i < numbers->count; i++)
		if (numbers->items[i].refused.len) {
			oh_say(&flow->report, OH_FMT "nothing renumbered: " OH_FMT,
				OH_ARG(oh_graph_prefix(flow->arena, numbers->items[i].snapshot,
					numbers->items[i].graph_count)),
				OH_ARG(numbers->items[i].refused));
			flow->report.status = OH_FINDINGS;
		}
	return flow->report.status != OH_CLEAN;
}

/* What is committed is changed by a rebase alone. */
static bool look_at_committed(struct oh_flow *flow, struct oh_error *err)
{
	static const struct oh_numbers_request request = {.committed = true};
	struct oh_numbers numbers;

	if (!oh_numbers_find(flow, &request, &numbers, err))
		return false;
	for (size_t i = 0; i < numbers.count; i++) {
		const struct oh_numbered *n = &numbers.items[i];
		struct oh_slices ids = {0};

		for (size_t k = 0; k < n->renumbering.list.count; k++)
			OH_PUSH(flow->arena, &ids, n->renumbering.list.items[k].migration->id);
		tell_kept(flow, n);
		if (!ids.count)
			continue;
		oh_say(&flow->report,
			OH_FMT OH_FMT ": committed, and " OH_FMT " has taken the number",
			OH_ARG(oh_graph_prefix(flow->arena, n->snapshot, n->graph_count)),
			OH_ARG(printable(flow, oh_slices_join(flow->arena, &ids, ", "))),
			OH_ARG(printable(flow, numbers.target.name)));
		oh_say(&flow->report, "  next: git rebase " OH_FMT,
			OH_ARG(printable(flow, numbers.target.name)));
		flow->report.status = OH_FINDINGS;
	}
	return true;
}

/* Merges, rebases and picks have numbers looked after in their own way. */
static bool check_state(struct oh_flow *flow, struct oh_error *err)
{
	const char *state =
		oh_repo_has_state(flow->repo, "MERGE_HEAD") ? "MERGE_HEAD" : oh_replay_state(flow);

	return !state ||
	       oh_fail(err, OH_E_CHANGED,
		       "git is in the middle of something here (%s); finish it first", state);
}

bool oh_flow_renumber(struct oh_flow *flow, bool dry_run, struct oh_error *err)
{
	static const struct oh_numbers_request request = {.untracked = true, .rising = true};
	struct oh_numbers numbers;
	struct oh_slice did;

	if (!check_state(flow, err) || !oh_apply_recover(flow->repo, flow->arena, &did, err))
		return false;
	if (did.len)
		oh_say(&flow->report, "onehead: " OH_FMT, OH_ARG(did));
	if (!oh_numbers_find(flow, &request, &numbers, err))
		return false;
	if (say_refused(flow, &numbers))
		return true;
	if (oh_numbers_change_anything(&numbers)) {
		if (!carry_out(flow, &numbers, dry_run, err))
			return false;
	} else {
		for (size_t i = 0; i < numbers.count; i++)
			tell_kept(flow, &numbers.items[i]);
	}
	if (!look_at_committed(flow, err))
		return false;
	if (!flow->report.lines.count)
		oh_say(&flow->report, "onehead: nothing to renumber");
	return true;
}

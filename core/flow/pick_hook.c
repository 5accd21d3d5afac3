/*
 * After the last commit of a cherry-pick, a revert or an am: where what it brought has forked from
 * what was there, or has a number that is taken, it is joined, or moves, in the commits just made.
 * Before the last one git would not find its way any more; a rebase is the business of
 * post-rewrite.
 */
#include "flow/flow.h"

#include "apply/apply.h"
#include "apply/operation.h"
#include "flow/left_row.h"
#include "flow/lines.h"
#include "flow/made.h"
#include "flow/pick.h"
#include "flow/touch.h"

#include <string.h>

struct picking {
	struct oh_flow *flow;
	struct oh_pick pick;
	struct oh_slice began; /* the commit before the first pick: an id */
	struct oh_made made; /* the commits that may change: all, or the last one */
};

static bool has_moves(const struct oh_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		if (verdicts->items[i].moves.list.count)
			return true;
	return false;
}

static bool move_head(const struct picking *p, struct oh_slice new_id, struct oh_error *err)
{
	struct oh_flow *flow = p->flow;
	struct oh_operation op = {.command = oh_slice_of(p->pick.command),
		.title = oh_slice_printf(flow->arena, "the %s", p->pick.command),
		.message = oh_slice_of(p->pick.command),
		.as_one_move = true};
	struct oh_error none = {0};

	OH_PUSH(flow->arena, &op.refs,
		((struct oh_operation_ref){.name = OH_SLICE("HEAD"),
			.old_id = p->made.head,
			.new_id = new_id,
			.before = p->began,
			.has_before = true}));
	oh_repo_reflog_message(flow->repo, flow->arena, OH_SLICE("HEAD"), &op.message, &none);
	return oh_apply_move(flow->repo, flow->arena, &op, err);
}

/* What moves does so in every commit of the row; a merge revision goes into the last one. */
static bool list_commits(struct picking *p, struct oh_error *err)
{
	p->made.onto = p->began;
	return (has_moves(&p->made.verdicts) || oh_repo_resolve(p->flow->repo, p->flow->arena,
							OH_SLICE("HEAD^"), &p->made.onto, err)) &&
	       oh_made_list(&p->made, OH_SLICE(""), err);
}

static bool rebuild(struct picking *p, struct oh_error *err)
{
	struct oh_flow *flow = p->flow;
	struct oh_slice new_id;
	bool needed;

	if (!list_commits(p, err))
		return false;
	if (!oh_made_has_head(&p->made))
		return true;
	if (!oh_made_plan(&p->made, &needed, err))
		return false;
	if (!needed)
		return true;
	if (!oh_made_rebuild(&p->made, err))
		return false;
	new_id = oh_made_new_id(&p->made, p->made.head);
	if (!move_head(p, new_id, err))
		return false;
	oh_tell_joined(flow, &p->made.verdicts,
		p->made.count > 1 ? "in the commits just picked" : "in the commit just made");
	if (oh_verdicts_change_anything(&p->made.verdicts))
		oh_say(&flow->report, "  commit %.7s became %.7s; undo the %s: onehead undo",
			p->made.head.ptr, new_id.ptr, p->pick.command);
	return true;
}

/* Is that they collide all that is wrong with these lines? */
static bool only_collides(const struct oh_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		const struct oh_verdict *v = &verdicts->items[i];

		if (v->join.undecided.count)
			return false;
		for (size_t k = 0; k < v->worse.count; k++)
			if (v->worse.items[k].severity >= OH_ERROR &&
				strcmp(v->worse.items[k].rule, "collision") != 0)
				return false;
	}
	return true;
}

static void tell_stopped(struct picking *p)
{
	struct oh_flow *flow = p->flow;

	oh_tell_stopped(flow, &p->made.verdicts, "the commits are left as git made them");
	oh_say(&flow->report, "  go back: git reset --keep %.7s", p->began.ptr);
	if (only_collides(&p->made.verdicts))
		oh_say(&flow->report, "  join them as they are: onehead merge");
}

static bool judge(struct picking *p, struct oh_error *err)
{
	struct oh_flow *flow = p->flow;
	const struct oh_lines lines = oh_lines_of_pick(p->began, p->pick.from);
	struct oh_source *tree;

	if (!oh_repo_tree(flow->repo, p->made.head, &tree, err) ||
		!oh_judge(flow, &lines, tree, &p->made.verdicts, err))
		return false;
	if (oh_verdicts_stop(&p->made.verdicts)) {
		tell_stopped(p);
		return true;
	}
	oh_tell_ask(flow, &p->made.verdicts);
	if (!oh_verdicts_steps(flow->arena, &p->made.verdicts).count)
		return true;
	return rebuild(p, err) ||
	       oh_wrap(err, "these commits have several heads and could not be made again (join "
			    "them with `onehead merge`)");
}

/* Where the row began, if that is still below HEAD: ORIG_HEAD can be of another command that came
 * between. Else, and for a single pick, the commit before this one. */
static bool find_onto(struct picking *p, struct oh_error *err)
{
	struct oh_flow *flow = p->flow;

	p->began = p->pick.onto;
	return (p->began.len &&
		       oh_repo_is_ancestor(flow->repo, flow->arena, p->began, p->made.head)) ||
	       oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD^"), &p->began, err);
}

static bool mend(struct picking *p, struct oh_error *err)
{
	struct oh_flow *flow = p->flow;
	bool touched;

	if (!oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &p->made.head, err) ||
		!find_onto(p, err) ||
		!oh_touch_between(flow, p->began, p->made.head, &touched, err))
		return false;
	return !touched || judge(p, err);
}

bool oh_flow_post_pick(struct oh_flow *flow, struct oh_error *err)
{
	struct picking p = {.flow = flow, .made = {.flow = flow}};
	const bool found = oh_pick_made(flow, &p.pick);

	if (found && !p.pick.is_last)
		return oh_left_row_note(flow, &p.pick, err);
	if (found && !mend(&p, err))
		return false;
	oh_left_row_forget(flow);
	return true;
}

#include "flow/flow.h"

#include "apply/apply.h"
#include "flow/ask.h"
#include "flow/handover.h"
#include "flow/judge.h"
#include "flow/touch.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

/* The lines that meet, as git tells a hook: GITHEAD_<commit>=<name> in the environment. */
static void lines_from_environment(struct oh_lines *lines)
{
	const struct oh_slice prefix = OH_SLICE("GITHEAD_");

	for (char **e = environ; *e && lines->count < OH_MOST_LINES; e++) {
		struct oh_slice entry = oh_slice_of(*e);
		size_t equals;

		if (!oh_slice_cut_prefix(&entry, prefix))
			continue;
		equals = oh_slice_find_byte(entry, '=', 0);
		lines->sides[lines->count] = oh_slice_sub(entry, 0, equals);
		lines->branches[lines->count] = oh_slice_sub(entry, equals + 1, entry.len);
		if (oh_slice_eq(lines->branches[lines->count], lines->sides[lines->count]))
			lines->branches[lines->count] = OH_SLICE(""); /* of a pull */
		lines->names[lines->count++] = "theirs";
	}
}

/* The name that git gave the line in this merge, where it is more than the commit itself. */
static struct oh_slice branch_name(struct oh_arena *arena, struct oh_slice commit)
{
	const struct oh_slice name =
		oh_slice_of(getenv(oh_slice_printf(arena, "GITHEAD_" OH_FMT, OH_ARG(commit)).ptr));

	return oh_slice_eq(name, commit) ? OH_SLICE("") : name;
}

static struct oh_lines ours_first(struct oh_slice head)
{
	struct oh_lines lines = {.sides = {head}, .names = {"ours"}, .count = 1};

	lines.branches[0] = OH_SLICE("");
	return lines;
}

/*
 * What post-merge will need; what can't be prepared it works out by itself. TREE is what git is
 * about to commit.
 */
static void hand_over(
	struct oh_flow *flow, const struct oh_verdicts *verdicts, struct oh_slice tree)
{
	const struct oh_steps steps = oh_verdicts_steps(flow->arena, verdicts);
	struct oh_handover handover = {
		.joins = oh_verdicts_change_anything(verdicts), .tree = tree};
	const size_t said = flow->report.lines.count;
	struct oh_error none = {0};
	struct oh_slice head;

	oh_tell_ask(flow, verdicts);
	if (!oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &head, &none) ||
		!oh_apply_tree(flow->repo, flow->arena, tree, &steps, &handover.new_tree, &none))
		return;
	OH_PUSH(flow->arena, &handover.lines, head);
	for (size_t i = 1; i < verdicts->lines.count; i++)
		OH_PUSH(flow->arena, &handover.lines, verdicts->lines.sides[i]);
	oh_tell_joined(flow, verdicts, "in this merge commit");
	for (size_t i = said; i < flow->report.lines.count; i++)
		OH_PUSH(flow->arena, &handover.told, flow->report.lines.items[i]);
	flow->report.lines.count = said;
	oh_handover_write(flow, &handover);
}

static bool leaves_alone(struct oh_flow *flow)
{
	return oh_slice_eq(oh_repo_config(flow->repo, "onehead.postmerge"), OH_SLICE("off"));
}

/* Stops the merge where there is a choice, rather than ask in the middle of it: git has written no
 * MERGE_HEAD yet, and Ctrl-C, or a terminal that is closed, would leave what can't be aborted. */
bool oh_flow_pre_merge_commit(struct oh_flow *flow, struct oh_error *err)
{
	struct oh_lines lines = ours_first(OH_SLICE("HEAD"));
	struct oh_verdicts verdicts;
	struct oh_source *result;
	struct oh_slice tree;
	bool touched;

	oh_repo_prefetch_staged(flow->repo);
	lines_from_environment(&lines);
	if (!oh_touch_staged(flow, &touched, err))
		return false;
	if (!touched || lines.count < 2)
		return true;
	/* In the order in which the answers are needed. */
	oh_repo_prefetch_index_tree(flow->repo);
	oh_repo_prefetch_objects(flow->repo);
	oh_repo_prefetch_merge_bases(flow->repo, lines.sides[0], lines.sides[1]);
	/* The index as the tree that git is about to commit. */
	if (!oh_repo_write_index(flow->repo, flow->arena, &tree, err) ||
		!oh_repo_tree(flow->repo, tree, &result, err) ||
		!oh_judge(flow, &lines, result, &verdicts, err))
		return false;
	if (oh_verdicts_stop(&verdicts)) {
		oh_tell_stopped(flow, &verdicts, "nothing committed");
		oh_tell_ways(flow, &verdicts, true);
	} else if (!leaves_alone(flow) && oh_choice_is_open(&verdicts)) {
		oh_tell_choice(flow, &verdicts);
	} else {
		hand_over(flow, &verdicts, tree);
	}
	return true;
}

/* MERGE_HEAD has the id of the tag where an annotated tag is merged. */
static bool is_parent(struct oh_flow *flow, struct oh_slice line, struct oh_slice parent)
{
	struct oh_slice commit;
	struct oh_error none = {0};

	return oh_slice_eq(line, parent) ||
	       (oh_repo_resolve(flow->repo, flow->arena, line, &commit, &none) &&
		       oh_slice_eq(commit, parent));
}

/*
 * Did this very merge make HEAD? Then MERGE_HEAD is still there and names HEAD's other parents. A
 * commit that nobody but this process has seen was not pushed either.
 */
static bool just_made(struct oh_flow *flow, const struct oh_commit *head)
{
	struct oh_slice rest = oh_repo_state(flow->repo, flow->arena, "MERGE_HEAD"), line;
	size_t n = 1;

	if (head->parents.count < 2)
		return false;
	while (oh_slice_next_line(&rest, &line))
		if (n >= head->parents.count || !is_parent(flow, line, head->parents.items[n++]))
			return false;
	return n == head->parents.count;
}

/* A fast-forward (or somebody else's merge): nothing is rewritten, a fork in it is said. */
static bool tell_forked(struct oh_flow *flow, struct oh_error *err)
{
	struct oh_lines lines = ours_first(OH_SLICE("HEAD"));
	struct oh_verdicts verdicts;
	struct oh_source *tree;
	bool touched;

	if (!oh_touch_between(flow, OH_SLICE("ORIG_HEAD"), OH_SLICE("HEAD"), &touched, err))
		return false;
	if (!touched)
		return true;
	lines.sides[0] = OH_SLICE("ORIG_HEAD");
	lines.one_sided = true;
	if (!oh_repo_tree(flow->repo, OH_SLICE("HEAD"), &tree, err) ||
		!oh_judge(flow, &lines, tree, &verdicts, err))
		return false;
	for (size_t i = 0; i < verdicts.count; i++)
		for (size_t g = 0; g < verdicts.items[i].join.groups.count; g++)
			oh_say(&flow->report,
				OH_FMT
				"this commit came with %zu heads; nothing is rewritten; join them: "
				"onehead merge",
				OH_ARG(oh_graph_prefix(flow->arena,
					verdicts.items[i].meeting.result, verdicts.count)),
				verdicts.items[i].join.groups.items[g].count);
	return true;
}

static bool add_commit(
	struct oh_flow *flow, const struct oh_verdicts *verdicts, struct oh_error *err)
{
	const struct oh_steps steps = oh_verdicts_steps(flow->arena, verdicts);
	struct oh_slice new_id;

	if (!oh_apply_commit(flow->repo, flow->arena, &steps,
		    OH_SLICE("Join the heads of the migrations\n"), &new_id, err))
		return false;
	oh_tell_joined(flow, verdicts, "in a commit of its own");
	return true;
}

static bool replace_tree(struct oh_flow *flow, const struct oh_commit *head, struct oh_slice tree,
	struct oh_slice *new_id, struct oh_error *err)
{
	return oh_apply_replace(flow->repo, flow->arena, head, tree, new_id, err) ||
	       oh_wrap(err, "the merge has several heads and could not be replaced (join them with "
			    "`onehead merge`)");
}

static void tell_replaced(
	struct oh_flow *flow, const struct oh_commit *head, struct oh_slice new_id)
{
	oh_say(&flow->report, "  commit %.7s became %.7s; undo the merge: onehead undo",
		head->id.ptr, new_id.ptr);
}

static bool replace_commit(struct oh_flow *flow, const struct oh_commit *head,
	const struct oh_verdicts *verdicts, struct oh_error *err)
{
	const struct oh_steps steps = oh_verdicts_steps(flow->arena, verdicts);
	struct oh_slice tree, new_id;

	oh_tell_ask(flow, verdicts);
	if (!oh_apply_tree(flow->repo, flow->arena, head->id, &steps, &tree, err) ||
		!replace_tree(flow, head, tree, &new_id, err))
		return false;
	oh_tell_joined(flow, verdicts, "in this merge commit");
	if (oh_verdicts_change_anything(verdicts))
		tell_replaced(flow, head, new_id);
	return true;
}

/* Is HEAD the very merge that pre-merge-commit looked at? */
static bool is_of(const struct oh_handover *handover, const struct oh_commit *head)
{
	bool same = handover->lines.count == head->parents.count &&
		    oh_slice_eq(handover->tree, head->tree);

	for (size_t i = 0; same && i < head->parents.count; i++)
		same = oh_slice_eq(handover->lines.items[i], head->parents.items[i]);
	return same;
}

static bool finish_prepared(struct oh_flow *flow, const struct oh_commit *head,
	const struct oh_handover *handover, struct oh_error *err)
{
	struct oh_slice new_id = head->id;

	if (!oh_slice_eq(handover->tree, handover->new_tree) &&
		!replace_tree(flow, head, handover->new_tree, &new_id, err))
		return false;
	for (size_t i = 0; i < handover->told.count; i++)
		oh_say(&flow->report, OH_FMT, OH_ARG(handover->told.items[i]));
	if (handover->joins)
		tell_replaced(flow, head, new_id);
	return true;
}

static bool is_prepared(
	struct oh_flow *flow, const struct oh_commit *head, struct oh_handover *handover)
{
	const struct oh_slice policy = oh_repo_config(flow->repo, "onehead.postmerge");

	return (!policy.len || oh_slice_eq(policy, OH_SLICE("replace"))) && is_of(handover, head) &&
	       just_made(flow, head);
}

static bool finish_merge(struct oh_flow *flow, const struct oh_commit *head, struct oh_error *err)
{
	const struct oh_slice policy = oh_repo_config(flow->repo, "onehead.postmerge");
	struct oh_lines lines = ours_first(head->parents.items[0]);
	struct oh_verdicts verdicts;
	struct oh_source *tree;

	for (size_t i = 1; i < head->parents.count && i < OH_MOST_LINES; i++) {
		lines.sides[i] = head->parents.items[i];
		lines.branches[i] = branch_name(flow->arena, head->parents.items[i]);
		lines.names[lines.count++] = "theirs";
	}
	if (!oh_repo_tree(flow->repo, head->id, &tree, err) ||
		!oh_judge(flow, &lines, tree, &verdicts, err))
		return false;
	if (oh_verdicts_stop(&verdicts)) {
		oh_tell_stopped(flow, &verdicts, "the merge is committed as git made it");
		oh_say(&flow->report, "  go back: git reset --merge ORIG_HEAD");
		return true;
	}
	if (!oh_verdicts_steps(flow->arena, &verdicts).count) {
		oh_tell_joined(flow, &verdicts, "");
		return true;
	}
	if (leaves_alone(flow)) {
		oh_say(&flow->report,
			"onehead: this merge has several heads; join them with: onehead merge");
		return true;
	}
	if (oh_slice_eq(policy, OH_SLICE("commit")))
		return add_commit(flow, &verdicts, err);
	return replace_commit(flow, head, &verdicts, err);
}

bool oh_flow_post_merge(struct oh_flow *flow, bool squash, struct oh_error *err)
{
	struct oh_handover handover;
	const bool handed_over = oh_handover_take(flow, &handover);
	struct oh_commit head;
	bool touched;

	if (squash)
		return true; /* nothing is committed yet: pre-commit does the work */
	if (handed_over)
		oh_repo_prefetch_objects(flow->repo);
	if (!oh_repo_has_state(flow->repo, "MERGE_HEAD"))
		return tell_forked(flow, err);
	/* By names: most merges bring no migration, and then no commit need be read. */
	if (!handed_over &&
		!oh_touch_between(flow, OH_SLICE("HEAD^1"), OH_SLICE("HEAD"), &touched, err))
		return false;
	if (!handed_over && !touched)
		return true;
	if (!oh_repo_commit(flow->repo, flow->arena, OH_SLICE("HEAD"), &head, err))
		return false;
	if (handed_over && is_prepared(flow, &head, &handover))
		return finish_prepared(flow, &head, &handover, err);
	return just_made(flow, &head) ? finish_merge(flow, &head, err) : tell_forked(flow, err);
}

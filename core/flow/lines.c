#include "flow/lines.h"

#include "flow/pick.h"
#include "repo/hooks.h"

const char *oh_replay_state(struct oh_flow *flow)
{
	static const char *const states[] = {
		"rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "REVERT_HEAD", NULL};

	for (const char *const *s = states; *s; s++)
		if (oh_repo_has_state(flow->repo, *s))
			return *s;
	return NULL;
}

bool oh_in_rebase(struct oh_flow *flow)
{
	return oh_repo_has_state(flow->repo, "rebase-merge") ||
	       oh_repo_has_state(flow->repo, "rebase-apply/rebasing");
}

bool oh_in_watched_rebase(struct oh_flow *flow)
{
	static const char *const needed[] = {"post-rewrite", NULL};

	return oh_in_rebase(flow) && oh_hooks_live(flow->repo, flow->arena, needed);
}

enum oh_occasion oh_occasion_now(struct oh_flow *flow)
{
	struct oh_pick pick;

	if (oh_repo_has_state(flow->repo, "MERGE_HEAD"))
		return OH_AT_MERGE;
	if (oh_pick_find(flow, &pick) && pick.is_last)
		return OH_AT_PICK;
	if (oh_replay_state(flow))
		return OH_AT_COMMIT; /* checks, never joins */
	return oh_repo_has_state(flow->repo, "SQUASH_MSG") ? OH_AT_SQUASH : OH_AT_COMMIT;
}

void oh_lines_add(struct oh_lines *lines, struct oh_slice commit, struct oh_slice branch)
{
	if (lines->count == OH_MOST_LINES)
		return;
	lines->sides[lines->count] = commit;
	lines->branches[lines->count] = branch;
	lines->names[lines->count++] = "theirs";
}

struct oh_lines oh_lines_of_pick(struct oh_slice onto, struct oh_slice from)
{
	struct oh_lines lines = {.sides = {onto}, .names = {"ours"}, .count = 1, .picked = true};

	lines.branches[0] = OH_SLICE("");
	oh_lines_add(&lines, from.len ? from : onto, OH_SLICE(""));
	return lines;
}

struct oh_lines oh_lines_of_rebase(
	struct oh_slice onto, struct oh_slice orig_head, struct oh_slice head_name)
{
	struct oh_lines lines = {.sides = {onto, orig_head},
		.names = {"ours", "theirs"},
		.count = 2,
		.rebased = head_name.len ? head_name : OH_SLICE("HEAD")};

	lines.branches[0] = lines.branches[1] = OH_SLICE("");
	return lines;
}

static struct oh_slice note(struct oh_flow *flow, const char *name)
{
	const char *state =
		oh_repo_has_state(flow->repo, "rebase-merge") ? "rebase-merge" : "rebase-apply";

	return oh_slice_trim(oh_repo_state(
		flow->repo, flow->arena, oh_slice_printf(flow->arena, "%s/%s", state, name).ptr));
}

bool oh_lines_of_rebase_now(struct oh_flow *flow, struct oh_lines *lines)
{
	*lines = oh_lines_of_rebase(
		note(flow, "onto"), note(flow, "orig-head"), note(flow, "head-name"));
	return lines->sides[0].len && lines->sides[1].len;
}

/* SQUASH_MSG lists what was squashed as `git log` does, newest first. */
static bool squashed_tip(struct oh_flow *flow, struct oh_slice *commit)
{
	struct oh_slice rest = oh_repo_state(flow->repo, flow->arena, "SQUASH_MSG"), line;
	struct oh_error none = {0};

	while (oh_slice_next_line(&rest, &line))
		if (oh_slice_cut_prefix(&line, OH_SLICE("commit ")))
			return oh_repo_resolve(flow->repo, flow->arena,
				oh_slice_sub(line, 0, oh_slice_find_byte(line, ' ', 0)), commit,
				&none);
	return false;
}

struct oh_lines oh_lines_of(struct oh_flow *flow, enum oh_occasion occasion)
{
	struct oh_lines lines = {.sides = {OH_SLICE("HEAD")}, .names = {"ours"}, .count = 1};
	struct oh_slice rest = oh_repo_state(flow->repo, flow->arena, "MERGE_HEAD"), line;
	struct oh_error none = {0};
	struct oh_slice head;
	struct oh_pick pick;

	if (occasion == OH_AT_PICK && oh_pick_find(flow, &pick))
		return oh_lines_of_pick(pick.onto.len ? pick.onto : OH_SLICE("HEAD"), pick.from);
	lines.branches[0] = OH_SLICE("");
	if (!oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &head, &none))
		lines.sides[0] = OH_SLICE(""); /* unborn: the first commit */
	while (occasion == OH_AT_MERGE && oh_slice_next_line(&rest, &line))
		/* the id of a tag, where one is merged */
		if (oh_repo_resolve(flow->repo, flow->arena, line, &head, &none))
			oh_lines_add(&lines, head, OH_SLICE(""));
	if (occasion == OH_AT_SQUASH && squashed_tip(flow, &head))
		oh_lines_add(&lines, head, OH_SLICE(""));
	lines.one_sided = lines.count == 1;
	return lines;
}

#include "flow/pick.h"

static struct oh_slice state(struct oh_flow *flow, const char *name)
{
	return oh_slice_trim(oh_repo_state(flow->repo, flow->arena, name));
}

static struct oh_slice resolved(struct oh_flow *flow, struct oh_slice name)
{
	struct oh_error none = {0};
	struct oh_slice id;

	return name.len && oh_repo_resolve(flow->repo, flow->arena, name, &id, &none)
		       ? id
		       : OH_SLICE("");
}

/* The list of what is still to be picked. git takes a line off it only when the next pick begins:
 * the first is of the one under way. *COMMIT is "" where that is none. */
static size_t read_todo(struct oh_flow *flow, struct oh_slice *commit)
{
	struct oh_slice rest = oh_repo_state(flow->repo, flow->arena, "sequencer/todo");
	struct oh_slice line, word;
	size_t count = 0;

	*commit = OH_SLICE("");
	while (oh_slice_next_line(&rest, &line)) {
		line = oh_slice_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (!count++ && oh_slice_next(&line, ' ', &word) &&
			oh_slice_eq(word, OH_SLICE("pick")) && oh_slice_next(&line, ' ', &word))
			*commit = resolved(flow, word);
	}
	return count;
}

static bool find_cherry_pick(struct oh_flow *flow, struct oh_pick *pick)
{
	const struct oh_slice began = state(flow, "sequencer/head");
	const struct oh_slice picked = state(flow, "CHERRY_PICK_HEAD");

	*pick = (struct oh_pick){.command = "cherry-pick",
		.onto = resolved(flow, began),
		.from = resolved(flow, picked),
		.is_last = true};
	if (began.len)
		pick->is_last = read_todo(flow, &pick->from) < 2;
	return pick->from.len > 0;
}

static bool find_am(struct oh_flow *flow, struct oh_pick *pick)
{
	*pick = (struct oh_pick){.command = "am",
		.onto = resolved(flow, OH_SLICE("ORIG_HEAD")),
		.from = OH_SLICE(""),
		.is_last = oh_slice_eq(
			state(flow, "rebase-apply/next"), state(flow, "rebase-apply/last"))};
	return pick->onto.len > 0;
}

bool oh_pick_find(struct oh_flow *flow, struct oh_pick *pick)
{
	if (oh_repo_has_state(flow->repo, "rebase-merge"))
		return false;
	if (oh_repo_has_state(flow->repo, "rebase-apply"))
		return oh_repo_has_state(flow->repo, "rebase-apply/applying") &&
		       find_am(flow, pick);
	return (oh_repo_has_state(flow->repo, "CHERRY_PICK_HEAD") ||
		       oh_repo_has_state(flow->repo, "sequencer/todo")) &&
	       find_cherry_pick(flow, pick);
}

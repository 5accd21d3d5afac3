#include "flow/pick.h"

#include "flow/left_row.h"
#include "repo/caller.h"

#include <ctype.h>

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

/* The state in which REVERTED was taken back holds what it is that comes back. */
static struct oh_slice before(struct oh_flow *flow, struct oh_slice reverted)
{
	return reverted.len
		       ? resolved(flow, oh_slice_printf(flow->arena, OH_FMT "^", OH_ARG(reverted)))
		       : OH_SLICE("");
}

/* "pick ID …" or "revert ID …". */
static void take_todo(struct oh_flow *flow, struct oh_slice line, struct oh_pick *pick)
{
	struct oh_slice command, id;

	if (!oh_slice_next(&line, ' ', &command) || !oh_slice_next(&line, ' ', &id))
		return;
	if (oh_slice_eq(command, OH_SLICE("revert"))) {
		pick->command = "revert";
		pick->from = before(flow, id);
	} else if (oh_slice_eq(command, OH_SLICE("pick"))) {
		pick->from = resolved(flow, id);
	}
}

/* The list of what is still to be picked. git takes a line off it only when the next pick begins:
 * the first is of the one under way. */
static void read_todo(struct oh_flow *flow, struct oh_pick *pick)
{
	struct oh_slice rest = oh_repo_state(flow->repo, flow->arena, "sequencer/todo");
	struct oh_slice line;
	size_t count = 0;

	pick->from = OH_SLICE("");
	while (oh_slice_next_line(&rest, &line)) {
		line = oh_slice_trim(line);
		if (line.len && line.ptr[0] != '#' && !count++)
			take_todo(flow, line, pick);
	}
	pick->is_last = count < 2;
}

static void find_replayed(struct oh_flow *flow, struct oh_pick *pick)
{
	const struct oh_slice began = state(flow, "sequencer/head");
	const struct oh_slice reverted = state(flow, "REVERT_HEAD");
	struct oh_pick left;

	*pick = (struct oh_pick){.command = reverted.len ? "revert" : "cherry-pick",
		.onto = resolved(flow, began),
		.from = reverted.len ? before(flow, reverted)
				     : resolved(flow, state(flow, "CHERRY_PICK_HEAD")),
		.is_last = true};
	if (began.len)
		read_todo(flow, pick);
	else if (oh_left_row_find(flow, &left))
		pick->onto = left.onto; /* this one goes on with it */
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
	static const char *const states[] = {"CHERRY_PICK_HEAD", "REVERT_HEAD", "sequencer/todo"};

	if (oh_repo_has_state(flow->repo, "rebase-merge"))
		return false;
	if (oh_repo_has_state(flow->repo, "rebase-apply"))
		return oh_repo_has_state(flow->repo, "rebase-apply/applying") &&
		       find_am(flow, pick);
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (oh_repo_has_state(flow->repo, states[i])) {
			find_replayed(flow, pick);
			return true;
		}
	return oh_left_row_find(flow, pick);
}

/* As git writes it into the message of the commit. */
static struct oh_slice reverted_by(struct oh_flow *flow)
{
	const struct oh_slice words = OH_SLICE("\nThis reverts commit ");
	struct oh_commit head;
	size_t at;

	if (!oh_repo_commit(flow->repo, flow->arena, OH_SLICE("HEAD"), &head, NULL))
		return OH_SLICE("");
	at = oh_slice_find(head.raw, words, 0);
	if (at == head.raw.len)
		return OH_SLICE("");
	head.raw = oh_slice_sub(head.raw, at + words.len, head.raw.len);
	for (at = 0; at < head.raw.len && isxdigit((unsigned char)head.raw.ptr[at]);)
		at++;
	return oh_slice_sub(head.raw, 0, at);
}

bool oh_pick_made(struct oh_flow *flow, struct oh_pick *pick)
{
	enum oh_replaying replaying;

	if (oh_pick_find(flow, pick))
		return true;
	if (oh_repo_has_state(flow->repo, "rebase-merge"))
		return false;
	replaying = oh_caller_replays(flow->arena);
	if (replaying != OH_REPLAYS_PICK && replaying != OH_REPLAYS_REVERT)
		return false;
	*pick = (struct oh_pick){.command = "cherry-pick",
		.onto = OH_SLICE(""),
		.from = OH_SLICE(""),
		.is_last = true};
	if (replaying == OH_REPLAYS_REVERT) {
		pick->command = "revert";
		pick->from = before(flow, reverted_by(flow));
	}
	return true;
}

/*
 * The commits that git has just made of others, in a rebase or in a row of picks: what is decided
 * for the last one is carried out in each of them.
 *
 *	struct oh_made made = {.flow = flow, .onto = onto, .head = head};
 *	if (!oh_judge(flow, &lines, tree, &made.verdicts, err) || !oh_made_list(&made, …) …
 *	if (!oh_made_plan(&made, &needed, err) || (needed && !oh_made_rebuild(&made, err))) …
 *	…	// oh_made_new_id(&made, made.head) is where HEAD is to be
 */
#ifndef OH_FLOW_MADE_H
#define OH_FLOW_MADE_H

#include "flow/replant.h"

struct oh_made {
	struct oh_flow *flow;
	struct oh_slice onto, head; /* ids: below the first of them, the last */
	struct oh_verdicts verdicts; /* of the last */
	/* out: */
	struct oh_rebuilt *commits; /* parents first */
	size_t count;
	size_t alone, left; /* as in oh_replant */
};

/* The commits of onto..head that nobody else can have: not in ALSO_NOT (an id, or ""), a remote or
 * a tag. */
bool oh_made_list(struct oh_made *made, struct oh_slice also_not, struct oh_error *err);
/* Starts what that asks of git; nobody waits for it. */
void oh_made_list_early(struct oh_made *made, struct oh_slice also_not);
/* Do they end with the last one? Else it is none that git has made here. */
bool oh_made_has_head(const struct oh_made *made);
/* Decides what each is to be. *NEEDED is false where all stay as they are. */
bool oh_made_plan(struct oh_made *made, bool *needed, struct oh_error *err);
/* Writes them; no ref moves. */
bool oh_made_rebuild(struct oh_made *made, struct oh_error *err);
/* What ID, a commit, has become when they are rebuilt; ID itself where it is none of them. */
struct oh_slice oh_made_new_id(const struct oh_made *made, struct oh_slice id);

#endif

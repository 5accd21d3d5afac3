/* The lines that meet in the operation that the repository is in the middle of. */
#ifndef OH_FLOW_LINES_H
#define OH_FLOW_LINES_H

#include "flow/judge.h"

enum oh_occasion {
	OH_AT_COMMIT, /* a plain one, or one within a rebase or a row of picks: never joins */
	OH_AT_MERGE,
	OH_AT_SQUASH,
	OH_AT_PICK /* a cherry-pick, revert or am that stopped at its last commit, or was left */
};

/* The name of git's state of a rebase, pick or revert that is under way here; NULL for none. */
const char *oh_replay_state(struct oh_flow *flow);
/* Is a rebase under way? What forks in it is moved when it is done. */
bool oh_in_rebase(struct oh_flow *flow);
/* One that will be settled by the post-rewrite hook. */
bool oh_in_watched_rebase(struct oh_flow *flow);
enum oh_occasion oh_occasion_now(struct oh_flow *flow);
struct oh_lines oh_lines_of(struct oh_flow *flow, enum oh_occasion occasion);
/* Those of a pick onto ONTO: FROM is the picked commit, "" where it is none that we know. */
struct oh_lines oh_lines_of_pick(struct oh_slice onto, struct oh_slice from);
/* Those of a rebase onto ONTO of the branch HEAD_NAME ("" for a detached HEAD), which was at
 * ORIG_HEAD. */
struct oh_lines oh_lines_of_rebase(
	struct oh_slice onto, struct oh_slice orig_head, struct oh_slice head_name);
/* Of the one that is under way, as git has noted it; false where its notes are not there. */
bool oh_lines_of_rebase_now(struct oh_flow *flow, struct oh_lines *lines);
/* Adds the line of COMMIT; more than OH_MOST_LINES are left out. */
void oh_lines_add(struct oh_lines *lines, struct oh_slice commit, struct oh_slice branch);

#endif

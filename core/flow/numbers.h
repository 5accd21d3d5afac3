/*
 * Numbers that the target has taken since: new migrations that are not committed yet get the next
 * free ones. Looks at what was fetched, and fetches nothing.
 */
#ifndef OH_FLOW_NUMBERS_H
#define OH_FLOW_NUMBERS_H

#include "flow/judge.h"
#include "flow/target.h"
#include "plan/renumber.h"

/* What is to be done in one script directory, and said of it. */
struct oh_numbered {
	const struct oh_snapshot *snapshot;
	struct oh_renumbering renumbering; /* nothing in its list: no number changes */
	struct oh_taken_parents parents;
	struct oh_steps steps; /* of the files that git knows, without the lock */
	struct oh_steps untracked; /* of the others */
	const struct oh_snapshot *after; /* what git knows of it, as it will be */
	struct oh_slice kept; /* why a number that was taken stays, in one line; or "" */
	struct oh_slice refused; /* why it must not be changed behind the user's back; or "" */
	size_t graph_count;
};

struct oh_numbers {
	struct oh_numbered *items;
	size_t count, capacity;
	struct oh_target target;
	bool refused; /* the commit: it has been said why */
	bool amends;
};

struct oh_numbers_request {
	bool untracked; /* files that git does not know count, too */
	bool amends; /* HEAD is made again: what it has brought is not committed yet */
	bool rising; /* as in struct oh_renumber_request */
	/* What HEAD has got since it parted from the target, instead of what is not committed: no
	 * steps, for nothing but a rebase changes it. */
	bool committed;
};
bool oh_numbers_find(struct oh_flow *flow, const struct oh_numbers_request *request,
	struct oh_numbers *out, struct oh_error *err);
/* All steps of what git knows, the lock last. */
void oh_numbered_steps(
	struct oh_flow *flow, const struct oh_numbered *numbered, struct oh_steps *steps);
bool oh_numbers_change_anything(const struct oh_numbers *numbers);

/*
 * For pre-commit at OH_AT_COMMIT, when the commit is known to be sound: nothing but a look at the
 * verdicts where they bring no new migration with a number. STEPS, those of the verdicts, become
 * what is to be staged. OUT->amends is the caller's: the commit takes HEAD's place.
 */
bool oh_numbers_of_commit(struct oh_flow *flow, const struct oh_verdicts *verdicts,
	struct oh_numbers *out, struct oh_steps *steps, struct oh_error *err);
/* ERR is why it could not be staged: the user's own files in the way of other numbers are no error
 * but a refusal. False for any other. */
bool oh_numbers_in_the_way(
	struct oh_flow *flow, const struct oh_numbers *numbers, const struct oh_error *err);
/* What was done. */
void oh_tell_numbers(struct oh_flow *flow, const struct oh_numbers *numbers);

#endif

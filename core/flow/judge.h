/*
 * Two or more lines meet: load what each has, find what is wrong with the result, decide which
 * heads are joined, plan the files. The one judgement behind every hook and command that joins.
 *
 *	struct oh_lines lines = {.sides = {head, theirs}, .count = 2};
 *	struct oh_verdicts v;
 *	oh_judge(&flow, &lines, index, &v, err);
 */
#ifndef OH_FLOW_JUDGE_H
#define OH_FLOW_JUDGE_H

#include "flow/flow.h"
#include "flow/load.h"
#include "plan/join.h"
#include "plan/move.h"
#include "rules/rules.h"

#define OH_MOST_LINES 64

struct oh_lines {
	struct oh_slice sides[OH_MOST_LINES]; /* commits, ours first; "" is no commit at all */
	const char *names[OH_MOST_LINES]; /* "ours", "theirs", or branch names */
	struct oh_slice branches[OH_MOST_LINES]; /* for people: "origin/main"; may be "" */
	size_t count;
	/* Nothing is known of the other line (a squash merge): what was in the first side counts
	 * as the base. */
	bool one_sided;
	/* Paths that the index has unmerged: a lock among them is written anew. */
	struct oh_slices unmerged;
	/* In a rebase: the full name of the branch that was rebased (HEAD where it was none); ours
	 * is the new base then, theirs the branch as it was, and only that moves. */
	struct oh_slice rebased;
	/* In a cherry-pick, am or revert: what the result has beside ours is a line of its own,
	 * that stands on what it stands on; theirs is the commit it came from, or ours where it
	 * came from none. Only that moves. */
	bool picked;
	/* What the user has chosen for this once: one line, and (1: ours, 2: theirs) which stays.
	 */
	bool linear;
	unsigned stays;
	/* Nothing moves that a merge revision joins as well. */
	bool stays_joined;
	/* Collisions and twins are known and taken. */
	bool accept_collisions;
	/* Files that the side APART has under a name that the result gives to another migration
	 * (flow/apart.h). */
	struct oh_apart_names {
		struct oh_apart_name {
			struct oh_slice name, is_now;
		} * items;
		size_t count, capacity;
	} names_apart;
	size_t apart;
};

/* What is to be said and done for one script directory. */
struct oh_verdict {
	struct oh_meeting meeting;
	struct oh_findings worse; /* what the meeting made worse than any of its sides was */
	struct oh_join join;
	struct oh_steps steps;
	struct oh_joined joined;
	/* Where one line moves on top of the other instead (settle.c): */
	struct oh_moves moves; /* none: nothing moves */
	size_t mover; /* the side that moves */
	const struct oh_snapshot *after; /* the result as it will be */
	struct oh_mendings mendings;
	/* In a rebase: a file of the new base that git has put a change of the line's into. */
	const struct oh_migration *strayed;
	struct oh_slice unmoved; /* why not, in one line, where it was asked for; else "" */
	/* onehead.fork is ask, and the other answer is sound, too (flow/ask.h); else NULL. */
	struct oh_verdict *other;
};

struct oh_verdicts {
	struct oh_verdict *items;
	size_t count, capacity;
	struct oh_slices bases; /* merge bases of the first two sides */
	struct oh_lines lines;
	const struct oh_tree *result;
	const struct oh_loader *loader; /* with what was read: for more trees like these */
	/* Who added the heads that are joined: asked of git by oh_tell_ask, or when it is told. */
	struct oh_authors *authors;
	/* Configuration that can't be read: graphs that nobody looked at. */
	const struct oh_unreadables *unreadables;
};

bool oh_judge(struct oh_flow *flow, const struct oh_lines *lines, struct oh_source *result,
	struct oh_verdicts *out, struct oh_error *err);

/* Adds to each finding of a missing parent who took it away, in which commit, and its twin in the
 * result where there is one (lost.c). */
void oh_explain_lost(
	struct oh_flow *flow, const struct oh_verdicts *verdicts, struct oh_verdict *verdict);

/* Findings of at least OH_ERROR, or heads of which it can't be told which belong together. */
bool oh_verdicts_stop(const struct oh_verdicts *verdicts);
/* Is all that stops something that a person may join as it is? */
bool oh_verdicts_may_be_accepted(const struct oh_verdicts *verdicts);
/* All steps of all graphs. */
struct oh_steps oh_verdicts_steps(struct oh_arena *arena, const struct oh_verdicts *verdicts);
/* Are there merge revisions or moves among them? */
bool oh_verdicts_change_anything(const struct oh_verdicts *verdicts);

/* For people (tell_joined.c, tell.c). DONE is how the first line of a join ends: "in this merge
 * commit". */
/* Asks git who added the heads of every group and undecided head; nobody waits for the answer. */
void oh_tell_ask(struct oh_flow *flow, const struct oh_verdicts *verdicts);
struct oh_authors *oh_authors_new(struct oh_arena *arena);
void oh_tell_joined(struct oh_flow *flow, const struct oh_verdicts *verdicts, const char *done);
/* What moved, and what a database that has run it needs (tell_moved.c). */
void oh_tell_moved(struct oh_flow *flow, const struct oh_verdicts *verdicts,
	const struct oh_verdict *verdict, const char *done);
/* One line each: whose it is, id, title, author and branch. */
void oh_tell_heads(struct oh_flow *flow, const struct oh_verdicts *verdicts,
	const struct oh_verdict *verdict, const struct oh_indices *heads);
void oh_tell_stopped(struct oh_flow *flow, const struct oh_verdicts *verdicts, const char *what);
/* What can be done about a stop: in a merge that stopped before its commit, or before any other. */
void oh_tell_ways(struct oh_flow *flow, const struct oh_verdicts *verdicts, bool in_merge);
/* "onehead: " and, where there are several graphs, the name of this one. */
struct oh_slice oh_graph_prefix(
	struct oh_arena *arena, const struct oh_snapshot *snapshot, size_t graph_count);
/* What a dry run prints. */
void oh_tell_steps(struct oh_flow *flow, const struct oh_steps *steps);
/* `path:line: rule severity: message` and `  fix: …`, and the details. */
void oh_tell_finding(struct oh_flow *flow, const struct oh_finding *finding);

#endif

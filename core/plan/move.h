/*
 * One line moves on top of another: which migrations move, under which ids, onto which parents,
 * and which are dropped because they are there already. Pure: graphs in, moves out; the bytes of
 * the files come later, when it is clear whose are needed.
 *
 *	struct oh_moves moves;
 *	if (!oh_move_decide(&moves, arena, &(struct oh_move_request){…}, err)) … err says why not
 *	if (!oh_move_steps(arena, &moves, read, context, &steps, err)) …
 *
 * What is decided for a whole line holds for each of its commits: oh_move_apply carries the same
 * moves out on an earlier state of it.
 */
#ifndef OH_PLAN_MOVE_H
#define OH_PLAN_MOVE_H

#include "adapters/adapter.h"
#include "model/snapshot.h"
#include "model/step.h"

enum oh_standing {
	OH_MOVABLE, /* nobody has seen it yet */
	OH_PUBLISHED, /* in the history of a remote-tracking branch or a tag */
	OH_DEPLOYED, /* a database has applied it */
	OH_DOUBTFUL /* it can't be told: stays where it is */
};

/* What is known of the migrations that one side has brought. */
struct oh_standings {
	struct oh_standing_of {
		struct oh_slice id;
		enum oh_standing standing;
		struct oh_slice why; /* for people: "in origin/main" */
	} * items; /* sorted by id */
	size_t count, capacity;
};
/* OH_DOUBTFUL for one that is not in STANDINGS. */
const struct oh_standing_of *oh_standing_find(
	const struct oh_standings *standings, struct oh_slice id);

struct oh_move_request {
	/* Lines that meet; bodies of what they brought are read (OH_READ_BODY). In a rebase: base
	 * is where the lines parted, side 0 the new base, side 1 the line as it was before, the
	 * result the new tip. */
	const struct oh_meeting *meeting;
	size_t stays, moves; /* sides of it */
	const struct oh_standings *standings; /* of what the side that moves has brought */
	bool renumber; /* sequential ids get the next numbers where the graph counts */
};

/* One migration that does not stay as it is. */
struct oh_move {
	const struct oh_migration *migration; /* as the result has it */
	struct oh_slice new_id, new_path; /* the same where they do not change */
	struct oh_slices parents; /* from now on */
	bool is_dropped;
	struct oh_slice instead; /* dropped: the migration that is there already, or the parent of a
				    merge revision that has become useless */
};

struct oh_moves {
	struct {
		struct oh_move *items; /* parents first */
		size_t count, capacity;
	} list;
	struct oh_renames renames; /* every id that is called otherwise from now on */
	const struct oh_snapshot *result;
	struct oh_slice onto; /* the head that they move onto */
	struct oh_slices fork; /* the parents that they had outside of their line, sorted */
};

/*
 * OH_E_UNSUPPORTED, with one line for people, where it can't be done: something that would have
 * to move must not, the side that stays has several heads above the fork, the side that moves
 * depends on what is not there. No moves where nothing is to be moved.
 */
bool oh_move_decide(struct oh_moves *moves, struct oh_arena *arena,
	const struct oh_move_request *request, struct oh_error *err);

/* The bytes of a migration file; false with ERR set where they can't be had. */
typedef bool (*oh_read_file)(void *context, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *bytes, struct oh_error *err);

/*
 * The steps that make SNAPSHOT what the moves say, its lock included: SNAPSHOT is the result
 * itself or an earlier state of the line that moves, set on the side that stays. What it lacks of
 * the moves is left out. AFTER is the snapshot as it will be (its graph, without bodies).
 * OH_E_UNSUPPORTED where a file can't be rewritten: then nothing is to be moved.
 */
bool oh_move_steps(struct oh_arena *arena, const struct oh_moves *moves,
	const struct oh_snapshot *snapshot, oh_read_file read, void *context,
	struct oh_steps *steps, struct oh_snapshot *after, struct oh_error *err);

/*
 * The commands, one a line, that mend a database which has applied migrations of the line before
 * it was moved, for each point at which it may stand: data is kept. UPGRADE and STAMP are how the
 * system calls them. Empty where no database needs anything.
 */
struct oh_mending {
	struct oh_slice applied; /* the last of the moved migrations that it has, by its old id */
	struct oh_slices commands;
};
struct oh_mendings {
	struct oh_mending *items; /* parents first */
	size_t count, capacity;
};
struct oh_mendings oh_move_mendings(struct oh_arena *arena, const struct oh_moves *moves,
	const struct oh_snapshot *after, const struct oh_adapter *adapter);

#endif

/*
 * One line moves on top of another: which migrations move, under which ids, onto which parents,
 * and which are dropped because they are there already. Pure: graphs in, moves out; the bytes of
 * the files come later, when it is clear whose are needed.
 *
 *	struct oh_moves moves;
 *	if (!oh_move_decide(&moves, arena, &(struct oh_move_request){…}, err)) … err says why not
 *	if (!oh_move_steps(arena, &moves, read, context, &steps, err)) …
 *
 * What is decided for a whole line holds for each of its commits: oh_move_steps carries the same
 * moves out on an earlier state of it.
 *
 * - What stands on an ancestor of the head of the side that stays stands on that head from now on.
 *   Chains, forks and merge revisions within the line keep their shape; heads that have nothing
 *   to do with the fork stay where they are.
 * - Where a merge that was not replayed had set one part of the line on another, and both stand
 *side by side again, the one stands on the other as it did.
 * - A twin (the same body under another id, or the same id in another file) of a migration of the
 *   side that stays is dropped; what stood on it stands on that one and on what it stood on.
 * - A merge revision that would join nothing any more is dropped, unless it does something, has
 *   labels, or depends on something. What stood on one that the line had, and that was not
 *   replayed, stands on what that one joined.
 * - An id that the side that stays gives to another migration is changed.
 * - Where ids count, what has moved gets the next numbers.
 *
 * What comes out has no more heads than a merge revision would leave, and planned again it is no
 * move at all.
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
	bool replayed; /* in a rebase: a merge that gave the line its shape may be left out */
	bool renumber; /* sequential ids get the next numbers where the graph counts */
};

/* One migration that does not stay as it is. */
struct oh_move {
	const struct oh_migration *migration; /* as the result has it */
	struct oh_slice new_id, new_path; /* the same where they do not change */
	struct oh_slices parents; /* from now on */
	bool is_dropped; /* then it has no parents */
	bool is_twin; /* dropped because the same migration is there already, as `instead` */
	struct oh_slice instead; /* dropped: the migration that is there already, or the parent of a
				    merge revision that has become useless */
};

struct oh_moves {
	struct {
		struct oh_move *items; /* parents first */
		size_t count, capacity;
	} list;
	/* Every id that is called otherwise from now on, those of what is dropped among them, and
	 * those that the side that stays has renamed. Of what the line has brought alone: where
	 * both sides gave one id to different migrations, the other one keeps it. */
	struct oh_renames renames;
	const struct oh_snapshot *result;
	bool as_before; /* the line has got its shape again */
	struct oh_slice onto; /* the head that they move onto; "" where they have no single one */
	struct oh_slices from; /* the parents that they had outside of their line, sorted */
	struct oh_slices apart; /* brought, and not above the fork: they keep their parents */
	struct oh_move_request request; /* what was asked */
};

/*
 * OH_E_UNSUPPORTED, with one line for people, where it can't be done: something that would have
 * to move must not, either side has several heads above the fork, several lines have forked or
 * more than two meet, the side that moves depends on what is not there, twins can't be told
 * apart. No moves where nothing is to be moved. The meeting and the standings must outlive MOVES.
 */
bool oh_move_decide(struct oh_moves *moves, struct oh_arena *arena,
	const struct oh_move_request *request, struct oh_error *err);

/* The bytes of a migration file; false with ERR set where they can't be had. */
typedef bool (*oh_read_file)(void *context, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *bytes, struct oh_error *err);

/*
 * The steps that make SNAPSHOT what the moves say, the lock last: SNAPSHOT is the result itself or
 * an earlier state of the line that moves, set on the side that stays. AFTER is the snapshot as it
 * will be, read from the new bytes (without bodies of what is rewritten); SNAPSHOT must outlive it.
 *
 * What SNAPSHOT lacks of the moves is left out. One that would be dropped stays where its `instead`
 * is not there: without it, it would be lost. An earlier version of a file, with other parents, is
 * set on the same head; a migration that the result has no more moves along under its own id.
 *
 * OH_E_UNSUPPORTED where a file can't be rewritten, a name is taken, the head is not there, or
 * something would have to change of which REQUEST's standings do not say that it may (a second file
 * of one migration, with its id, may go in any case): then nothing is to be moved.
 */
bool oh_move_steps(struct oh_arena *arena, const struct oh_moves *moves,
	const struct oh_snapshot *snapshot, oh_read_file read, void *context,
	struct oh_steps *steps, struct oh_snapshot *after, struct oh_error *err);

/*
 * The commands that mend a database which has applied migrations of the line before it was moved:
 * data is kept, each migration is applied once. One for each point at which it may stand, as long
 * as that is plain from the last migration that it has applied, and one for all heads of the line
 * together where there are several. Empty where no database needs anything.
 *
 * Left out, because commands would be a guess or do harm: points beside which the database may
 * have applied more, on another branch, that the commands would forget; a database that has
 * applied a migration that is not there any more; one below which nothing is left that could be
 * named; ids that can't be typed.
 */
struct oh_mending {
	struct oh_slice applied; /* the last of the moved migrations that it has, by its old id;
				    several are joined by " and " */
	struct oh_slices commands; /* to be run one after the other, as long as each succeeds */
};
struct oh_mendings {
	struct oh_mending *items; /* parents first */
	size_t count, capacity;
};
/* AFTER is the result as it will be: from oh_move_steps. */
struct oh_mendings oh_move_mendings(struct oh_arena *arena, const struct oh_moves *moves,
	const struct oh_snapshot *after, const struct oh_adapter *adapter);

#endif

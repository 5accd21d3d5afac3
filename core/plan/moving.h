/*
 * Private to move*.c: one snapshot whose line is being moved. The same work is done twice: on the
 * result, where twins, names and useless merge revisions are decided, and on every snapshot that
 * is made to say so.
 *
 * While it lasts a migration is known by its key: its id, or something else where the line has
 * brought a migration under an id that is taken.
 */
#ifndef OH_PLAN_MOVING_H
#define OH_PLAN_MOVING_H

#include "plan/move.h"

struct oh_moving_item {
	const struct oh_migration *migration;
	struct oh_slice key;
	bool is_brought; /* by the side that moves; all else stays as it is */
	bool is_apart; /* brought, but not above the fork */
	struct oh_slices parents, depends_on; /* keys, as they are to be */
	bool is_dropped, is_twin;
	struct oh_slice instead; /* key */
	struct oh_slice new_id, new_path;
};

struct oh_moving {
	struct oh_arena *arena;
	struct oh_move_request request;
	const struct oh_snapshot *base, *stays, *moves; /* of the meeting */
	const struct oh_snapshot *snapshot; /* that is worked on */
	struct oh_moving_item *items; /* in the order of their ids */
	size_t count;
	/* Each id is there once: the items are the nodes of the snapshot's graph, and the keys are
	 * the ids. */
	bool is_plain;
	struct oh_map by_key;
	struct oh_map clashes; /* id to the item that the line has brought under a taken id */
	struct oh_renames not_yet; /* ids likewise, whose item is not there yet, and their keys */
	struct oh_renames lost; /* ids that are not there any more, and what is there for them */
	struct oh_renames absent; /* ids that are not there yet, and what they will be */
	/* Of each item what it was in the line before that was replayed: the line has that shape
	 * again. NULL where that is not wanted. */
	const struct oh_migration **before;
	size_t *since; /* of each node of that line the first item that was it, plus one; or 0 */
	struct oh_slice onto; /* key of the head to move onto, or "" */
	struct oh_graph graph; /* of what is not dropped, by keys; from oh_moving_link */
	struct oh_graph built; /* of the same nodes: what `graph` is revised from */
	size_t *item_of; /* of each node; NULL where items and nodes have the same numbers */
};

/* move_items.c */

/* Reads the items of SNAPSHOT; OH_E_UNSUPPORTED where an id is there more often than can be
 * understood. */
bool oh_moving_begin(struct oh_moving *moving, struct oh_arena *arena,
	const struct oh_move_request *request, const struct oh_snapshot *snapshot,
	struct oh_error *err);
struct oh_moving_item *oh_moving_find(const struct oh_moving *moving, struct oh_slice key);
/* The same for many keys, as oh_graph_find_next. */
struct oh_moving_item *oh_moving_find_next(
	const struct oh_moving *moving, size_t *next, struct oh_slice key);
struct oh_moving_item *oh_moving_at(const struct oh_moving *moving, size_t node);
/* What ITEM means by NAME, as a key. */
struct oh_slice oh_moving_key(
	const struct oh_moving *moving, const struct oh_moving_item *item, struct oh_slice name);
/* Its parents as its file says, as keys. */
struct oh_slices oh_moving_parents(
	const struct oh_moving *moving, const struct oh_moving_item *item);
/* Builds the graph of what is not dropped. */
void oh_moving_link(struct oh_moving *moving);
/* The line's own version of a migration; NULL where it has none. */
const struct oh_migration *oh_moving_before(
	const struct oh_moving *moving, const struct oh_moving_item *item);
/* The brought items, parents first: as the line had them where that still holds. */
struct oh_indices oh_moving_order(const struct oh_moving *moving);
/* OH_E_UNSUPPORTED: "ID can't move: WHY". */
bool oh_moving_refuse(struct oh_slice id, const char *why, struct oh_error *err);

/* move_twins.c: marks the twins among what was brought, and fills `lost`. */
bool oh_moving_find_twins(struct oh_moving *moving, struct oh_error *err);
/* What a migration does, NULL where that is not known: SIDE is it before the lines met. */
const struct oh_body *oh_moving_body(
	const struct oh_migration *migration, const struct oh_migration *side);

/* move_shape.c */

/* Sets the parents of all that was brought: what is dropped gives way, then, where there is
 * ONTO, what stands on an ancestor of it stands on it. Links the graph. */
void oh_moving_shape(struct oh_moving *moving);
/*
 * What ITEM stands on where it named KEYS: each that is dropped or lost gives way to what is there
 * for it, and to what it stood on: its twin may stand lower than it did. A merge revision that
 * was not replayed gives way to what it joined.
 */
struct oh_slices oh_moving_resolve(const struct oh_moving *moving,
	const struct oh_moving_item *item, const struct oh_slices *keys);
/* Do its parents differ from those that its file says? */
bool oh_moving_is_reparented(const struct oh_moving *moving, const struct oh_moving_item *item);
/* Marks merge revisions that the side that stays has made as well; false where there are none. */
bool oh_moving_drop_same_merges(struct oh_moving *moving);
/* Marks merge revisions that join nothing any more; false where there are none. */
bool oh_moving_drop_useless(struct oh_moving *moving);
/* What is there in the end in the place of KEY. */
struct oh_slice oh_moving_instead(const struct oh_moving *moving, struct oh_slice key);

/* move_before.c */

/* Fills `before` and `since`. */
void oh_moving_find_before(struct oh_moving *moving);
/* Has KEYS, the parents of ITEM, be those that it had before, as long as all of them are there. */
void oh_moving_take_before(
	const struct oh_moving *moving, const struct oh_moving_item *item, struct oh_slices *keys);

/* move_names.c */

/* Gives everything its new id and path: numbers, and other ids for those that are taken. */
bool oh_moving_name(struct oh_moving *moving, struct oh_error *err);
/* The ids of KEYS from now on. */
struct oh_slices oh_moving_ids(const struct oh_moving *moving, const struct oh_slices *keys);
/* Must its file change? */
bool oh_moving_is_written(const struct oh_moving *moving, const struct oh_moving_item *item);

/* move_check.c */

/* OH_E_UNSUPPORTED where something that stays would have to change, something must not move, or a
 * name is taken. */
bool oh_moving_check_files(const struct oh_moving *moving, struct oh_error *err);
/* OH_E_UNSUPPORTED where the result would be damaged, or would have more heads than a merge
 * revision leaves. */
bool oh_moving_check_graph(const struct oh_moving *moving, struct oh_error *err);

#endif

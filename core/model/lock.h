/*
 * The lock: a tracked text file that says which migrations a script directory has and which of
 * them is the head, so that git sees a fork as a conflict in one file.
 *
 *	# onehead: the migrations of this directory and their head. Kept by onehead; …
 *	# A conflict here means that two branches added migrations. …
 *	head 011_hash_dedup_fields
 *
 *	001_initial_migration
 *	737ef70e7bab c1d2e3f4g5h6 f6a668d072bb
 *
 * One `head` line a head, an empty line, then `id parents…`; both sorted bytewise; the parents of
 * a line are sorted too and each is named once. An id with a blank, a control character or a '%'
 * in it is written with %XX for those bytes, and so is the first byte of an id that would read as
 * something else in its place: `head`, `format`, `#…`, a conflict marker. An empty id is a lone
 * '%'. A later form of the file says `format N` before anything else; this form says nothing.
 */
#ifndef OH_MODEL_LOCK_H
#define OH_MODEL_LOCK_H

#include "base/error.h"
#include "model/graph.h"

#define OH_LOCK_NAME "onehead.lock"

struct oh_lock_entry {
	struct oh_slice id;
	struct oh_slices parents; /* sorted */
};

struct oh_lock {
	struct oh_slices heads; /* sorted */
	struct {
		struct oh_lock_entry *items;
		size_t count, capacity;
	} entries; /* sorted by id */
};

/* The lock of GRAPH as it is, damage included (a missing parent is named like any other). */
struct oh_lock oh_lock_of(struct oh_arena *arena, const struct oh_graph *graph);
/* The file's bytes; a function of the lock alone. */
struct oh_slice oh_lock_format(struct oh_arena *arena, const struct oh_lock *lock);
/*
 * OH_E_FORMAT: not a lock, or one with conflict markers in it (the message says which, with the
 * line). OH_E_VERSION: a later form of it. Empty bytes are an empty lock. Unsorted or repeated
 * lines, CRLF and a BOM are taken. Nothing in LOCK borrows from BYTES.
 */
bool oh_lock_parse(
	struct oh_lock *lock, struct oh_arena *arena, struct oh_slice bytes, struct oh_error *err);
/* The graph that the entries alone make: its heads are what the head lines should say. */
void oh_lock_graph(struct oh_graph *graph, struct oh_arena *arena, const struct oh_lock *lock);

#endif

/*
 * What is remembered of history, in <common directory>/onehead/seen-…: which migration files ever
 * lay in the version directories of one graph. History does not change, so what was once read of
 * it stays true; the file may be deleted at any time. One that is not whole, or was made for
 * another question, counts for nothing.
 */
#ifndef OH_FLOW_SEEN_STORE_H
#define OH_FLOW_SEEN_STORE_H

#include "base/map.h"

enum oh_seen_state {
	OH_SEEN_UNREAD, /* not remembered */
	OH_SEEN_READ,
	OH_SEEN_UNREADABLE, /* its id can't be known without running it */
	OH_SEEN_MISSING /* its bytes are not in this clone */
};

struct oh_seen_file {
	struct oh_slice ref; /* full name of one in whose history it was */
	struct oh_slice blob; /* "" for a symlink */
	struct oh_slice path;
	struct oh_slice id; /* of the migration; "" unless it is OH_SEEN_READ */
	enum oh_seen_state state;
};

struct oh_seen_files {
	struct oh_seen_file *items;
	size_t count, capacity;
};

/* A commit that no shared branch has. */
struct oh_seen_commit {
	struct oh_slice id, parents; /* ids with blanks between them */
	size_t first, count; /* what it brought: indices into `files` */
};

struct oh_seen_tip {
	struct oh_slice id; /* what a ref names */
	struct oh_slice commit; /* its commit; "" where that is none */
};

struct oh_seen_store {
	/* Tips of shared branches; all of their history is in `shared`. */
	struct oh_slices anchors;
	struct oh_seen_files shared;
	/* Tips of other refs; what their history has besides is in `commits`. */
	struct {
		struct oh_seen_tip *items;
		size_t count, capacity;
	} tips;
	struct {
		struct oh_seen_commit *items;
		size_t count, capacity;
	} commits;
	struct oh_seen_files files; /* without refs */
};

/* KEY is all that the answers depend on besides the tips. False, and an empty store, where BYTES
 * are not whole or have another key. Borrows from BYTES. */
bool oh_seen_store_parse(struct oh_arena *arena, struct oh_slice bytes, struct oh_slice key,
	struct oh_seen_store *out);
struct oh_slice oh_seen_store_format(
	struct oh_arena *arena, const struct oh_seen_store *store, struct oh_slice key);

#endif

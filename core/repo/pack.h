/*
 * New objects, named here and written by one git: a pack in memory that `git unpack-objects` takes
 * apart. It carries any bytes, for whatever kind of object; no ref, no mark and no index file is
 * needed, and git names each object by itself.
 *
 *	struct oh_pack pack;
 *	oh_pack_init(&pack, arena, repo);
 *	blob = oh_pack_add(&pack, OH_BLOB, bytes);	// what holds it can be made at once
 *	…
 *	if (!oh_pack_write(&pack, err)) …
 */
#ifndef OH_REPO_PACK_H
#define OH_REPO_PACK_H

#include "base/buf.h"
#include "repo/private.h"

struct oh_pack {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct {
		struct oh_object *items;
		size_t count, capacity;
	} objects; /* in the order in which git is to write them */
	size_t waiting; /* bytes of those that no git has been given yet */
	size_t started, written; /* so many of them it has been given; it has */
	struct oh_process process; /* that writes them */
	bool is_running;
	struct oh_map known; /* by id: index + 1 */
};

/* REPO's paths are known: they say how objects are named. */
void oh_pack_init(struct oh_pack *pack, struct oh_arena *arena, struct oh_repo *repo);
/* BYTES are borrowed. An object comes after those that it names: a kill leaves none without them.
 */
struct oh_slice oh_pack_add(struct oh_pack *pack, enum oh_object_kind kind, struct oh_slice bytes);
/* Writes what has been added since the last time. */
bool oh_pack_write(struct oh_pack *pack, struct oh_error *err);
/* The same, and git goes on writing when this returns: one git after the other. */
bool oh_pack_start(struct oh_pack *pack, struct oh_error *err);
/* Waits for the git that writes, if there is one. */
bool oh_pack_finish(struct oh_pack *pack, struct oh_error *err);

/* The name of an object of these bytes. REPO's paths are known. */
struct oh_slice oh_object_id(const struct oh_repo *repo, struct oh_arena *arena,
	enum oh_object_kind kind, struct oh_slice bytes);

/* As git writes kinds. */
extern const char *const oh_kind_words[OH_TAG + 1];
/* The bytes that ID stands for in hex. */
void oh_id_add_binary(struct oh_buf *out, struct oh_slice id);

#endif

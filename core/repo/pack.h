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
	struct {
		enum oh_pack_state {
			OH_IS_NEW, /* nothing that git keeps as a file has its name */
			OH_IS_THERE, /* something has, and is kept: nobody has looked into it */
			OH_MAY_BE_THERE /* it can't be told: git is to write it */
		} *
			items;
		size_t count, capacity;
	} states; /* one an object */
	size_t waiting; /* bytes of those that no git has been given yet and that are not there */
	size_t started, written; /* so many of them one has been given; are there */
	/* Those that write, the older first, and how many objects are there when it is done. */
	struct oh_pack_writer {
		struct oh_process process;
		size_t up_to;
	} writers[2];
	size_t running; /* so many of them */
	struct oh_map known; /* by id: index + 1 */
};

/* REPO's paths are known: they say how objects are named. */
void oh_pack_init(struct oh_pack *pack, struct oh_arena *arena, struct oh_repo *repo);
/* BYTES are borrowed. An object comes after those that it names: one git leaves none without them,
 * wherever it is killed. */
struct oh_slice oh_pack_add(struct oh_pack *pack, enum oh_object_kind kind, struct oh_slice bytes);
/* Writes what has been added since the last time and is not there. Whoever wants to be sure looks
 * into what is not new: git itself takes what has the right name for what it is to write. */
bool oh_pack_write(struct oh_pack *pack, struct oh_error *err);
/* The same, and git goes on writing when this returns. Two write at a time: this waits for the
 * older of them. What a kill leaves then is made whole when it is written again, as all of it is.
 */
bool oh_pack_start(struct oh_pack *pack, struct oh_error *err);
/* Waits for those that write. */
bool oh_pack_finish(struct oh_pack *pack, struct oh_error *err);

/* The name of an object of these bytes. REPO's paths are known. */
struct oh_slice oh_object_id(const struct oh_repo *repo, struct oh_arena *arena,
	enum oh_object_kind kind, struct oh_slice bytes);

/* As git writes kinds. */
extern const char *const oh_kind_words[OH_TAG + 1];
/* The bytes that ID stands for in hex. */
void oh_id_add_binary(struct oh_buf *out, struct oh_slice id);

#endif

/*
 * Objects as they are, by their ids: through a `git cat-file --batch` of its own that doesn't
 * follow replace refs. What has been read is kept.
 *
 *	struct oh_real_objects objects = {.arena = arena};
 *	if (!oh_real_objects_fetch(&objects, ids, count, err)) …	// many at once
 *	if (!oh_real_objects_read(&objects, id, OH_TREE, &bytes, err)) …
 *	oh_real_objects_close(&objects);
 */
#ifndef OH_REPO_REAL_OBJECTS_H
#define OH_REPO_REAL_OBJECTS_H

#include "repo/private.h"

struct oh_real_objects {
	struct oh_arena *arena;
	struct oh_peer peer;
	bool is_open;
	struct {
		struct oh_object *items;
		size_t count, capacity;
	} kept;
	struct oh_map by_id; /* index + 1 */
	size_t expected; /* so many answers are to come */
};

/* IDS are whole ids in lower-case hex. OH_E_NOT_FOUND where one is not there. */
bool oh_real_objects_fetch(struct oh_real_objects *objects, const struct oh_slice *ids,
	size_t count, struct oh_error *err);
/* Asks for objects by any name that has no line end in it: they come while something else is done,
 * and are there, by their ids, when they are read. One that is not there is nobody's error. */
void oh_real_objects_expect(struct oh_real_objects *objects, const struct oh_slices *names);
/* OH_E_FORMAT where it is of another kind. */
bool oh_real_objects_read(struct oh_real_objects *objects, struct oh_slice id,
	enum oh_object_kind kind, struct oh_slice *bytes, struct oh_error *err);
void oh_real_objects_close(struct oh_real_objects *objects);

#endif

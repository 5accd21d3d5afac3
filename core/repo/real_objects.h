/*
 * Objects as they are, by their ids: through a `git cat-file --batch` of its own that doesn't
 * follow replace refs. What has been read is kept.
 *
 *	struct oh_real_objects objects = {.repo = repo, .arena = arena};
 *	if (!oh_real_objects_fetch(&objects, ids, count, err)) …	// many at once
 *	if (!oh_real_objects_read(&objects, id, OH_TREE, &bytes, err)) …
 *	oh_real_objects_close(&objects);
 */
#ifndef OH_REPO_REAL_OBJECTS_H
#define OH_REPO_REAL_OBJECTS_H

#include "repo/private.h"

struct oh_real_objects {
	struct oh_repo *repo; /* its paths are known; what it has read ahead is taken, too */
	struct oh_arena *arena;
	struct oh_peer peer;
	bool is_open;
	struct {
		struct oh_object *items;
		size_t count, capacity;
	} kept;
	struct oh_map by_id; /* index + 1 */
};

/* IDS are whole ids in lower-case hex. OH_E_NOT_FOUND where one is not there. */
bool oh_real_objects_fetch(struct oh_real_objects *objects, const struct oh_slice *ids,
	size_t count, struct oh_error *err);
/* OH_E_FORMAT where it is of another kind. */
bool oh_real_objects_read(struct oh_real_objects *objects, struct oh_slice id,
	enum oh_object_kind kind, struct oh_slice *bytes, struct oh_error *err);
void oh_real_objects_close(struct oh_real_objects *objects);

#endif

/*
 * What many names stand for, one after the other: git looks the next ones up while something else
 * is done.
 *
 *	struct oh_object_names names;
 *	oh_object_names_start(&names, arena, &list);	// borrowed
 *	while (…)
 *		if (!oh_object_names_next(&names, &found, err)) …
 *	oh_object_names_close(&names);
 */
#ifndef OH_REPO_OBJECT_NAMES_H
#define OH_REPO_OBJECT_NAMES_H

#include "base/process.h"

struct oh_object_names {
	struct oh_arena *arena;
	const struct oh_slices *names;
	size_t asked, taken; /* so many of them */
	struct oh_peer peer;
	bool is_open;
};

void oh_object_names_start(
	struct oh_object_names *names, struct oh_arena *arena, const struct oh_slices *list);
/* What the next of the list ("HEAD:migrations") names: "ID KIND" as in "4b82… tree"; "" where there
 * is nothing of that name, or it can't be one. Once for each of the list at most. */
bool oh_object_names_next(
	struct oh_object_names *names, struct oh_slice *found, struct oh_error *err);
void oh_object_names_close(struct oh_object_names *names);

#endif

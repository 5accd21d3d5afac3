/* The graphs of a place on disk. */
#ifndef OH_FLOW_LOOK_H
#define OH_FLOW_LOOK_H

#include "flow/load.h"
#include "flow/place.h"

struct oh_slice oh_working_directory(struct oh_arena *arena);
/* With OH_READ_GRAPH the locks are left out. */
bool oh_look(struct oh_arena *arena, const struct oh_place *place, enum oh_depth depth,
	struct oh_tree *tree, struct oh_error *err);

#endif

/*
 * Where a command that looks at files on disk looks, with or without git: the configuration files
 * and the directory that paths are said relative to.
 */
#ifndef OH_FLOW_PLACE_H
#define OH_FLOW_PLACE_H

#include "base/error.h"
#include "base/slice.h"

struct oh_place_request {
	struct oh_slice config; /* -c FILE; "" for none */
	bool nearest; /* what the system's own tool would take: the configuration here alone */
};

struct oh_place {
	struct oh_slice root; /* "." or a parent of it: "..", "../.." */
	struct oh_slices configs; /* relative to root */
};

/*
 * In order: what is named (-c, the system's environment variable); what is here or below; what
 * the nearest parent directory has. Hidden directories, virtual environments, node_modules and
 * caches are not looked into. OH_E_NOT_FOUND where there is nothing.
 */
bool oh_place_find(struct oh_place *place, struct oh_arena *arena,
	const struct oh_place_request *request, struct oh_error *err);

#endif

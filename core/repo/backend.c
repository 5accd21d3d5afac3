#include "repo/backend.h"

#include "base/module.h"
#include "repo/objects.h"

#include <stdlib.h>

struct oh_slice oh_backend_describe(struct oh_arena *arena)
{
	const struct oh_objects_backend *backend;
	struct oh_error err = {0};
	void *self;

	if (!oh_slice_eq(oh_slice_of(getenv("ONEHEAD_OBJECTS")), OH_SLICE("libgit2")))
		return OH_SLICE("git itself");
	backend = oh_module_symbol(OH_OBJECTS_MODULE, OH_OBJECTS_SYMBOL, &err);
	if (backend && backend->open(&self, arena, &err)) {
		backend->close(self);
		return OH_SLICE("libgit2, as ONEHEAD_OBJECTS says");
	}
	return oh_slice_printf(arena, "git itself, because libgit2 can't here: %s", err.message);
}

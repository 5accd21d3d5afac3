#include "flow/look.h"

#include <stdlib.h>
#include <unistd.h>

struct oh_slice oh_working_directory(struct oh_arena *arena)
{
	char *path = getcwd(NULL, 0);
	const struct oh_slice copy = oh_slice_dup(arena, oh_slice_of(path));

	free(path);
	return copy;
}

bool oh_look(struct oh_arena *arena, const struct oh_place *place, enum oh_depth depth,
	struct oh_tree *tree, struct oh_error *err)
{
	struct oh_loader loader = {.arena = arena, .configs = place->configs, .depth = depth};

	loader.without_locks = depth == OH_READ_GRAPH;
	loader.root = oh_path_join(arena, oh_working_directory(arena), place->root);
	return oh_load_tree(&loader, oh_directory_source(arena, place->root), tree, err);
}

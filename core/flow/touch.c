#include "flow/touch.h"

#include "flow/load.h"

static bool touches(
	struct oh_flow *flow, const struct oh_changes *changes, bool *touched, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, err);
	struct oh_loader loader = {.arena = flow->arena};
	struct oh_unreadables unreadables = {0};
	struct oh_locations locations = {0};

	*touched = false;
	if (!changes->count)
		return true;
	if (!paths || !oh_find_configs(flow->repo, flow->arena, changes, &loader.configs, err))
		return false;
	/* The worktree's configuration is at hand without reading an object. */
	if (!oh_load_locations(&loader, oh_directory_source(flow->arena, paths->top), &locations,
		    &unreadables, err))
		return false;
	for (size_t i = 0; i < changes->count && !*touched; i++)
		*touched = oh_locations_touch(&locations, changes->items[i].path) ||
			   oh_slices_contain(&loader.configs, changes->items[i].path);
	return true;
}

bool oh_touch_staged(struct oh_flow *flow, bool *touched, struct oh_error *err)
{
	struct oh_changes changes = {0};

	return oh_repo_staged(flow->repo, flow->arena, OH_SLICE("HEAD"), &changes, err) &&
	       touches(flow, &changes, touched, err);
}

bool oh_touch_between(struct oh_flow *flow, struct oh_slice from, struct oh_slice to, bool *touched,
	struct oh_error *err)
{
	struct oh_changes changes = {0};

	return oh_repo_diff(flow->repo, flow->arena, from, to, &changes, err) &&
	       touches(flow, &changes, touched, err);
}

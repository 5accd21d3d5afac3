#include "flow/touch.h"

#include "flow/load.h"

/* The worktree's configuration is at hand without reading an object. Where it names what is not
 * there (a sparse checkout), the index knows. */
static bool find_locations(struct oh_flow *flow, struct oh_loader *loader, struct oh_slice top,
	struct oh_locations *out, struct oh_error *err)
{
	struct oh_unreadables missing = {0}, ignored = {0};
	struct oh_source *index;

	if (!oh_load_locations(loader, oh_directory_source(flow->arena, top), out, &missing, err))
		return false;
	return !missing.count || (oh_repo_index(flow->repo, &index, err) &&
					 oh_load_locations(loader, index, out, &ignored, err));
}

static bool touches(
	struct oh_flow *flow, const struct oh_changes *changes, bool *touched, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, err);
	struct oh_loader loader = {.arena = flow->arena};
	struct oh_locations locations = {0};

	*touched = false;
	if (!changes->count)
		return true;
	if (!paths || !oh_find_configs(flow->repo, flow->arena, changes, &loader.configs, err))
		return false;
	if (!find_locations(flow, &loader, paths->top, &locations, err))
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

bool oh_touch_any(
	struct oh_flow *flow, const struct oh_slices *commits, bool *touched, struct oh_error *err)
{
	struct oh_changes changes = {0};

	return oh_repo_changes_of(flow->repo, flow->arena, commits, &changes, err) &&
	       touches(flow, &changes, touched, err);
}

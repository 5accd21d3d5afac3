#include "flow/load.h"

#include "model/lock.h"

static bool is_config(struct oh_slice path)
{
	for (const struct oh_adapter *const *a = oh_adapters(); *a; a++)
		if ((*a)->is_config(path))
			return true;
	return false;
}

static void add_once(struct oh_arena *arena, struct oh_slices *list, struct oh_slice path)
{
	if (!oh_slices_contain(list, path))
		OH_PUSH(arena, list, path);
}

static bool all_configs(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slices *out, struct oh_error *err)
{
	struct oh_slices files = {0};

	if (!oh_repo_find_files(repo, arena, NULL, &files, err))
		return false;
	for (size_t i = 0; i < files.count; i++)
		if (is_config(files.items[i]))
			add_once(arena, out, files.items[i]);
	return true;
}

bool oh_find_configs(struct oh_repo *repo, struct oh_arena *arena, const struct oh_changes *staged,
	struct oh_slices *out, struct oh_error *err)
{
	*out = oh_repo_config_all(repo, arena, "onehead.config");
	for (size_t i = 0; staged && i < staged->count; i++)
		if (is_config(staged->items[i].path))
			add_once(arena, out, staged->items[i].path);
	return out->count || all_configs(repo, arena, out, err);
}

static bool is_below(struct oh_slice path, struct oh_slice directory)
{
	return !directory.len ||
	       (oh_slice_has_prefix(path, directory) && path.len > directory.len &&
		       path.ptr[directory.len] == '/');
}

bool oh_locations_touch(const struct oh_locations *locations, struct oh_slice path)
{
	for (size_t i = 0; i < locations->count; i++) {
		const struct oh_location *l = &locations->items[i];

		if (oh_slice_eq(path, l->config) ||
			(is_below(path, l->directory) &&
				oh_slice_eq(oh_path_name(path), OH_SLICE(OH_LOCK_NAME))))
			return true;
		for (size_t v = 0; v < l->versions.count; v++)
			if (is_below(path, l->versions.items[v]))
				return true;
	}
	return false;
}

/* The hook of the migration system's own tool, in its configuration file: for the user to commit.
 */
#include "flow/setup.h"

#include "repo/disk.h"

static const struct oh_adapter *adapter_of(struct oh_slice config)
{
	for (const struct oh_adapter *const *a = oh_adapters(); *a; a++)
		if ((*a)->is_config(config) && (*a)->add_post_write)
			return *a;
	return NULL;
}

static bool add_to(struct oh_setup *setup, struct oh_slice config, struct oh_error *err)
{
	const struct oh_adapter *adapter = adapter_of(config);
	const struct oh_slice full = oh_setup_full_path(setup, config);
	struct oh_slice bytes, wanted;
	struct oh_error why = {0};

	if (!adapter || !oh_disk_read(setup->arena, full, &bytes, NULL))
		return true;
	if (!adapter->add_post_write(setup->arena, config, bytes, &wanted, &why)) {
		oh_say_wrong(&setup->flow->report, "numbers " OH_FMT ": %s", OH_ARG(config),
			why.message);
		return true;
	}
	if (oh_slice_eq(bytes, wanted))
		return true;
	oh_say_changed(&setup->flow->report, "numbers " OH_FMT ": hook added, to be committed",
		OH_ARG(config));
	return setup->dry_run || oh_disk_replace_locked(setup->arena, full, bytes, wanted, err);
}

bool oh_setup_add_post_write(struct oh_setup *setup, struct oh_error *err)
{
	for (size_t i = 0; i < setup->configs.count; i++)
		if (!add_to(setup, setup->configs.items[i], err))
			return false;
	return true;
}

static bool remove_from(struct oh_setup *setup, struct oh_slice config, struct oh_error *err)
{
	const struct oh_adapter *adapter = adapter_of(config);
	const struct oh_slice full = oh_setup_full_path(setup, config);
	struct oh_slice bytes, wanted;

	if (!adapter || !oh_disk_read(setup->arena, full, &bytes, NULL))
		return true;
	wanted = adapter->remove_post_write(setup->arena, bytes);
	if (oh_slice_eq(bytes, wanted))
		return true;
	oh_say_changed(
		&setup->flow->report, "files   " OH_FMT ": our hook is gone", OH_ARG(config));
	return setup->dry_run || oh_disk_replace_locked(setup->arena, full, bytes, wanted, err);
}

bool oh_setup_remove_post_write(
	struct oh_setup *setup, const struct oh_slices *configs, struct oh_error *err)
{
	for (size_t i = 0; i < configs->count; i++)
		if (!remove_from(setup, configs->items[i], err))
			return false;
	return true;
}

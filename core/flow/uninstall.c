#include "flow/setup.h"

#include "repo/disk.h"

/* The record goes last: as long as it is there, all of this can be done again. */
static bool forget(struct oh_setup *setup, struct oh_error *err)
{
	static const char *const names[] = {"config.new.lock", "config.new", "config.before",
		"after-commit", "pending-commit", "renumbered", "row", "row-of", "installed"};
	const struct oh_slice state = oh_path_directory(oh_setup_state_path(setup, "installed"));

	if (setup->dry_run)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct oh_slice path = oh_setup_state_path(setup, names[i]);
		const struct oh_slice unfinished =
			oh_slice_printf(setup->arena, OH_FMT OH_NEW_SUFFIX, OH_ARG(path));

		if (!oh_disk_remove(setup->arena, unfinished, err) ||
			!oh_disk_remove(setup->arena, path, err))
			return false;
	}
	oh_disk_remove_directory(setup->arena, state);
	return true;
}

bool oh_flow_uninstall(struct oh_flow *flow, bool dry_run, struct oh_error *err)
{
	struct oh_setup setup = {.dry_run = dry_run};
	struct oh_slices configs;

	if (!oh_setup_open(&setup, flow, err))
		return false;
	oh_setup_say_dry_run(&setup);
	configs = oh_repo_config_all(flow->repo, flow->arena, "onehead.config");
	if (!oh_setup_remove_hooks(&setup, err) ||
		!oh_setup_remove_post_write(&setup, &configs, err) ||
		!oh_setup_remove_config(&setup, err) || !oh_setup_remove_files(&setup, err) ||
		!forget(&setup, err))
		return false;
	if (!flow->report.changed)
		oh_say(&flow->report, "onehead is not installed here: nothing to change");
	return true;
}

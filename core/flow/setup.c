#include "flow/setup.h"

#include "repo/disk.h"

bool oh_setup_open(struct oh_setup *setup, struct oh_flow *flow, struct oh_error *err)
{
	setup->flow = flow;
	setup->arena = flow->arena;
	setup->paths = oh_repo_paths(flow->repo, err);
	if (!setup->paths)
		return false;
	return oh_hooks_place(flow->repo, setup->arena, &setup->place, err) &&
	       oh_record_load(setup, err);
}

struct oh_slice oh_setup_state_path(const struct oh_setup *setup, const char *name)
{
	return oh_slice_printf(
		setup->arena, OH_FMT "/onehead/%s", OH_ARG(setup->paths->common_dir), name);
}

struct oh_slice oh_setup_full_path(const struct oh_setup *setup, struct oh_slice path)
{
	return oh_path_join(setup->arena, setup->paths->top, path);
}

struct oh_slice oh_setup_short_path(const struct oh_setup *setup, struct oh_slice path)
{
	const struct oh_slice top = setup->paths->top;

	if (!oh_path_is_below(path, top) || path.len == top.len)
		return path;
	return oh_slice_sub(path, top.len + (top.ptr[top.len - 1] != '/'), path.len);
}

void oh_setup_say_dry_run(struct oh_setup *setup)
{
	if (setup->dry_run)
		oh_say(&setup->flow->report, "dry run: nothing is changed; it would say:");
}

bool oh_setup_programs(struct oh_setup *setup, struct oh_slice requested, struct oh_error *err)
{
	static const char *const names[] = {"onehead", OH_HOOK_PROGRAM, OH_DRIVER_PROGRAM};
	struct oh_slice path;

	setup->programs = oh_disk_real(setup->arena, requested);
	if (!requested.len && !oh_disk_own_directory(setup->arena, &setup->programs, err))
		return false;
	if (oh_slice_find_byte(setup->programs, '\n', 0) < setup->programs.len)
		return oh_fail(err, OH_E_USAGE,
			"the programs lie in a directory with a newline in its name: " OH_FMT,
			OH_ARG(setup->programs));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		path = oh_path_join(setup->arena, setup->programs, oh_slice_of(names[i]));
		if (!oh_disk_is_program(setup->arena, path))
			return oh_fail(err, OH_E_NOT_FOUND,
				OH_FMT " is not there; build or install onehead first",
				OH_ARG(path));
	}
	return true;
}

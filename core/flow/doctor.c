#include "flow/setup.h"

#include "apply/journal.h"
#include "repo/backend.h"
#include "repo/disk.h"

void oh_doctor_wrong(struct oh_setup *setup, const char *fix, const char *format, ...)
{
	va_list args;
	struct oh_slice text;

	va_start(args, format);
	text = oh_slice_vprintf(setup->arena, format, args);
	va_end(args);
	oh_say_wrong(&setup->flow->report, OH_FMT, OH_ARG(text));
	oh_say(&setup->flow->report, "        fix: " OH_FMT,
		OH_ARG(oh_slice_printable(setup->arena, oh_slice_of(fix))));
}

static void look_at_programs(struct oh_setup *setup)
{
	static const char *const names[] = {"onehead", OH_HOOK_PROGRAM, OH_DRIVER_PROGRAM};
	struct oh_slices gone = {0};

	if (!oh_disk_own_directory(setup->arena, &setup->programs, NULL))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!oh_disk_is_program(setup->arena,
			    oh_path_join(setup->arena, setup->programs, oh_slice_of(names[i]))))
			OH_PUSH(setup->arena, &gone, oh_slice_of(names[i]));
	if (gone.count)
		oh_doctor_wrong(setup, "install onehead again: ./install.sh in its source",
			"program not in " OH_FMT ": " OH_FMT, OH_ARG(setup->programs),
			OH_ARG(oh_slices_join(setup->arena, &gone, ", ")));
	else
		oh_say(&setup->flow->report, "program onehead " ONEHEAD_VERSION " in " OH_FMT,
			OH_ARG(oh_slice_printable(setup->arena, setup->programs)));
}

static bool look_at_git(struct oh_setup *setup, struct oh_error *err)
{
	const char *argv[] = {"git", "version", NULL};
	struct oh_slice version;

	if (!oh_repo_git(setup->flow->repo, setup->arena, argv, OH_SLICE(""), &version, err))
		return false;
	version = oh_slice_trim(version);
	oh_slice_cut_prefix(&version, OH_SLICE("git version "));
	oh_say(&setup->flow->report, "git     " OH_FMT "; objects are read by " OH_FMT,
		OH_ARG(oh_slice_printable(setup->arena, version)),
		OH_ARG(oh_backend_describe(setup->arena)));
	return true;
}

static bool is_other_driver(
	struct oh_setup *setup, struct oh_slice command, struct oh_slice program)
{
	return !oh_slice_eq(command, oh_driver_command(setup->arena, oh_path_directory(program)));
}

static void look_at_driver(struct oh_setup *setup)
{
	const struct oh_slice command = oh_repo_config(setup->flow->repo, "merge.onehead.driver");
	const struct oh_slice program = oh_driver_program(setup->arena, command);

	if (!command.len && setup->is_absent)
		return; /* said already */
	if (!command.len)
		oh_doctor_wrong(setup, "onehead install",
			"driver  not configured: git merges onehead.lock as text");
	else if (!oh_setup_is_our_driver(command))
		oh_doctor_wrong(setup,
			"git config --unset-all merge.onehead.driver && onehead install",
			"driver  merge.onehead.driver calls something else: " OH_FMT,
			OH_ARG(command));
	else if (is_other_driver(setup, command, program))
		oh_doctor_wrong(setup, "onehead install",
			"driver  configured by another version of onehead");
	else if (oh_disk_is_program(setup->arena, program))
		oh_say(&setup->flow->report, "driver  configured, and its program is there");
	else if (oh_disk_find_program(setup->arena, OH_DRIVER_PROGRAM).len)
		oh_say(&setup->flow->report, "driver  configured; its program is found on PATH");
	else
		oh_doctor_wrong(setup, "onehead install",
			"driver  its program " OH_FMT " is gone: git merges onehead.lock as text",
			OH_ARG(program));
}

/* The configuration files that hooks look at, against those that there are. */
static void look_at_configs(struct oh_setup *setup)
{
	const struct oh_slices remembered =
		oh_repo_config_all(setup->flow->repo, setup->arena, "onehead.config");
	struct oh_slices forgotten = {0}, absent = {0};

	for (size_t i = 0; i < setup->configs.count; i++)
		if (!oh_slices_contain(&remembered, setup->configs.items[i]))
			OH_PUSH(setup->arena, &forgotten, setup->configs.items[i]);
	for (size_t i = 0; i < remembered.count; i++)
		if (!oh_slices_contain(&setup->configs, remembered.items[i]))
			OH_PUSH(setup->arena, &absent, remembered.items[i]);
	if (forgotten.count && remembered.count)
		oh_doctor_wrong(setup, "onehead install", "config  the hooks don't know of " OH_FMT,
			OH_ARG(oh_slices_join(setup->arena, &forgotten, ", ")));
	else if (setup->configs.count)
		oh_say(&setup->flow->report, "config  " OH_FMT,
			OH_ARG(oh_slice_printable(setup->arena,
				oh_slices_join(setup->arena, &setup->configs, ", "))));
	if (absent.count)
		oh_say(&setup->flow->report,
			"        " OH_FMT " is remembered and not on this branch",
			OH_ARG(oh_slice_printable(
				setup->arena, oh_slices_join(setup->arena, &absent, ", "))));
}

static void look_at_journal(struct oh_setup *setup)
{
	if (oh_journal_exists(setup->arena, setup->paths->git_dir))
		oh_doctor_wrong(setup, "onehead resolve",
			"journal an operation was interrupted; the next command settles it");
}

/* What there is to install for; that there is none is no reason to stop here. */
static bool find(struct oh_setup *setup, struct oh_error *err)
{
	struct oh_error none = {0};

	setup->no_lock = true;
	if (!setup->paths->top.len || oh_setup_find(setup, &none))
		return true;
	if (none.code == OH_E_NOT_FOUND) {
		oh_say_wrong(&setup->flow->report, "config  %s", none.message);
		return true;
	}
	*err = none;
	return false;
}

bool oh_flow_doctor(struct oh_flow *flow, struct oh_error *err)
{
	struct oh_setup setup = {0};

	if (!oh_setup_open(&setup, flow, err) || !find(&setup, err))
		return false;
	look_at_programs(&setup);
	if (!look_at_git(&setup, err))
		return false;
	oh_doctor_hooks(&setup);
	look_at_driver(&setup);
	look_at_configs(&setup);
	look_at_journal(&setup);
	if (!oh_doctor_locks(&setup, err))
		return false;
	oh_say(&flow->report,
		"site    hooks never run on a hosting site: make `onehead check` a required check");
	if (flow->report.status == OH_CLEAN)
		oh_say(&flow->report, "all is well in this clone");
	return true;
}

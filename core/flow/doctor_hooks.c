#include "flow/setup.h"

#include "base/buf.h"
#include "repo/disk.h"
#include "repo/manager.h"

/* Hooks that one line speaks of: the same state for the same reason. */
struct group {
	struct oh_hook first;
	struct oh_slices names;
};

struct groups {
	struct group *items;
	size_t count, capacity;
};

static bool is_same(const struct oh_hook *a, const struct oh_hook *b)
{
	const struct oh_slice x = oh_path_directory(a->carrier), y = oh_path_directory(b->carrier);

	return a->state == b->state && a->owner == b->owner && a->manager == b->manager &&
	       a->is_other_version == b->is_other_version && oh_slice_eq(a->program, b->program) &&
	       oh_slice_eq(x, y);
}

static void add(struct oh_arena *arena, struct groups *groups, const struct oh_hook *hook)
{
	size_t i = 0;

	while (i < groups->count && !is_same(&groups->items[i].first, hook))
		i++;
	if (i == groups->count)
		OH_PUSH(arena, groups, (struct group){.first = *hook});
	OH_PUSH(arena, &groups->items[i].names, oh_slice_of(hook->name));
}

/* Does another program keep ours where nobody runs it? */
static bool was_moved_away(struct oh_setup *setup, const struct oh_hook *hook)
{
	static const char *const suffixes[] = {".legacy", ".old"};
	struct oh_slice text;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (oh_disk_read(setup->arena,
			    oh_slice_printf(
				    setup->arena, OH_FMT "%s", OH_ARG(hook->path), suffixes[i]),
			    &text, NULL) &&
			oh_entry_is_ours(text))
			return true;
	return false;
}

static void say_not_called(struct oh_setup *setup, const struct group *g)
{
	const struct oh_slice names = oh_slices_join(setup->arena, &g->names, ", ");
	const struct oh_hook *hook = &g->first;

	if (hook->manager && was_moved_away(setup, hook))
		oh_doctor_wrong(setup, "onehead install",
			"hooks   " OH_FMT ": %s moved ours away and does not call it",
			OH_ARG(names), hook->manager->name);
	else if (hook->manager)
		oh_doctor_wrong(setup, "onehead install",
			"hooks   " OH_FMT ": %s runs it, and does not call onehead", OH_ARG(names),
			hook->manager->name);
	else
		oh_doctor_wrong(setup, "onehead install",
			"hooks   " OH_FMT ": replaced by another script, which does not call "
			"onehead",
			OH_ARG(names));
}

static void say_group(struct oh_setup *setup, const struct group *g)
{
	const struct oh_slice names = oh_slices_join(setup->arena, &g->names, ", ");
	const struct oh_slice carrier = oh_setup_short_path(setup, g->first.carrier);

	switch (g->first.state) {
	case OH_HOOK_LIVE:
		if (g->first.is_other_version)
			oh_doctor_wrong(setup, "onehead install",
				"hooks   " OH_FMT ": written by another version of onehead",
				OH_ARG(names));
		return;
	case OH_HOOK_ABSENT:
		oh_doctor_wrong(
			setup, "onehead install", "hooks   " OH_FMT ": not there", OH_ARG(names));
		return;
	case OH_HOOK_NOT_EXECUTABLE:
		oh_doctor_wrong(setup,
			oh_slice_str(setup->arena,
				oh_slice_printf(setup->arena, "chmod +x " OH_FMT,
					OH_ARG(oh_shell_quote(setup->arena, carrier)))),
			"hooks   " OH_FMT ": not executable, so git skips it without a word",
			OH_ARG(names));
		return;
	case OH_HOOK_NOT_CALLED:
		say_not_called(setup, g);
		return;
	case OH_HOOK_PROGRAM_GONE:
		oh_doctor_wrong(setup,
			g->first.owner == OH_OWNER_US ? "onehead install"
						      : "put the programs of onehead on PATH",
			"hooks   " OH_FMT ": there, but the program " OH_HOOK_PROGRAM " is gone",
			OH_ARG(names));
		return;
	case OH_HOOK_SWITCHED_OFF:
		oh_doctor_wrong(setup,
			oh_slice_str(setup->arena,
				oh_slice_printf(setup->arena, "unset %s", g->first.variable)),
			"hooks   " OH_FMT ": switched off by %s=0 in the environment",
			OH_ARG(names), g->first.variable);
		return;
	}
}

/* Who calls ours, where it is not git alone. */
static struct oh_slice callers(struct oh_setup *setup, const struct groups *groups)
{
	struct oh_slices names = {0};

	for (size_t i = 0; i < groups->count; i++) {
		const struct oh_hook *hook = &groups->items[i].first;
		const struct oh_slice name = hook->manager ? oh_slice_of(hook->manager->name)
					     : hook->owner == OH_OWNER_USER
						     ? OH_SLICE("the project's own script")
						     : OH_SLICE("");

		if (name.len && !oh_slices_contain(&names, name))
			OH_PUSH(setup->arena, &names, name);
	}
	if (!names.count)
		return OH_SLICE("");
	return oh_slice_printf(setup->arena, " (called by " OH_FMT ")",
		OH_ARG(oh_slices_join(setup->arena, &names, " and ")));
}

/* core.hooksPath that makes git look away from the hooks that are in the git directory. */
static bool look_for_shadow(struct oh_setup *setup, const struct groups *groups)
{
	struct oh_repo_paths own = *setup->paths;
	struct oh_slice scope = oh_repo_config_scope(setup->flow->repo, "core.hookspath");

	own.hooks = oh_path_join(setup->arena, own.common_dir, OH_SLICE("hooks"));
	if (!scope.len || oh_slice_eq(own.hooks, setup->paths->hooks) ||
		oh_hook_look(setup->arena, &own, "pre-commit").owner != OH_OWNER_US ||
		(groups->count == 1 && groups->items[0].first.state == OH_HOOK_LIVE))
		return false;
	oh_doctor_wrong(setup, "onehead install",
		"hooks   core.hooksPath (" OH_FMT ") is " OH_FMT
		": git no longer looks at the hooks in " OH_FMT,
		OH_ARG(scope), OH_ARG(oh_setup_short_path(setup, setup->paths->hooks)),
		OH_ARG(oh_setup_short_path(setup, own.hooks)));
	return true;
}

static void say_absent(struct oh_setup *setup)
{
	if (!setup->paths->top.len)
		oh_say(&setup->flow->report,
			"hooks   a bare repository: nobody commits or merges here");
	else if (!setup->configs.count)
		oh_say(&setup->flow->report, "hooks   onehead is not installed in this clone");
	else
		oh_doctor_wrong(
			setup, "onehead install", "hooks   onehead is not installed in this clone");
}

void oh_doctor_hooks(struct oh_setup *setup)
{
	struct groups groups = {0};
	bool live = true;

	for (const struct oh_entry_row *row = oh_entry_rows(); row->name; row++) {
		const struct oh_hook hook = oh_hook_look(setup->arena, setup->paths, row->name);

		add(setup->arena, &groups, &hook);
		live = live && hook.state == OH_HOOK_LIVE && !hook.is_other_version;
	}
	if (live) {
		oh_say(&setup->flow->report, "hooks   this clone: complete, and they run" OH_FMT,
			OH_ARG(callers(setup, &groups)));
		return;
	}
	if (!setup->record.found && groups.count == 1 &&
		groups.items[0].first.state == OH_HOOK_ABSENT) {
		setup->is_absent = true;
		say_absent(setup);
		return;
	}
	if (!look_for_shadow(setup, &groups))
		for (size_t i = 0; i < groups.count; i++)
			say_group(setup, &groups.items[i]);
}

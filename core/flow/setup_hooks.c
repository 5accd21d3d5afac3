#include "flow/setup.h"

#include "base/buf.h"
#include "repo/disk.h"
#include "repo/manager.h"

static const char *const dead_suffixes[] = {"", ".legacy", ".old"};

static struct oh_slice hook_path(const struct oh_setup *setup, const char *name, const char *suffix)
{
	return oh_slice_printf(
		setup->arena, OH_FMT "/%s%s", OH_ARG(setup->paths->hooks), name, suffix);
}

/* What putting the hooks in did, to be said when all are in. */
struct putting {
	struct oh_setup *setup;
	struct oh_slices put, kept;
};

/* An older file kept under the name that is needed now goes to the first free number. */
static bool make_room(
	struct putting *p, struct oh_slice path, struct oh_slice saved, struct oh_error *err)
{
	struct oh_setup *setup = p->setup;
	struct oh_slice other = saved;

	if (!oh_disk_exists(setup->arena, saved))
		return true;
	if (oh_disk_is_same(setup->arena, path, saved)) /* a kill came between two steps */
		return setup->dry_run || oh_disk_remove(setup->arena, saved, err);
	for (int i = 1; oh_disk_exists(setup->arena, other); i++)
		other = oh_slice_printf(setup->arena, OH_FMT "-%d", OH_ARG(saved), i);
	OH_PUSH(setup->arena, &p->kept,
		oh_slice_printf(setup->arena, OH_FMT " is an older hook of yours: now " OH_FMT,
			OH_ARG(oh_setup_short_path(setup, saved)), OH_ARG(oh_path_name(other))));
	return setup->dry_run || oh_disk_rename(setup->arena, saved, other, err);
}

static bool save_users_hook(struct putting *p, const struct oh_entry_row *row, struct oh_slice path,
	struct oh_error *err)
{
	struct oh_setup *setup = p->setup;
	const struct oh_slice saved = hook_path(setup, row->name, OH_SAVED_SUFFIX);

	if (!make_room(p, path, saved, err))
		return false;
	OH_PUSH(setup->arena, &p->kept,
		oh_slice_printf(setup->arena, "%s: your own hook stays and runs %s (" OH_FMT ")",
			row->name, row->is_veto ? "first" : "after it",
			OH_ARG(oh_path_name(saved))));
	return setup->dry_run || oh_disk_link(setup->arena, path, saved, err);
}

/* Our entry for ROW at PATH; what is there and not ours is kept. */
static bool put_entry(struct putting *p, const struct oh_entry_row *row, struct oh_slice path,
	struct oh_error *err)
{
	struct oh_setup *setup = p->setup;
	const struct oh_slice wanted = oh_entry_text(setup->arena, row, setup->programs);
	struct oh_slice text = OH_SLICE("");
	bool is_ours = oh_disk_read(setup->arena, path, &text, NULL) && oh_entry_is_ours(text);

	if (oh_slice_eq(text, wanted) && oh_disk_is_program(setup->arena, path))
		return true;
	OH_PUSH(setup->arena, &p->put, oh_slice_of(row->name));
	if (!is_ours && oh_disk_exists(setup->arena, path) && !save_users_hook(p, row, path, err))
		return false;
	return setup->dry_run || oh_disk_write(setup->arena, path, wanted, 0777, err);
}

static bool may_write(const struct oh_setup *setup)
{
	return setup->place == OH_HOOKS_OWN || setup->place == OH_HOOKS_IGNORED;
}

static bool put_hook(struct putting *p, const struct oh_entry_row *row, struct oh_error *err)
{
	struct oh_setup *setup = p->setup;
	const struct oh_hook hook = oh_hook_look(setup->arena, setup->paths, row->name);
	const bool called = hook.state == OH_HOOK_LIVE || hook.state == OH_HOOK_PROGRAM_GONE ||
			    hook.state == OH_HOOK_SWITCHED_OFF;

	if (called && hook.owner != OH_OWNER_US &&
		!oh_slice_has_suffix(hook.carrier, OH_SLICE(".legacy")))
		return true; /* the project calls us in its own way */
	if (hook.owner == OH_OWNER_MANAGER && hook.manager->legacy_suffix)
		return put_entry(
			p, row, hook_path(setup, row->name, hook.manager->legacy_suffix), err);
	if (hook.owner == OH_OWNER_US || (may_write(setup) && hook.owner != OH_OWNER_MANAGER))
		return put_entry(p, row, hook.path, err);
	if (setup->hooks_in_place)
		return oh_setup_put_lines(setup, &hook, err);
	oh_setup_say_lines(setup, &hook);
	return true;
}

static void say_whose(struct oh_setup *setup, const struct oh_hook *hook, bool has_script)
{
	struct oh_report *report = &setup->flow->report;
	const struct oh_slice hooks = oh_setup_short_path(setup, setup->paths->hooks);

	setup->said_whose = true;
	if (hook->owner == OH_OWNER_MANAGER)
		oh_say_wrong(report, "hooks   %s runs the hooks here and does not call onehead yet",
			hook->manager->name);
	else
		oh_say_wrong(report,
			"hooks   core.hooksPath is " OH_FMT ", %s, and its scripts do not call "
			"onehead yet",
			OH_ARG(hooks),
			setup->place == OH_HOOKS_TRACKED ? "a part of this project"
							 : "outside this repository");
	oh_say(report, "        add these lines%s%s:",
		has_script ? " (or: onehead install --hooks-in-place)" : "",
		setup->place == OH_HOOKS_ELSEWHERE ? "" : " and commit them");
}

void oh_setup_say_lines(struct oh_setup *setup, const struct oh_hook *hook)
{
	const struct oh_entry_row *row = oh_entry_named(oh_slice_of(hook->name));
	const bool managed = hook->owner == OH_OWNER_MANAGER && hook->manager->lines;
	const struct oh_slices lines = managed ? hook->manager->lines(setup->arena, row)
					       : oh_script_lines(setup->arena, row);
	struct oh_report *report = &setup->flow->report;
	const bool is_new = !oh_disk_exists(setup->arena, hook->carrier);

	if (!setup->said_whose)
		say_whose(setup, hook, !managed || hook->manager->lines == oh_script_lines);
	oh_say(report, "  to " OH_FMT "%s",
		OH_ARG(oh_slice_printable(setup->arena, oh_setup_short_path(setup, hook->carrier))),
		!is_new	  ? ":"
		: managed ? " (new):"
			  : " (new; chmod +x; first line #!/bin/sh):");
	for (size_t i = 0; i < lines.count; i++)
		oh_say(report, "    " OH_FMT, OH_ARG(lines.items[i]));
}

static bool make_directory(struct oh_setup *setup, struct oh_error *err)
{
	bool made;

	if (setup->dry_run || !may_write(setup))
		return true;
	if (!oh_disk_make_directory(setup->arena, setup->paths->hooks, &made, err))
		return false;
	if (made)
		setup->record.made_hooks = oh_setup_short_path(setup, setup->paths->hooks);
	return !made || oh_record_save(setup, err);
}

/* Lines of 80 columns. */
static void say_hooks(struct oh_setup *setup, const struct oh_slices *names, const char *what)
{
	struct oh_buf line = {.arena = setup->arena};

	oh_buf_add(&line, OH_SLICE("hooks   "));
	for (size_t i = 0; i < names->count; i++) {
		const bool is_last = i + 1 == names->count;
		const struct oh_slice word = oh_slice_printf(setup->arena, OH_FMT "%s%s",
			OH_ARG(names->items[i]), is_last ? ": " : ",", is_last ? what : "");

		if (line.count + 1 + word.len > 80) {
			oh_say_changed(&setup->flow->report, OH_FMT, OH_ARG(oh_buf_slice(&line)));
			line = (struct oh_buf){.arena = setup->arena};
			oh_buf_add(&line, OH_SLICE("       "));
		}
		oh_buf_addf(&line, "%s" OH_FMT, i ? " " : "", OH_ARG(word));
	}
	oh_say_changed(&setup->flow->report, OH_FMT, OH_ARG(oh_buf_slice(&line)));
}

bool oh_setup_put_hooks(struct oh_setup *setup, struct oh_error *err)
{
	struct putting p = {.setup = setup};

	if (setup->place == OH_HOOKS_NOWHERE) {
		oh_say_wrong(&setup->flow->report,
			"hooks   core.hooksPath is " OH_FMT ": git runs no hooks here",
			OH_ARG(setup->paths->hooks));
		oh_say(&setup->flow->report,
			"        fix: git config --unset core.hooksPath && onehead install");
		return true;
	}
	if (!make_directory(setup, err))
		return false;
	for (const struct oh_entry_row *row = oh_entry_rows(); row->name; row++)
		if (!put_hook(&p, row, err))
			return oh_wrap(err, "installing %s", row->name);
	if (p.put.count)
		say_hooks(setup, &p.put, "installed");
	for (size_t i = 0; i < p.kept.count; i++)
		oh_say_changed(&setup->flow->report, "        " OH_FMT, OH_ARG(p.kept.items[i]));
	return true;
}

/* What a killed installation left of PATH. */
static bool remove_unfinished(struct oh_setup *setup, struct oh_slice path, struct oh_error *err)
{
	return oh_disk_remove(setup->arena,
		oh_slice_printf(setup->arena, OH_FMT OH_NEW_SUFFIX, OH_ARG(path)), err);
}

/* A saved hook without ours: half an installation, or somebody deleted ours. */
static bool restore_alone(
	struct oh_setup *setup, struct oh_slice path, struct oh_slice saved, struct oh_error *err)
{
	if (setup->dry_run || !oh_disk_exists(setup->arena, saved))
		return true;
	if (oh_disk_is_same(setup->arena, path, saved))
		return oh_disk_remove(setup->arena, saved, err);
	return oh_disk_exists(setup->arena, path) || oh_disk_rename(setup->arena, saved, path, err);
}

/* Ours at PATH goes; the hook that it kept comes back to where ours was. */
static bool remove_entry(struct oh_setup *setup, struct oh_slice path, struct oh_slice saved,
	bool *removed, struct oh_error *err)
{
	struct oh_slice text;

	if (!setup->dry_run && !remove_unfinished(setup, path, err))
		return false;
	if (!oh_disk_read(setup->arena, path, &text, NULL) || !oh_entry_is_ours(text))
		return true;
	*removed = true;
	if (setup->dry_run)
		return true;
	if (oh_disk_exists(setup->arena, saved))
		return oh_disk_rename(setup->arena, saved, path, err);
	return oh_disk_remove(setup->arena, path, err);
}

static bool remove_hook(struct oh_setup *setup, struct oh_slice directory, const char *name,
	bool *removed, struct oh_error *err)
{
	const struct oh_slice path = oh_path_join(setup->arena, directory, oh_slice_of(name));
	const struct oh_slice saved =
		oh_slice_printf(setup->arena, OH_FMT OH_SAVED_SUFFIX, OH_ARG(path));

	for (size_t i = 0; i < sizeof(dead_suffixes) / sizeof(*dead_suffixes); i++)
		if (!remove_entry(setup,
			    oh_slice_printf(
				    setup->arena, OH_FMT "%s", OH_ARG(path), dead_suffixes[i]),
			    saved, removed, err))
			return oh_wrap(err, "removing %s", name);
	return restore_alone(setup, path, saved, err);
}

/* Where git looks, and where it looked before somebody set core.hooksPath. */
bool oh_setup_remove_hooks(struct oh_setup *setup, struct oh_error *err)
{
	const struct oh_slice own =
		oh_path_join(setup->arena, setup->paths->common_dir, OH_SLICE("hooks"));
	const struct oh_slice directories[] = {setup->paths->hooks, own};
	struct oh_slices removed = {0};

	for (const struct oh_entry_row *row = oh_entry_rows(); row->name; row++) {
		bool was_there = false;

		for (int i = 0; i < 2; i++)
			if (!remove_hook(setup, directories[i], row->name, &was_there, err))
				return false;
		if (was_there)
			OH_PUSH(setup->arena, &removed, oh_slice_of(row->name));
	}
	if (setup->record.made_hooks.len && !setup->dry_run)
		oh_disk_remove_directory(
			setup->arena, oh_setup_full_path(setup, setup->record.made_hooks));
	if (removed.count)
		say_hooks(setup, &removed, "taken away");
	return true;
}

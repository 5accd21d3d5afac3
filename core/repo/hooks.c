#include "repo/hooks.h"

#include "repo/disk.h"
#include "repo/manager.h"

#include <stdlib.h>

static struct oh_slice with_suffix(struct oh_arena *arena, struct oh_slice path, const char *suffix)
{
	return oh_slice_printf(arena, OH_FMT "%s", OH_ARG(path), suffix);
}

/* Wherever the programs are: an entry that names others than ours is as new as ours. */
static bool is_other_version(
	struct oh_arena *arena, const struct oh_hook *hook, struct oh_slice text)
{
	const struct oh_entry_row *row = oh_entry_named(oh_slice_of(hook->name));
	const struct oh_slice programs = oh_path_directory(oh_entry_program(arena, text));

	return row && !oh_slice_eq(text, oh_entry_text(arena, row, programs));
}

/* A file of ours at PATH, whoever it is that git or a manager calls. */
static void look_at_ours(
	struct oh_arena *arena, struct oh_hook *hook, struct oh_slice path, struct oh_slice text)
{
	hook->carrier = path;
	hook->is_other_version = is_other_version(arena, hook, text);
	hook->program = oh_entry_program(arena, text);
	if (!oh_disk_is_program(arena, hook->program))
		hook->program = oh_disk_find_program(arena, OH_HOOK_PROGRAM);
	hook->state = !oh_disk_is_program(arena, path) ? OH_HOOK_NOT_EXECUTABLE
		      : !hook->program.len	       ? OH_HOOK_PROGRAM_GONE
						       : OH_HOOK_LIVE;
}

/* What a script calls us by: a path from the root or from home, else a name on PATH. */
static struct oh_slice find_called(struct oh_arena *arena, struct oh_slice word)
{
	const struct oh_slice home = oh_slice_of(getenv("HOME"));
	struct oh_slice rest = word;

	if (oh_slice_cut_prefix(&rest, OH_SLICE("$HOME/")) ||
		oh_slice_cut_prefix(&rest, OH_SLICE("~/")))
		word = oh_path_join(arena, home, rest);
	if (oh_slice_find_byte(word, '/', 0) == word.len)
		return oh_disk_find_program(arena, oh_slice_str(arena, word));
	return word.ptr[0] == '/' && oh_disk_is_program(arena, word) ? word : OH_SLICE("");
}

/* Does the file at PATH call us for this hook? Sets carrier and state where it does. */
static bool look_for_call(struct oh_arena *arena, struct oh_hook *hook, struct oh_slice path)
{
	struct oh_slice text, call;

	if (!oh_disk_read(arena, path, &text, NULL))
		return false;
	call = oh_script_call(text, hook->name);
	if (!call.len)
		return false;
	hook->carrier = path;
	hook->program = find_called(arena, call);
	hook->state = hook->program.len ? OH_HOOK_LIVE : OH_HOOK_PROGRAM_GONE;
	return true;
}

static struct oh_slice manager_file(struct oh_arena *arena, const struct oh_repo_paths *paths,
	const char *file, const char *hook)
{
	struct oh_slice name = oh_slice_of(file), root = paths->top;

	if (oh_slice_cut_prefix(&name, OH_SLICE("./")))
		root = paths->hooks;
	if (!name.len || oh_slice_has_suffix(name, OH_SLICE("/")))
		name = with_suffix(arena, name, hook);
	return oh_path_join(arena, root, name);
}

static bool is_switched_off(struct oh_hook *hook, const char *variable)
{
	if (!variable || !oh_slice_eq(oh_slice_of(getenv(variable)), OH_SLICE("0")))
		return false;
	hook->variable = variable;
	return true;
}

static void look_at_managed(
	struct oh_arena *arena, const struct oh_repo_paths *paths, struct oh_hook *hook)
{
	const struct oh_manager *m = hook->manager;
	struct oh_slice text, path;

	if (m->legacy_suffix) {
		path = with_suffix(arena, hook->path, m->legacy_suffix);
		if (oh_disk_read(arena, path, &text, NULL) && oh_entry_is_ours(text)) {
			look_at_ours(arena, hook, path, text);
			return;
		}
	}
	for (const char *const *file = m->files; *file; file++)
		if (look_for_call(arena, hook, manager_file(arena, paths, *file, hook->name)))
			return;
	hook->state = OH_HOOK_NOT_CALLED;
	hook->carrier = manager_file(arena, paths, m->files[0], hook->name);
	for (const char *const *file = m->files; *file; file++) {
		path = manager_file(arena, paths, *file, hook->name);
		if (!oh_disk_exists(arena, path))
			continue;
		hook->carrier = path;
		return;
	}
}

static void look_at_file(struct oh_arena *arena, const struct oh_repo_paths *paths,
	struct oh_hook *hook, struct oh_slice text)
{
	if (oh_entry_is_ours(text)) {
		hook->owner = OH_OWNER_US;
		look_at_ours(arena, hook, hook->path, text);
		return;
	}
	hook->manager = oh_manager_of(text);
	hook->owner = hook->manager ? OH_OWNER_MANAGER : OH_OWNER_USER;
	if (hook->manager)
		look_at_managed(arena, paths, hook);
	else if (!look_for_call(arena, hook, hook->path))
		hook->state = OH_HOOK_NOT_CALLED;
}

struct oh_hook oh_hook_look(
	struct oh_arena *arena, const struct oh_repo_paths *paths, const char *name)
{
	struct oh_hook hook = {.name = name, .state = OH_HOOK_ABSENT, .program = OH_SLICE("")};
	struct oh_slice text;

	hook.path = oh_path_join(arena, paths->hooks, oh_slice_of(name));
	hook.carrier = hook.path;
	if (!oh_disk_exists(arena, hook.path))
		return hook;
	if (!oh_disk_read(arena, hook.path, &text, NULL))
		text = OH_SLICE(""); /* a program that we may not read, a dangling symlink */
	look_at_file(arena, paths, &hook, text);
	if (!oh_disk_is_program(arena, hook.path))
		hook.state = OH_HOOK_NOT_EXECUTABLE, hook.carrier = hook.path;
	if (hook.state == OH_HOOK_LIVE &&
		(is_switched_off(&hook, "ONEHEAD") ||
			(hook.manager && is_switched_off(&hook, hook.manager->variable))))
		hook.state = OH_HOOK_SWITCHED_OFF;
	return hook;
}

bool oh_hooks_live(struct oh_repo *repo, struct oh_arena *arena, const char *const *names)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, NULL);

	if (!paths)
		return false;
	for (const char *const *name = names; *name; name++)
		if (oh_hook_look(arena, paths, *name).state != OH_HOOK_LIVE)
			return false;
	return true;
}

/* Not through oh_repo_git: check-ignore refuses the literal pathspecs that it asks for. */
static bool is_ignored(struct oh_arena *arena, struct oh_slice directory)
{
	const struct oh_slice probe = with_suffix(arena, directory, "/pre-commit");
	const char *argv[] = {"git", "check-ignore", "-q", oh_slice_str(arena, probe), NULL};
	struct oh_process p = {.argv = argv};

	/* A tracked file is never called ignored; status 1 says no. */
	return oh_process_run(arena, &p, NULL) && p.status == 0;
}

bool oh_hooks_place(struct oh_repo *repo, struct oh_arena *arena, enum oh_hooks_place *out,
	struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);
	struct oh_slice hooks;

	if (!paths)
		return false;
	hooks = oh_disk_real(arena, paths->hooks);
	if (oh_disk_exists(arena, hooks) && !oh_disk_is_directory(arena, hooks))
		*out = OH_HOOKS_NOWHERE;
	else if (oh_path_is_below(hooks, oh_disk_real(arena, paths->common_dir)))
		*out = OH_HOOKS_OWN;
	else if (!oh_path_is_below(hooks, oh_disk_real(arena, paths->top)))
		*out = OH_HOOKS_ELSEWHERE;
	else
		*out = is_ignored(arena, hooks) ? OH_HOOKS_IGNORED : OH_HOOKS_TRACKED;
	return true;
}

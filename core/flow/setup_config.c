#include "flow/setup.h"

#include "base/digest.h"
#include "repo/disk.h"

#include <errno.h>

#define ALIAS_START "!cd \"${GIT_PREFIX:-.}\" && "

/* Local configuration as `git config --list -z` gives it, keys and values in file order. */
struct settings {
	struct oh_slices keys, values;
};

static const char *const own_keys[] = {
	"merge.onehead.name", "merge.onehead.driver", "onehead.config", "alias.onehead"};
#define OWN_KEYS (sizeof(own_keys) / sizeof(*own_keys))

static struct oh_slice config_path(const struct oh_setup *setup)
{
	return oh_disk_real(setup->arena,
		oh_path_join(setup->arena, setup->paths->common_dir, OH_SLICE("config")));
}

static bool list_settings(
	struct oh_setup *setup, struct oh_slice file, struct settings *out, struct oh_error *err)
{
	const char *argv[] = {
		"git", "config", "--file", oh_slice_str(setup->arena, file), "--list", "-z", NULL};
	struct oh_slice rest, entry;

	*out = (struct settings){0};
	if (!oh_repo_git(setup->flow->repo, setup->arena, argv, OH_SLICE(""), &rest, err))
		return false;
	while (oh_slice_next(&rest, '\0', &entry)) {
		const size_t end = oh_slice_find_byte(entry, '\n', 0);

		OH_PUSH(setup->arena, &out->keys, oh_slice_sub(entry, 0, end));
		OH_PUSH(setup->arena, &out->values, oh_slice_sub(entry, end + 1, entry.len));
	}
	return true;
}

static struct oh_slices values_of(
	struct oh_arena *arena, const struct settings *settings, const char *key)
{
	struct oh_slices out = {0};

	for (size_t i = 0; i < settings->keys.count; i++)
		if (oh_slice_eq(settings->keys.items[i], oh_slice_of(key)))
			OH_PUSH(arena, &out, settings->values.items[i]);
	return out;
}

struct change {
	const char *key;
	const struct oh_slices *had, *wanted;
};

static bool run_config(struct oh_setup *setup, const char *const *argv, struct oh_error *err)
{
	return oh_repo_git(setup->flow->repo, setup->arena, argv, OH_SLICE(""), NULL, err);
}

/* Makes the wanted values those of the key. */
static bool set_key(struct oh_setup *setup, struct oh_slice file, const struct change *change,
	struct oh_error *err)
{
	const char *name = oh_slice_str(setup->arena, file);
	const char *unset[] = {"git", "config", "--file", name, "--unset-all", change->key, NULL};

	if (oh_slices_eq(change->had, change->wanted))
		return true;
	if (change->had->count && !run_config(setup, unset, err))
		return false;
	for (size_t i = 0; i < change->wanted->count; i++) {
		const char *value = oh_slice_str(setup->arena, change->wanted->items[i]);
		const char *add[] = {
			"git", "config", "--file", name, "--add", change->key, value, NULL};

		if (!run_config(setup, add, err))
			return false;
	}
	return true;
}

bool oh_setup_is_our_driver(struct oh_slice command)
{
	const struct oh_slice program = OH_SLICE(OH_DRIVER_PROGRAM);

	return oh_slice_find(command, program, 0) < command.len;
}

static bool is_our_alias(struct oh_slice value)
{
	return oh_slice_has_prefix(value, OH_SLICE(ALIAS_START "'")) &&
	       oh_slice_has_suffix(value, OH_SLICE("/onehead'"));
}

/* `git onehead` without an alias needs git-onehead on PATH; an alias of the user's stays. */
static struct oh_slices wanted_alias(struct oh_setup *setup, const struct oh_slices *had)
{
	struct oh_slices out = {0};

	if (had->count && !is_our_alias(had->items[0]))
		return *had;
	if (!oh_disk_find_program(setup->arena, "git-onehead").len)
		OH_PUSH(setup->arena, &out, oh_alias_command(setup->arena, setup->programs));
	return out;
}

/* Those found now, and those remembered: another branch may have them. */
static struct oh_slices wanted_configs(struct oh_setup *setup, const struct oh_slices *had)
{
	struct oh_slices out = {0};

	for (size_t i = 0; i < had->count; i++)
		if (!oh_slices_contain(&out, had->items[i]))
			OH_PUSH(setup->arena, &out, had->items[i]);
	for (size_t i = 0; i < setup->configs.count; i++)
		if (!oh_slices_contain(&out, setup->configs.items[i]))
			OH_PUSH(setup->arena, &out, setup->configs.items[i]);
	return out;
}

static struct oh_slices wanted_values(
	struct oh_setup *setup, size_t key, const struct oh_slices *had)
{
	struct oh_slices out = {0};

	switch (key) {
	case 0:
		OH_PUSH(setup->arena, &out, OH_SLICE("onehead: one head where branches meet"));
		return out;
	case 1:
		OH_PUSH(setup->arena, &out, oh_driver_command(setup->arena, setup->programs));
		return out;
	case 2:
		return wanted_configs(setup, had);
	default:
		return wanted_alias(setup, had);
	}
}

/* Keeps the file as it was before the first installation. */
static bool keep_before(struct oh_setup *setup, struct oh_slice bytes, struct oh_error *err)
{
	const struct oh_slice path = oh_setup_state_path(setup, "config.before");

	if (oh_disk_exists(setup->arena, path))
		return true;
	return oh_disk_write(setup->arena, path, bytes, 0600, err);
}

/* May the bytes of before come back, or does somebody else's change lie between? */
static bool is_exact(struct oh_setup *setup, struct oh_slice now)
{
	struct oh_slice kept;

	if (oh_slice_eq(setup->record.config_digest, oh_digest_sha256(setup->arena, now)))
		return true;
	return oh_disk_read(
		       setup->arena, oh_setup_state_path(setup, "config.before"), &kept, NULL) &&
	       oh_slice_eq(kept, now);
}

/* All changes are made to a copy, which then takes the file's place at once. */
static bool edit_copy(struct oh_setup *setup, const struct settings *now, struct oh_slice copy,
	struct oh_error *err)
{
	for (size_t k = 0; k < OWN_KEYS; k++) {
		const struct oh_slices had = values_of(setup->arena, now, own_keys[k]);
		const struct oh_slices wanted = wanted_values(setup, k, &had);
		const struct change change = {own_keys[k], &had, &wanted};

		if (!set_key(setup, copy, &change, err))
			return oh_wrap(err, "setting %s", own_keys[k]);
	}
	return true;
}

static bool write_config(struct oh_setup *setup, const struct settings *now, struct oh_error *err)
{
	const struct oh_slice path = config_path(setup);
	const struct oh_slice copy = oh_setup_state_path(setup, "config.new");
	struct oh_slice before, after;
	bool exact, ok;

	/* The lock of a git that was killed while it wrote the copy. */
	oh_disk_remove(setup->arena, oh_setup_state_path(setup, "config.new.lock"), NULL);
	if (!oh_disk_read(setup->arena, path, &before, err) || !keep_before(setup, before, err) ||
		!oh_disk_write(setup->arena, copy, before, 0600, err))
		return false;
	exact = is_exact(setup, before);
	ok = edit_copy(setup, now, copy, err) && oh_disk_read(setup->arena, copy, &after, err);
	oh_disk_remove(setup->arena, copy, NULL);
	if (!ok)
		return false;
	setup->record.config_digest =
		exact ? oh_digest_sha256(setup->arena, after) : OH_SLICE("changed");
	return oh_record_save(setup, err) &&
	       oh_disk_replace_locked(setup->arena, path, before, after, err);
}

bool oh_setup_put_config(struct oh_setup *setup, struct oh_error *err)
{
	struct settings now;
	size_t changes = 0;

	if (!list_settings(setup, config_path(setup), &now, err))
		return false;
	for (size_t k = 0; k < OWN_KEYS; k++) {
		const struct oh_slices had = values_of(setup->arena, &now, own_keys[k]);
		const struct oh_slices wanted = wanted_values(setup, k, &had);

		if (oh_slices_eq(&had, &wanted))
			continue;
		changes++;
		if (k == 1)
			oh_say_changed(&setup->flow->report,
				"driver  merge driver set in the local configuration");
		if (k == 2)
			oh_say_changed(&setup->flow->report, "config  remembered: " OH_FMT,
				OH_ARG(oh_slices_join(setup->arena, &wanted, ", ")));
		if (k == 3)
			oh_say_changed(&setup->flow->report, "git     `git onehead` %s",
				wanted.count ? "set as an alias" : "needs no alias any more");
	}
	return setup->dry_run || !changes || write_config(setup, &now, err);
}

/* The bytes of before, under git's own lock for this file. */
static bool restore_exactly(struct oh_setup *setup, bool *done, struct oh_error *err)
{
	const struct oh_slice path = config_path(setup);
	struct oh_slice before, now;

	*done = false;
	if (!oh_disk_read(
		    setup->arena, oh_setup_state_path(setup, "config.before"), &before, NULL) ||
		!oh_disk_read(setup->arena, path, &now, err))
		return true;
	if (!oh_slice_eq(setup->record.config_digest, oh_digest_sha256(setup->arena, now)))
		return true;
	*done = true;
	return setup->dry_run || oh_disk_replace_locked(setup->arena, path, now, before, err);
}

/* Of KEY, the values that are not ours any more stay. */
static bool is_ours_to_take(size_t key, const struct oh_slices *had)
{
	if (!had->count)
		return false;
	if (key == 1)
		return oh_setup_is_our_driver(had->items[0]);
	return key != 3 || is_our_alias(had->items[0]);
}

static bool restore_keys(struct oh_setup *setup, bool *done, struct oh_error *err)
{
	const struct oh_slice kept = oh_setup_state_path(setup, "config.before");
	struct settings now, before = {0};

	if (!list_settings(setup, config_path(setup), &now, err))
		return false;
	if (oh_disk_exists(setup->arena, kept) && !list_settings(setup, kept, &before, err))
		return false;
	for (size_t k = 0; k < OWN_KEYS; k++) {
		const struct oh_slices had = values_of(setup->arena, &now, own_keys[k]);
		const struct oh_slices wanted = values_of(setup->arena, &before, own_keys[k]);
		const struct change change = {own_keys[k], &had, &wanted};

		if (oh_slices_eq(&had, &wanted) || !is_ours_to_take(k, &had))
			continue;
		*done = true;
		if (!setup->dry_run && !set_key(setup, config_path(setup), &change, err))
			return oh_wrap(err, "restoring %s", own_keys[k]);
	}
	return true;
}

bool oh_setup_remove_config(struct oh_setup *setup, struct oh_error *err)
{
	bool done;

	if (!restore_exactly(setup, &done, err) || (!done && !restore_keys(setup, &done, err)))
		return false;
	if (done)
		oh_say_changed(&setup->flow->report, "config  git's configuration is as it was");
	return true;
}

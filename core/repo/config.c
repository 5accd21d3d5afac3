#include "repo/private.h"

/* The last line is for where.c. */
static const char *const CONFIG[] = {"git", "config", "--null", "--show-scope", "--get-regexp",
	"^(onehead\\..*|core\\.(hookspath|commentchar|sparsecheckout)|commit\\.gpgsign|user\\.email"
	"|merge\\.onehead\\..*|notes\\.rewriteref|remote\\..*\\.url|branch\\..*"
	"|core\\.(worktree|bare)|extensions\\.objectformat)$",
	NULL};

void oh_config_start(struct oh_repo *repo)
{
	const struct oh_git_call call = {.argv = CONFIG};

	oh_early_start(repo, &repo->config, &call);
}

/* scope NUL key [LF value] NUL; a key without a value is a true one. */
static void load_settings(struct oh_repo *repo)
{
	struct oh_slice rest, scope, pair;

	if (repo->has_settings)
		return;
	repo->has_settings = true;
	if (repo->is_recalled)
		oh_config_start(repo);
	if (!oh_early_finish(repo, &repo->config, NULL))
		return;
	rest = repo->config.process.output;
	while (oh_slice_next(&rest, '\0', &scope) && oh_slice_next(&rest, '\0', &pair)) {
		const size_t end = oh_slice_find_byte(pair, '\n', 0);
		const struct oh_setting setting = {scope, oh_slice_sub(pair, 0, end),
			end == pair.len ? OH_SLICE("true") : oh_slice_sub(pair, end + 1, pair.len)};

		OH_PUSH(&repo->arena, &repo->settings, setting);
	}
}

static const struct oh_setting *setting(struct oh_repo *repo, const char *key)
{
	load_settings(repo);
	for (size_t i = repo->settings.count; i > 0; i--)
		if (oh_slice_eq(repo->settings.items[i - 1].key, oh_slice_of(key)))
			return &repo->settings.items[i - 1];
	return NULL;
}

struct oh_slice oh_repo_config(struct oh_repo *repo, const char *key)
{
	const struct oh_setting *found = setting(repo, key);

	return found ? found->value : OH_SLICE("");
}

struct oh_slice oh_repo_config_scope(struct oh_repo *repo, const char *key)
{
	const struct oh_setting *found = setting(repo, key);

	return found ? found->scope : OH_SLICE("");
}

struct oh_slices oh_repo_config_all(struct oh_repo *repo, struct oh_arena *arena, const char *key)
{
	struct oh_slices all = {0};

	load_settings(repo);
	for (size_t i = 0; i < repo->settings.count; i++)
		if (oh_slice_eq(repo->settings.items[i].key, oh_slice_of(key)))
			OH_PUSH(arena, &all, repo->settings.items[i].value);
	return all;
}

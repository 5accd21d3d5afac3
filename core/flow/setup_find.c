/* What there is to install for: configuration files, script directories, their locks. */
#include "flow/setup.h"

#include "model/lock.h"
#include "repo/disk.h"

static bool is_config(struct oh_slice path)
{
	for (const struct oh_adapter *const *a = oh_adapters(); *a; a++)
		if ((*a)->is_config(path))
			return true;
	return false;
}

/* Brought by a package manager. */
static bool is_installed(struct oh_slice path)
{
	return oh_slice_find(path, OH_SLICE("site-packages/"), 0) < path.len ||
	       oh_slice_find(path, OH_SLICE("node_modules/"), 0) < path.len;
}

/* Of the files that git lists with HOW, those that could configure a migration system. */
static bool list_configs(
	struct oh_setup *setup, const char *how, struct oh_slices *out, struct oh_error *err)
{
	const char *argv[] = {"git", "ls-files", "-z", how, "--exclude-standard", NULL};
	struct oh_slice rest, path;

	if (!oh_repo_git(setup->flow->repo, setup->arena, argv, OH_SLICE(""), &rest, err))
		return false;
	while (oh_slice_next(&rest, '\0', &path))
		if (is_config(path) && !is_installed(path) && !oh_slices_contain(out, path))
			OH_PUSH(setup->arena, out, path);
	return true;
}

static void say_unreadable(struct oh_setup *setup, const struct oh_unreadable *u, const char *what)
{
	if (u->line)
		oh_say_wrong(&setup->flow->report, "%s " OH_FMT ":%u: " OH_FMT, what,
			OH_ARG(u->path), u->line, OH_ARG(u->why));
	else
		oh_say_wrong(&setup->flow->report, "%s " OH_FMT ": " OH_FMT, what, OH_ARG(u->path),
			OH_ARG(u->why));
}

static void plan_lock(struct oh_setup *setup, const struct oh_snapshot *s)
{
	const struct oh_lock lock = oh_lock_of(setup->arena, &s->graph);
	const struct oh_slice path = oh_setup_full_path(setup, s->lock_path);

	OH_PUSH(setup->arena, &setup->locks, s->lock_path);
	if (oh_disk_exists(setup->arena, path))
		return;
	for (size_t i = 0; i < s->unreadables.count; i++)
		say_unreadable(setup, &s->unreadables.items[i], "lock    not written:");
	if (s->unreadables.count)
		return;
	OH_PUSH(setup->arena, &setup->files,
		(struct oh_setup_file){.kind = OH_RECORD_LOCK,
			.path = s->lock_path,
			.bytes = oh_lock_format(setup->arena, &lock),
			.made = true});
}

static void say_heads(struct oh_setup *setup, const struct oh_snapshot *s)
{
	const struct oh_families forks = oh_graph_forked_heads(&s->graph, setup->arena);

	if (forks.count)
		oh_say(&setup->flow->report,
			"note    " OH_FMT " has %zu heads; join them with: onehead merge",
			OH_ARG(oh_slice_printable(setup->arena, s->location.directory)),
			s->graph.heads.count);
}

/* Configuration that SOURCE has: remembered where it names a script directory. */
static bool find_in(struct oh_setup *setup, struct oh_source *source, struct oh_slices configs,
	struct oh_error *err)
{
	struct oh_loader loader = {.arena = setup->arena,
		.configs = configs,
		.root = setup->paths->top,
		.without_locks = true};
	struct oh_tree tree;

	if (!oh_load_tree(&loader, source, &tree, err))
		return false;
	for (size_t i = 0; i < tree.unreadables.count; i++)
		say_unreadable(setup, &tree.unreadables.items[i], "config ");
	for (size_t i = 0; i < tree.count; i++) {
		const struct oh_location *l = &tree.items[i].location;

		if (!oh_slices_contain(&setup->configs, l->config))
			OH_PUSH(setup->arena, &setup->configs, l->config);
		if (setup->no_lock || oh_slices_contain(&setup->locks, tree.items[i].lock_path))
			continue;
		plan_lock(setup, &tree.items[i]);
		say_heads(setup, &tree.items[i]);
	}
	return true;
}

/*
 * What is tracked is read from the index: a lock says what a commit contains, not what lies
 * around. Only where nothing is tracked yet the worktree counts: what else lies untracked there may
 * be anybody's (an application in a virtual environment brings its own).
 */
bool oh_setup_find(struct oh_setup *setup, struct oh_error *err)
{
	struct oh_slices tracked = {0}, untracked = {0};
	struct oh_source *index, *worktree;

	if (!list_configs(setup, "--cached", &tracked, err))
		return false;
	if (tracked.count && (!oh_repo_index(setup->flow->repo, &index, err) ||
				     !find_in(setup, index, tracked, err)))
		return false;
	worktree = oh_directory_source(setup->arena, setup->paths->top);
	if (!setup->configs.count && (!list_configs(setup, "--others", &untracked, err) ||
					     !find_in(setup, worktree, untracked, err)))
		return false;
	if (setup->configs.count)
		return true;
	if (setup->flow->report.status != OH_CLEAN)
		return oh_fail(err, OH_E_NOT_FOUND, "no script directory that can be known");
	return oh_fail(err, OH_E_NOT_FOUND, "no migrations here: nothing configures them (%s)",
		(*oh_adapters())->config_words);
}

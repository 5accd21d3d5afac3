/* The next number: of a migration that was just made, or for one that is to be made. */
#include "flow/commands.h"

#include "apply/apply.h"
#include "apply/operation.h"
#include "flow/judge.h"
#include "flow/target.h"
#include "repo/disk.h"

struct numbering {
	struct oh_flow *flow;
	struct oh_arena *arena;
	const struct oh_number_request *request;
	struct oh_loader loader;
	struct oh_tree worktree, index, upstream;
	const struct oh_snapshot *snapshot; /* of the worktree */
	const struct oh_migration *migration; /* NULL: one that is to be made */
};

static bool load(struct numbering *n, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(n->flow->repo, err);
	struct oh_error none = {0};
	struct oh_target target;
	struct oh_source *source;

	if (!paths || !oh_find_configs(n->flow->repo, n->arena, NULL, &n->loader.configs, err))
		return false;
	oh_loader_for_repo(&n->loader, n->flow->repo);
	if (!oh_target_find(n->flow, &target, &none))
		target.commit = OH_SLICE("");
	if (!oh_repo_index(n->flow->repo, &source, err) ||
		!oh_load_tree(&n->loader, source, &n->index, err) ||
		!oh_repo_tree(n->flow->repo, target.commit, &source, err) ||
		!oh_load_tree(&n->loader, source, &n->upstream, err))
		return false;
	n->loader.root = paths->top;
	return oh_load_tree(
		&n->loader, oh_directory_source(n->arena, paths->top), &n->worktree, err);
}

/* The path of the request's file below the worktree. */
static bool find_path(struct numbering *n, struct oh_slice *path, struct oh_error *err)
{
	const struct oh_slice top = oh_repo_paths(n->flow->repo, NULL)->top;
	const struct oh_slice named = n->request->file;

	*path = oh_disk_real(n->arena, named);
	if (oh_slice_cut_prefix(path, oh_disk_real(n->arena, top)) &&
		oh_slice_cut_prefix(path, OH_SLICE("/")))
		return true;
	return oh_fail(err, OH_E_NOT_FOUND, OH_FMT " is not in this worktree",
		OH_ARG(oh_slice_printable(n->arena, named)));
}

static bool find_migration(struct numbering *n, struct oh_error *err)
{
	struct oh_slice path;

	if (!find_path(n, &path, err))
		return false;
	for (size_t i = 0; i < n->worktree.count; i++) {
		n->snapshot = &n->worktree.items[i];
		n->migration = oh_snapshot_at(n->snapshot, path);
		if (n->migration)
			return true;
	}
	return oh_fail(err, OH_E_NOT_FOUND, OH_FMT " is no migration that can be read",
		OH_ARG(oh_slice_printable(n->arena, path)));
}

static bool find_graph(struct numbering *n, struct oh_error *err)
{
	if (n->request->file.len)
		return find_migration(n, err);
	if (!n->worktree.count)
		return oh_fail(err, OH_E_NOT_FOUND, "no migrations are configured here");
	if (n->worktree.count != 1)
		return oh_fail(err, OH_E_USAGE,
			"there are %zu graphs here; name the file of a new migration",
			n->worktree.count);
	n->snapshot = &n->worktree.items[0];
	return true;
}

static void add(struct oh_arena *arena, struct oh_migrations *all, const struct oh_migrations *more)
{
	for (size_t i = 0; i < more->count; i++)
		OH_PUSH(arena, all, more->items[i]);
}

/* The worktree's, the index's and the target's, but for the new one. */
static struct oh_migrations list_taken(struct numbering *n)
{
	struct oh_migrations all = {0}, taken = {0};

	add(n->arena, &all, &n->snapshot->migrations);
	add(n->arena, &all, &oh_tree_match(n->arena, &n->index, n->snapshot)->migrations);
	add(n->arena, &all, &oh_tree_match(n->arena, &n->upstream, n->snapshot)->migrations);
	for (size_t i = 0; i < all.count; i++)
		if (!n->migration || !oh_slice_eq(all.items[i].path, n->migration->path) ||
			!oh_slice_eq(all.items[i].id, n->migration->id))
			OH_PUSH(n->arena, &taken, all.items[i]);
	return taken;
}

/* Only what nobody can have seen, and nothing stands on, is numbered on the spot. */
static bool check_new(struct numbering *n, struct oh_error *err)
{
	const struct oh_graph *graph = &n->snapshot->graph;
	const size_t node = oh_graph_find(graph, n->migration->id);
	const struct oh_snapshot *index = oh_tree_match(n->arena, &n->index, n->snapshot);

	if (oh_snapshot_at(index, n->migration->path))
		return oh_fail(err, OH_E_CHANGED,
			"git knows " OH_FMT " already; try: onehead renumber",
			OH_ARG(oh_slice_printable(n->arena, n->migration->path)));
	if (node != OH_NO_NODE &&
		(graph->nodes[node].children.count || graph->nodes[node].needed_by.count))
		return oh_fail(err, OH_E_CHANGED, "other migrations name " OH_FMT,
			OH_ARG(oh_slice_printable(n->arena, n->migration->id)));
	return true;
}

static bool carry_out(struct numbering *n, const struct oh_steps *steps, struct oh_error *err)
{
	static const struct oh_steps none = {0};
	const struct oh_operation op = {
		.command = OH_SLICE("number"), .title = OH_SLICE("onehead number")};

	if (!n->request->dry_run)
		return oh_apply_stage_recorded(n->flow->repo, n->arena, &op, &none, steps, err);
	oh_tell_steps(n->flow, steps);
	return true;
}

static bool write_file(struct numbering *n, const struct oh_new_name *name, struct oh_error *err)
{
	const struct oh_adapter *adapter = oh_adapter_named(n->snapshot->location.system);
	const struct oh_slice top = oh_repo_paths(n->flow->repo, NULL)->top;
	const struct oh_slice old = oh_path_join(n->arena, top, n->migration->path);
	const struct oh_rewrite want = {.id = name->id};
	struct oh_file file = {.path = n->migration->path};
	struct oh_steps steps = {0};
	struct oh_slice bytes;

	if (!oh_disk_read(n->arena, old, &file.bytes, err) ||
		!adapter->rewrite(n->arena, &file, &want, &bytes, err))
		return false;
	oh_steps_rewrite(n->arena, &steps, file.path, name->path, file.bytes, bytes,
		oh_slice_printf(n->arena, OH_FMT " becomes " OH_FMT,
			OH_ARG(oh_slice_printable(n->arena, n->migration->id)),
			OH_ARG(oh_slice_printable(n->arena, name->id))));
	return carry_out(n, &steps, err);
}

static bool number_file(struct numbering *n, struct oh_new_name name, struct oh_error *err)
{
	if (oh_slice_eq(name.id, n->migration->id))
		return true;
	if (n->request->keep_name)
		name.path = n->migration->path;
	if (!check_new(n, err) || !write_file(n, &name, err))
		return false;
	if (n->request->dry_run)
		return true;
	oh_say(&n->flow->report, "onehead: " OH_FMT " becomes " OH_FMT "  " OH_FMT,
		OH_ARG(oh_slice_printable(n->arena, n->migration->id)),
		OH_ARG(oh_slice_printable(n->arena, name.id)),
		OH_ARG(oh_slice_printable(n->arena, name.path)));
	return true;
}

static bool settle_interrupted(struct oh_flow *flow, struct oh_error *err)
{
	struct oh_slice did;

	if (!oh_apply_recover(flow->repo, flow->arena, &did, err))
		return false;
	if (did.len)
		oh_say(&flow->report, "onehead: " OH_FMT, OH_ARG(did));
	return true;
}

bool oh_flow_number(
	struct oh_flow *flow, const struct oh_number_request *request, struct oh_error *err)
{
	struct numbering *n = oh_arena_alloc(flow->arena, sizeof(*n));
	struct oh_migration made = {
		.id = OH_SLICE(""), .path = OH_SLICE(""), .title = request->title};
	const struct oh_adapter *adapter;
	struct oh_migrations taken;
	struct oh_new_name name;

	*n = (struct numbering){.flow = flow,
		.arena = flow->arena,
		.request = request,
		.loader = {.arena = flow->arena, .depth = OH_READ_TEXT}};
	/* A number alone is what a program reads. */
	if (request->file.len && !request->dry_run && !settle_interrupted(flow, err))
		return false;
	if (!load(n, err) || !find_graph(n, err))
		return false;
	adapter = oh_adapter_named(n->snapshot->location.system);
	taken = list_taken(n);
	if (!adapter->next_number || !adapter->is_sequential(n->arena, &taken))
		return true;
	name = adapter->next_number(
		n->arena, &n->snapshot->location, &taken, n->migration ? n->migration : &made);
	if (n->migration)
		return number_file(n, name, err);
	oh_say(&flow->report, OH_FMT, OH_ARG(oh_slice_printable(flow->arena, name.id)));
	return true;
}

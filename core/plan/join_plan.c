#include "model/lock.h"
#include "plan/join.h"

#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
	const struct oh_migration *x = *(const struct oh_migration *const *)a;
	const struct oh_migration *y = *(const struct oh_migration *const *)b;

	return oh_slice_cmp(x->id, y->id);
}

static struct oh_new_file merge_revision(
	struct oh_arena *arena, const struct oh_snapshot *result, const struct oh_indices *group)
{
	const struct oh_adapter *adapter = oh_adapter_named(result->location.system);
	const struct oh_migration **parents =
		oh_arena_alloc(arena, group->count * sizeof(*parents));

	for (size_t i = 0; i < group->count; i++)
		parents[i] = result->graph.nodes[group->items[i]].migration;
	qsort(parents, group->count, sizeof(*parents), by_id);
	return adapter->merge_revision(arena, &result->location, parents, group->count);
}

static struct oh_slice group_reason(
	struct oh_arena *arena, const struct oh_graph *graph, const struct oh_indices *group)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < group->count; i++)
		OH_PUSH(arena, &ids, graph->nodes[group->items[i]].migration->id);
	return oh_slice_printable(arena, oh_slice_printf(arena, "merge revision of " OH_FMT,
						 OH_ARG(oh_slices_join(arena, &ids, " and "))));
}

/* The lock of SNAPSHOT once the files of JOINED are there as well. */
static struct oh_slice lock_with(struct oh_arena *arena, const struct oh_snapshot *snapshot,
	const struct oh_join *join, const struct oh_joined *joined)
{
	struct oh_migrations all = {0};
	struct oh_graph graph;
	struct oh_lock lock;

	for (size_t i = 0; i < snapshot->migrations.count; i++)
		OH_PUSH(arena, &all, snapshot->migrations.items[i]);
	for (size_t i = 0; i < joined->count; i++) {
		struct oh_migration m = {.id = joined->items[i].id, .path = joined->items[i].path};
		const struct oh_indices *group = &join->groups.items[i];

		for (size_t k = 0; k < group->count; k++)
			OH_PUSH(arena, &m.parents,
				snapshot->graph.nodes[group->items[k]].migration->id);
		OH_PUSH(arena, &all, m);
	}
	oh_graph_build(&graph, arena, &all);
	lock = oh_lock_of(arena, &graph);
	return oh_lock_format(arena, &lock);
}

void oh_lock_step(struct oh_arena *arena, const struct oh_snapshot *snapshot,
	struct oh_slice wanted, struct oh_steps *steps)
{
	struct oh_step step = {.kind = OH_STEP_REPLACE,
		.path = snapshot->lock_path,
		.bytes = wanted,
		.reason = OH_SLICE("the lock says what the directory has")};

	if (!oh_slice_eq(snapshot->lock, wanted))
		OH_PUSH(arena, steps, step);
}

void oh_join_plan(struct oh_arena *arena, const struct oh_snapshot *result,
	const struct oh_join *join, struct oh_steps *steps, struct oh_joined *joined)
{
	for (size_t i = 0; i < join->groups.count; i++) {
		const struct oh_new_file file =
			merge_revision(arena, result, &join->groups.items[i]);
		const struct oh_step step = {.kind = OH_STEP_ADD,
			.path = file.path,
			.bytes = file.bytes,
			.reason = group_reason(arena, &result->graph, &join->groups.items[i])};

		OH_PUSH(arena, steps, step);
		OH_PUSH(arena, joined, file);
	}
	if (result->has_lock)
		oh_lock_step(arena, result, lock_with(arena, result, join, joined), steps);
}

void oh_lock_plan(
	struct oh_arena *arena, const struct oh_snapshot *snapshot, struct oh_steps *steps)
{
	struct oh_lock lock;

	if (!snapshot->has_lock)
		return;
	lock = oh_lock_of(arena, &snapshot->graph);
	oh_lock_step(arena, snapshot, oh_lock_format(arena, &lock), steps);
}

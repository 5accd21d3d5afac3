/*
 * How long it takes to read the migrations of this directory, and then to decide and plan that one
 * line of them moves on top of another:
 *
 *	bench-plan ROUNDS STAYS MOVES...
 *
 * STAYS and MOVES are ids of migrations that are in alembic.ini's script directory; all others are
 * what both lines stand on. Prints "read S" and "plan S", the fewest seconds of all rounds, and
 * "moved N".
 */
#include "adapters/adapter.h"
#include "flow/load.h"
#include "plan/move.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct lines {
	struct oh_arena arena;
	struct oh_loader loader;
	struct oh_tree tree;
	struct oh_snapshot base, stays, moves;
	struct oh_standings standings;
	size_t moved;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool is_one_of(struct oh_slice id, char *const *ids, int count)
{
	for (int i = 0; i < count; i++)
		if (oh_slice_eq(id, oh_slice_of(ids[i])))
			return true;
	return false;
}

static bool read_all(struct lines *l, struct oh_error *err)
{
	OH_PUSH(&l->arena, &l->loader.configs, OH_SLICE("alembic.ini"));
	l->loader.arena = &l->arena;
	l->loader.depth = OH_READ_TEXT;
	if (!oh_load_tree(&l->loader, oh_directory_source(&l->arena, OH_SLICE(".")), &l->tree, err))
		return false;
	return l->tree.count == 1 || oh_fail(err, OH_E_USAGE, "one script directory is wanted");
}

/* The line that has what both stand on, and of IDS. */
static void take_line(struct lines *l, char *const *all, int all_count, char *const *ids, int count,
	struct oh_snapshot *out)
{
	const struct oh_migrations *from = &l->tree.items[0].migrations;

	*out = l->tree.items[0];
	out->migrations = (struct oh_migrations){0};
	for (size_t i = 0; i < from->count; i++)
		if (!is_one_of(from->items[i].id, all, all_count) ||
			is_one_of(from->items[i].id, ids, count))
			OH_PUSH(&l->arena, &out->migrations, from->items[i]);
	oh_graph_build(&out->graph, &l->arena, &out->migrations);
}

static int by_id(const void *a, const void *b)
{
	return oh_slice_cmp(
		((const struct oh_standing_of *)a)->id, ((const struct oh_standing_of *)b)->id);
}

static bool part(struct lines *l, char *const *ids, int count, struct oh_error *err)
{
	take_line(l, ids, count, NULL, 0, &l->base);
	if (!oh_load_bodies(&l->loader, &l->tree, &l->tree.items[0], &l->base, err))
		return false;
	take_line(l, ids, count, ids, 1, &l->stays);
	take_line(l, ids, count, ids + 1, count - 1, &l->moves);
	for (int i = 1; i < count; i++)
		OH_PUSH(&l->arena, &l->standings,
			((struct oh_standing_of){oh_slice_of(ids[i]), OH_MOVABLE, OH_SLICE("")}));
	qsort(l->standings.items, l->standings.count, sizeof(*l->standings.items), by_id);
	return true;
}

static bool read_file(void *context, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *bytes, struct oh_error *err)
{
	return oh_source_read(context, arena, path, bytes, err);
}

static bool plan(struct lines *l, struct oh_error *err)
{
	const struct oh_meeting meeting = {.base = &l->base,
		.sides = {&l->stays, &l->moves},
		.side_names = {"stays", "moves"},
		.side_count = 2,
		.result = &l->tree.items[0]};
	const struct oh_move_request request = {.meeting = &meeting,
		.stays = 0,
		.moves = 1,
		.standings = &l->standings,
		.renumber = true};
	struct oh_steps steps = {0};
	struct oh_snapshot after;
	struct oh_moves moves;

	if (!oh_move_decide(&moves, &l->arena, &request, err) ||
		!oh_move_steps(&l->arena, &moves, &l->tree.items[0], read_file, l->tree.source,
			&steps, &after, err))
		return false;
	oh_move_mendings(&l->arena, &moves, &after, oh_adapter_named(l->base.location.system));
	l->moved = moves.list.count;
	return after.graph.heads.count == 1 ||
	       oh_fail(err, OH_E_FORMAT, "%zu heads are left", after.graph.heads.count);
}

static bool run_round(
	char *const *ids, int count, double least[2], size_t *moved, struct oh_error *err)
{
	struct lines *l = calloc(1, sizeof(*l));
	double began = now(), seconds[2];
	bool ok = l && read_all(l, err);

	seconds[0] = now() - began;
	ok = ok && part(l, ids, count, err);
	began = now();
	ok = ok && plan(l, err);
	seconds[1] = now() - began;
	for (int i = 0; ok && i < 2; i++)
		least[i] = seconds[i] < least[i] ? seconds[i] : least[i];
	if (l) {
		*moved = l->moved;
		oh_arena_drop(&l->arena);
	}
	free(l);
	return ok;
}

int main(int argc, char **argv)
{
	double least[2] = {1e9, 1e9};
	struct oh_error err = {0};
	size_t moved = 0;

	if (argc < 4) {
		fputs("usage: bench-plan ROUNDS STAYS MOVES...\n", stderr);
		return 2;
	}
	for (int round = 0; round < atoi(argv[1]); round++)
		if (!run_round(argv + 2, argc - 2, least, &moved, &err)) {
			fprintf(stderr, "bench-plan: %s\n", err.message);
			return 2;
		}
	printf("read %.6f\nplan %.6f\nmoved %zu\n", least[0], least[1], moved);
	return 0;
}

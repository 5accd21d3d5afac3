#include "plan/moving.h"

bool oh_moving_refuse(struct oh_slice id, const char *why, struct oh_error *err)
{
	return oh_fail(err, OH_E_UNSUPPORTED, OH_FMT " can't move: %s", OH_ARG(id), why);
}

struct oh_moving_item *oh_moving_find(const struct oh_moving *moving, struct oh_slice key)
{
	const size_t *at = oh_map_get(&moving->by_key, key);

	return at ? &moving->items[*at] : NULL;
}

struct oh_moving_item *oh_moving_find_next(
	const struct oh_moving *moving, size_t *next, struct oh_slice key)
{
	struct oh_moving_item *item = &moving->items[*next];

	if (*next >= moving->count || !oh_slice_eq(item->key, key))
		item = oh_moving_find(moving, key);
	if (item)
		*next = (size_t)(item - moving->items) + 1;
	return item;
}

struct oh_moving_item *oh_moving_at(const struct oh_moving *moving, size_t node)
{
	return &moving->items[moving->item_of ? moving->item_of[node] : node];
}

struct oh_slice oh_moving_key(
	const struct oh_moving *moving, const struct oh_moving_item *item, struct oh_slice name)
{
	const size_t *at = item->is_brought ? oh_map_get(&moving->clashes, name) : NULL;

	if (at)
		return moving->items[*at].key;
	for (size_t i = 0; item->is_brought && i < moving->not_yet.count; i++)
		if (oh_slice_eq(moving->not_yet.items[i].from, name))
			return moving->not_yet.items[i].to;
	return name;
}

static struct oh_slices keys_of(const struct oh_moving *moving, const struct oh_moving_item *item,
	const struct oh_slices *names)
{
	struct oh_slices keys = {0};

	if (!item->is_brought)
		return *names; /* as most: they mean what they say */
	for (size_t i = 0; i < names->count; i++)
		OH_PUSH(moving->arena, &keys, oh_moving_key(moving, item, names->items[i]));
	return keys;
}

struct oh_slices oh_moving_parents(
	const struct oh_moving *moving, const struct oh_moving_item *item)
{
	return keys_of(moving, item, &item->migration->parents);
}

static bool has(const struct oh_snapshot *snapshot, struct oh_slice id)
{
	return oh_graph_find(&snapshot->graph, id) != OH_NO_NODE;
}

const struct oh_migration *oh_moving_before(
	const struct oh_moving *moving, const struct oh_moving_item *item)
{
	return oh_snapshot_find(moving->moves, item->migration->id);
}

static void add_item(
	struct oh_moving *moving, const struct oh_migration *migration, struct oh_slice key)
{
	moving->items[moving->count++] = (struct oh_moving_item){.migration = migration,
		.key = key,
		.new_id = migration->id,
		.new_path = migration->path};
}

/* One that the line has brought under an id that the side that stays has given as well. */
static void add_clash(struct oh_moving *moving, const struct oh_migration *migration)
{
	*oh_map_put(&moving->clashes, migration->id) = moving->count;
	add_item(moving, migration,
		oh_slice_printf(moving->arena, OH_FMT "\n" OH_FMT, OH_ARG(migration->id),
			OH_ARG(migration->path)));
}

/* Does a side have ID once, and in one file? */
static bool has_once(const struct oh_snapshot *side, struct oh_slice id)
{
	const size_t node = oh_graph_find(&side->graph, id);

	for (size_t i = 0; i < side->graph.duplicates.count; i++)
		if (side->graph.duplicates.items[i].node == node)
			return false;
	return node != OH_NO_NODE;
}

/* Further files with the id of NODE. FIRST is its place among the graph's duplicates. */
static bool add_repeated(struct oh_moving *moving, size_t node, size_t first, struct oh_error *err)
{
	const struct oh_graph *graph = &moving->snapshot->graph;
	const struct oh_migration *here = graph->nodes[node].migration, *other;
	const struct oh_migration *theirs = oh_snapshot_find(moving->stays, here->id);

	if (has(moving->base, here->id) && !has_once(moving->base, here->id)) {
		add_item(moving, here, here->id);
		return true;
	}
	other = graph->duplicates.items[first].other;
	if (theirs && oh_slice_eq(other->path, theirs->path)) {
		other = here;
		here = graph->duplicates.items[first].other;
	}
	if (has(moving->base, here->id) || !theirs || !oh_slice_eq(here->path, theirs->path) ||
		!has_once(moving->stays, here->id) || !has_once(moving->moves, here->id) ||
		(first + 1 < graph->duplicates.count &&
			graph->duplicates.items[first + 1].node == node))
		return oh_moving_refuse(here->id, "several files have this id", err);
	add_item(moving, here, here->id);
	add_clash(moving, other);
	return true;
}

static bool add_repeated_items(struct oh_moving *moving, struct oh_error *err)
{
	const struct oh_graph *graph = &moving->snapshot->graph;
	size_t next = 0; /* of the duplicates, which come in the order of the nodes */

	for (size_t i = 0; i < graph->count; i++) {
		const size_t first = next;

		while (next < graph->duplicates.count && graph->duplicates.items[next].node == i)
			next++;
		if (next > first) {
			if (!add_repeated(moving, i, first, err))
				return false;
		} else {
			add_item(moving, graph->nodes[i].migration, graph->nodes[i].migration->id);
		}
	}
	oh_map_reserve(&moving->by_key, moving->count);
	for (size_t i = 0; i < moving->count; i++)
		*oh_map_put(&moving->by_key, moving->items[i].key) = i;
	if (moving->by_key.count == moving->count)
		return true;
	return oh_fail(err, OH_E_UNSUPPORTED, "ids and names of files can't be told apart");
}

static bool add_items(struct oh_moving *moving, struct oh_error *err)
{
	const struct oh_graph *graph = &moving->snapshot->graph;

	moving->is_plain = !graph->duplicates.count;
	if (!moving->is_plain)
		return add_repeated_items(moving, err);
	for (size_t i = 0; i < graph->count; i++)
		add_item(moving, graph->nodes[i].migration, graph->nodes[i].migration->id);
	moving->by_key = graph->by_id;
	return true;
}

static void find_brought(struct oh_moving *moving)
{
	const struct oh_graph *base = &moving->base->graph, *stays = &moving->stays->graph;
	size_t in_base = 0, in_stays = 0;

	for (size_t i = 0; i < moving->count; i++) {
		struct oh_moving_item *item = &moving->items[i];
		const struct oh_slice id = item->migration->id;

		item->is_brought = !oh_slice_eq(item->key, id) ||
				   (oh_graph_find_next(base, &in_base, id) == OH_NO_NODE &&
					   oh_graph_find_next(stays, &in_stays, id) == OH_NO_NODE);
	}
}

/* What the line did not have may mean either by an id that two migrations have. */
static bool take_names(struct oh_moving *moving, struct oh_moving_item *item, struct oh_error *err)
{
	const struct oh_slices *const names[] = {
		&item->migration->parents, &item->migration->depends_on};

	for (size_t k = 0; k < 2 && item->is_brought && moving->clashes.count; k++)
		for (size_t i = 0; i < names[k]->count; i++)
			if (!oh_moving_before(moving, item) &&
				oh_map_get(&moving->clashes, names[k]->items[i]))
				return oh_moving_refuse(item->migration->id,
					"it names an id that two migrations have", err);
	item->parents = oh_moving_parents(moving, item);
	item->depends_on = keys_of(moving, item, &item->migration->depends_on);
	return true;
}

bool oh_moving_begin(struct oh_moving *moving, struct oh_arena *arena,
	const struct oh_move_request *request, const struct oh_snapshot *snapshot,
	struct oh_error *err)
{
	*moving = (struct oh_moving){.arena = arena,
		.request = *request,
		.base = request->meeting->base,
		.stays = request->meeting->sides[request->stays],
		.moves = request->meeting->sides[request->moves],
		.snapshot = snapshot,
		.by_key = {.arena = arena},
		.clashes = {.arena = arena},
		.onto = OH_SLICE("")};
	moving->items = oh_arena_alloc(arena, snapshot->migrations.count * sizeof(*moving->items));
	if (!add_items(moving, err))
		return false;
	find_brought(moving);
	for (size_t i = 0; i < moving->count; i++)
		if (!take_names(moving, &moving->items[i], err))
			return false;
	if (moving->is_plain)
		moving->graph = moving->built = snapshot->graph;
	else
		oh_moving_link(moving);
	return true;
}

/* ITEM as it is to be, by keys. */
static struct oh_migration by_keys(const struct oh_moving_item *item)
{
	return (struct oh_migration){.id = item->key,
		.parents = item->parents,
		.depends_on = item->depends_on,
		.labels = item->migration->labels,
		.path = item->migration->path};
}

/* From what has the same nodes. */
static void revise(struct oh_moving *moving)
{
	struct oh_arena scratch = {0};
	const struct oh_migration **revised =
		oh_arena_alloc(&scratch, moving->built.count * sizeof(*revised));

	for (size_t i = 0; i < moving->built.count; i++) {
		const struct oh_moving_item *item = oh_moving_at(moving, i);

		if (item->is_brought) {
			struct oh_migration *m = oh_arena_alloc(moving->arena, sizeof(*m));

			*m = by_keys(item);
			revised[i] = m;
		}
	}
	oh_graph_revise(&moving->graph, moving->arena, &moving->built, revised);
	oh_arena_drop(&scratch);
}

static void build(struct oh_moving *moving, size_t count)
{
	struct oh_migrations *work = oh_arena_alloc(moving->arena, sizeof(*work));
	size_t *kept = oh_arena_alloc(moving->arena, count * sizeof(*kept));

	work->items = oh_arena_alloc(moving->arena, count * sizeof(*work->items));
	work->capacity = count;
	for (size_t i = 0; i < moving->count; i++)
		if (!moving->items[i].is_dropped) {
			kept[work->count] = i;
			work->items[work->count++] = by_keys(&moving->items[i]);
		}
	oh_graph_build(&moving->built, moving->arena, work);
	moving->graph = moving->built;
	moving->item_of = oh_arena_alloc(moving->arena, count * sizeof(*moving->item_of));
	for (size_t i = 0; i < moving->graph.count; i++)
		moving->item_of[i] = kept[moving->graph.nodes[i].migration - work->items];
}

/* What is dropped does not come back: as many are the same ones. */
void oh_moving_link(struct oh_moving *moving)
{
	size_t kept = 0;

	for (size_t i = 0; i < moving->count; i++)
		kept += !moving->items[i].is_dropped;
	if (kept == moving->built.count)
		revise(moving);
	else
		build(moving, kept);
}

/* Of each node of the line the item that was brought as it, plus one; else 0. */
static size_t *brought_items(const struct oh_moving *moving)
{
	const struct oh_graph *line = &moving->moves->graph;
	size_t *items = oh_arena_alloc(moving->arena, (line->count + 1) * sizeof(*items)), next = 0;

	for (size_t i = 0; i < line->count; i++) {
		const struct oh_slice id = line->nodes[i].migration->id;
		const struct oh_moving_item *item = oh_moving_find_next(moving, &next, id);
		const size_t *clash = oh_map_get(&moving->clashes, id);

		if (clash)
			item = &moving->items[*clash];
		if (item && item->is_brought)
			items[i] = (size_t)(item - moving->items) + 1;
	}
	return items;
}

/* In the order of the line, then what the line did not have. */
static struct oh_indices order_of_line(const struct oh_moving *moving)
{
	const struct oh_graph *line = &moving->moves->graph;
	const size_t *brought = brought_items(moving);
	struct oh_map came = {.arena = moving->arena};
	struct oh_indices order = {0};

	for (size_t i = 0; i < line->order.count; i++) {
		const size_t node = line->order.items[i];

		if (brought[node] && !(*oh_map_put(&came, line->nodes[node].migration->id))++)
			OH_PUSH(moving->arena, &order, brought[node] - 1);
	}
	for (size_t i = 0; i < moving->graph.order.count; i++) {
		const struct oh_moving_item *item =
			oh_moving_at(moving, moving->graph.order.items[i]);

		if (item->is_brought && !oh_map_get(&came, item->migration->id))
			OH_PUSH(moving->arena, &order, (size_t)(item - moving->items));
	}
	for (size_t i = 0; i < moving->count; i++)
		if (moving->items[i].is_dropped &&
			!oh_map_get(&came, moving->items[i].migration->id))
			OH_PUSH(moving->arena, &order, i);
	return order;
}

/* Does every item come behind those it descends from? */
static bool is_topological(const struct oh_moving *moving, const struct oh_indices *order)
{
	bool *came = oh_arena_alloc(moving->arena, moving->count + 1);

	for (size_t i = 0; i < order->count; i++) {
		const struct oh_moving_item *item = &moving->items[order->items[i]];

		for (size_t k = 0; k < item->parents.count && !item->is_dropped; k++) {
			const struct oh_moving_item *parent =
				oh_moving_find(moving, item->parents.items[k]);

			if (parent && parent->is_brought && !came[parent - moving->items])
				return false;
		}
		came[order->items[i]] = true;
	}
	return true;
}

struct oh_indices oh_moving_order(const struct oh_moving *moving)
{
	struct oh_indices order = order_of_line(moving);

	if (is_topological(moving, &order))
		return order;
	order.count = 0;
	for (size_t i = 0; i < moving->count; i++)
		if (moving->items[i].is_dropped)
			OH_PUSH(moving->arena, &order, i);
	for (size_t i = 0; i < moving->graph.order.count; i++) {
		const struct oh_moving_item *item =
			oh_moving_at(moving, moving->graph.order.items[i]);

		if (item->is_brought)
			OH_PUSH(moving->arena, &order, (size_t)(item - moving->items));
	}
	return order;
}

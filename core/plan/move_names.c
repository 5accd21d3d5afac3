#include "plan/moving.h"

static struct oh_slice id_of(const struct oh_moving *m, struct oh_slice key)
{
	const struct oh_moving_item *item = oh_moving_find(m, key);

	if (item)
		return item->new_id;
	for (size_t i = 0; i < m->absent.count; i++)
		if (oh_slice_eq(m->absent.items[i].from, key))
			return m->absent.items[i].to;
	return key;
}

struct oh_slices oh_moving_ids(const struct oh_moving *moving, const struct oh_slices *keys)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < keys->count; i++)
		OH_PUSH(moving->arena, &ids, id_of(moving, keys->items[i]));
	return ids;
}

bool oh_moving_is_written(const struct oh_moving *moving, const struct oh_moving_item *item)
{
	const struct oh_migration *m = item->migration;
	const struct oh_slices parents = oh_moving_ids(moving, &item->parents);
	const struct oh_slices depends_on = oh_moving_ids(moving, &item->depends_on);

	return item->is_dropped || !oh_slice_eq(item->new_id, m->id) ||
	       !oh_slice_eq(item->new_path, m->path) || !oh_slices_eq(&parents, &m->parents) ||
	       !oh_slices_eq(&depends_on, &m->depends_on);
}

static bool has_taken_id(const struct oh_moving_item *item)
{
	return !oh_slice_eq(item->key, item->migration->id);
}

/* What has been set on other parents or needs another id, and all that descends from it. */
static oh_node_set moved_nodes(const struct oh_moving *m)
{
	struct oh_indices roots = {0};

	for (size_t i = 0; i < m->graph.count; i++) {
		const struct oh_moving_item *item = oh_moving_at(m, i);

		if (oh_moving_is_reparented(m, item) || has_taken_id(item))
			OH_PUSH(m->arena, &roots, i);
	}
	return oh_graph_descendants(&m->graph, m->arena, &roots);
}

/* All of the snapshot that stays under its name: not in MOVED (by item), not dropped. */
static struct oh_migrations taken_names(const struct oh_moving *m, const bool *moved)
{
	struct oh_map gone = {.arena = m->arena}; /* paths */
	struct oh_migrations taken = {0};

	for (size_t i = 0; i < m->count; i++)
		if (moved[i] || m->items[i].is_dropped)
			*oh_map_put(&gone, m->items[i].migration->path) = 1;
	for (size_t i = 0; i < m->snapshot->migrations.count; i++)
		if (!oh_map_get(&gone, m->snapshot->migrations.items[i].path))
			OH_PUSH(m->arena, &taken, m->snapshot->migrations.items[i]);
	return taken;
}

static void number(struct oh_moving *m, const struct oh_adapter *adapter)
{
	const oh_node_set nodes = moved_nodes(m);
	const struct oh_indices order = oh_moving_order(m);
	bool *moved = oh_arena_alloc(m->arena, m->count + 1);
	const struct oh_migration **list = oh_arena_alloc(m->arena, (m->count + 1) * sizeof(*list));
	struct oh_new_name *names = oh_arena_alloc(m->arena, (m->count + 1) * sizeof(*names));
	struct oh_migrations taken;
	size_t count = 0, next = 0;

	for (size_t i = 0; i < order.count; i++) {
		const struct oh_moving_item *item = &m->items[order.items[i]];
		const size_t node = oh_graph_find(&m->graph, item->key);

		if (item->is_dropped || node == OH_NO_NODE || !nodes[node])
			continue;
		moved[order.items[i]] = true;
		list[count++] = item->migration;
	}
	taken = taken_names(m, moved);
	adapter->number(m->arena, &m->snapshot->location, &taken, list, count, names);
	for (size_t i = 0; i < order.count; i++)
		if (moved[order.items[i]]) {
			m->items[order.items[i]].new_id = names[next].id;
			m->items[order.items[i]].new_path = names[next++].path;
		}
}

/* Every name of the snapshot as it will be, but that of ITEM. */
static struct oh_migrations other_names(
	const struct oh_moving *m, const struct oh_moving_item *item)
{
	struct oh_migrations names = {0};

	for (size_t i = 0; i < m->count; i++) {
		struct oh_migration other = *m->items[i].migration;

		other.id = m->items[i].new_id;
		other.path = m->items[i].new_path;
		if (&m->items[i] != item && !m->items[i].is_dropped)
			OH_PUSH(m->arena, &names, other);
	}
	return names;
}

/* One whose id is still that of another migration gets a new one. */
static bool settle_clash(struct oh_moving *m, const struct oh_adapter *adapter,
	struct oh_moving_item *item, struct oh_error *err)
{
	const struct oh_migration *before = oh_moving_before(m, item);
	const struct oh_body *body = oh_moving_body(item->migration, before);
	const struct oh_migrations taken = other_names(m, item);
	struct oh_migration migration = *item->migration;
	struct oh_new_name name;

	if (!adapter->rename)
		return oh_moving_refuse(migration.id, "its id is taken", err);
	if (body)
		migration.body = *body;
	name = adapter->rename(m->arena, &m->snapshot->location, &taken, &migration);
	item->new_id = name.id;
	item->new_path = name.path;
	return true;
}

bool oh_moving_name(struct oh_moving *moving, struct oh_error *err)
{
	const struct oh_adapter *adapter = oh_adapter_named(moving->snapshot->location.system);

	if (!adapter)
		return oh_fail(err, OH_E_UNSUPPORTED, "no adapter for " OH_FMT,
			OH_ARG(moving->snapshot->location.system));
	if (moving->request.renumber && adapter->number && adapter->is_sequential &&
		adapter->is_sequential(moving->arena, &moving->stays->migrations))
		number(moving, adapter);
	for (size_t i = 0; i < moving->count; i++) {
		struct oh_moving_item *item = &moving->items[i];

		if (has_taken_id(item) && !item->is_dropped &&
			oh_slice_eq(item->new_id, item->migration->id) &&
			!settle_clash(moving, adapter, item, err))
			return false;
	}
	return true;
}

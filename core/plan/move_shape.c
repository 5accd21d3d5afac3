#include "plan/moving.h"

static bool add_once(struct oh_arena *arena, struct oh_slices *list, struct oh_slice s)
{
	if (oh_slices_contain(list, s))
		return false;
	OH_PUSH(arena, list, s);
	return true;
}

static const struct oh_slice *twin_of_lost(const struct oh_moving *m, struct oh_slice id)
{
	for (size_t i = 0; i < m->lost.count; i++)
		if (oh_slice_eq(m->lost.items[i].from, id))
			return &m->lost.items[i].to;
	return NULL;
}

/* What a migration stood on that is dropped or not there any more, as far as that is there. */
static void add_parents_of(const struct oh_moving *m, const struct oh_moving_item *item,
	const struct oh_migration *gone, struct oh_slices *todo)
{
	for (size_t i = 0; gone && i < gone->parents.count; i++) {
		const struct oh_slice key = oh_moving_key(m, item, gone->parents.items[i]);

		if (oh_moving_find(m, key) || twin_of_lost(m, key))
			add_once(m->arena, todo, key);
	}
}

/* A merge revision that the line had, and that the result has no more: the merge that it was made
 * in was not replayed. NULL where KEY is none. */
static const struct oh_migration *merge_not_replayed(const struct oh_moving *m, struct oh_slice key)
{
	const struct oh_migration *gone = oh_snapshot_find(m->moves, key);

	return gone && gone->parents.count > 1 && !gone->labels.count && !gone->depends_on.count &&
			       gone->body.digest.len && gone->body.does_nothing &&
			       !oh_snapshot_find(m->request.meeting->result, key) &&
			       !oh_snapshot_find(m->stays, key) && !oh_snapshot_find(m->base, key)
		       ? gone
		       : NULL;
}

struct oh_slices oh_moving_resolve(
	const struct oh_moving *m, const struct oh_moving_item *item, const struct oh_slices *keys)
{
	struct oh_slices todo = {0}, parents = {0};

	for (size_t i = 0; i < keys->count; i++)
		add_once(m->arena, &todo, keys->items[i]);
	for (size_t i = 0; i < todo.count; i++) {
		const struct oh_slice key = todo.items[i];
		const struct oh_moving_item *parent = oh_moving_find(m, key);
		const struct oh_slice *twin = parent ? NULL : twin_of_lost(m, key);
		const struct oh_migration *merge = parent ? NULL : merge_not_replayed(m, key);

		if (parent && parent->is_dropped) {
			add_once(m->arena, &todo, parent->instead);
			add_parents_of(m, parent, parent->migration, &todo);
		} else if (twin) {
			add_once(m->arena, &todo, *twin);
			add_parents_of(m, item, oh_snapshot_find(m->moves, key), &todo);
		} else if (merge) {
			/* One that is not there, either, is missing, and nothing moves. */
			for (size_t k = 0; k < merge->parents.count; k++)
				add_once(m->arena, &todo,
					oh_moving_key(m, item, merge->parents.items[k]));
		} else {
			add_once(m->arena, &parents, key);
		}
	}
	return parents;
}

struct oh_slice oh_moving_instead(const struct oh_moving *moving, struct oh_slice key)
{
	for (size_t steps = 0; steps <= moving->count; steps++) {
		const struct oh_moving_item *item = oh_moving_find(moving, key);
		const struct oh_slice *twin = item ? NULL : twin_of_lost(moving, key);

		if (twin)
			key = *twin;
		else if (item && item->is_dropped)
			key = item->instead;
		else
			break;
	}
	return key;
}

/* Takes LIST for *HELD; true where it says something else. */
static bool take(struct oh_slices *held, const struct oh_slices *list)
{
	const bool is_other = !oh_slices_eq(held, list);

	*held = *list;
	return is_other;
}

static bool resolve_dependencies(const struct oh_moving *m, struct oh_moving_item *item)
{
	const struct oh_slices *names = &item->migration->depends_on;
	struct oh_slices keys = {0};

	for (size_t i = 0; i < names->count; i++)
		OH_PUSH(m->arena, &keys,
			oh_moving_instead(m, oh_moving_key(m, item, names->items[i])));
	return take(&item->depends_on, &keys);
}

bool oh_moving_is_reparented(const struct oh_moving *moving, const struct oh_moving_item *item)
{
	struct oh_slices before;

	if (!item->is_brought || item->is_dropped)
		return false;
	before = oh_moving_parents(moving, item);
	return !oh_slices_eq(&before, &item->parents);
}

static oh_node_set ancestors_of(const struct oh_moving *m, struct oh_slice key)
{
	size_t node = oh_graph_find(&m->graph, key);
	const struct oh_indices one = {&node, node == OH_NO_NODE ? 0 : 1, 1};

	return oh_graph_ancestors(&m->graph, m->arena, &one);
}

/* What stands on an ancestor of the head stands on the head. False where nothing did. */
static bool lift(struct oh_moving *m)
{
	const oh_node_set below = ancestors_of(m, m->onto);
	bool changed = false;

	for (size_t i = 0; i < m->count; i++) {
		struct oh_moving_item *item = &m->items[i];
		struct oh_slices parents = {0};

		if (!item->is_brought || item->is_dropped || item->is_apart)
			continue;
		for (size_t k = 0; k < item->parents.count; k++) {
			const struct oh_slice key = item->parents.items[k];
			const size_t node = oh_graph_find(&m->graph, key);
			const bool is_below = node != OH_NO_NODE && below[node] &&
					      !oh_moving_at(m, node)->is_brought;

			add_once(m->arena, &parents, is_below ? m->onto : key);
		}
		changed |= take(&item->parents, &parents);
	}
	return changed;
}

/* Parents from which another parent descends say nothing. */
static bool drop_redundant_parents(const struct oh_moving *m, struct oh_moving_item *item)
{
	struct oh_indices above = {0};
	struct oh_slices kept = {0};
	oh_node_set below;

	for (size_t i = 0; i < item->parents.count; i++) {
		const size_t node = oh_graph_find(&m->graph, item->parents.items[i]);

		for (size_t k = 0; node != OH_NO_NODE && k < m->graph.nodes[node].parents.count;
			k++)
			OH_PUSH(m->arena, &above, m->graph.nodes[node].parents.items[k]);
	}
	below = oh_graph_ancestors(&m->graph, m->arena, &above);
	for (size_t i = 0; i < item->parents.count; i++) {
		const size_t node = oh_graph_find(&m->graph, item->parents.items[i]);

		if (node == OH_NO_NODE || !below[node])
			OH_PUSH(m->arena, &kept, item->parents.items[i]);
	}
	return take(&item->parents, &kept);
}

/* Has anything been dropped since the graph was linked? */
static bool has_dropped(const struct oh_moving *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->count; i++)
		kept += !m->items[i].is_dropped;
	return kept != m->graph.count;
}

static bool resolve_all(struct oh_moving *m)
{
	bool changed = false;

	for (size_t i = 0; i < m->count; i++) {
		struct oh_moving_item *item = &m->items[i];
		struct oh_slices keys;

		if (!item->is_brought || item->is_dropped)
			continue;
		keys = oh_moving_parents(m, item);
		if (m->before)
			oh_moving_take_before(m, item, &keys);
		keys = oh_moving_resolve(m, item, &keys);
		changed |= take(&item->parents, &keys);
		changed |= resolve_dependencies(m, item);
	}
	return changed;
}

/* The graph is linked again only where something has changed: of all that is done to a line of a
 * thousand migrations it takes the longest. */
void oh_moving_shape(struct oh_moving *moving)
{
	bool changed = false;

	if (resolve_all(moving) || has_dropped(moving))
		oh_moving_link(moving);
	if (moving->onto.len && lift(moving))
		oh_moving_link(moving);
	for (size_t i = 0; i < moving->count; i++)
		if (moving->items[i].parents.count > 1 &&
			oh_moving_is_reparented(moving, &moving->items[i]))
			changed |= drop_redundant_parents(moving, &moving->items[i]);
	if (changed)
		oh_moving_link(moving);
}

/* Joins, and nothing else. */
static bool is_plain_merge(const struct oh_moving *m, const struct oh_moving_item *item)
{
	const struct oh_migration *migration = item->migration;
	const struct oh_body *body = oh_moving_body(migration, oh_moving_before(m, item));

	return item->is_brought && !item->is_dropped && migration->parents.count > 1 &&
	       !migration->labels.count && !migration->depends_on.count && body &&
	       body->does_nothing;
}

static bool is_same_merge(
	const struct oh_moving *m, const struct oh_moving_item *a, const struct oh_moving_item *b)
{
	if (b->is_brought || b->parents.count != a->parents.count ||
		oh_snapshot_find(m->base, b->key) || oh_snapshot_find(m->moves, b->key))
		return false;
	for (size_t i = 0; i < a->parents.count; i++)
		if (!oh_slices_contain(&b->parents, a->parents.items[i]))
			return false;
	return true;
}

bool oh_moving_drop_same_merges(struct oh_moving *moving)
{
	bool found = false;

	for (size_t i = 0; i < moving->count; i++) {
		struct oh_moving_item *item = &moving->items[i];

		if (item->parents.count < 2 || !is_plain_merge(moving, item))
			continue;
		for (size_t k = 0; k < moving->count && !item->is_dropped; k++)
			if (is_same_merge(moving, item, &moving->items[k])) {
				item->is_dropped = found = true;
				item->instead = moving->items[k].key;
			}
	}
	return found;
}

bool oh_moving_drop_useless(struct oh_moving *moving)
{
	bool found = false;

	for (size_t i = 0; i < moving->count; i++) {
		struct oh_moving_item *item = &moving->items[i];

		if (item->parents.count != 1 || !oh_moving_is_reparented(moving, item) ||
			!is_plain_merge(moving, item))
			continue;
		item->is_dropped = found = true;
		item->instead = item->parents.items[0];
	}
	return found;
}

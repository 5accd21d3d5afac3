#include "plan/moving.h"

#include "plan/join.h"

const struct oh_standing_of *oh_standing_find(
	const struct oh_standings *standings, struct oh_slice id)
{
	static const struct oh_standing_of unknown = {
		.id = {"", 0}, .standing = OH_DOUBTFUL, .why = {"", 0}};
	size_t from = 0, to = standings->count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;
		const int order = oh_slice_cmp(standings->items[middle].id, id);

		if (!order)
			return &standings->items[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return &unknown;
}

/* A head of each side that would be joined. */
struct forked {
	const struct oh_moving_item *stays, *moves;
};

static bool take_group(const struct oh_moving *m, const struct oh_indices *group,
	struct forked *forked, struct oh_error *err)
{
	struct forked found = {0};
	size_t brought = 0;

	for (size_t i = 0; i < group->count; i++) {
		const struct oh_moving_item *item = oh_moving_at(m, group->items[i]);

		brought += item->is_brought;
		if (item->is_brought)
			found.moves = item;
		else
			found.stays = item;
	}
	if (!brought)
		return true;
	if (brought > 1)
		return oh_fail(err, OH_E_UNSUPPORTED,
			"the side that would move has several heads above the fork");
	if (group->count > 2)
		return oh_fail(err, OH_E_UNSUPPORTED,
			"the side that stays has several heads above the fork");
	if (forked->moves)
		return oh_fail(err, OH_E_UNSUPPORTED, "several lines have forked");
	*forked = found;
	return true;
}

static bool find_fork(const struct oh_moving *m, struct forked *forked, struct oh_error *err)
{
	struct oh_snapshot result = *m->snapshot;
	struct oh_meeting meeting = *m->request.meeting;
	struct oh_join join;

	*forked = (struct forked){0};
	result.graph = m->graph;
	meeting.result = &result;
	oh_join_decide(&join, m->arena, &meeting);
	for (size_t i = 0; i < join.undecided.count; i++)
		if (oh_moving_at(m, join.undecided.items[i])->is_brought)
			return oh_fail(err, OH_E_UNSUPPORTED,
				"it can't be told which heads belong together");
	for (size_t i = 0; i < join.groups.count; i++)
		if (!take_group(m, &join.groups.items[i], forked, err))
			return false;
	return true;
}

/* All but what NODES descend from stays apart. */
static void set_apart(struct oh_moving *m, const struct oh_indices *nodes)
{
	const oh_node_set below = oh_graph_ancestors(&m->graph, m->arena, nodes);

	for (size_t i = 0; i < m->count; i++) {
		struct oh_moving_item *item = &m->items[i];

		item->is_apart = item->is_brought && !item->is_dropped &&
				 !below[oh_graph_find(&m->graph, item->key)];
	}
}

static void set_onto(struct oh_moving *m, const struct forked *forked)
{
	size_t node = oh_graph_find(&m->graph, forked->moves->key);

	m->onto = forked->stays->key;
	set_apart(m, &(struct oh_indices){&node, 1, 1});
}

/* Twins have set the line on other migrations: on the one that descends from all others, where
 * there is one. */
static void set_onto_last(struct oh_moving *m, const struct oh_indices *nodes)
{
	for (size_t i = 0; i < nodes->count; i++) {
		const struct oh_indices one = {&nodes->items[i], 1, 1};
		const oh_node_set below = oh_graph_ancestors(&m->graph, m->arena, &one);
		bool is_last = true;

		for (size_t k = 0; k < nodes->count; k++)
			is_last = is_last && below[nodes->items[k]];
		if (is_last)
			m->onto = oh_moving_at(m, nodes->items[i])->key;
	}
}

static void set_onto_twin(struct oh_moving *m)
{
	struct oh_indices roots = {0}, onto = {0}, line = {0};
	oh_node_set above;

	for (size_t i = 0; i < m->graph.count; i++) {
		const struct oh_indices *parents = &m->graph.nodes[i].parents;

		if (!oh_moving_is_reparented(m, oh_moving_at(m, i)))
			continue;
		OH_PUSH(m->arena, &roots, i);
		for (size_t k = 0; k < parents->count; k++)
			if (!oh_moving_at(m, parents->items[k])->is_brought)
				OH_PUSH(m->arena, &onto, parents->items[k]);
	}
	set_onto_last(m, &onto);
	above = oh_graph_descendants(&m->graph, m->arena, &roots);
	for (size_t i = 0; i < m->graph.count; i++)
		if (above[i])
			OH_PUSH(m->arena, &line, i);
	set_apart(m, &line);
}

static bool shape_and_find_fork(struct oh_moving *m, struct forked *forked, struct oh_error *err)
{
	do
		oh_moving_shape(m);
	while (oh_moving_drop_same_merges(m));
	return find_fork(m, forked, err);
}

static bool decide(struct oh_moving *m, struct oh_error *err)
{
	struct forked forked;

	if (m->graph.cycle.count || m->graph.needs_cycle.count)
		return oh_fail(err, OH_E_UNSUPPORTED, "the graph has a cycle");
	if (!oh_moving_find_twins(m, err))
		return false;
	if (!shape_and_find_fork(m, &forked, err)) {
		if (!m->request.replayed)
			return false;
		*err = (struct oh_error){0};
		oh_moving_find_before(m);
		if (!shape_and_find_fork(m, &forked, err))
			return false;
	}
	if (forked.moves)
		set_onto(m, &forked);
	else
		set_onto_twin(m);
	do
		oh_moving_shape(m);
	while (oh_moving_drop_useless(m));
	return oh_moving_name(m, err);
}

static struct oh_slice new_id_of(const struct oh_moving *m, struct oh_slice key)
{
	const struct oh_slice last = oh_moving_instead(m, key);
	const struct oh_moving_item *item = oh_moving_find(m, last);

	return item ? item->new_id : last;
}

static void add_rename(
	struct oh_moves *moves, struct oh_arena *arena, struct oh_slice from, struct oh_slice to)
{
	if (!oh_slice_eq(from, to))
		OH_PUSH(arena, &moves->renames, (struct oh_rename){from, to});
}

static void add_from(
	struct oh_moves *moves, const struct oh_moving *m, const struct oh_moving_item *item)
{
	const struct oh_slices parents = oh_moving_parents(m, item);

	for (size_t i = 0; i < parents.count; i++) {
		const struct oh_moving_item *parent = oh_moving_find(m, parents.items[i]);

		if (parent && !parent->is_brought && !oh_slices_contain(&moves->from, parent->key))
			OH_PUSH(m->arena, &moves->from, parent->key);
	}
}

static void add_move(
	struct oh_moves *moves, const struct oh_moving *m, const struct oh_moving_item *item)
{
	struct oh_move move = {.migration = item->migration,
		.new_id = item->new_id,
		.new_path = item->new_path,
		.is_dropped = item->is_dropped,
		.is_twin = item->is_twin,
		.instead = OH_SLICE("")};

	if (item->is_dropped || oh_moving_is_reparented(m, item))
		add_from(moves, m, item);
	if (item->is_apart)
		OH_PUSH(m->arena, &moves->apart, item->migration->id);
	if (!oh_moving_is_written(m, item))
		return;
	if (item->is_dropped)
		move.instead = new_id_of(m, item->key);
	else
		move.parents = oh_moving_ids(m, &item->parents);
	OH_PUSH(m->arena, &moves->list, move);
	add_rename(moves, m->arena, item->migration->id,
		item->is_dropped ? move.instead : item->new_id);
}

static void put_out(struct oh_moves *moves, const struct oh_moving *m)
{
	const struct oh_indices order = oh_moving_order(m);

	for (size_t i = 0; i < order.count; i++)
		add_move(moves, m, &m->items[order.items[i]]);
	for (size_t i = 0; i < m->lost.count; i++)
		add_rename(moves, m->arena, m->lost.items[i].from, m->lost.items[i].to);
	moves->onto = m->onto;
	moves->as_before = m->before != NULL;
	oh_slices_sort(&moves->from);
}

static bool is_anything_brought(const struct oh_moving *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->items[i].is_brought)
			return true;
	return false;
}

bool oh_move_decide(struct oh_moves *moves, struct oh_arena *arena,
	const struct oh_move_request *request, struct oh_error *err)
{
	struct oh_moving m;

	*moves = (struct oh_moves){
		.request = *request, .result = request->meeting->result, .onto = OH_SLICE("")};
	if (request->meeting->side_count != 2)
		return oh_fail(err, OH_E_UNSUPPORTED, "more than two lines meet");
	if (!oh_moving_begin(&m, arena, request, request->meeting->result, err))
		return false;
	if (!is_anything_brought(&m))
		return true;
	if (!decide(&m, err) || !oh_moving_check_files(&m, err) || !oh_moving_check_graph(&m, err))
		return false;
	put_out(moves, &m);
	if (!moves->list.count)
		*moves = (struct oh_moves){.request = *request,
			.result = request->meeting->result,
			.onto = OH_SLICE("")};
	return true;
}

#include "plan/moving.h"

#include "plan/join.h"

/* What was brought and will not be there under its id, by its key. */
static struct oh_map leaving_names(const struct oh_moving *m)
{
	struct oh_map names = {.arena = m->arena};

	for (size_t i = 0; i < m->count; i++) {
		const struct oh_moving_item *item = &m->items[i];

		if (item->is_brought &&
			(item->is_dropped || !oh_slice_eq(item->new_id, item->migration->id)))
			*oh_map_put(&names, item->key) = i;
	}
	return names;
}

/* What stays can't follow an id that changes. */
static bool is_left_alone(const struct oh_moving *m, const struct oh_map *leaving,
	const struct oh_moving_item *item, struct oh_error *err)
{
	const struct oh_slices *const names[] = {
		&item->migration->parents, &item->migration->depends_on};

	for (size_t k = 0; k < 2 && leaving->count; k++)
		for (size_t i = 0; i < names[k]->count; i++) {
			const size_t *at = oh_map_get(leaving, names[k]->items[i]);

			if (at)
				return oh_fail(err, OH_E_UNSUPPORTED,
					OH_FMT " can't move: " OH_FMT ", which stays, names it",
					OH_ARG(m->items[*at].migration->id),
					OH_ARG(item->migration->id));
		}
	return true;
}

static bool may_move(
	const struct oh_moving *m, const struct oh_moving_item *item, struct oh_error *err)
{
	static const char *const whys[] = {
		[OH_PUBLISHED] = "it is published", [OH_DEPLOYED] = "a database has applied it"};
	const struct oh_slice id = item->migration->id;
	const struct oh_standing_of *s = oh_standing_find(m->request.standings, id);
	const char *why = whys[s->standing == OH_DOUBTFUL ? OH_MOVABLE : s->standing];

	if (s->standing == OH_MOVABLE)
		return true;
	if (!why)
		why = "who has seen it is not known";
	if (!s->why.len)
		return oh_moving_refuse(id, why, err);
	return oh_fail(
		err, OH_E_UNSUPPORTED, OH_FMT " can't move: " OH_FMT, OH_ARG(id), OH_ARG(s->why));
}

static bool take_name(struct oh_map *names, struct oh_slice name, const struct oh_moving_item *item,
	struct oh_error *err)
{
	size_t *taken = oh_map_get(names, name);

	if (!taken || !(*taken)++)
		return true;
	return oh_fail(err, OH_E_UNSUPPORTED, OH_FMT " can't move: " OH_FMT " is taken",
		OH_ARG(item->migration->id), OH_ARG(name));
}

static void take_path(struct oh_map *paths, struct oh_slice path)
{
	size_t *taken = oh_map_get(paths, path);

	if (taken)
		*taken = 1;
}

/* The names that somebody takes, and of these the paths that are in use: those are not used again,
 * not even where their files move away. */
static void find_names(const struct oh_moving *m, struct oh_map *ids, struct oh_map *paths)
{
	const struct oh_snapshot *s = m->snapshot;

	for (size_t i = 0; i < m->count; i++) {
		const struct oh_moving_item *item = &m->items[i];

		if (!item->is_brought || item->is_dropped)
			continue;
		if (!oh_slice_eq(item->new_id, item->key))
			*oh_map_put(ids, item->new_id) = 0;
		if (!oh_slice_eq(item->new_path, item->migration->path))
			*oh_map_put(paths, item->new_path) = 0;
	}
	for (size_t i = 0; i < s->migrations.count && paths->count; i++)
		take_path(paths, s->migrations.items[i].path);
	for (size_t i = 0; i < s->unreadables.count && paths->count; i++)
		take_path(paths, s->unreadables.items[i].path);
}

/* Keys are different, so are the ids that nobody takes anew. */
static bool are_names_free(const struct oh_moving *m, struct oh_error *err)
{
	struct oh_map ids = {.arena = m->arena}, paths = {.arena = m->arena};

	find_names(m, &ids, &paths);
	for (size_t i = 0; i < m->count && (ids.count || paths.count); i++) {
		const struct oh_moving_item *item = &m->items[i];

		if (item->is_dropped)
			continue;
		if (!take_name(&ids, item->new_id, item, err))
			return false;
		if (!oh_slice_eq(item->new_path, item->migration->path) &&
			!take_name(&paths, item->new_path, item, err))
			return false;
	}
	return true;
}

/* A second file of one migration may go, whoever has seen it: its id stays, and means the same. */
static bool is_second_file(const struct oh_moving *m, const struct oh_moving_item *item)
{
	return item->is_twin &&
	       oh_slice_eq(oh_moving_find(m, item->instead)->migration->id, item->migration->id);
}

bool oh_moving_check_files(const struct oh_moving *moving, struct oh_error *err)
{
	const struct oh_map leaving = leaving_names(moving);

	for (size_t i = 0; i < moving->count; i++) {
		const struct oh_moving_item *item = &moving->items[i];

		if (item->is_brought ? oh_moving_is_written(moving, item) &&
					       !is_second_file(moving, item) &&
					       !may_move(moving, item, err)
				     : !is_left_alone(moving, &leaving, item, err))
			return false;
	}
	return are_names_free(moving, err);
}

/* A migration that is there instead of another one must say what that one said. */
static bool says_as_much(
	const struct oh_moving *m, const struct oh_moving_item *item, struct oh_error *err)
{
	const struct oh_moving_item *twin = oh_moving_find(m, item->instead);
	size_t node = oh_graph_find(&m->graph, twin->key);
	const struct oh_indices one = {&node, 1, 1};
	const oh_node_set below = oh_graph_ancestors_with_needs(&m->graph, m->arena, &one);

	for (size_t i = 0; i < item->migration->labels.count; i++)
		if (!oh_slices_contain(&twin->migration->labels, item->migration->labels.items[i]))
			return oh_moving_refuse(item->migration->id,
				"the same migration on the other side has other labels", err);
	for (size_t i = 0; i < item->depends_on.count; i++) {
		const struct oh_slice key = oh_moving_instead(m, item->depends_on.items[i]);
		const size_t *label = oh_map_get(&m->graph.by_label, key);
		const size_t needed = label ? *label : oh_graph_find(&m->graph, key);

		if (needed == OH_NO_NODE || !below[needed])
			return oh_moving_refuse(item->migration->id,
				"the same migration on the other side depends on less", err);
	}
	return true;
}

/* What it depends on may be dropped: then what that stood on comes before it all the same. */
static bool keeps_order(
	const struct oh_moving *m, const struct oh_moving_item *item, struct oh_error *err)
{
	size_t node = oh_graph_find(&m->graph, item->key);
	const struct oh_indices one = {&node, 1, 1};
	struct oh_slices before = {0};
	oh_node_set below;

	for (size_t i = 0; i < item->migration->depends_on.count; i++)
		OH_PUSH(m->arena, &before,
			oh_moving_key(m, item, item->migration->depends_on.items[i]));
	before = oh_moving_resolve(m, item, &before);
	below = oh_graph_ancestors_with_needs(&m->graph, m->arena, &one);
	for (size_t i = 0; i < before.count; i++) {
		node = oh_graph_find(&m->graph, before.items[i]);
		if (node != OH_NO_NODE && !below[node])
			return oh_fail(err, OH_E_UNSUPPORTED,
				OH_FMT " can't move: it would no longer come after " OH_FMT,
				OH_ARG(item->migration->id), OH_ARG(before.items[i]));
	}
	return true;
}

static void add_names(const struct oh_moving *m, struct oh_indices *names, size_t node)
{
	const struct oh_node *n = &m->graph.nodes[node];

	for (size_t i = 0; i < n->parents.count; i++)
		OH_PUSH(m->arena, names, n->parents.items[i]);
	for (size_t i = 0; i < n->needs.count; i++)
		OH_PUSH(m->arena, names, n->needs.items[i]);
}

/* Names two that stand side by side, and one that stands below them: a database that joins the
 * two looks for the third among those it has, and fails. */
static bool joins_too_much(const struct oh_moving *m, size_t node)
{
	struct oh_indices names = {0}, under = {0};
	oh_node_set below, seen;
	size_t ends = 0, others = 0;

	add_names(m, &names, node);
	if (names.count < 3)
		return false;
	for (size_t i = 0; i < names.count; i++)
		add_names(m, &under, names.items[i]);
	below = oh_graph_ancestors_with_needs(&m->graph, m->arena, &under);
	seen = oh_arena_alloc(m->arena, m->graph.count);
	for (size_t i = 0; i < names.count; i++) {
		ends += !below[names.items[i]] && !seen[names.items[i]];
		others += below[names.items[i]];
		seen[names.items[i]] = 1;
	}
	return ends > 1 && others;
}

static bool can_be_applied(const struct oh_moving *m, struct oh_error *err)
{
	for (size_t i = 0; i < m->graph.count; i++) {
		const struct oh_moving_item *item = oh_moving_at(m, i);

		if (item->is_brought && (!item->is_apart || oh_moving_is_written(m, item)) &&
			joins_too_much(m, i))
			return oh_moving_refuse(item->migration->id,
				"it would join what stands above something else that it names",
				err);
	}
	return true;
}

static bool is_complete(const struct oh_moving *m, struct oh_error *err)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct oh_moving_item *item = &m->items[i];

		if (item->is_twin && !says_as_much(m, item, err))
			return false;
		if (oh_moving_is_reparented(m, item) &&
			item->parents.count > item->migration->parents.count)
			return oh_moving_refuse(item->migration->id,
				"it would join what it did not join before", err);
		if (item->is_brought && !item->is_dropped && item->depends_on.count &&
			!keeps_order(m, item, err))
			return false;
	}
	for (size_t i = 0; i < m->graph.missing.count; i++) {
		const struct oh_missing *missing = &m->graph.missing.items[i];
		const struct oh_moving_item *item = oh_moving_at(m, missing->child);

		if (item->is_brought && (!item->is_apart || oh_moving_is_written(m, item)))
			return oh_fail(err, OH_E_UNSUPPORTED,
				OH_FMT " can't move: " OH_FMT ", which it %s, is not there",
				OH_ARG(item->migration->id), OH_ARG(missing->id),
				missing->is_dependency ? "depends on" : "stands on");
	}
	return true;
}

/* The file of each item that was brought. */
struct brought_files {
	struct oh_map items; /* path to item, plus one; the last one where it says several */
	bool are_shared; /* one says something else as well */
};

static struct brought_files brought_files(const struct oh_moving *m)
{
	struct brought_files files = {.items = {.arena = m->arena}};

	for (size_t i = 0; i < m->count; i++) {
		size_t *at;

		if (!m->items[i].is_brought)
			continue;
		at = oh_map_put(&files.items, m->items[i].migration->path);
		files.are_shared |= *at != 0;
		*at = i + 1;
	}
	for (size_t i = 0; i < m->count; i++) {
		size_t *at;

		if (m->items[i].is_brought)
			continue;
		at = oh_map_get(&files.items, m->items[i].migration->path);
		files.are_shared |= at != NULL;
		if (at && *at < i + 1)
			*at = i + 1;
	}
	return files;
}

/* Will all that is there keep its name and its id? */
static bool are_names_kept(const struct oh_moving *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct oh_moving_item *item = &m->items[i];

		if (item->is_brought && !item->is_dropped &&
			(!oh_slice_eq(item->new_id, item->migration->id) ||
				!oh_slice_eq(item->new_path, item->migration->path)))
			return false;
	}
	return true;
}

/* The graph as it will be, with all files, under the new names. */
static struct oh_graph outcome(const struct oh_moving *m)
{
	struct oh_migrations *all = oh_arena_alloc(m->arena, sizeof(*all));
	const struct brought_files files = brought_files(m);
	struct oh_graph graph;

	if (m->is_plain && !files.are_shared && are_names_kept(m))
		return m->graph;
	for (size_t i = 0; i < m->snapshot->migrations.count; i++) {
		struct oh_migration migration = m->snapshot->migrations.items[i];
		const size_t *at = oh_map_get(&files.items, migration.path);
		const struct oh_moving_item *item = at ? &m->items[*at - 1] : NULL;

		if (item && item->is_dropped)
			continue;
		if (item && item->is_brought) {
			migration.id = item->new_id;
			migration.path = item->new_path;
			migration.parents = oh_moving_ids(m, &item->parents);
			migration.depends_on = oh_moving_ids(m, &item->depends_on);
		}
		OH_PUSH(m->arena, all, migration);
	}
	oh_graph_build(&graph, m->arena, all);
	return graph;
}

static bool was_brought(const struct oh_moving *m, struct oh_slice id)
{
	return !oh_snapshot_find(m->base, id) && !oh_snapshot_find(m->stays, id);
}

static bool has_brought(
	const struct oh_moving *m, const struct oh_graph *graph, const struct oh_indices *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (was_brought(m, graph->nodes[nodes->items[i]].migration->id))
			return true;
	return false;
}

static struct oh_join join_of(const struct oh_moving *m, const struct oh_graph *graph)
{
	struct oh_snapshot result = *m->snapshot;
	struct oh_meeting meeting = *m->request.meeting;
	struct oh_join join;

	result.graph = *graph;
	meeting.result = &result;
	oh_join_decide(&join, m->arena, &meeting);
	return join;
}

/* How many heads there are where those of each group get a merge revision. */
static size_t heads_joined(const struct oh_graph *graph, const struct oh_join *join)
{
	size_t heads = graph->heads.count;

	for (size_t i = 0; i < join->groups.count; i++)
		heads -= join->groups.items[i].count - 1;
	return heads;
}

static bool is_same_group(const struct oh_graph *a, const struct oh_indices *group,
	const struct oh_graph *b, const struct oh_indices *other)
{
	for (size_t i = 0; i < group->count && i < other->count; i++)
		if (!oh_slice_eq(a->nodes[group->items[i]].migration->id,
			    b->nodes[other->items[i]].migration->id))
			return false;
	return group->count == other->count;
}

/* A fork that has nothing to do with the line may stay, but not come of it. */
static bool are_groups_known(const struct oh_moving *m, const struct oh_graph *after,
	const struct oh_join *joined, const struct oh_join *before)
{
	const struct oh_graph *graph = &m->snapshot->graph;

	for (size_t i = 0; i < joined->groups.count; i++) {
		const struct oh_indices *group = &joined->groups.items[i];
		bool known = false;

		for (size_t k = 0; k < before->groups.count; k++)
			known = known ||
				is_same_group(after, group, graph, &before->groups.items[k]);
		if (!known || has_brought(m, after, group))
			return false;
	}
	return !has_brought(m, after, &joined->undecided);
}

bool oh_moving_check_graph(const struct oh_moving *moving, struct oh_error *err)
{
	const struct oh_graph *before = &moving->snapshot->graph;
	const struct oh_graph after = outcome(moving);
	const struct oh_join join = join_of(moving, &after), without = join_of(moving, before);

	if (!is_complete(moving, err) || !can_be_applied(moving, err))
		return false;
	if (after.cycle.count || after.needs_cycle.count ||
		after.duplicates.count > before->duplicates.count ||
		after.label_clashes.count > before->label_clashes.count)
		return oh_fail(err, OH_E_UNSUPPORTED, "the graph would be broken");
	if (!are_groups_known(moving, &after, &join, &without) ||
		heads_joined(&after, &join) > heads_joined(before, &without))
		return oh_fail(
			err, OH_E_UNSUPPORTED, "the lines would have two heads all the same");
	return true;
}

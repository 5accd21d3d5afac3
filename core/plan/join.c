#include "plan/join.h"

#include "model/lock.h"

#include <string.h>

/* Working state: union-find over the result's heads. */
struct joining {
	struct oh_arena *arena;
	const struct oh_meeting *meeting;
	const struct oh_graph *result;
	size_t *group; /* of each head, by its position in result->heads */
	bool *in_doubt; /* likewise */
};

static size_t find_group(const struct joining *j, size_t head)
{
	while (j->group[head] != head)
		head = j->group[head];
	return head;
}

static void unite(struct joining *j, const struct oh_indices *positions)
{
	for (size_t i = 1; i < positions->count; i++) {
		const size_t a = find_group(j, positions->items[0]);
		const size_t b = find_group(j, positions->items[i]);

		j->group[a > b ? a : b] = a > b ? b : a;
	}
}

/* Positions in graph->heads of the heads that descend from ID; all of them where ID is "". */
static struct oh_indices heads_above(
	const struct joining *j, const struct oh_graph *graph, struct oh_slice id)
{
	struct oh_indices above = {0};
	oh_node_set below = NULL;

	if (id.len) {
		size_t node = oh_graph_find(graph, id);
		const struct oh_indices one = {&node, 1, 1};

		if (node == OH_NO_NODE)
			return above;
		below = oh_graph_descendants(graph, j->arena, &one);
	}
	for (size_t i = 0; i < graph->heads.count; i++)
		if (!below || below[graph->heads.items[i]])
			OH_PUSH(j->arena, &above, i);
	return above;
}

/* The labels carried by everything that a head descends from, joined to one text. */
static struct oh_slice line_labels(
	const struct joining *j, const struct oh_graph *graph, size_t position)
{
	const struct oh_indices one = {&graph->heads.items[position], 1, 1};
	const oh_node_set line = oh_graph_ancestors(graph, j->arena, &one);
	struct oh_slices labels = {0};

	for (size_t i = 0; i < graph->count; i++)
		for (size_t k = 0; line[i] && k < graph->nodes[i].migration->labels.count; k++)
			OH_PUSH(j->arena, &labels, graph->nodes[i].migration->labels.items[k]);
	oh_slices_sort(&labels);
	return oh_slices_join(j->arena, &labels, "\n");
}

static struct oh_indices with_labels(const struct joining *j, const struct oh_graph *graph,
	const struct oh_indices *positions, struct oh_slice labels)
{
	struct oh_indices same = {0};

	for (size_t i = 0; i < positions->count; i++)
		if (oh_slice_eq(line_labels(j, graph, positions->items[i]), labels))
			OH_PUSH(j->arena, &same, positions->items[i]);
	return same;
}

static size_t count_heads(const struct joining *j, const struct oh_graph *graph, struct oh_slice id,
	const struct oh_slice *labels)
{
	struct oh_indices above = heads_above(j, graph, id);

	if (labels)
		above = with_labels(j, graph, &above, *labels);
	return above.count;
}

/* The most heads that any side has above ID (of these labels, unless LABELS is NULL). Heads that a
 * line did not have before it was replayed are not meant. */
static size_t most_heads(const struct joining *j, struct oh_slice id, const struct oh_slice *labels)
{
	const struct oh_snapshot *before = j->meeting->before;
	size_t most = 0;

	for (size_t s = 0; s < j->meeting->side_count; s++) {
		size_t count = count_heads(j, &j->meeting->sides[s]->graph, id, labels);
		const size_t had =
			s == 1 && before ? count_heads(j, &before->graph, id, labels) : count;

		if (had < count)
			count = had;
		if (count > most)
			most = count;
	}
	return most;
}

/* Groups still apart among POSITIONS. */
static size_t count_groups(const struct joining *j, const struct oh_indices *positions)
{
	size_t n = 0;

	for (size_t i = 0; i < positions->count; i++) {
		bool first = true;

		for (size_t k = 0; k < i; k++)
			first = first && find_group(j, positions->items[k]) !=
						 find_group(j, positions->items[i]);
		n += first;
	}
	return n;
}

/* Above ID there may be several heads, set apart by labels: join within each set. */
static void join_by_labels(
	struct joining *j, struct oh_slice id, const struct oh_indices *above, size_t allowed)
{
	for (size_t i = 0; i < above->count; i++) {
		const struct oh_slice labels = line_labels(j, j->result, above->items[i]);
		const struct oh_indices same = with_labels(j, j->result, above, labels);

		if (same.items[0] == above->items[i] && most_heads(j, id, &labels) <= 1)
			unite(j, &same);
	}
	if (count_groups(j, above) <= allowed)
		return;
	for (size_t i = 0; i < above->count; i++)
		j->in_doubt[above->items[i]] = true;
}

static void join_above(struct joining *j, struct oh_slice id)
{
	const struct oh_indices above = heads_above(j, j->result, id);
	const size_t allowed = most_heads(j, id, NULL);

	if (above.count < 2 || above.count <= allowed)
		return;
	if (allowed <= 1)
		unite(j, &above);
	else
		join_by_labels(j, id, &above, allowed);
}

/* How many heads of the base the heads at POSITIONS descend from, all together. */
static size_t base_heads_below(const struct joining *j, const struct oh_indices *positions)
{
	const struct oh_graph *base = &j->meeting->base->graph;
	struct oh_indices heads = {0};
	oh_node_set line;
	size_t n = 0;

	for (size_t i = 0; i < positions->count; i++)
		OH_PUSH(j->arena, &heads, j->result->heads.items[positions->items[i]]);
	line = oh_graph_ancestors(j->result, j->arena, &heads);
	for (size_t i = 0; i < base->heads.count; i++) {
		const size_t node =
			oh_graph_find(j->result, base->nodes[base->heads.items[i]].migration->id);

		n += node != OH_NO_NODE && line[node];
	}
	return n;
}

static size_t position_of(const struct oh_graph *graph, size_t node)
{
	size_t i = 0;

	while (graph->heads.items[i] != node)
		i++;
	return i;
}

/* Accidental forks in the result that the base did not have. */
static void join_new_forks(struct joining *j, const struct oh_families *families)
{
	for (size_t f = 0; f < families->count; f++) {
		struct oh_indices positions = {0};

		for (size_t i = 0; i < families->items[f].count; i++)
			OH_PUSH(j->arena, &positions,
				position_of(j->result, families->items[f].items[i]));
		if (base_heads_below(j, &positions) <= 1)
			unite(j, &positions);
	}
}

static void collect(struct joining *j, const struct oh_families *families, struct oh_join *join)
{
	const struct oh_indices *heads = &j->result->heads;

	for (size_t g = 0; g < heads->count; g++) {
		struct oh_indices group = {0};

		for (size_t i = 0; i < heads->count; i++)
			if (find_group(j, i) == g)
				OH_PUSH(j->arena, &group, heads->items[i]);
		if (group.count > 1)
			OH_PUSH(j->arena, &join->groups, group);
		if (j->in_doubt[g])
			OH_PUSH(j->arena, &join->undecided, heads->items[g]);
	}
	for (size_t f = 0; f < families->count; f++)
		for (size_t i = 0; i < families->items[f].count; i++) {
			const size_t p = position_of(j->result, families->items[f].items[i]);
			struct oh_indices members = {0};

			for (size_t k = 0; k < families->items[f].count; k++)
				OH_PUSH(j->arena, &members,
					position_of(j->result, families->items[f].items[k]));
			if (count_groups(j, &members) > 1)
				OH_PUSH(j->arena, &join->left_alone, heads->items[p]);
		}
}

void oh_join_decide(struct oh_join *join, struct oh_arena *arena, const struct oh_meeting *meeting)
{
	const struct oh_graph *base = &meeting->base->graph;
	const struct oh_graph *result = &meeting->result->graph;
	struct joining j = {.arena = arena, .meeting = meeting, .result = result};
	struct oh_families families;

	*join = (struct oh_join){0};
	if (result->heads.count < 2)
		return;
	j.group = oh_arena_alloc(arena, result->heads.count * sizeof(*j.group));
	j.in_doubt = oh_arena_alloc(arena, result->heads.count * sizeof(*j.in_doubt));
	for (size_t i = 0; i < result->heads.count; i++)
		j.group[i] = i;
	for (size_t i = 0; i < base->heads.count && meeting->side_count > 1; i++)
		join_above(&j, base->nodes[base->heads.items[i]].migration->id);
	if (!base->count && meeting->side_count > 1)
		join_above(&j, OH_SLICE(""));
	families = oh_graph_forked_heads(result, arena);
	join_new_forks(&j, &families);
	collect(&j, &families, join);
}

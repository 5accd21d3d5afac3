#include "plan/moving.h"

/* The line as it was before it was replayed. */
static const struct oh_snapshot *line_before(const struct oh_moving *m)
{
	return m->request.meeting->before ? m->request.meeting->before : m->moves;
}

/* What does something, by its digest; NULL where BODY does nothing, or that is not known. */
static const struct oh_slice *deed(const struct oh_body *body)
{
	return body && body->digest.len && !body->does_nothing ? &body->digest : NULL;
}

/* From what the line did then to the node that did it, plus one; 0 where several did. */
static struct oh_map deeds_before(const struct oh_moving *m)
{
	const struct oh_graph *line = &line_before(m)->graph;
	struct oh_map deeds = {.arena = m->arena};

	for (size_t i = 0; i < line->count; i++) {
		const struct oh_slice *digest = deed(&line->nodes[i].migration->body);
		const size_t others = deeds.count;
		size_t *node;

		if (!digest)
			continue;
		node = oh_map_put(&deeds, *digest);
		*node = deeds.count > others ? i + 1 : 0;
	}
	return deeds;
}

/* What ITEM was then, as a node of the line; OH_NO_NODE where it was not there, or may have been
 * several. */
static size_t was(
	const struct oh_moving *m, const struct oh_map *deeds, const struct oh_moving_item *item)
{
	const struct oh_slice *digest;
	const size_t *node;

	if (!m->request.meeting->before)
		return oh_graph_find(&m->moves->graph, item->migration->id);
	digest = deed(oh_moving_body(item->migration, oh_moving_before(m, item)));
	node = digest ? oh_map_get(deeds, *digest) : NULL;
	return node && *node ? *node - 1 : OH_NO_NODE;
}

/* The item that is there for PARENT of the line before; NULL where there is none. */
static const struct oh_moving_item *is_now(const struct oh_moving *m, struct oh_slice parent)
{
	const size_t node = oh_graph_find(&line_before(m)->graph, parent);

	if (node != OH_NO_NODE && m->since[node])
		return &m->items[m->since[node] - 1];
	return oh_snapshot_find(m->base, parent) || oh_snapshot_find(m->stays, parent)
		       ? oh_moving_find(m, parent)
		       : NULL;
}

void oh_moving_find_before(struct oh_moving *m)
{
	const struct oh_graph *line = &line_before(m)->graph;
	struct oh_map deeds = {0};

	if (m->request.meeting->before)
		deeds = deeds_before(m);
	m->before = oh_arena_alloc(m->arena, m->count * sizeof(*m->before));
	m->since = oh_arena_alloc(m->arena, line->count * sizeof(*m->since));
	for (size_t i = 0; i < m->count; i++) {
		const size_t node =
			m->items[i].is_brought ? was(m, &deeds, &m->items[i]) : OH_NO_NODE;

		if (node == OH_NO_NODE)
			continue;
		m->before[i] = line->nodes[node].migration;
		if (!m->since[node])
			m->since[node] = i + 1;
	}
}

void oh_moving_take_before(
	const struct oh_moving *m, const struct oh_moving_item *item, struct oh_slices *keys)
{
	const struct oh_migration *before = m->before[item - m->items];
	struct oh_slices parents = {0};

	if (!before)
		return;
	for (size_t i = 0; i < before->parents.count; i++) {
		const struct oh_moving_item *parent = is_now(m, before->parents.items[i]);

		if (!parent)
			return;
		OH_PUSH(m->arena, &parents, parent->key);
	}
	if (parents.count)
		*keys = parents;
}

#include "plan/moving.h"

/* The line as it was before it was replayed. */
static const struct oh_snapshot *line_before(const struct oh_moving *m)
{
	return m->request.meeting->before ? m->request.meeting->before : m->moves;
}

static bool does_the_same(const struct oh_body *a, const struct oh_body *b)
{
	return a && a->digest.len && !a->does_nothing && oh_slice_eq(a->digest, b->digest);
}

/* What ITEM was then; NULL where it was not there, or may have been several. */
static const struct oh_migration *was(const struct oh_moving *m, const struct oh_moving_item *item)
{
	const struct oh_migration *before = oh_moving_before(m, item), *found = NULL;
	const struct oh_body *body = oh_moving_body(item->migration, before);
	const struct oh_graph *line = &line_before(m)->graph;

	if (!m->request.meeting->before)
		return before;
	for (size_t i = 0; i < line->count; i++) {
		if (!does_the_same(body, &line->nodes[i].migration->body))
			continue;
		if (found)
			return NULL;
		found = line->nodes[i].migration;
	}
	return found;
}

/* The item that is there for PARENT of the line before; NULL where there is none. */
static const struct oh_moving_item *is_now(const struct oh_moving *m, struct oh_slice parent)
{
	const struct oh_migration *before = oh_snapshot_find(line_before(m), parent);

	for (size_t i = 0; before && i < m->count; i++)
		if (m->before[i] == before)
			return &m->items[i];
	return oh_snapshot_find(m->base, parent) || oh_snapshot_find(m->stays, parent)
		       ? oh_moving_find(m, parent)
		       : NULL;
}

void oh_moving_find_before(struct oh_moving *m)
{
	m->before = oh_arena_alloc(m->arena, m->count * sizeof(*m->before));
	for (size_t i = 0; i < m->count; i++)
		m->before[i] = m->items[i].is_brought ? was(m, &m->items[i]) : NULL;
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

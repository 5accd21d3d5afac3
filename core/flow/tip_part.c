#include "flow/tip_part.h"

#include "plan/join.h"

/* What one commit has. */
struct part {
	const struct oh_tip *tip;
	struct oh_arena *arena;
	bool *has; /* by migration of the tip */
	oh_node_set will_have; /* by node of the graph after */
	size_t count;
};

static bool is_sound(const struct oh_graph *graph)
{
	return !graph->duplicates.count && !graph->missing.count && !graph->cycle.count &&
	       !graph->needs_cycle.count && !graph->label_clashes.count;
}

static bool drops_something(const struct oh_moves *moves)
{
	for (size_t i = 0; i < moves->list.count; i++)
		if (moves->list.items[i].is_dropped)
			return true;
	return false;
}

static bool is_plain(const struct oh_verdict *v)
{
	const struct oh_snapshot *s = v->meeting.result;

	return v->moves.list.count && v->after && !v->joined.count && !v->strayed &&
	       !v->moves.as_before && !drops_something(&v->moves) && !s->unreadables.count &&
	       is_sound(&s->graph) && is_sound(&v->after->graph) &&
	       s->migrations.count == v->after->migrations.count;
}

/* From an id to what it will be. */
static struct oh_map new_ids(struct oh_arena *arena, const struct oh_moves *moves)
{
	struct oh_map ids = {.arena = arena};

	for (size_t i = 0; i < moves->list.count; i++)
		*oh_map_put(&ids, moves->list.items[i].migration->id) = i + 1;
	return ids;
}

static bool find_nodes(struct oh_tip *tip, struct oh_arena *arena)
{
	const struct oh_verdict *v = tip->verdict;
	const struct oh_migrations *all = &v->meeting.result->migrations;
	const struct oh_map moves = new_ids(arena, &v->moves);

	tip->node_of = oh_arena_alloc(arena, (all->count + 1) * sizeof(*tip->node_of));
	tip->by_path.arena = arena;
	oh_map_reserve(&tip->by_path, all->count);
	for (size_t i = 0; i < all->count; i++) {
		const struct oh_migration *m = &all->items[i];
		const size_t *move = oh_map_get(&moves, m->id);
		size_t *at = oh_map_put(&tip->by_path, m->path);

		tip->node_of[i] = oh_graph_find(
			&v->after->graph, move ? v->moves.list.items[*move - 1].new_id : m->id);
		if (*at || tip->node_of[i] == OH_NO_NODE || !m->content.len)
			return false;
		*at = i + 1;
	}
	return true;
}

/* Every step is about a file that is there, or comes right behind the one that takes it away. */
static bool find_owners(struct oh_tip *tip, struct oh_arena *arena)
{
	const struct oh_verdict *v = tip->verdict;
	const struct oh_steps *steps = &v->steps;

	tip->step_count = steps->count;
	while (tip->step_count &&
		oh_slice_eq(steps->items[tip->step_count - 1].path, v->after->lock_path))
		tip->step_count--;
	tip->owner_of = oh_arena_alloc(arena, (steps->count + 1) * sizeof(*tip->owner_of));
	for (size_t i = 0; i < tip->step_count; i++) {
		const struct oh_step *s = &steps->items[i];
		const size_t *at = oh_map_get(&tip->by_path, s->path);

		if (s->kind == OH_STEP_ADD && i && steps->items[i - 1].kind == OH_STEP_REMOVE)
			tip->owner_of[i] = tip->owner_of[i - 1];
		else if ((s->kind == OH_STEP_EDIT || s->kind == OH_STEP_REMOVE) && at)
			tip->owner_of[i] = *at - 1;
		else
			return false;
	}
	return true;
}

void oh_tip_init(struct oh_tip *tip, struct oh_arena *arena, const struct oh_verdict *verdict)
{
	*tip = (struct oh_tip){.verdict = verdict};
	tip->is_usable = is_plain(verdict) && find_nodes(tip, arena) && find_owners(tip, arena);
	if (tip->is_usable)
		tip->lock = oh_lock_of(arena, &verdict->after->graph);
}

/* False for a migration that the tip has not, or not so. */
static bool take_entry(struct part *p, const struct oh_entry *e)
{
	const struct oh_snapshot *s = p->tip->verdict->meeting.result;
	const size_t *at;

	if (e->kind == OH_DIRECTORY ||
		!oh_adapter_named(s->location.system)->is_migration(&s->location, e->path))
		return true;
	at = oh_map_get(&p->tip->by_path, e->path);
	if (!at || e->kind != OH_FILE || p->has[*at - 1] ||
		!oh_slice_eq(e->content, s->migrations.items[*at - 1].content))
		return false;
	p->has[*at - 1] = true;
	p->will_have[p->tip->node_of[*at - 1]] = 1;
	p->count++;
	return true;
}

static bool take_files(struct part *p, struct oh_source *source)
{
	const struct oh_location *l = &p->tip->verdict->meeting.result->location;
	struct oh_error none = {0};

	for (size_t v = 0; v < l->versions.count; v++) {
		struct oh_entries entries = {0};

		if (!oh_source_list(
			    source, p->arena, l->versions.items[v], l->recursive, &entries, &none))
			return false;
		for (size_t i = 0; i < entries.count; i++)
			if (!take_entry(p, &entries.items[i]))
				return false;
	}
	return p->count > 0;
}

static bool has_all(const struct part *p, const struct oh_indices *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (!p->will_have[nodes->items[i]])
			return false;
	return true;
}

static bool has_some(const struct part *p, const struct oh_indices *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (p->will_have[nodes->items[i]])
			return true;
	return false;
}

/* The lock of this part. False where something stands on what is not there, or there are more heads
 * than at the tip. */
static bool find_lock(const struct part *p, struct oh_lock *lock)
{
	const struct oh_graph *graph = &p->tip->verdict->after->graph;

	*lock = (struct oh_lock){0};
	for (size_t i = 0; i < graph->count; i++) {
		const struct oh_node *n = &graph->nodes[i];

		if (!p->will_have[i])
			continue;
		if (!has_all(p, &n->parents) || !has_all(p, &n->needs))
			return false;
		if (!has_some(p, &n->children))
			OH_PUSH(p->arena, &lock->heads, n->migration->id);
		OH_PUSH(p->arena, &lock->entries, p->tip->lock.entries.items[i]);
	}
	return lock->heads.count <= graph->heads.count;
}

/* True also where there is no lock. One that says it already is not read: to write it again changes
 * nothing. */
static bool add_lock(const struct part *p, struct oh_source *source, const struct oh_lock *lock,
	struct oh_steps *steps)
{
	const struct oh_snapshot *after = p->tip->verdict->after;
	struct oh_snapshot now = {.lock_path = after->lock_path, .lock = OH_SLICE("")};
	struct oh_entries entries = {0};
	struct oh_error none = {0};

	if (!oh_source_list(source, p->arena, after->location.directory, false, &entries, &none))
		return false;
	for (size_t i = 0; i < entries.count; i++) {
		if (!oh_slice_eq(entries.items[i].path, now.lock_path))
			continue;
		if (entries.items[i].kind != OH_FILE)
			return false;
		oh_lock_step(p->arena, &now, oh_lock_format(p->arena, lock), steps);
	}
	return true;
}

bool oh_tip_part(const struct oh_tip *tip, struct oh_arena *arena, struct oh_source *source,
	struct oh_steps *steps)
{
	const struct oh_verdict *v = tip->verdict;
	struct part p = {.tip = tip, .arena = arena};
	struct oh_lock lock;

	*steps = (struct oh_steps){0};
	if (!tip->is_usable)
		return false;
	p.has = oh_arena_alloc(arena, v->meeting.result->migrations.count * sizeof(*p.has));
	p.will_have = oh_arena_alloc(arena, v->after->graph.count);
	if (!take_files(&p, source) || !find_lock(&p, &lock))
		return false;
	for (size_t i = 0; i < tip->step_count; i++)
		if (p.has[tip->owner_of[i]])
			OH_PUSH(arena, steps, v->steps.items[i]);
	if (add_lock(&p, source, &lock, steps))
		return true;
	*steps = (struct oh_steps){0};
	return false;
}

#include "plan/renumber.h"

struct migrations {
	const struct oh_migration **items;
	size_t count, capacity;
};

/* An id that was there counts as new in a further file. */
static bool is_new(const struct oh_snapshot *before, const struct oh_migration *m, bool is_twice)
{
	return !oh_snapshot_find(before, m->id) || (is_twice && !oh_snapshot_at(before, m->path));
}

static bool is_duplicate(const struct oh_graph *graph, size_t node)
{
	for (size_t i = 0; i < graph->duplicates.count; i++)
		if (graph->duplicates.items[i].node == node)
			return true;
	return false;
}

static void list_node(struct oh_renumbering *r, struct oh_arena *arena, size_t node)
{
	const struct oh_snapshot *before = r->request.before;
	const struct oh_graph *graph = &r->request.snapshot->graph;
	const bool is_twice = is_duplicate(graph, node);

	if (is_new(before, graph->nodes[node].migration, is_twice))
		OH_PUSH(arena, &r->added, graph->nodes[node].migration);
	for (size_t i = 0; is_twice && i < graph->duplicates.count; i++)
		if (graph->duplicates.items[i].node == node &&
			is_new(before, graph->duplicates.items[i].other, true))
			OH_PUSH(arena, &r->added, graph->duplicates.items[i].other);
}

static bool counts(struct oh_arena *arena, const struct oh_snapshot *s)
{
	const struct oh_adapter *adapter = oh_adapter_named(s->location.system);

	return adapter && adapter->is_sequential && adapter->number && adapter->rewrite &&
	       adapter->is_sequential(arena, &s->migrations);
}

bool oh_renumber_is_due(struct oh_arena *arena, const struct oh_snapshot *snapshot,
	const struct oh_snapshot *before)
{
	for (size_t i = 0; i < snapshot->migrations.count; i++)
		if (is_new(before, &snapshot->migrations.items[i],
			    snapshot->graph.duplicates.count > 0))
			return counts(arena, snapshot);
	return false;
}

static bool has_other_date(const struct oh_migration *a, const struct oh_migration *b)
{
	return a->date.len && b->date.len && !oh_slice_eq(a->date, b->date);
}

bool oh_renumber_is_same(const struct oh_migration *a, const struct oh_migration *b)
{
	const bool same_body = a->body.digest.len && oh_slice_eq(a->body.digest, b->body.digest);

	if ((a->content.len && oh_slice_eq(a->content, b->content)) ||
		(same_body && !a->body.does_nothing))
		return true;
	return oh_slice_eq(a->id, b->id) && (same_body || oh_slice_eq(a->path, b->path)) &&
	       !has_other_date(a, b);
}

static bool is_upstream(const struct oh_renumber_request *request, const struct oh_migration *m)
{
	const struct oh_migrations *all = &request->upstream->migrations;

	for (size_t i = 0; i < all->count; i++)
		if (oh_renumber_is_same(m, &all->items[i]))
			return true;
	return false;
}

static bool is_among(const struct migrations *list, const struct oh_migration *m)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == m)
			return true;
	return false;
}

/* One question to the adapter. */
struct question {
	struct oh_arena *arena;
	const struct oh_snapshot *snapshot;
	const struct migrations *moved;
	struct oh_migrations taken; /* without those of the snapshot */
	struct oh_new_name *names; /* of MOVED */
};

static void ask(struct question *q)
{
	const struct oh_adapter *adapter = oh_adapter_named(q->snapshot->location.system);
	const struct oh_migrations *all = &q->snapshot->migrations;

	for (size_t i = 0; i < all->count; i++)
		if (!is_among(q->moved, &all->items[i]))
			OH_PUSH(q->arena, &q->taken, all->items[i]);
	q->names = oh_arena_alloc(q->arena, (q->moved->count + 1) * sizeof(*q->names));
	adapter->number(q->arena, &q->snapshot->location, &q->taken, q->moved->items,
		q->moved->count, q->names);
}

static void add_taken(struct question *q, const struct oh_migrations *list)
{
	for (size_t i = 0; list && i < list->count; i++)
		OH_PUSH(q->arena, &q->taken, list->items[i]);
}

static bool is_changed(const struct question *q, size_t i)
{
	return !oh_slice_eq(q->names[i].id, q->moved->items[i]->id);
}

/* What may be renumbered at all. */
static struct migrations list_free(const struct oh_renumbering *r, struct oh_arena *arena)
{
	const struct oh_renumber_request *request = &r->request;
	struct question q = {.arena = arena, .snapshot = request->snapshot};
	struct migrations all = {0}, in_order = {0};

	for (size_t i = 0; i < r->added.count; i++) {
		const struct oh_migration *m = r->added.items[i];

		if (!(request->fixed && oh_slices_contain(request->fixed, m->id)) &&
			!is_upstream(request, m))
			OH_PUSH(arena, &all, m);
	}
	if (request->rising || !all.count)
		return all;
	q.moved = &all;
	ask(&q);
	for (size_t i = 0; i < all.count; i++)
		if (!is_changed(&q, i))
			OH_PUSH(arena, &in_order, all.items[i]);
	return in_order;
}

static bool is_beside(const struct oh_migrations *beside, const struct oh_new_name *name)
{
	for (size_t i = 0; beside && i < beside->count; i++)
		if (oh_slice_eq(beside->items[i].id, name->id) ||
			oh_slice_eq(beside->items[i].path, name->path))
			return true;
	return false;
}

static void take_names(struct oh_renumbering *r, const struct question *q)
{
	for (size_t i = 0; i < q->moved->count; i++) {
		const struct oh_migration *m = q->moved->items[i];

		if (!is_changed(q, i))
			continue;
		OH_PUSH(q->arena, &r->list, (struct oh_renumbered){m, q->names[i]});
		OH_PUSH(q->arena, &r->renames, (struct oh_rename){m->id, q->names[i].id});
	}
}

/* Once more, where a name lies about in the worktree. */
static void name_beside(struct oh_renumbering *r, struct oh_arena *arena)
{
	struct question q = {.arena = arena, .snapshot = r->request.snapshot};
	struct migrations moved = {0};
	bool again = false;

	for (size_t i = 0; i < r->list.count; i++) {
		OH_PUSH(arena, &moved, r->list.items[i].migration);
		again = again || is_beside(r->request.beside, &r->list.items[i].name);
	}
	if (!again)
		return;
	r->list.count = r->renames.count = 0;
	q.moved = &moved;
	add_taken(&q, &r->request.upstream->migrations);
	add_taken(&q, r->request.beside);
	ask(&q);
	take_names(r, &q);
}

static const struct oh_migration *find_taken_by(const struct oh_renumbering *r)
{
	const struct oh_graph *graph = &r->request.upstream->graph;
	const struct oh_migration *last = NULL;

	for (size_t i = 0; i < r->list.count; i++) {
		last = oh_snapshot_find(r->request.upstream, r->list.items[i].migration->id);
		if (last)
			return last;
	}
	for (size_t i = 0; i < graph->order.count; i++) {
		const struct oh_migration *m = graph->nodes[graph->order.items[i]].migration;

		if (!oh_snapshot_find(r->request.before, m->id))
			last = m;
	}
	return last;
}

void oh_renumber_decide(
	struct oh_renumbering *r, struct oh_arena *arena, const struct oh_renumber_request *request)
{
	const struct oh_graph *graph = &request->snapshot->graph;
	struct question q = {.arena = arena, .snapshot = request->snapshot};
	struct migrations moved;

	*r = (struct oh_renumbering){.request = *request};
	for (size_t i = 0; i < graph->order.count; i++)
		list_node(r, arena, graph->order.items[i]);
	if (!r->added.count || !counts(arena, request->snapshot))
		return;
	moved = list_free(r, arena);
	q.moved = &moved;
	add_taken(&q, &request->upstream->migrations);
	ask(&q);
	take_names(r, &q);
	name_beside(r, arena);
	r->taken_by = find_taken_by(r);
}

static const struct oh_rename *find_rename(const struct oh_renames *renames, struct oh_slice id)
{
	for (size_t i = 0; i < renames->count; i++)
		if (oh_slice_eq(renames->items[i].from, id))
			return &renames->items[i];
	return NULL;
}

static bool names_any(const struct oh_renames *renames, const struct oh_slices *ids)
{
	for (size_t i = 0; i < ids->count; i++)
		if (find_rename(renames, ids->items[i]))
			return true;
	return false;
}

bool oh_renumber_follows(const struct oh_renumbering *r, const struct oh_migration *m)
{
	return names_any(&r->renames, &m->parents) || names_any(&r->renames, &m->depends_on);
}

static bool names_twice(const struct oh_graph *graph, const struct oh_slices *ids)
{
	for (size_t i = 0; i < ids->count; i++) {
		const size_t node = oh_graph_find(graph, ids->items[i]);

		if (node != OH_NO_NODE && is_duplicate(graph, node))
			return true;
	}
	return false;
}

static bool check_followers(const struct oh_renumbering *r, struct oh_error *err)
{
	const struct oh_snapshot *s = r->request.snapshot;
	const struct migrations added = {r->added.items, r->added.count, 0};

	for (size_t i = 0; i < s->migrations.count; i++) {
		const struct oh_migration *m = &s->migrations.items[i];

		if (!oh_renumber_follows(r, m))
			continue;
		if (!is_among(&added, m))
			return oh_fail(err, OH_E_UNSUPPORTED, OH_FMT " names it, and is not new",
				OH_ARG(m->id));
		if (names_twice(&s->graph, &m->parents) || names_twice(&s->graph, &m->depends_on))
			return oh_fail(err, OH_E_UNSUPPORTED,
				OH_FMT " names an id that two migrations have", OH_ARG(m->id));
	}
	return true;
}

/* What is to be written of one migration. */
struct writing {
	struct oh_arena *arena;
	const struct oh_renumbering *r;
	const struct oh_adapter *adapter;
	oh_read_file read;
	void *context;
	struct oh_steps *steps;
};

static void add_steps(struct writing *w, const struct oh_migration *m,
	const struct oh_new_name *name, struct oh_slice before, struct oh_slice after)
{
	const bool renamed = !oh_slice_eq(name->id, m->id);
	const struct oh_slice reason = oh_slice_printable(
		w->arena, oh_slice_printf(w->arena, OH_FMT " %s" OH_FMT, OH_ARG(m->id),
				  renamed ? "becomes " : "follows its parent",
				  OH_ARG(renamed ? name->id : OH_SLICE(""))));

	oh_steps_rewrite(w->arena, w->steps, m->path, name->path, before, after, reason);
}

static bool write_one(struct writing *w, struct oh_migration *m, const struct oh_new_name *name,
	struct oh_error *err)
{
	struct oh_slices parents = {0};
	struct oh_rewrite want = {.id = OH_SLICE(""), .renames = &w->r->renames};
	struct oh_file file = {.path = m->path, .content = m->content}, read_back;
	struct oh_unreadables unreadable = {0};
	struct oh_migrations again = {0};
	struct oh_slice bytes;

	for (size_t i = 0; i < m->parents.count; i++) {
		const struct oh_rename *to = find_rename(&w->r->renames, m->parents.items[i]);

		OH_PUSH(w->arena, &parents, to ? to->to : m->parents.items[i]);
	}
	if (names_any(&w->r->renames, &m->parents))
		want.parents = &parents;
	if (!oh_slice_eq(name->id, m->id))
		want.id = name->id;
	if (!w->read(w->context, w->arena, m->path, &file.bytes, err))
		return oh_wrap(err, "reading " OH_FMT, OH_ARG(m->path));
	if (!w->adapter->rewrite(w->arena, &file, &want, &bytes, err))
		return false;
	add_steps(w, m, name, file.bytes, bytes);
	read_back = (struct oh_file){name->path, bytes, OH_SLICE("")};
	w->adapter->parse(w->arena, &read_back, OH_READ_TEXT, &again, &unreadable);
	if (again.count != 1 || !oh_slice_eq(again.items[0].id, name->id))
		return oh_fail(err, OH_E_UNSUPPORTED,
			OH_FMT " does not say what was wanted once it is rewritten",
			OH_ARG(m->path));
	*m = again.items[0];
	return true;
}

/* The name that M gets, or has. */
static struct oh_new_name name_of(const struct oh_renumbering *r, const struct oh_migration *m)
{
	for (size_t i = 0; i < r->list.count; i++)
		if (r->list.items[i].migration == m)
			return r->list.items[i].name;
	return (struct oh_new_name){m->id, m->path};
}

bool oh_renumber_steps(struct oh_arena *arena, const struct oh_renumbering *r, oh_read_file read,
	void *context, struct oh_steps *steps, struct oh_snapshot *after, struct oh_error *err)
{
	const struct oh_migrations *all = &r->request.snapshot->migrations;
	struct writing w = {
		.arena = arena, .r = r, .read = read, .context = context, .steps = steps};

	w.adapter = oh_adapter_named(r->request.snapshot->location.system);
	if (!check_followers(r, err))
		return false;
	*after = *r->request.snapshot;
	after->migrations = (struct oh_migrations){0};
	for (size_t i = 0; i < all->count; i++) {
		const struct oh_new_name name = name_of(r, &all->items[i]);
		struct oh_migration m = all->items[i];

		if ((!oh_slice_eq(name.id, m.id) || oh_renumber_follows(r, &m)) &&
			!write_one(&w, &m, &name, err))
			return false;
		OH_PUSH(arena, &after->migrations, m);
	}
	oh_graph_build(&after->graph, arena, &after->migrations);
	return true;
}

/* Has the snapshot what upstream has as M? */
static bool is_here(const struct oh_renumbering *r, const struct oh_migration *m)
{
	if (oh_snapshot_find(r->request.before, m->id))
		return true;
	for (size_t i = 0; i < r->added.count; i++)
		if (oh_renumber_is_same(r->added.items[i], m))
			return true;
	return false;
}

static bool is_listed(const struct oh_taken_parents *list, struct oh_slice parent)
{
	for (size_t i = 0; i < list->count; i++)
		if (oh_slice_eq(list->items[i].parent, parent))
			return true;
	return false;
}

/* The first child of PARENT upstream that is not here. */
static const struct oh_migration *find_child(const struct oh_renumbering *r, struct oh_slice parent)
{
	const struct oh_graph *graph = &r->request.upstream->graph;
	const size_t node = oh_graph_find(graph, parent);

	for (size_t i = 0; node != OH_NO_NODE && i < graph->nodes[node].children.count; i++) {
		const size_t child = graph->nodes[node].children.items[i];

		if (!is_here(r, graph->nodes[child].migration))
			return graph->nodes[child].migration;
	}
	return NULL;
}

struct oh_taken_parents oh_renumber_taken_parents(
	struct oh_arena *arena, const struct oh_renumbering *r)
{
	struct oh_taken_parents list = {0};

	for (size_t i = 0; i < r->added.count; i++) {
		const struct oh_migration *m = r->added.items[i];

		for (size_t k = 0; k < m->parents.count; k++) {
			const struct oh_slice parent = m->parents.items[k];
			const struct oh_migration *child;

			/* One that is new itself is not what upstream has under its id. */
			if (!oh_snapshot_find(r->request.before, parent) ||
				is_listed(&list, parent))
				continue;
			child = find_child(r, parent);
			if (child && !is_upstream(&r->request, m))
				OH_PUSH(arena, &list, (struct oh_taken_parent){parent, child});
		}
	}
	return list;
}

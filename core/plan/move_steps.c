#include "plan/moving.h"

#include "plan/join.h"

/* One snapshot that is made to say what the moves say. */
struct carrying_out {
	struct oh_moving moving;
	const struct oh_moves *moves;
	/* From the old id of each move, and from the new one of what is not dropped, to its place
	 * in the list, plus one. */
	struct oh_map by_id, by_new_id;
	const struct oh_adapter *adapter;
	oh_read_file read;
	void *context;
	struct oh_renames renames; /* for what is there */
	struct oh_steps *steps;
	struct oh_migrations written; /* as they are to be */
	struct oh_map by_path; /* old path to the one in `written`, plus two; 1: dropped */
};

static void note(struct oh_map *map, struct oh_slice id, size_t i)
{
	size_t *at = oh_map_put(map, id);

	if (!*at)
		*at = i + 1;
}

static void list_moves(struct carrying_out *c)
{
	for (size_t i = 0; i < c->moves->list.count; i++) {
		const struct oh_move *move = &c->moves->list.items[i];

		note(&c->by_id, move->migration->id, i);
		if (!move->is_dropped)
			note(&c->by_new_id, move->new_id, i);
	}
}

static const struct oh_move *move_of(const struct carrying_out *c, struct oh_slice id)
{
	const size_t *at = oh_map_get(&c->by_id, id);

	return at ? &c->moves->list.items[*at - 1] : NULL;
}

/* What the snapshot calls a migration that is to be ID. */
static struct oh_slice key_now(const struct carrying_out *c, struct oh_slice id)
{
	const size_t *at = oh_map_get(&c->by_new_id, id), *clash;
	struct oh_slice before;

	if (!at)
		return id;
	before = c->moves->list.items[*at - 1].migration->id;
	clash = oh_map_get(&c->moving.clashes, before);
	return clash ? c->moving.items[*clash].key : before;
}

static void take_move(
	struct carrying_out *c, struct oh_moving_item *item, const struct oh_move *move)
{
	const struct oh_slice instead = key_now(c, move->instead);

	if (move->is_dropped) {
		if (!oh_moving_find(&c->moving, instead))
			return;
		item->is_dropped = true;
		item->is_twin = move->is_twin;
		item->instead = instead;
		return;
	}
	item->new_id = move->new_id;
	if (oh_slice_eq(item->migration->path, move->migration->path) ||
		!oh_slice_eq(move->migration->path, move->new_path))
		item->new_path = move->new_path;
}

/* One that the result has no more, because it is there under another id. */
static void take_lost(struct carrying_out *c, struct oh_moving_item *item)
{
	for (size_t i = 0; i < c->moves->renames.count; i++) {
		const struct oh_rename rename = c->moves->renames.items[i];

		if (!oh_slice_eq(rename.from, item->migration->id) ||
			!oh_moving_find(&c->moving, rename.to))
			continue;
		item->is_dropped = item->is_twin = true;
		item->instead = rename.to;
	}
}

static void take_moves(struct carrying_out *c)
{
	for (size_t i = 0; i < c->moving.count; i++) {
		struct oh_moving_item *item = &c->moving.items[i];
		const struct oh_move *move;

		if (!item->is_brought)
			continue;
		move = move_of(c, item->migration->id);
		item->is_apart = oh_slices_contain(&c->moves->apart, item->migration->id);
		if (move)
			take_move(c, item, move);
		else
			take_lost(c, item);
	}
}

/* An id that the other side has given, too: here there is only the other one so far. */
static void take_not_yet(struct carrying_out *c, const struct oh_rename *rename)
{
	struct oh_moving *m = &c->moving;
	const struct oh_rename not_yet = {
		rename->from, oh_slice_printf(m->arena, OH_FMT "\n", OH_ARG(rename->from))};
	const struct oh_moving_item *other = oh_moving_find(m, rename->from);
	const struct oh_move *move = move_of(c, rename->from);

	if (!other || other->is_brought || !move || move->is_dropped)
		return;
	OH_PUSH(m->arena, &m->not_yet, not_yet);
	OH_PUSH(m->arena, &m->absent, (struct oh_rename){not_yet.to, rename->to});
}

/* Names of what is not there: lost, dropped later, or not there yet. */
static void take_absent(struct carrying_out *c)
{
	struct oh_moving *m = &c->moving;

	for (size_t i = 0; i < c->moves->renames.count; i++) {
		const struct oh_rename rename = c->moves->renames.items[i];
		const struct oh_move *move = move_of(c, rename.from);
		const struct oh_rename gone = {rename.from, key_now(c, rename.to)};

		if (oh_moving_find(m, rename.from)) {
			if (!oh_map_get(&m->clashes, rename.from))
				take_not_yet(c, &rename);
			continue;
		}
		if (move && !move->is_dropped)
			OH_PUSH(m->arena, &m->absent, rename);
		else if (oh_moving_find(m, gone.to))
			OH_PUSH(m->arena, &m->lost, gone);
	}
}

static bool take_onto(struct carrying_out *c, struct oh_error *err)
{
	c->moving.onto = c->moves->onto;
	if (!c->moving.onto.len || oh_moving_find(&c->moving, c->moving.onto))
		return true;
	return oh_fail(err, OH_E_UNSUPPORTED, "nothing can move: " OH_FMT " is not there",
		OH_ARG(c->moving.onto));
}

static void add_rename(struct carrying_out *c, struct oh_slice from, struct oh_slice key)
{
	const struct oh_slices one = {&key, 1, 1};
	const struct oh_rename rename = {from, oh_moving_ids(&c->moving, &one).items[0]};

	if (!oh_slice_eq(rename.from, rename.to))
		OH_PUSH(c->moving.arena, &c->renames, rename);
}

static void find_renames(struct carrying_out *c)
{
	struct oh_moving *m = &c->moving;

	for (size_t i = 0; i < m->count; i++)
		if (m->items[i].is_brought)
			add_rename(c, m->items[i].migration->id,
				oh_moving_instead(m, m->items[i].key));
	for (size_t i = 0; i < m->lost.count; i++)
		add_rename(c, m->lost.items[i].from, oh_moving_instead(m, m->lost.items[i].from));
	for (size_t i = 0; i < m->absent.count; i++)
		OH_PUSH(m->arena, &c->renames, m->absent.items[i]);
	for (size_t i = 0; i < m->not_yet.count; i++)
		add_rename(c, m->not_yet.items[i].from, m->not_yet.items[i].to);
}

static struct oh_slice reason(const struct carrying_out *c, const struct oh_moving_item *item)
{
	struct oh_arena *arena = c->moving.arena;
	const struct oh_slice id = item->migration->id;
	const struct oh_slices parents = oh_moving_ids(&c->moving, &item->parents);
	struct oh_slice where = OH_SLICE(""), text;

	if (item->is_dropped) {
		const struct oh_slice key = oh_moving_instead(&c->moving, item->key);
		const struct oh_slices one = {(struct oh_slice *)&key, 1, 1};

		text = oh_slice_printf(arena,
			item->is_twin ? OH_FMT " is there already, as " OH_FMT
				      : OH_FMT " joins nothing any more: " OH_FMT " stays",
			OH_ARG(id), OH_ARG(oh_moving_ids(&c->moving, &one).items[0]));
		return oh_slice_printable(arena, text);
	}
	if (parents.count)
		where = oh_slice_printf(arena, ", on top of " OH_FMT,
			OH_ARG(oh_slices_join(arena, &parents, " and ")));
	if (!oh_slice_eq(item->new_id, id))
		text = oh_slice_printf(arena, OH_FMT " becomes " OH_FMT OH_FMT, OH_ARG(id),
			OH_ARG(item->new_id), OH_ARG(where));
	else if (!oh_slices_eq(&parents, &item->migration->parents))
		text = oh_slice_printf(arena, OH_FMT " moves" OH_FMT, OH_ARG(id), OH_ARG(where));
	else
		text = oh_slice_printf(arena, OH_FMT " follows what it depends on", OH_ARG(id));
	return oh_slice_printable(arena, text);
}

/* The new bytes, read again: they are what counts. */
static bool read_back(struct carrying_out *c, const struct oh_moving_item *item,
	struct oh_slice bytes, const struct oh_slices *parents, struct oh_error *err)
{
	const struct oh_file file = {item->new_path, bytes, OH_SLICE("")};
	struct oh_unreadables unreadable = {0};
	struct oh_migrations read = {0};

	c->adapter->parse(c->moving.arena, &file, OH_READ_TEXT, &read, &unreadable);
	if (read.count != 1 || !oh_slice_eq(read.items[0].id, item->new_id) ||
		!oh_slices_eq(&read.items[0].parents, parents))
		return oh_moving_refuse(
			item->migration->id, "its file does not say what was wanted", err);
	OH_PUSH(c->moving.arena, &c->written, read.items[0]);
	return true;
}

static void add_steps(struct carrying_out *c, const struct oh_moving_item *item,
	struct oh_slice before, struct oh_slice after)
{
	struct oh_arena *arena = c->moving.arena;
	const struct oh_slice path = item->migration->path;

	if (item->is_dropped)
		OH_PUSH(arena, c->steps,
			((struct oh_step){.kind = OH_STEP_REMOVE,
				.path = path,
				.bytes = OH_SLICE(""),
				.expected = before,
				.reason = reason(c, item)}));
	else
		oh_steps_rewrite(
			arena, c->steps, path, item->new_path, before, after, reason(c, item));
}

static bool write_item(
	struct carrying_out *c, const struct oh_moving_item *item, struct oh_error *err)
{
	const struct oh_migration *m = item->migration;
	const struct oh_slices parents = oh_moving_ids(&c->moving, &item->parents);
	struct oh_rewrite want = {.id = OH_SLICE(""), .renames = &c->renames};
	struct oh_file file = {.path = m->path, .content = m->content};
	struct oh_slice bytes = OH_SLICE("");

	if (!c->read(c->context, c->moving.arena, m->path, &file.bytes, err))
		return oh_wrap(err, "reading " OH_FMT, OH_ARG(m->path));
	if (!oh_slice_eq(item->new_id, m->id))
		want.id = item->new_id;
	if (!oh_slices_eq(&parents, &m->parents))
		want.parents = &parents;
	if (!item->is_dropped &&
		(!c->adapter->rewrite(c->moving.arena, &file, &want, &bytes, err) ||
			!read_back(c, item, bytes, &parents, err)))
		return false;
	*oh_map_put(&c->by_path, m->path) = item->is_dropped ? 1 : c->written.count + 1;
	add_steps(c, item, file.bytes, bytes);
	return true;
}

static bool write_all(struct carrying_out *c, struct oh_error *err)
{
	const struct oh_indices order = oh_moving_order(&c->moving);

	for (size_t i = 0; i < order.count; i++) {
		const struct oh_moving_item *item = &c->moving.items[order.items[i]];

		if (oh_moving_is_written(&c->moving, item) && !write_item(c, item, err))
			return false;
	}
	return true;
}

static void take_outcome(struct carrying_out *c, struct oh_snapshot *after)
{
	const struct oh_migrations *before = &c->moving.snapshot->migrations;

	after->migrations = (struct oh_migrations){0};
	for (size_t i = 0; i < before->count; i++) {
		const size_t *at = oh_map_get(&c->by_path, before->items[i].path);

		if (!at)
			OH_PUSH(c->moving.arena, &after->migrations, before->items[i]);
		else if (*at > 1)
			OH_PUSH(c->moving.arena, &after->migrations, c->written.items[*at - 2]);
	}
	oh_graph_build_after(
		&after->graph, c->moving.arena, &after->migrations, &c->moving.snapshot->graph);
}

bool oh_move_steps(struct oh_arena *arena, const struct oh_moves *moves,
	const struct oh_snapshot *snapshot, oh_read_file read, void *context,
	struct oh_steps *steps, struct oh_snapshot *after, struct oh_error *err)
{
	struct carrying_out c = {.moves = moves,
		.read = read,
		.context = context,
		.steps = steps,
		.by_id = {.arena = arena},
		.by_new_id = {.arena = arena},
		.by_path = {.arena = arena}};

	*after = *snapshot;
	if (moves->list.count) {
		c.adapter = oh_adapter_named(snapshot->location.system);
		if (!c.adapter || !c.adapter->rewrite)
			return oh_fail(err, OH_E_UNSUPPORTED, "migrations can't be rewritten");
		if (!oh_moving_begin(&c.moving, arena, &moves->request, snapshot, err))
			return false;
		if (moves->as_before)
			oh_moving_find_before(&c.moving);
		list_moves(&c);
		take_moves(&c);
		take_absent(&c);
		if (!take_onto(&c, err))
			return false;
		oh_moving_shape(&c.moving);
		find_renames(&c);
		if (!oh_moving_check_files(&c.moving, err) || !write_all(&c, err))
			return false;
		take_outcome(&c, after);
	}
	oh_lock_plan(arena, after, steps);
	return true;
}

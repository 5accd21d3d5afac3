#include "plan/move.h"

#include <string.h>

/* What a migration of the line is from now on: a node of the graph, or one of these. */
#define NOTHING ((size_t)-1) /* a merge revision that is gone */
#define GONE ((size_t)-2) /* not there, and it did something */

/* One line whose databases are mended. */
struct mending_line {
	struct oh_arena *arena;
	const struct oh_moves *moves;
	const struct oh_adapter *adapter;
	const struct oh_graph *line, *after;
	size_t *now; /* of each node of the line: what it is from now on */
	struct oh_mendings mendings;
};

/* One place at which a database stands. */
struct point {
	struct mending_line *l;
	struct oh_arena scratch;
	oh_node_set had; /* by node of the line: what it has applied */
	oh_node_set has, wanted; /* by node of AFTER: the same; and all that it should have */
	oh_node_set done; /* what it would say that it has */
	struct oh_slices commands;
	bool is_impossible;
};

static const struct oh_move *move_of(const struct oh_moves *moves, struct oh_slice id)
{
	for (size_t i = 0; i < moves->list.count; i++)
		if (oh_slice_eq(moves->list.items[i].migration->id, id))
			return &moves->list.items[i];
	return NULL;
}

static size_t now_of(const struct mending_line *l, const struct oh_migration *migration)
{
	const struct oh_move *move = move_of(l->moves, migration->id);
	struct oh_slice id = migration->id;
	size_t node;

	if (move && move->is_dropped && !move->is_twin)
		return NOTHING;
	if (move)
		id = move->is_dropped ? move->instead : move->new_id;
	for (size_t i = 0; !move && i < l->moves->renames.count; i++)
		if (oh_slice_eq(l->moves->renames.items[i].from, id)) {
			id = l->moves->renames.items[i].to;
			break;
		}
	node = oh_graph_find(l->after, id);
	if (node != OH_NO_NODE)
		return node;
	return migration->body.digest.len && migration->body.does_nothing ? NOTHING : GONE;
}

/* Are all that NODE descends from and needs in SET? */
static bool stands_on(const struct oh_graph *graph, size_t node, const oh_node_set set)
{
	const struct oh_node *n = &graph->nodes[node];

	for (size_t i = 0; i < n->parents.count; i++)
		if (!set[n->parents.items[i]])
			return false;
	for (size_t i = 0; i < n->needs.count; i++)
		if (!set[n->needs.items[i]])
			return false;
	return true;
}

/* Is a node of SET above NODE? */
static bool is_below_some(const struct oh_graph *graph, size_t node, const oh_node_set set)
{
	const struct oh_node *n = &graph->nodes[node];

	for (size_t i = 0; i < n->children.count; i++)
		if (set[n->children.items[i]])
			return true;
	for (size_t i = 0; i < n->needed_by.count; i++)
		if (set[n->needed_by.items[i]])
			return true;
	return false;
}

/* The ends of SET: what a database that has applied it says. */
static struct oh_indices ends_of(struct point *p, const oh_node_set set)
{
	const struct oh_graph *after = p->l->after;
	struct oh_indices ends = {0};

	for (size_t i = 0; i < after->count; i++)
		if (set[i] && !is_below_some(after, i, set))
			OH_PUSH(&p->scratch, &ends, i);
	return ends;
}

static bool is_plain(struct oh_slice id)
{
	for (size_t i = 0; i < id.len; i++) {
		const char c = id.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
			!memchr("_./,=:%", c, 7))
			return false;
	}
	return id.len;
}

/* ID as a word for a shell; false where it can't be typed. */
static bool add_word(struct oh_arena *arena, struct oh_slices *words, struct oh_slice id)
{
	struct oh_slice word = OH_SLICE("");

	if (is_plain(id)) {
		OH_PUSH(arena, words, id);
		return true;
	}
	if (!id.len || id.ptr[0] == '-' || !oh_slice_eq(oh_slice_printable(arena, id), id))
		return false;
	for (size_t from = 0, to; from < id.len; from = to + 1) {
		to = oh_slice_find_byte(id, '\'', from);
		word = oh_slice_printf(arena, OH_FMT OH_FMT "%s", OH_ARG(word),
			OH_ARG(oh_slice_sub(id, from, to)), to < id.len ? "'\\''" : "");
	}
	OH_PUSH(arena, words, oh_slice_printf(arena, "'" OH_FMT "'", OH_ARG(word)));
	return true;
}

static void add_command(struct point *p, const char *words, const struct oh_indices *nodes)
{
	struct oh_slices command = {0};

	OH_PUSH(&p->scratch, &command, oh_slice_of(words));
	for (size_t i = 0; i < nodes->count; i++)
		if (!add_word(p->l->arena, &command,
			    p->l->after->nodes[nodes->items[i]].migration->id))
			p->is_impossible = true;
	OH_PUSH(p->l->arena, &p->commands, oh_slices_join(p->l->arena, &command, " "));
}

/* Takes into `done` what it has (or has not) and can have by now. Returns how many. */
static size_t grow(struct point *p, bool has, oh_node_set grown)
{
	const struct oh_graph *after = p->l->after;
	size_t count = 0;

	for (size_t i = 0; i < after->order.count; i++) {
		const size_t node = after->order.items[i];

		if (!p->wanted[node] || p->done[node] || !p->has[node] == has ||
			!stands_on(after, node, p->done))
			continue;
		p->done[node] = 1;
		if (grown)
			grown[node] = 1;
		count++;
	}
	return count;
}

static void apply_missing(struct point *p)
{
	oh_node_set batch = oh_arena_alloc(&p->scratch, p->l->after->count);
	struct oh_indices ends;

	if (!grow(p, false, batch))
		p->is_impossible = true;
	ends = ends_of(p, batch);
	for (size_t i = 0; i < ends.count; i++)
		add_command(p, p->l->adapter->upgrade_to_command,
			&(struct oh_indices){&ends.items[i], 1, 1});
}

static bool is_finished(const struct point *p)
{
	return memcmp(p->done, p->wanted, p->l->after->count) == 0;
}

/*
 * What it has and all that lies below is what it goes back to; then it takes turns: it applies
 * what it lacks, as far as that stands on what it has, and writes down what it has above that.
 */
static void find_commands(struct point *p)
{
	struct oh_indices ends;

	grow(p, true, NULL);
	ends = ends_of(p, p->done);
	if (!ends.count)
		p->is_impossible = true;
	else
		add_command(p, p->l->adapter->stamp_only_command, &ends);
	while (!p->is_impossible && !is_finished(p)) {
		size_t before;

		apply_missing(p);
		before = ends_of(p, p->done).count;
		if (!grow(p, true, NULL))
			continue;
		ends = ends_of(p, p->done);
		add_command(p,
			before == 1 && ends.count == 1 ? p->l->adapter->stamp_command
						       : p->l->adapter->stamp_only_command,
			&ends);
	}
}

/* Does it need anything: something inserted below, or other ids? */
static bool needs_mending(struct point *p, const struct oh_slices *rows)
{
	const struct oh_indices ends = ends_of(p, p->has);

	if (memcmp(p->has, p->wanted, p->l->after->count) != 0)
		return true;
	if (ends.count != rows->count)
		return true;
	for (size_t i = 0; i < ends.count; i++)
		if (!oh_slices_contain(rows, p->l->after->nodes[ends.items[i]].migration->id))
			return true;
	return false;
}

/* A database that stands at the nodes ROWS of the line. */
static void add_point(struct mending_line *l, const struct oh_indices *rows)
{
	struct point p = {.l = l};
	struct oh_indices all = {0};
	struct oh_slices ids = {0};

	p.had = oh_graph_ancestors_with_needs(l->line, &p.scratch, rows);
	p.has = oh_arena_alloc(&p.scratch, l->after->count);
	p.done = oh_arena_alloc(&p.scratch, l->after->count);
	for (size_t i = 0; i < l->line->count; i++) {
		if (!p.had[i] || l->now[i] == NOTHING)
			continue;
		if (l->now[i] == GONE) {
			p.is_impossible = true;
			continue;
		}
		p.has[l->now[i]] = 1;
		OH_PUSH(&p.scratch, &all, l->now[i]);
	}
	p.wanted = oh_graph_ancestors_with_needs(l->after, &p.scratch, &all);
	for (size_t i = 0; i < rows->count; i++)
		OH_PUSH(l->arena, &ids, l->line->nodes[rows->items[i]].migration->id);
	if (!p.is_impossible && needs_mending(&p, &ids))
		find_commands(&p);
	if (p.commands.count && !p.is_impossible)
		OH_PUSH(l->arena, &l->mendings,
			(struct oh_mending){oh_slices_join(l->arena, &ids, " and "), p.commands});
	oh_arena_drop(&p.scratch);
}

/* Is there something that is neither below nor above NODE? A database may have that, too. */
static bool has_others_beside(const struct oh_graph *line, size_t node)
{
	struct oh_arena scratch = {0};
	const struct oh_indices one = {&node, 1, 1};
	const oh_node_set below = oh_graph_ancestors_with_needs(line, &scratch, &one);
	oh_node_set above = oh_arena_alloc(&scratch, line->count);
	bool beside = false;

	above[node] = 1;
	for (size_t i = 0; i < line->order.count && !beside; i++) {
		const size_t at = line->order.items[i];
		const struct oh_node *n = &line->nodes[at];

		for (size_t k = 0; k < n->parents.count; k++)
			above[at] |= above[n->parents.items[k]];
		for (size_t k = 0; k < n->needs.count; k++)
			above[at] |= above[n->needs.items[k]];
		beside = !below[at] && !above[at];
	}
	oh_arena_drop(&scratch);
	return beside;
}

static bool is_sound(const struct oh_graph *graph)
{
	return !graph->cycle.count && !graph->needs_cycle.count && !graph->missing.count &&
	       !graph->duplicates.count;
}

struct oh_mendings oh_move_mendings(struct oh_arena *arena, const struct oh_moves *moves,
	const struct oh_snapshot *after, const struct oh_adapter *adapter)
{
	const struct oh_meeting *meeting = moves->request.meeting;
	struct mending_line l = {
		.arena = arena, .moves = moves, .adapter = adapter, .after = &after->graph};

	if (!moves->list.count || !adapter->upgrade_to_command)
		return l.mendings;
	l.line = &meeting->sides[moves->request.moves]->graph;
	if (!is_sound(l.line) || !is_sound(l.after))
		return l.mendings;
	l.now = oh_arena_alloc(arena, l.line->count * sizeof(*l.now));
	for (size_t i = 0; i < l.line->count; i++)
		l.now[i] = now_of(&l, l.line->nodes[i].migration);
	for (size_t i = 0; i < l.line->order.count; i++) {
		size_t node = l.line->order.items[i];
		const struct oh_indices one = {&node, 1, 1};

		if (!oh_snapshot_find(meeting->base, l.line->nodes[node].migration->id) &&
			!has_others_beside(l.line, node))
			add_point(&l, &one);
	}
	if (l.line->effective_heads.count > 1)
		add_point(&l, &l.line->effective_heads);
	return l.mendings;
}

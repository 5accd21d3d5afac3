#include "plan/move.h"

#include <string.h>

/* What a migration of the line is from now on: a node of the graph, or one of these. */
#define NOTHING ((size_t)-1) /* a merge revision that is gone */
#define GONE ((size_t)-2) /* not there, and it did something */

/*
 * One line whose databases are mended, from one place at which a database may stand to the next:
 * nothing lies beside such a place, so that who stands higher has all that who stands lower has.
 * Sets of nodes only grow; and what the lowest has, with all that is below, need not be looked at
 * again for any other.
 */
struct mending_line {
	struct oh_arena *arena;
	struct oh_arena scratch;
	const struct oh_moves *moves;
	const struct oh_adapter *adapter;
	const struct oh_graph *line, *after;
	size_t *now; /* of each node of the line: what it is from now on */
	oh_node_set had; /* by node of the line: what a database there has applied */
	oh_node_set has, wanted; /* by node of AFTER: the same; and all that it should have */
	oh_node_set done; /* what it would say that it has */
	oh_node_set batch; /* what it applies at once */
	bool is_begun, is_impossible;
	struct oh_indices near; /* nodes of AFTER, parents first, but the common ground */
	struct oh_indices ends; /* likewise, sorted, and the ends of the common ground */
	size_t *todo; /* room for a walk through either graph */
	struct oh_mendings mendings;
};

/* One place at which a database stands. */
struct point {
	struct mending_line *l;
	struct oh_slices commands;
	bool is_impossible;
};

/* What is called otherwise, by its old id. */
struct new_names {
	struct oh_map moves, renames; /* to the place in the list, plus one; the first of several */
};

static void note(struct oh_map *map, struct oh_slice id, size_t i)
{
	size_t *at = oh_map_put(map, id);

	if (!*at)
		*at = i + 1;
}

static struct new_names new_names(struct mending_line *l)
{
	struct new_names names = {{.arena = &l->scratch}, {.arena = &l->scratch}};

	for (size_t i = 0; i < l->moves->list.count; i++)
		note(&names.moves, l->moves->list.items[i].migration->id, i);
	for (size_t i = 0; i < l->moves->renames.count; i++)
		note(&names.renames, l->moves->renames.items[i].from, i);
	return names;
}

/* NEXT as oh_graph_find_next has it, of AFTER. */
static size_t now_of(const struct mending_line *l, const struct new_names *names,
	const struct oh_migration *migration, size_t *next)
{
	const size_t *at = oh_map_get(&names->moves, migration->id);
	const struct oh_move *move = at ? &l->moves->list.items[*at - 1] : NULL;
	struct oh_slice id = migration->id;
	size_t node;

	if (move && move->is_dropped && !move->is_twin)
		return NOTHING;
	if (move)
		id = move->is_dropped ? move->instead : move->new_id;
	else if ((at = oh_map_get(&names->renames, id)))
		id = l->moves->renames.items[*at - 1].to;
	node = oh_graph_find_next(l->after, next, id);
	if (node != OH_NO_NODE)
		return node;
	return migration->body.digest.len && migration->body.does_nothing ? NOTHING : GONE;
}

static void find_now(struct mending_line *l)
{
	const struct new_names names = new_names(l);
	size_t next = 0;

	l->now = oh_arena_alloc(&l->scratch, l->line->count * sizeof(*l->now));
	for (size_t i = 0; i < l->line->count; i++)
		l->now[i] = now_of(l, &names, l->line->nodes[i].migration, &next);
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

/* The ends of SET: what a database that has applied it says. SET has all or nothing of the common
 * ground. */
static struct oh_indices ends_of(struct mending_line *l, const oh_node_set set)
{
	struct oh_indices ends = {0};

	for (size_t i = 0; i < l->ends.count; i++) {
		const size_t node = l->ends.items[i];

		if (set[node] && !is_below_some(l->after, node, set))
			OH_PUSH(&l->scratch, &ends, node);
	}
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

	OH_PUSH(&p->l->scratch, &command, oh_slice_of(words));
	for (size_t i = 0; i < nodes->count; i++)
		if (!add_word(p->l->arena, &command,
			    p->l->after->nodes[nodes->items[i]].migration->id))
			p->is_impossible = true;
	OH_PUSH(p->l->arena, &p->commands, oh_slices_join(p->l->arena, &command, " "));
}

/* Takes into `done` what it has (or has not) and can have by now. Returns how many. */
static size_t grow(struct mending_line *l, bool has, oh_node_set grown)
{
	size_t count = 0;

	for (size_t i = 0; i < l->near.count; i++) {
		const size_t node = l->near.items[i];

		if (!l->wanted[node] || l->done[node] || !l->has[node] == has ||
			!stands_on(l->after, node, l->done))
			continue;
		l->done[node] = 1;
		if (grown)
			grown[node] = 1;
		count++;
	}
	return count;
}

static void clear(const struct mending_line *l, oh_node_set set)
{
	for (size_t i = 0; i < l->near.count; i++)
		set[l->near.items[i]] = 0;
}

static void apply_missing(struct point *p)
{
	struct mending_line *l = p->l;
	struct oh_indices ends;

	clear(l, l->batch);
	if (!grow(l, false, l->batch))
		p->is_impossible = true;
	ends = ends_of(l, l->batch);
	for (size_t i = 0; i < ends.count; i++)
		add_command(p, l->adapter->upgrade_to_command,
			&(struct oh_indices){&ends.items[i], 1, 1});
}

/* Is SET all that is wanted? */
static bool is_all(const struct mending_line *l, const oh_node_set set)
{
	for (size_t i = 0; i < l->near.count; i++)
		if (set[l->near.items[i]] != l->wanted[l->near.items[i]])
			return false;
	return true;
}

/*
 * What it has and all that lies below is what it goes back to; then it takes turns: it applies
 * what it lacks, as far as that stands on what it has, and writes down what it has above that.
 */
static void find_commands(struct point *p)
{
	struct mending_line *l = p->l;
	struct oh_indices ends;

	clear(l, l->done);
	grow(l, true, NULL);
	ends = ends_of(l, l->done);
	if (!ends.count)
		p->is_impossible = true;
	else
		add_command(p, l->adapter->stamp_only_command, &ends);
	while (!p->is_impossible && !is_all(l, l->done)) {
		size_t before;

		apply_missing(p);
		before = ends_of(l, l->done).count;
		if (!grow(l, true, NULL))
			continue;
		ends = ends_of(l, l->done);
		add_command(p,
			before == 1 && ends.count == 1 ? l->adapter->stamp_command
						       : l->adapter->stamp_only_command,
			&ends);
	}
}

/* Does it need anything: something inserted below, or other ids? */
static bool needs_mending(struct mending_line *l, const struct oh_slices *rows)
{
	const struct oh_indices ends = ends_of(l, l->has);

	if (!is_all(l, l->has) || ends.count != rows->count)
		return true;
	for (size_t i = 0; i < ends.count; i++)
		if (!oh_slices_contain(rows, l->after->nodes[ends.items[i]].migration->id))
			return true;
	return false;
}

/* Takes NODE into SET, with all that it descends from and needs. What is new there is in `todo`;
 * returns how many. */
static size_t reach(
	struct mending_line *l, const struct oh_graph *graph, oh_node_set set, size_t node)
{
	size_t count = 0;

	if (!set[node])
		l->todo[count++] = node;
	set[node] = 1;
	for (size_t i = 0; i < count; i++) {
		const struct oh_node *n = &graph->nodes[l->todo[i]];
		const struct oh_indices *const below[] = {&n->parents, &n->needs};

		for (size_t k = 0; k < 2; k++)
			for (size_t j = 0; j < below[k]->count; j++)
				if (!set[below[k]->items[j]]) {
					set[below[k]->items[j]] = 1;
					l->todo[count++] = below[k]->items[j];
				}
	}
	return count;
}

/* A database that stands at NODE has that, too. */
static void climb_to(struct mending_line *l, size_t node)
{
	const size_t count = reach(l, l->line, l->had, node);
	struct oh_indices more = {0};

	for (size_t i = 0; i < count; i++) {
		const size_t now = l->now[l->todo[i]];

		l->is_impossible |= now == GONE;
		if (now == GONE || now == NOTHING)
			continue;
		l->has[now] = 1;
		OH_PUSH(&l->scratch, &more, now);
	}
	for (size_t i = 0; i < more.count; i++)
		reach(l, l->after, l->wanted, more.items[i]);
}

/* The common ground: what the lowest place has, with all that is below. */
static void begin(struct mending_line *l)
{
	const struct oh_graph *after = l->after;

	for (size_t i = 0; i < after->order.count; i++) {
		const size_t node = after->order.items[i];

		if (l->has[node] && stands_on(after, node, l->done))
			l->done[node] = 1;
		else
			OH_PUSH(&l->scratch, &l->near, node);
	}
	for (size_t i = 0; i < after->count; i++)
		if (!l->done[i] || !is_below_some(after, i, l->done))
			OH_PUSH(&l->scratch, &l->ends, i);
	l->is_begun = true;
}

/* A database that stands at the nodes ROWS of the line. */
static void add_point(struct mending_line *l, const struct oh_indices *rows)
{
	struct point p = {.l = l};
	struct oh_slices ids = {0};

	for (size_t i = 0; i < rows->count; i++) {
		climb_to(l, rows->items[i]);
		OH_PUSH(l->arena, &ids, l->line->nodes[rows->items[i]].migration->id);
	}
	if (!l->is_begun)
		begin(l);
	if (!l->is_impossible && needs_mending(l, &ids))
		find_commands(&p);
	if (p.commands.count && !p.is_impossible)
		OH_PUSH(l->arena, &l->mendings,
			(struct oh_mending){oh_slices_join(l->arena, &ids, " and "), p.commands});
}

/* Sets MET for what NODE descends from and needs, or for what descends from it and needs it.
 * Returns how many of them were not met before. */
static size_t meet(const struct oh_node *node, bool down, oh_node_set met)
{
	const struct oh_indices *const next[] = {
		down ? &node->parents : &node->children, down ? &node->needs : &node->needed_by};
	size_t count = 0;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < next[k]->count; i++) {
			count += !met[next[k]->items[i]];
			met[next[k]->items[i]] = 1;
		}
	return count;
}

/*
 * Beside which nodes is there something that is neither below nor above? A database may have that,
 * too. In an order with parents first nothing is beside a node that is the only end of all up to
 * it, and the only beginning of all from it on.
 */
static oh_node_set find_beside(struct mending_line *l)
{
	const struct oh_graph *line = l->line;
	oh_node_set beside = oh_arena_alloc(&l->scratch, line->count);
	oh_node_set met[2] = {
		oh_arena_alloc(&l->scratch, line->count), oh_arena_alloc(&l->scratch, line->count)};

	for (int up = 0; up < 2; up++)
		for (size_t i = 0, open = 0; i < line->order.count; i++) {
			const size_t node = line->order.items[up ? line->order.count - 1 - i : i];

			open = open + 1 - meet(&line->nodes[node], !up, met[up]);
			beside[node] |= open != 1;
		}
	return beside;
}

static bool is_sound(const struct oh_graph *graph)
{
	return !graph->cycle.count && !graph->needs_cycle.count && !graph->missing.count &&
	       !graph->duplicates.count;
}

static void begin_line(struct mending_line *l)
{
	const size_t line = l->line->count, after = l->after->count;

	find_now(l);
	l->had = oh_arena_alloc(&l->scratch, line);
	l->has = oh_arena_alloc(&l->scratch, after);
	l->wanted = oh_arena_alloc(&l->scratch, after);
	l->done = oh_arena_alloc(&l->scratch, after);
	l->batch = oh_arena_alloc(&l->scratch, after);
	l->todo = oh_arena_alloc(&l->scratch, (line > after ? line : after) * sizeof(*l->todo));
}

static void add_points(struct mending_line *l, const struct oh_snapshot *base)
{
	const oh_node_set beside = find_beside(l);

	for (size_t i = 0; i < l->line->order.count; i++) {
		size_t node = l->line->order.items[i];

		if (!beside[node] && !oh_snapshot_find(base, l->line->nodes[node].migration->id))
			add_point(l, &(struct oh_indices){&node, 1, 1});
	}
	if (l->line->effective_heads.count > 1)
		add_point(l, &l->line->effective_heads);
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
	begin_line(&l);
	add_points(&l, meeting->base);
	oh_arena_drop(&l.scratch);
	return l.mendings;
}

#include "base/utf8.h"
#include "flow/judge.h"
#include "repo/brought.h"

#define MOST_ID 24
#define MOST_TITLE 30
#define MOST_AUTHOR 30
#define WIDTH 80

/* TEXT fit for a terminal, in at most WIDTH columns; what is cut ends in three points. */
static struct oh_slice clip(struct oh_arena *arena, struct oh_slice text, size_t width)
{
	text = oh_slice_printable(arena, text);
	if (oh_utf8_width(text) <= width)
		return text;
	return oh_slice_printf(arena, OH_FMT "...", OH_ARG(oh_utf8_cut(text, width - 3)));
}

/* TEXT with blanks behind it up to WIDTH columns. */
static struct oh_slice pad(struct oh_arena *arena, struct oh_slice text, size_t width)
{
	const size_t is = oh_utf8_width(text);

	return oh_slice_printf(
		arena, OH_FMT "%*s", OH_ARG(text), (int)(is < width ? width - is : 0), "");
}

/* The answer of git to oh_tell_ask, taken when it is first needed. */
struct oh_authors {
	struct oh_asked asked;
	struct oh_bringers found;
	enum { NOT_ASKED, ASKED, ANSWERED } state;
};

struct oh_authors *oh_authors_new(struct oh_arena *arena)
{
	struct oh_authors *a = oh_arena_alloc(arena, sizeof(*a));

	a->found.by_path.arena = arena;
	return a;
}

static void add_paths(struct oh_arena *arena, const struct oh_graph *graph,
	const struct oh_indices *heads, struct oh_slices *paths)
{
	for (size_t i = 0; i < heads->count; i++)
		OH_PUSH(arena, paths, graph->nodes[heads->items[i]].migration->path);
}

static void add_heads(struct oh_arena *arena, const struct oh_verdict *v, struct oh_slices *paths)
{
	const struct oh_graph *graph = &v->meeting.result->graph;

	for (size_t g = 0; g < v->join.groups.count; g++)
		add_paths(arena, graph, &v->join.groups.items[g], paths);
	add_paths(arena, graph, &v->join.undecided, paths);
	if (v->other)
		add_heads(arena, v->other, paths);
}

/* The commits of all lines since they parted. */
static struct oh_slices revisions_of(struct oh_arena *arena, const struct oh_verdicts *vs)
{
	struct oh_slices revs = {0};

	for (size_t i = 0; i < vs->lines.count; i++)
		if (vs->lines.sides[i].len)
			OH_PUSH(arena, &revs, vs->lines.sides[i]);
	if (!revs.count)
		OH_PUSH(arena, &revs, OH_SLICE("HEAD"));
	for (size_t i = 0; i < vs->bases.count && !vs->lines.one_sided; i++)
		OH_PUSH(arena, &revs,
			oh_slice_printf(arena, "^" OH_FMT, OH_ARG(vs->bases.items[i])));
	return revs;
}

void oh_tell_ask(struct oh_flow *flow, const struct oh_verdicts *vs)
{
	const struct oh_repo_paths *place = oh_repo_paths(flow->repo, NULL);
	const struct oh_slices revs = revisions_of(flow->arena, vs);
	struct oh_slices paths = {0};

	for (size_t i = 0; i < vs->count; i++)
		add_heads(flow->arena, &vs->items[i], &paths);
	if (place && paths.count && vs->authors->state == NOT_ASKED &&
		oh_repo_ask_added_by(
			flow->arena, place->top, &revs, &paths, &vs->authors->asked, NULL))
		vs->authors->state = ASKED;
}

static const struct oh_bringers *authors_of(struct oh_flow *flow, const struct oh_verdicts *vs)
{
	struct oh_authors *a = vs->authors;

	oh_tell_ask(flow, vs);
	if (a->state == ASKED)
		oh_repo_added_by(flow->arena, &a->asked, &a->found, NULL);
	a->state = ANSWERED;
	return &a->found;
}

/* "you", or the name of who added a migration, with the branch it came from. */
static struct oh_slice author_of(struct oh_flow *flow, const struct oh_bringers *authors,
	const struct oh_migration *m, struct oh_slice branch)
{
	const size_t *at = oh_map_get(&authors->by_path, m->path);
	const struct oh_slice mine = oh_repo_config(flow->repo, "user.email");
	const struct oh_bringer *b = at ? &authors->items[*at - 1] : NULL;
	struct oh_slice name;

	if (!b)
		return oh_slice_printable(flow->arena, branch);
	name = mine.len && oh_slice_eq(mine, b->email) ? OH_SLICE("you") : b->author;
	if (branch.len)
		name = oh_slice_printf(
			flow->arena, OH_FMT ", " OH_FMT, OH_ARG(name), OH_ARG(branch));
	return oh_slice_printable(flow->arena, name);
}

/* The side that brought a head: the last one that has it, so that ours is the default. */
static size_t side_with(const struct oh_meeting *m, struct oh_slice id)
{
	size_t found = 0;

	for (size_t s = 0; s < m->side_count; s++)
		if (oh_snapshot_find(m->sides[s], id))
			found = s;
	return found;
}

static size_t at_least(size_t width, struct oh_slice text)
{
	const size_t is = oh_utf8_width(text);

	return is > width ? is : width;
}

/* What is left for titles of a line of which this much is taken. */
static size_t most_title(size_t taken)
{
	const size_t frame = 2 + 6 + 2 + 2 + 2; /* "  theirs  ID  TITLE  WHOSE" */
	const size_t left = WIDTH - frame > taken ? WIDTH - frame - taken : 0;

	return left < 8 ? 8 : left > MOST_TITLE ? MOST_TITLE : left;
}

void oh_tell_heads(struct oh_flow *flow, const struct oh_verdicts *vs, const struct oh_verdict *v,
	const struct oh_indices *heads)
{
	const struct oh_graph *graph = &v->meeting.result->graph;
	const struct oh_bringers *authors = authors_of(flow, vs);
	struct oh_arena *arena = flow->arena;
	struct oh_slice *whose = oh_arena_alloc(arena, (heads->count + 1) * sizeof(*whose));
	size_t id_width = 0, title_width = 0, whose_width = 0, most;

	for (size_t i = 0; i < heads->count; i++) {
		const struct oh_migration *m = graph->nodes[heads->items[i]].migration;
		const size_t side = side_with(&v->meeting, m->id);

		whose[i] = clip(arena,
			author_of(flow, authors, m,
				vs->lines.count ? vs->lines.branches[side] : OH_SLICE("")),
			MOST_AUTHOR);
		whose_width = at_least(whose_width, whose[i]);
		id_width = at_least(id_width, clip(arena, m->id, MOST_ID));
	}
	most = most_title(id_width + whose_width);
	for (size_t i = 0; i < heads->count; i++)
		title_width = at_least(title_width,
			clip(arena, graph->nodes[heads->items[i]].migration->title, most));
	/* Theirs first, as git names what it merges. */
	for (size_t i = heads->count; i-- > 0;) {
		const struct oh_migration *m = graph->nodes[heads->items[i]].migration;
		const char *name =
			vs->lines.count ? vs->lines.names[side_with(&v->meeting, m->id)] : "head";

		oh_say(&flow->report, "  %-6s  " OH_FMT "  " OH_FMT "  " OH_FMT, name,
			OH_ARG(pad(arena, clip(arena, m->id, MOST_ID), id_width)),
			OH_ARG(pad(arena, clip(arena, m->title, most), title_width)),
			OH_ARG(whose[i]));
	}
}

static void add_tables(struct oh_arena *arena, const struct oh_body *body, struct oh_slices *tables)
{
	for (size_t i = 0; i < body->effects.count; i++) {
		const struct oh_slice table = body->effects.items[i].table;

		if (table.len && !oh_slices_contain(tables, table))
			OH_PUSH(arena, tables, table);
	}
}

static void add_unknown(
	struct oh_arena *arena, const struct oh_migration *m, struct oh_slices *unknown)
{
	const struct oh_unknown *first = m->body.unknowns.items;
	const size_t more = m->body.unknowns.count - 1;

	if (!m->body.unknowns.count)
		return;
	OH_PUSH(arena, unknown,
		oh_slice_printf(arena, OH_FMT " (" OH_FMT ":%u%s)", OH_ARG(first->what),
			OH_ARG(clip(arena, oh_path_name(m->path), 36)), first->line,
			more ? ", ..." : ""));
}

static struct oh_slice first_few(struct oh_arena *arena, const struct oh_slices *list, size_t most)
{
	const struct oh_slices few = {list->items, list->count < most ? list->count : most, 0};
	const struct oh_slice text = oh_slice_printable(arena, oh_slices_join(arena, &few, ", "));

	if (list->count <= most)
		return text;
	return oh_slice_printf(
		arena, OH_FMT " and %zu more", OH_ARG(text), list->count - few.count);
}

/* Files of this meeting that no graph and no effect could be read from. */
static void add_unreadables(
	struct oh_arena *arena, const struct oh_meeting *m, struct oh_slices *unknown)
{
	for (size_t i = 0; i < m->result->unreadables.count; i++) {
		const struct oh_unreadable *u = &m->result->unreadables.items[i];
		bool before = false;

		for (size_t k = 0; k < m->base->unreadables.count; k++)
			before = before || oh_slice_eq(m->base->unreadables.items[k].path, u->path);
		if (!before)
			OH_PUSH(arena, unknown,
				oh_slice_printf(arena, OH_FMT " (" OH_FMT ")",
					OH_ARG(clip(arena, oh_path_name(u->path), 36)),
					OH_ARG(u->why)));
	}
}

/* What was looked at for collisions, and what nobody could look at. */
static void tell_compared(struct oh_flow *flow, const struct oh_verdict *v)
{
	struct oh_arena *arena = flow->arena;
	struct oh_slices tables = {0}, unknown = {0};

	for (size_t s = 0; s < v->meeting.side_count; s++) {
		const struct oh_indices brought = oh_meeting_brought(arena, &v->meeting, s);

		for (size_t i = 0; i < brought.count; i++) {
			const struct oh_migration *m =
				v->meeting.sides[s]->graph.nodes[brought.items[i]].migration;

			add_tables(arena, &m->body, &tables);
			add_unknown(arena, m, &unknown);
		}
	}
	add_unreadables(arena, &v->meeting, &unknown);
	oh_slices_sort(&tables);
	if (tables.count)
		oh_say(&flow->report, "  compared: table%s " OH_FMT, tables.count == 1 ? "" : "s",
			OH_ARG(first_few(arena, &tables, 3)));
	if (unknown.count)
		oh_say(&flow->report, "  not compared: " OH_FMT,
			OH_ARG(first_few(arena, &unknown, 1)));
}

static void tell_unreadable(struct oh_flow *flow, const struct oh_verdicts *vs)
{
	for (size_t i = 0; i < vs->unreadables->count; i++) {
		const struct oh_unreadable *u = &vs->unreadables->items[i];

		oh_say(&flow->report, "onehead: not looked at: " OH_FMT ":%u: " OH_FMT,
			OH_ARG(oh_slice_printable(flow->arena, u->path)), u->line,
			OH_ARG(oh_slice_printable(flow->arena, u->why)));
	}
}

static void tell_notes(
	struct oh_flow *flow, const struct oh_verdicts *vs, const struct oh_verdict *v)
{
	for (size_t i = 0; i < v->worse.count; i++)
		if (v->worse.items[i].severity < OH_ERROR)
			oh_tell_finding(flow, &v->worse.items[i]);
	if (v->join.left_alone.count)
		oh_say(&flow->report,
			OH_FMT "%zu heads were forked before this; join them with: onehead merge",
			OH_ARG(oh_graph_prefix(flow->arena, v->meeting.result, vs->count)),
			v->join.left_alone.count);
}

/* A choice that was left to nobody. */
static void tell_unasked(struct oh_flow *flow, const struct oh_verdicts *vs)
{
	for (size_t i = 0; i < vs->count; i++)
		if (vs->items[i].other) {
			oh_say(&flow->report, "  onehead.fork is ask, and nobody could be asked: "
					      "decided as auto");
			return;
		}
}

void oh_tell_joined(struct oh_flow *flow, const struct oh_verdicts *vs, const char *done)
{
	for (size_t i = 0; i < vs->count; i++) {
		const struct oh_verdict *v = &vs->items[i];

		oh_tell_moved(flow, vs, v, done);
		for (size_t g = 0; g < v->joined.count; g++) {
			const struct oh_indices *group = &v->join.groups.items[g];

			oh_say(&flow->report,
				OH_FMT "%zu heads joined by merge revision " OH_FMT ", %s",
				OH_ARG(oh_graph_prefix(flow->arena, v->meeting.result, vs->count)),
				group->count, OH_ARG(v->joined.items[g].id), done);
			oh_tell_heads(flow, vs, v, group);
			if (v->unmoved.len)
				oh_say(&flow->report, "  not moved: " OH_FMT, OH_ARG(v->unmoved));
		}
		if (v->joined.count || v->moves.list.count)
			tell_compared(flow, v);
		tell_notes(flow, vs, v);
	}
	tell_unasked(flow, vs);
	tell_unreadable(flow, vs);
}

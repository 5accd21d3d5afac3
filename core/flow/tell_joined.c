#include "base/utf8.h"
#include "flow/judge.h"

#define MOST_ID 24
#define MOST_TITLE 30

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

/* "you", or the name of who added a migration, with the branch it came from. */
static struct oh_slice author_of(struct oh_flow *flow, const struct oh_verdicts *vs, size_t side,
	const struct oh_migration *m)
{
	struct oh_slice range = vs->lines.sides[side], mine, name;
	struct oh_slice branch = vs->lines.branches[side];
	struct oh_commit commit;
	struct oh_error none = {0};

	if (!range.len)
		return OH_SLICE("");
	if (vs->bases.count)
		range = oh_slice_printf(
			flow->arena, OH_FMT ".." OH_FMT, OH_ARG(vs->bases.items[0]), OH_ARG(range));
	if (!oh_repo_who(flow->repo, flow->arena, range, 'A', m->path, &commit, &none))
		return oh_slice_printable(flow->arena, branch);
	mine = oh_repo_config(flow->repo, "user.email");
	name = mine.len && oh_slice_eq(mine, commit.email) ? OH_SLICE("you") : commit.author;
	return oh_slice_printable(
		flow->arena, branch.len ? oh_slice_printf(flow->arena, OH_FMT ", " OH_FMT,
						  OH_ARG(name), OH_ARG(branch))
					: name);
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

void oh_tell_heads(struct oh_flow *flow, const struct oh_verdicts *vs, const struct oh_verdict *v,
	const struct oh_indices *heads)
{
	const struct oh_graph *graph = &v->meeting.result->graph;
	struct oh_arena *arena = flow->arena;
	size_t id_width = 0, title_width = 0;

	for (size_t i = 0; i < heads->count; i++) {
		const struct oh_migration *m = graph->nodes[heads->items[i]].migration;

		id_width = at_least(id_width, clip(arena, m->id, MOST_ID));
		title_width = at_least(title_width, clip(arena, m->title, MOST_TITLE));
	}
	/* Theirs first, as git names what it merges. */
	for (size_t i = heads->count; i-- > 0;) {
		const struct oh_migration *m = graph->nodes[heads->items[i]].migration;
		const size_t side = side_with(&v->meeting, m->id);
		const char *name = vs->lines.count ? vs->lines.names[side] : "head";

		oh_say(&flow->report, "  %-6s  " OH_FMT "  " OH_FMT "  " OH_FMT, name,
			OH_ARG(pad(arena, clip(arena, m->id, MOST_ID), id_width)),
			OH_ARG(pad(arena, clip(arena, m->title, MOST_TITLE), title_width)),
			OH_ARG(author_of(flow, vs, side, m)));
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

void oh_tell_joined(struct oh_flow *flow, const struct oh_verdicts *vs, const char *done)
{
	for (size_t i = 0; i < vs->count; i++) {
		const struct oh_verdict *v = &vs->items[i];

		for (size_t g = 0; g < v->joined.count; g++) {
			const struct oh_indices *group = &v->join.groups.items[g];

			oh_say(&flow->report,
				OH_FMT "%zu heads joined by merge revision " OH_FMT ", %s",
				OH_ARG(oh_graph_prefix(flow->arena, v->meeting.result, vs->count)),
				group->count, OH_ARG(v->joined.items[g].id), done);
			oh_tell_heads(flow, vs, v, group);
		}
		if (v->joined.count)
			tell_compared(flow, v);
		tell_notes(flow, vs, v);
	}
	tell_unreadable(flow, vs);
}

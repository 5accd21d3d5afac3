#include "flow/judge.h"

#include "base/buf.h"

#define MOST_MENTIONS 5
#define COLUMNS 80
#define MOST_MENDINGS 8 /* each by itself: two lines a point */

static size_t count_kept(const struct oh_moves *moves)
{
	size_t n = 0;

	for (size_t i = 0; i < moves->list.count; i++)
		n += !moves->list.items[i].is_dropped;
	return n;
}

static void tell_dropped(struct oh_flow *flow, const struct oh_move *move)
{
	const struct oh_slice id = oh_slice_printable(flow->arena, move->migration->id);

	if (oh_slice_eq(move->migration->id, move->instead))
		oh_say(&flow->report, "  " OH_FMT "  is in two files: " OH_FMT " is dropped",
			OH_ARG(id),
			OH_ARG(oh_slice_printable(
				flow->arena, oh_path_name(move->migration->path))));
	else
		oh_say(&flow->report, "  " OH_FMT "  is dropped: " OH_FMT " is there for it",
			OH_ARG(id), OH_ARG(oh_slice_printable(flow->arena, move->instead)));
}

/* "011_a becomes 012_a", "b1 now after a1", "0091_b is dropped: 0092_b is there for it". */
static void tell_move(struct oh_flow *flow, const struct oh_move *move)
{
	const struct oh_slice id = oh_slice_printable(flow->arena, move->migration->id);
	const struct oh_slice new_id = oh_slice_printable(flow->arena, move->new_id);

	if (move->is_dropped)
		tell_dropped(flow, move);
	else if (oh_slice_eq(move->migration->id, move->new_id))
		oh_say(&flow->report, "  " OH_FMT "  now after " OH_FMT, OH_ARG(id),
			OH_ARG(oh_slice_printable(
				flow->arena, oh_slices_join(flow->arena, &move->parents, ", "))));
	else
		oh_say(&flow->report, "  " OH_FMT "  becomes " OH_FMT, OH_ARG(id), OH_ARG(new_id));
}

/* Where else the old ids are named, outside of the script directory: for the user to look at. */
static void tell_mentions(struct oh_flow *flow, const struct oh_verdict *v)
{
	struct {
		const char **items;
		size_t count, capacity;
	} argv = {0};
	struct oh_slice found, line;
	size_t n = 0;

	if (!v->moves.renames.count)
		return;
	for (const char *const *word = (const char *const[]){"git", "grep", "--cached", "-n", "-I",
		     "-w", "-F", "--full-name", NULL};
		*word; word++)
		OH_PUSH(flow->arena, &argv, *word);
	for (size_t i = 0; i < v->moves.renames.count; i++) {
		OH_PUSH(flow->arena, &argv, "-e");
		OH_PUSH(flow->arena, &argv,
			oh_slice_str(flow->arena, v->moves.renames.items[i].from));
	}
	OH_PUSH(flow->arena, &argv, NULL);
	if (!oh_repo_git(flow->repo, flow->arena, argv.items, OH_SLICE(""), &found, NULL))
		return; /* nothing is found */
	while (oh_slice_next_line(&found, &line)) {
		struct oh_slice path, number;

		if (!oh_slice_next(&line, ':', &path) || !oh_slice_next(&line, ':', &number) ||
			oh_slice_has_prefix(path, v->after->location.directory))
			continue;
		if (n++ < MOST_MENTIONS)
			oh_say(&flow->report, "  an old id is named in " OH_FMT ":" OH_FMT,
				OH_ARG(oh_slice_printable(flow->arena, path)), OH_ARG(number));
	}
	if (n > MOST_MENTIONS)
		oh_say(&flow->report, "  ... and in %zu more places", n - MOST_MENTIONS);
}

/* Where both lines have given one id, what it has become says which of them. */
static struct oh_slice new_name_of_clash(
	struct oh_arena *arena, const struct oh_verdict *v, struct oh_slice id)
{
	const struct oh_snapshot *stays = v->meeting.sides[1 - v->mover];

	for (size_t i = 0; i < v->moves.list.count; i++) {
		const struct oh_move *m = &v->moves.list.items[i];

		if (!m->is_dropped && oh_slice_eq(m->migration->id, id) &&
			!oh_slice_eq(m->new_id, id) && oh_snapshot_find(stays, id))
			return oh_slice_printf(arena, " (now " OH_FMT ")",
				OH_ARG(oh_slice_printable(arena, m->new_id)));
	}
	return OH_SLICE("");
}

/* As a shell takes them, on lines that fit a terminal where each of them does. */
static struct oh_slice join_commands(struct oh_arena *arena, const struct oh_slices *commands)
{
	struct oh_buf text = {.arena = arena};
	size_t column = 4;

	for (size_t i = 0; i < commands->count; i++) {
		const struct oh_slice word = oh_slice_printable(arena, commands->items[i]);

		if (i && column + 6 + word.len > COLUMNS) {
			oh_buf_add(&text, OH_SLICE(" \\\n      && "));
			column = 9;
		} else if (i) {
			oh_buf_add(&text, OH_SLICE(" && "));
			column += 4;
		}
		oh_buf_add(&text, word);
		column += word.len;
	}
	return oh_buf_slice(&text);
}

static void tell_mending(
	struct oh_flow *flow, const struct oh_verdict *v, const struct oh_mending *m)
{
	oh_say(&flow->report,
		"  a database that has run " OH_FMT OH_FMT " without the others needs:",
		OH_ARG(oh_slice_printable(flow->arena, m->applied)),
		OH_ARG(new_name_of_clash(flow->arena, v, m->applied)));
	oh_say(&flow->report, "    " OH_FMT, OH_ARG(join_commands(flow->arena, &m->commands)));
}

/* Do they differ in nothing but the id that the last command ends with? */
static bool are_alike(const struct oh_mending *a, const struct oh_mending *b)
{
	const size_t last = a->commands.count - 1;
	struct oh_slice x, y;

	if (a->commands.count != b->commands.count)
		return false;
	for (size_t i = 0; i < last; i++)
		if (!oh_slice_eq(a->commands.items[i], b->commands.items[i]))
			return false;
	x = a->commands.items[last];
	y = b->commands.items[last];
	x.len = oh_slice_rfind_byte(x, ' ');
	y.len = oh_slice_rfind_byte(y, ' ');
	return oh_slice_eq(x, y);
}

/* How many at the front are like the last one: of a long line that one tells it all. */
static size_t count_alike(const struct oh_mendings *all)
{
	size_t n = 0;

	while (n + 1 < all->count && are_alike(&all->items[n], &all->items[all->count - 1]))
		n++;
	return n;
}

static void tell_mendings(struct oh_flow *flow, const struct oh_verdict *v)
{
	const struct oh_mendings *all = &v->mendings;
	const size_t alike = all->count > MOST_MENDINGS ? count_alike(all) : 0;

	for (size_t i = alike; i < all->count; i++)
		tell_mending(flow, v, &all->items[i]);
	if (alike)
		oh_say(&flow->report,
			"  one that stopped before, at any of the %zu from " OH_FMT
			" on: the same, with\n    the id that this one has now as the last word",
			alike, OH_ARG(oh_slice_printable(flow->arena, all->items[0].applied)));
}

void oh_tell_moved(struct oh_flow *flow, const struct oh_verdicts *vs, const struct oh_verdict *v,
	const char *done)
{
	const size_t kept = count_kept(&v->moves);

	if (!v->moves.list.count)
		return;
	if (kept)
		oh_say(&flow->report, OH_FMT "%zu migration%s moved on top of " OH_FMT "%s%s",
			OH_ARG(oh_graph_prefix(flow->arena, v->after, vs->count)), kept,
			kept == 1 ? "" : "s",
			OH_ARG(oh_slice_printable(flow->arena, v->moves.onto)), *done ? ", " : "",
			done);
	else
		oh_say(&flow->report, OH_FMT "%zu migration%s dropped, already there%s%s",
			OH_ARG(oh_graph_prefix(flow->arena, v->after, vs->count)),
			v->moves.list.count, v->moves.list.count == 1 ? "" : "s", *done ? ", " : "",
			done);
	for (size_t i = 0; i < v->moves.list.count; i++)
		tell_move(flow, &v->moves.list.items[i]);
	tell_mentions(flow, v);
	tell_mendings(flow, v);
}

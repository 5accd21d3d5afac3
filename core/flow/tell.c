#include "flow/judge.h"

#include <string.h>

struct oh_slice oh_graph_prefix(
	struct oh_arena *arena, const struct oh_snapshot *snapshot, size_t graph_count)
{
	if (graph_count < 2)
		return OH_SLICE("onehead: ");
	return oh_slice_printf(arena, "onehead: " OH_FMT ": ",
		OH_ARG(oh_slice_printable(arena, snapshot->location.directory)));
}

/* TEXT in at most WIDTH columns; what is cut ends in an ellipsis. Bytes count as columns. */
static struct oh_slice clip(struct oh_arena *arena, struct oh_slice text, size_t width)
{
	size_t end = width - 3;

	text = oh_slice_printable(arena, text);
	if (text.len <= width)
		return text;
	while (end && ((unsigned char)text.ptr[end] & 0xc0) == 0x80)
		end--;
	return oh_slice_printf(arena, OH_FMT "...", OH_ARG(oh_slice_sub(text, 0, end)));
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

static void tell_head(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_verdict *v, const struct oh_migration *head)
{
	const size_t side = side_with(&v->meeting, head->id);
	struct oh_arena *arena = flow->arena;

	oh_say(&flow->report, "  %-7s " OH_FMT "  " OH_FMT "  " OH_FMT,
		vs->lines.names[side] ? vs->lines.names[side] : "",
		OH_ARG(clip(arena, head->id, 24)), OH_ARG(clip(arena, head->title, 30)),
		OH_ARG(author_of(flow, vs, side, head)));
}

static void add_tables(struct oh_arena *arena, const struct oh_body *body, struct oh_slices *tables)
{
	for (size_t i = 0; i < body->effects.count; i++) {
		const struct oh_slice table = body->effects.items[i].table;

		if (table.len && !oh_slices_contain(tables, table))
			OH_PUSH(arena, tables, table);
	}
}

static void add_unknowns(
	struct oh_arena *arena, const struct oh_migration *m, struct oh_slices *unknown)
{
	for (size_t i = 0; i < m->body.unknowns.count; i++) {
		const struct oh_unknown *u = &m->body.unknowns.items[i];

		OH_PUSH(arena, unknown,
			oh_slice_printf(arena, OH_FMT " (" OH_FMT ":%u)", OH_ARG(u->what),
				OH_ARG(clip(arena, oh_path_name(m->path), 36)), u->line));
	}
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
			add_unknowns(arena, m, &unknown);
		}
	}
	oh_slices_sort(&tables);
	if (tables.count)
		oh_say(&flow->report, "  compared: table%s " OH_FMT, tables.count == 1 ? "" : "s",
			OH_ARG(first_few(arena, &tables, 4)));
	if (unknown.count)
		oh_say(&flow->report, "  not compared: " OH_FMT,
			OH_ARG(first_few(arena, &unknown, 2)));
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
			for (size_t k = group->count; k-- > 0;)
				tell_head(flow, vs, v,
					v->meeting.result->graph.nodes[group->items[k]].migration);
		}
		if (v->joined.count)
			tell_compared(flow, v);
		tell_notes(flow, vs, v);
	}
	tell_unreadable(flow, vs);
}

void oh_tell_finding(struct oh_flow *flow, const struct oh_finding *f)
{
	static const char *const words[] = {"note", "warning", "error"};
	struct oh_arena *arena = flow->arena;
	const struct oh_slice path = oh_slice_printable(arena, f->path);

	if (path.len && f->line)
		oh_say(&flow->report, OH_FMT ":%u: %s %s: " OH_FMT, OH_ARG(path), f->line, f->rule,
			words[f->severity], OH_ARG(f->message));
	else
		oh_say(&flow->report, OH_FMT "%s%s %s: " OH_FMT, OH_ARG(path), path.len ? ": " : "",
			f->rule, words[f->severity], OH_ARG(f->message));
	for (size_t i = 0; i < f->details.count; i++)
		oh_say(&flow->report, "  " OH_FMT, OH_ARG(f->details.items[i]));
	if (f->fix.len)
		oh_say(&flow->report, "  fix: " OH_FMT, OH_ARG(f->fix));
}

static bool is_collision(const struct oh_finding *f)
{
	return strcmp(f->rule, "collision") == 0;
}

static void tell_stop(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_verdict *v, const struct oh_finding *f, const char *what)
{
	oh_say(&flow->report, OH_FMT "STOPPED, %s: " OH_FMT,
		OH_ARG(oh_graph_prefix(flow->arena, v->meeting.result, vs->count)), what,
		OH_ARG(f->message));
	if (!f->details.count && f->path.len)
		oh_say(&flow->report, "  " OH_FMT ":%u",
			OH_ARG(oh_slice_printable(flow->arena, f->path)), f->line);
	for (size_t i = 0; i < f->details.count; i++)
		oh_say(&flow->report, "  " OH_FMT, OH_ARG(f->details.items[i]));
	if (f->fix.len && !is_collision(f))
		oh_say(&flow->report, "  fix: " OH_FMT, OH_ARG(f->fix));
}

static void tell_undecided(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_verdict *v, const char *what)
{
	oh_say(&flow->report,
		OH_FMT "STOPPED, %s: %zu heads, and it can't be told which belong together",
		OH_ARG(oh_graph_prefix(flow->arena, v->meeting.result, vs->count)), what,
		v->join.undecided.count);
	for (size_t i = 0; i < v->join.undecided.count; i++)
		tell_head(flow, vs, v,
			v->meeting.result->graph.nodes[v->join.undecided.items[i]].migration);
	oh_say(&flow->report, "  fix: write the merge revision of those that belong together");
}

void oh_tell_stopped(struct oh_flow *flow, const struct oh_verdicts *vs, const char *what)
{
	for (size_t i = 0; i < vs->count; i++) {
		const struct oh_verdict *v = &vs->items[i];

		for (size_t k = 0; k < v->worse.count; k++)
			if (v->worse.items[k].severity >= OH_ERROR)
				tell_stop(flow, vs, v, &v->worse.items[k], what);
		if (v->join.undecided.count)
			tell_undecided(flow, vs, v, what);
	}
	flow->report.status = OH_FINDINGS;
}

/* The rule of the first finding that stops, NULL where none does. */
static const char *first_rule(const struct oh_verdicts *vs)
{
	for (size_t i = 0; i < vs->count; i++)
		for (size_t k = 0; k < vs->items[i].worse.count; k++)
			if (vs->items[i].worse.items[k].severity >= OH_ERROR)
				return vs->items[i].worse.items[k].rule;
	return NULL;
}

void oh_tell_ways(struct oh_flow *flow, const struct oh_verdicts *vs, bool in_merge)
{
	const char *rule = first_rule(vs);

	if (!in_merge && rule)
		oh_say(&flow->report, "  to commit it as it is: ONEHEAD_SKIP=%s git commit", rule);
	if (!in_merge)
		return;
	oh_say(&flow->report, "  choose: git merge --abort                        go back");
	if (rule && (strcmp(rule, "collision") == 0 || strcmp(rule, "twins") == 0))
		oh_say(&flow->report,
			"          onehead resolve --merge && git commit    join them as they are");
	else
		oh_say(&flow->report,
			"          mend the files, git add, git commit      onehead looks again");
}

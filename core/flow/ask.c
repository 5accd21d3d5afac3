#include "flow/ask.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "flow/terminal.h"

#define MOST_ID 15 /* columns: two of them and the words around fit 80 */

static bool has_choice(const struct oh_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		if (verdicts->items[i].other)
			return true;
	return false;
}

bool oh_choice_is_open(const struct oh_verdicts *verdicts)
{
	return has_choice(verdicts) && oh_terminal_is_there();
}

static const struct oh_verdict *joining(const struct oh_verdict *v)
{
	return v->moves.list.count ? v->other : v;
}

static const struct oh_verdict *moving(const struct oh_verdict *v)
{
	return v->moves.list.count ? v : v->other;
}

static struct oh_slice clip(struct oh_arena *arena, struct oh_slice id)
{
	id = oh_slice_printable(arena, id);
	return oh_utf8_width(id) <= MOST_ID
		       ? id
		       : oh_slice_printf(arena, OH_FMT "...", OH_ARG(oh_utf8_cut(id, MOST_ID - 3)));
}

/* "ours moves on top of theirs: 003_mine becomes 004_mine" */
static struct oh_slice describe_move(
	struct oh_arena *arena, const struct oh_verdicts *vs, const struct oh_verdict *v)
{
	const struct oh_move *first = &v->moves.list.items[0];
	const char *mover = vs->lines.names[v->mover], *other = vs->lines.names[1 - v->mover];
	const bool renamed = !oh_slice_eq(first->migration->id, first->new_id);

	if (v->moves.list.count > 1 || first->is_dropped)
		return oh_slice_printf(arena, "%s moves on top of %s: %zu migration%s", mover,
			other, v->moves.list.count, v->moves.list.count == 1 ? "" : "s");
	return oh_slice_printf(arena, "%s moves on top of %s: " OH_FMT " %s " OH_FMT, mover, other,
		OH_ARG(clip(arena, first->migration->id)), renamed ? "becomes" : "now after",
		OH_ARG(clip(arena, renamed ? first->new_id : v->moves.onto)));
}

/* The lines of the report since SAID, taken out of it. */
static struct oh_slice take_lines(struct oh_flow *flow, size_t said)
{
	struct oh_buf text = {.arena = flow->arena};

	for (size_t i = said; i < flow->report.lines.count; i++)
		oh_buf_addf(&text, OH_FMT "\n", OH_ARG(flow->report.lines.items[i]));
	flow->report.lines.count = said;
	return oh_buf_slice(&text);
}

static struct oh_slice question(
	struct oh_flow *flow, const struct oh_verdicts *vs, const struct oh_verdict *v)
{
	const struct oh_verdict *join = joining(v);
	const size_t said = flow->report.lines.count;

	oh_say(&flow->report, OH_FMT "2 heads, and two sound ways to one (onehead.fork is ask)",
		OH_ARG(oh_graph_prefix(flow->arena, v->meeting.result, vs->count)));
	oh_tell_heads(flow, vs, join, &join->join.groups.items[0]);
	oh_say(&flow->report, "  merge   a merge revision joins them; both stay as they are");
	oh_say(&flow->report, "  linear  " OH_FMT,
		OH_ARG(describe_move(flow->arena, vs, moving(v))));
	return take_lines(flow, said);
}

/* What was typed means one of the two, by its first letters. */
static bool understand(struct oh_slice line, bool default_moves, bool *moves)
{
	line = oh_slice_trim(line);
	*moves = default_moves;
	if (!line.len)
		return true;
	*moves = oh_slice_has_prefix(OH_SLICE("linear"), line);
	return *moves || oh_slice_has_prefix(OH_SLICE("merge"), line);
}

static bool ask(struct oh_flow *flow, struct oh_terminal *terminal, const struct oh_verdicts *vs,
	struct oh_verdict *v)
{
	const bool default_moves = v->moves.list.count > 0;
	const struct oh_slice prompt = oh_slice_printf(
		flow->arena, "onehead: merge or linear? [%s] ", default_moves ? "linear" : "merge");
	struct oh_slice line;
	bool moves;

	oh_terminal_say(terminal, question(flow, vs, v));
	do {
		oh_terminal_say(terminal, prompt);
		if (!oh_terminal_hear(terminal, flow->arena, &line))
			return false;
	} while (!understand(line, default_moves, &moves));
	if (moves != default_moves)
		*v = *v->other;
	v->other = NULL;
	return true;
}

void oh_choose(struct oh_flow *flow, struct oh_verdicts *verdicts, bool *done)
{
	struct oh_terminal terminal;

	*done = true;
	if (!has_choice(verdicts) || !oh_terminal_open(&terminal))
		return;
	for (size_t i = 0; i < verdicts->count && *done; i++)
		if (verdicts->items[i].other)
			*done = ask(flow, &terminal, verdicts, &verdicts->items[i]);
	if (!*done) {
		oh_terminal_say(&terminal, OH_SLICE("\n"));
		oh_say(&flow->report, "onehead: no answer, nothing done");
		flow->report.status = OH_FINDINGS;
	}
	oh_terminal_close(&terminal);
}

void oh_tell_choice(struct oh_flow *flow, const struct oh_verdicts *vs)
{
	for (size_t i = 0; i < vs->count; i++) {
		const struct oh_verdict *v = &vs->items[i];

		if (!v->other)
			continue;
		oh_say(&flow->report,
			OH_FMT "STOPPED, nothing committed: two sound ways (onehead.fork is ask)",
			OH_ARG(oh_graph_prefix(flow->arena, v->meeting.result, vs->count)));
		oh_tell_heads(flow, vs, joining(v), &joining(v)->join.groups.items[0]);
		oh_say(&flow->report, "  linear: " OH_FMT,
			OH_ARG(describe_move(flow->arena, vs, moving(v))));
	}
	oh_say(&flow->report, "  choose: git commit                               asks which");
	oh_say(&flow->report, "          onehead resolve --merge && git commit    join them");
	oh_say(&flow->report, "          onehead resolve --linear && git commit   move one");
	oh_say(&flow->report, "          git merge --abort                        go back");
	flow->report.status = OH_FINDINGS;
}

void oh_tell_unasked(struct oh_flow *flow, const struct oh_verdicts *vs)
{
	if (has_choice(vs))
		oh_say(&flow->report, "would ask first (onehead.fork is ask): this is what Enter "
				      "takes");
}

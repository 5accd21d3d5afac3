#include "flow/judge.h"

#include "flow/lines.h"
#include "flow/pick.h"

#include <string.h>

struct oh_slice oh_graph_prefix(
	struct oh_arena *arena, const struct oh_snapshot *snapshot, size_t graph_count)
{
	if (graph_count < 2)
		return OH_SLICE("onehead: ");
	return oh_slice_printf(arena, "onehead: " OH_FMT ": ",
		OH_ARG(oh_slice_printable(arena, snapshot->location.directory)));
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

static bool is_twins(const struct oh_finding *f)
{
	return strcmp(f->rule, "twins") == 0;
}

static void tell_stop(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_verdict *v, const struct oh_finding *f, const char *what)
{
	oh_say(&flow->report, OH_FMT "STOPPED, %s: " OH_FMT,
		OH_ARG(oh_graph_prefix(flow->arena, v->meeting.result, vs->count)), what,
		OH_ARG(f->message));
	if (!f->details.count && f->path.len && f->line)
		oh_say(&flow->report, "  " OH_FMT ":%u",
			OH_ARG(oh_slice_printable(flow->arena, f->path)), f->line);
	else if (!f->details.count && f->path.len)
		oh_say(&flow->report, "  " OH_FMT,
			OH_ARG(oh_slice_printable(flow->arena, f->path)));
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
	oh_tell_heads(flow, vs, v, &v->join.undecided);
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

bool oh_verdicts_may_be_accepted(const struct oh_verdicts *vs)
{
	for (size_t i = 0; i < vs->count; i++) {
		const struct oh_findings *worse = &vs->items[i].worse;

		if (vs->items[i].join.undecided.count)
			return false;
		for (size_t k = 0; k < worse->count; k++)
			if (worse->items[k].severity >= OH_ERROR &&
				!is_collision(&worse->items[k]) && !is_twins(&worse->items[k]))
				return false;
	}
	return true;
}

/* Is it known that one of the lines may go on top of the other? */
static bool may_move(const struct oh_verdicts *vs)
{
	for (size_t i = 0; i < vs->count; i++)
		if (vs->items[i].moves.list.count)
			return true;
	return false;
}

void oh_tell_ways(struct oh_flow *flow, const struct oh_verdicts *vs, bool in_merge)
{
	const char *rule = first_rule(vs);
	struct oh_pick pick;

	if (vs->lines.picked && oh_replay_state(flow) && oh_pick_find(flow, &pick))
		oh_say(&flow->report, "  go back: git %s --abort", pick.command);
	if (!in_merge && rule)
		oh_say(&flow->report, "  to commit it as it is: ONEHEAD_SKIP=%s git commit", rule);
	if (!in_merge)
		return;
	oh_say(&flow->report, "  choose: git merge --abort                        go back");
	if (rule && strcmp(rule, "collision") == 0 && may_move(vs))
		oh_say(&flow->report,
			"          onehead resolve --linear && git commit   one after the other");
	if (rule && (strcmp(rule, "collision") == 0 || strcmp(rule, "twins") == 0))
		oh_say(&flow->report,
			"          onehead resolve --merge && git commit    join them as they are");
	else
		oh_say(&flow->report,
			"          mend the files, git add, git commit      onehead looks again");
}

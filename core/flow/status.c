#include "flow/commands.h"

#include "db/db.h"
#include "flow/judge.h"
#include "flow/lines.h"
#include "flow/look.h"
#include "flow/target.h"
#include "model/lock.h"

#include <string.h>

/* One graph, here and where it is bound for. */
struct row {
	const struct oh_snapshot *yours, *theirs;
	struct oh_slice graph, your_heads, their_heads, state;
};

struct standing {
	struct oh_flow *flow;
	struct oh_target target;
	struct oh_tree yours, theirs;
	struct {
		struct row *items;
		size_t count, capacity;
	} rows;
	bool forked, behind, several, broken;
};

static struct oh_slice heads_of(struct oh_arena *arena, const struct oh_snapshot *s)
{
	struct oh_slices heads = {0};

	for (size_t i = 0; i < s->graph.heads.count; i++)
		OH_PUSH(arena, &heads, s->graph.nodes[s->graph.heads.items[i]].migration->id);
	if (!heads.count)
		return OH_SLICE("-");
	return oh_slice_printable(arena, oh_slices_join(arena, &heads, " "));
}

/* How many migrations of A are not in B. */
static size_t count_only_in(const struct oh_snapshot *a, const struct oh_snapshot *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->graph.count; i++)
		n += oh_graph_find(&b->graph, a->graph.nodes[i].migration->id) == OH_NO_NODE;
	return n;
}

/* The newest migration that both have, where the lines part. */
static struct oh_slice fork_point(const struct oh_snapshot *a, const struct oh_snapshot *b)
{
	struct oh_slice found = OH_SLICE("the start");

	for (size_t i = 0; i < a->graph.order.count; i++) {
		const struct oh_slice id = a->graph.nodes[a->graph.order.items[i]].migration->id;

		if (oh_graph_find(&b->graph, id) != OH_NO_NODE)
			found = id;
	}
	return found;
}

static struct oh_slice state_of(struct standing *st, const struct row *r)
{
	struct oh_arena *arena = st->flow->arena;
	const struct oh_families own = oh_graph_forked_heads(&r->yours->graph, arena);
	size_t mine, others;

	if (oh_graph_lacks_parent(&r->yours->graph)) {
		st->broken = true;
		return OH_SLICE("a parent is missing");
	}
	if (own.count) {
		st->several = true;
		return oh_slice_printf(arena, "%zu heads here", own.items[0].count);
	}
	if (!st->target.name.len)
		return OH_SLICE("one head");
	mine = count_only_in(r->yours, r->theirs);
	others = count_only_in(r->theirs, r->yours);
	if (mine && others) {
		st->forked = true;
		return oh_slice_printf(arena, "forked at " OH_FMT ": %zu yours, %zu theirs",
			OH_ARG(oh_slice_printable(arena, fork_point(r->yours, r->theirs))), mine,
			others);
	}
	st->behind = st->behind || others;
	if (others)
		return oh_slice_printf(arena, "%zu behind", others);
	return mine ? oh_slice_printf(arena, "%zu ahead", mine) : OH_SLICE("same");
}

static bool load_target(struct standing *st, struct oh_slices configs, struct oh_error *err)
{
	struct oh_loader loader = {.arena = st->flow->arena,
		.depth = OH_READ_GRAPH,
		.configs = configs,
		.without_locks = true};
	struct oh_source *source;

	return oh_repo_tree(st->flow->repo, st->target.commit, &source, err) &&
	       oh_load_tree(&loader, source, &st->theirs, err);
}

static bool load_yours(struct standing *st, struct oh_slices *configs, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(st->flow->repo, err);
	struct oh_loader loader = {.arena = st->flow->arena, .depth = OH_READ_TEXT};

	if (!paths || !oh_find_configs(st->flow->repo, st->flow->arena, NULL, configs, err))
		return false;
	loader.configs = *configs;
	loader.root = paths->top;
	return oh_load_tree(
		&loader, oh_directory_source(st->flow->arena, paths->top), &st->yours, err);
}

static size_t widest(size_t width, struct oh_slice s)
{
	return s.len > width ? s.len : width;
}

static void say_rows(struct standing *st)
{
	size_t graph = 5, yours = 5, theirs = widest(6, st->target.name);

	for (size_t i = 0; i < st->rows.count; i++) {
		graph = widest(graph, st->rows.items[i].graph);
		yours = widest(yours, st->rows.items[i].your_heads);
		theirs = widest(theirs, st->rows.items[i].their_heads);
	}
	oh_say(&st->flow->report, "%-*s  %-*s  %-*.*s  state", (int)graph, "graph", (int)yours,
		"yours", (int)theirs, (int)(st->target.name.len ? st->target.name.len : 6),
		st->target.name.len ? st->target.name.ptr : "target");
	for (size_t i = 0; i < st->rows.count; i++) {
		const struct row *r = &st->rows.items[i];

		oh_say(&st->flow->report, "%-*.*s  %-*.*s  %-*.*s  " OH_FMT, (int)graph,
			OH_ARG(r->graph), (int)yours, OH_ARG(r->your_heads), (int)theirs,
			OH_ARG(r->their_heads), OH_ARG(r->state));
	}
}

static void say_target(struct standing *st)
{
	struct oh_arena *arena = st->flow->arena;

	if (!st->target.name.len)
		oh_say(&st->flow->report,
			"target unknown; name it: git config onehead.target origin/main");
	else if (st->target.fetched < 0)
		oh_say(&st->flow->report, "target " OH_FMT " (from %s)",
			OH_ARG(oh_slice_printable(arena, st->target.name)), st->target.from);
	else
		oh_say(&st->flow->report, "target " OH_FMT " (from %s), fetched " OH_FMT,
			OH_ARG(oh_slice_printable(arena, st->target.name)), st->target.from,
			OH_ARG(oh_age(arena, st->target.fetched)));
}

/* Migrations that a database at APPLIED has still before it; OH_NO_NODE where it is at one that
 * is not here. */
static size_t count_pending(
	struct oh_arena *arena, const struct oh_graph *g, const struct oh_slices *applied)
{
	struct oh_indices at = {0};
	oh_node_set done;
	size_t n = 0;

	for (size_t i = 0; i < applied->count; i++) {
		const size_t node = oh_graph_find(g, applied->items[i]);

		if (node == OH_NO_NODE)
			return OH_NO_NODE;
		OH_PUSH(arena, &at, node);
	}
	done = oh_graph_ancestors_with_needs(g, arena, &at);
	for (size_t i = 0; i < g->count; i++)
		n += !done[i];
	return n;
}

static struct oh_slice describe_applied(struct oh_arena *arena, const struct oh_slices *applied)
{
	if (!applied->count)
		return OH_SLICE("empty");
	return oh_slice_printf(arena, "at " OH_FMT,
		OH_ARG(oh_slice_printable(arena, oh_slices_join(arena, applied, " "))));
}

/* Only a database that the user's own git configuration names is ever reached. */
static bool say_database(struct standing *st, bool *pending)
{
	const struct oh_slice url = oh_repo_config(st->flow->repo, "onehead.database");
	const struct oh_repo_paths *paths = oh_repo_paths(st->flow->repo, NULL);
	struct oh_arena *arena = st->flow->arena;
	const struct oh_adapter *adapter;
	struct oh_slices applied = {0};
	struct oh_error err = {0};
	struct oh_db *db;
	size_t n;

	if (!url.len || !paths || !st->yours.count)
		return false;
	adapter = oh_adapter_named(st->yours.items[0].location.system);
	if (!oh_db_open(&db, arena, url, paths->top, &err)) {
		oh_say(&st->flow->report, "database not read: %s", err.message);
		return true;
	}
	if (!oh_db_applied(db, arena, oh_slice_of(adapter->version_table), &applied, &err)) {
		oh_db_close(db);
		oh_say(&st->flow->report, "database not read: %s", err.message);
		return true;
	}
	oh_db_close(db);
	n = count_pending(arena, &st->yours.items[0].graph, &applied);
	if (n == OH_NO_NODE)
		oh_say(&st->flow->report, "database " OH_FMT ", which is not in this tree",
			OH_ARG(describe_applied(arena, &applied)));
	else
		oh_say(&st->flow->report, "database " OH_FMT ", %zu pending",
			OH_ARG(describe_applied(arena, &applied)), n);
	*pending = n && n != OH_NO_NODE;
	return true;
}

static bool is_unmerged(struct oh_flow *flow)
{
	struct oh_slices unmerged;
	struct oh_error none = {0};

	return oh_repo_unmerged(flow->repo, flow->arena, &unmerged, &none) && unmerged.count;
}

static void say_next(struct standing *st, bool pending)
{
	struct oh_report *report = &st->flow->report;
	const struct oh_slice target = oh_slice_printable(st->flow->arena, st->target.name);

	if (oh_repo_has_state(st->flow->repo, "MERGE_HEAD"))
		oh_say(report, "next: onehead resolve && git commit (a merge is under way)");
	else if (oh_in_rebase(st->flow))
		oh_say(report, "next: %sgit rebase --continue (a rebase is under way)",
			is_unmerged(st->flow) ? "onehead resolve && " : "");
	else if (st->broken)
		oh_say(report, "next: onehead check (it says which parent is missing)");
	else if (st->several)
		oh_say(report, "next: onehead merge");
	else if (st->forked || st->behind)
		oh_say(report, "next: git fetch && git merge " OH_FMT, OH_ARG(target));
	else if (pending)
		oh_say(report, "next: %s",
			oh_adapter_named(st->yours.items[0].location.system)->upgrade_command);
	else if (st->target.fetched > 86400)
		oh_say(report, "next: git fetch (then look again, before a new migration)");
	else
		oh_say(report, "next: nothing; a new migration can be made");
}

static void add_rows(struct standing *st)
{
	struct oh_arena *arena = st->flow->arena;

	for (size_t i = 0; i < st->yours.count; i++) {
		struct row r = {.yours = &st->yours.items[i]};

		r.theirs = oh_tree_match(arena, &st->theirs, r.yours);
		r.graph = oh_slice_printable(arena, r.yours->location.directory);
		r.your_heads = heads_of(arena, r.yours);
		r.their_heads = heads_of(arena, r.theirs);
		r.state = state_of(st, &r);
		OH_PUSH(arena, &st->rows, r);
	}
}

bool oh_flow_status(struct oh_flow *flow, struct oh_error *err)
{
	struct standing st = {.flow = flow};
	struct oh_slices configs = {0};
	bool pending = false;

	if (!oh_target_find(flow, &st.target, err) || !load_yours(&st, &configs, err) ||
		(st.target.name.len && !load_target(&st, configs, err)))
		return false;
	if (!st.yours.count)
		return oh_fail(err, OH_E_NOT_FOUND,
			"git tracks no migrations here yet; where there are some: onehead install");
	add_rows(&st);
	say_rows(&st);
	say_target(&st);
	for (size_t i = 0; i < st.yours.count; i++)
		for (size_t k = 0; k < st.yours.items[i].unreadables.count; k++) {
			const struct oh_unreadable *u = &st.yours.items[i].unreadables.items[k];

			oh_say_wrong(&flow->report, "unreadable " OH_FMT ":%u: " OH_FMT,
				OH_ARG(u->path), u->line, OH_ARG(u->why));
		}
	say_database(&st, &pending);
	say_next(&st, pending);
	if (st.several || st.forked || st.broken)
		flow->report.status = OH_FINDINGS;
	return true;
}

#include "flow/commands.h"

#include "apply/apply.h"
#include "flow/judge.h"
#include "flow/look.h"
#include "plan/join.h"

static bool open_commit(
	struct oh_flow *flow, struct oh_slice rev, struct oh_source **source, struct oh_error *err)
{
	return oh_repo_tree(flow->repo, rev, source, err) ||
	       (err->code == OH_E_NOT_FOUND &&
		       oh_fail(err, OH_E_NOT_FOUND, "no such commit: '" OH_FMT "'", OH_ARG(rev)));
}

static bool load_from_git(struct oh_flow *flow, const struct oh_check_request *request,
	struct oh_tree *tree, struct oh_error *err)
{
	struct oh_loader loader = {.arena = flow->arena, .depth = OH_READ_GRAPH};
	struct oh_source *source;

	if (!oh_flow_need_repo(flow, err))
		return false;
	if (request->staged ? !oh_repo_index(flow->repo, &source, err)
			    : !open_commit(flow, request->rev, &source, err))
		return false;
	return oh_find_configs(flow->repo, flow->arena, NULL, &loader.configs, err) &&
	       oh_load_tree(&loader, source, tree, err);
}

static bool load(struct oh_flow *flow, const struct oh_check_request *request, struct oh_tree *tree,
	struct oh_error *err)
{
	struct oh_place place;

	if (request->staged || request->rev.len)
		return load_from_git(flow, request, tree, err);
	return oh_place_find(&place, flow->arena, &request->place, err) &&
	       oh_look(flow->arena, &place, OH_READ_TEXT, tree, err);
}

static void say_graph(struct oh_flow *flow, const struct oh_snapshot *s)
{
	struct oh_slices heads = {0};

	for (size_t i = 0; i < s->graph.heads.count; i++)
		OH_PUSH(flow->arena, &heads, s->graph.nodes[s->graph.heads.items[i]].migration->id);
	oh_say(&flow->report, OH_FMT ": %zu migration%s, %zu head%s%s" OH_FMT,
		OH_ARG(oh_slice_printable(flow->arena, s->location.directory)), s->migrations.count,
		s->migrations.count == 1 ? "" : "s", heads.count, heads.count == 1 ? "" : "s",
		heads.count ? ": " : "",
		OH_ARG(oh_slice_printable(flow->arena, oh_slices_join(flow->arena, &heads, ", "))));
}

static void check_graph(struct oh_flow *flow, const struct oh_snapshot *s)
{
	const struct oh_meeting alone = {.result = s};
	struct oh_findings findings = {0};

	oh_rules_run(flow->arena, &alone, &flow->skip, &findings);
	for (size_t i = 0; i < findings.count; i++)
		oh_tell_finding(flow, &findings.items[i]);
	if (oh_findings_count(&findings, OH_WARNING))
		flow->report.status = OH_FINDINGS;
	say_graph(flow, s);
}

static void check_configuration(struct oh_flow *flow, const struct oh_unreadables *list)
{
	for (size_t i = 0; i < list->count; i++) {
		oh_say(&flow->report, OH_FMT ":%u: unreadable error: " OH_FMT,
			OH_ARG(oh_slice_printable(flow->arena, list->items[i].path)),
			list->items[i].line,
			OH_ARG(oh_slice_printable(flow->arena, list->items[i].why)));
		flow->report.status = OH_UNDECIDED;
	}
}

/* A lock that is true in the index alone: the file on disk is to say the same. */
static bool restore_lock(struct oh_flow *flow, const struct oh_snapshot *s, struct oh_steps *steps,
	struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, err);
	struct oh_error gone = {0};
	struct oh_slice bytes;

	if (!paths)
		return false;
	if (!s->has_lock || (oh_source_read(oh_directory_source(flow->arena, paths->top),
				     flow->arena, s->lock_path, &bytes, &gone) &&
				    oh_slice_eq(bytes, s->lock)))
		return true;
	OH_PUSH(flow->arena, steps,
		((struct oh_step){.kind = OH_STEP_REPLACE,
			.path = s->lock_path,
			.bytes = s->lock,
			.reason = OH_SLICE("the lock as it is in the index")}));
	return true;
}

static bool plan_locks(struct oh_flow *flow, const struct oh_tree *tree, struct oh_steps *steps,
	struct oh_error *err)
{
	for (size_t i = 0; i < tree->count; i++) {
		const size_t before = steps->count;

		oh_lock_plan(flow->arena, &tree->items[i], steps);
		if (steps->count == before && !restore_lock(flow, &tree->items[i], steps, err))
			return false;
	}
	return true;
}

static bool fix_locks(struct oh_flow *flow, struct oh_tree *tree, struct oh_error *err)
{
	struct oh_steps steps = {0};

	if (!plan_locks(flow, tree, &steps, err) ||
		!oh_apply_stage(flow->repo, flow->arena, &steps, err))
		return false;
	for (size_t i = 0; i < steps.count; i++)
		oh_say_changed(
			&flow->report, "written and staged: " OH_FMT, OH_ARG(steps.items[i].path));
	for (size_t i = 0; i < tree->count; i++)
		for (size_t k = 0; k < steps.count; k++)
			if (oh_slice_eq(tree->items[i].lock_path, steps.items[k].path))
				tree->items[i].lock = steps.items[k].bytes;
	return true;
}

bool oh_flow_check(
	struct oh_flow *flow, const struct oh_check_request *request, struct oh_error *err)
{
	struct oh_check_request again = *request;
	struct oh_tree tree;

	/* A lock is written for what is to be committed. */
	again.staged = request->staged || request->fix;
	if (!load(flow, &again, &tree, err) || (request->fix && !fix_locks(flow, &tree, err)))
		return false;
	if (!tree.count && !tree.unreadables.count)
		return oh_fail(err, OH_E_NOT_FOUND, "no migrations are configured here");
	for (size_t i = 0; i < tree.count; i++)
		check_graph(flow, &tree.items[i]);
	check_configuration(flow, &tree.unreadables);
	return true;
}

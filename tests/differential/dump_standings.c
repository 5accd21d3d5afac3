/*
 * Prints the standing of what a line has brought, for tests that know it by other means.
 *
 *	dump_standings [BRANCH [COMMIT [BASE]]]
 *
 * In the repository that it is run in. BRANCH is a full name, "-" for none, and by default the one
 * that is checked out; COMMIT is its tip, HEAD by default. The candidates are what COMMIT has and
 * BASE has not ("-", the default, has nothing). Prints `target NAME FROM`, `fork POLICY`, and for
 * each script directory `graph DIRECTORY` and lines `ID STANDING WHY`.
 */
#include "flow/standing.h"

#include <stdio.h>
#include <string.h>

static const char *const STANDINGS[] = {"movable", "published", "deployed", "doubtful"};
static const char *const POLICIES[] = {"auto", "merge", "linear", "ask"};

struct dump {
	struct oh_flow flow;
	struct oh_loader loader;
	struct oh_slice branch, commit;
	struct oh_tree line, base;
};

static int fail(const struct oh_error *err)
{
	printf("error %d %s\n", err->code, err->message);
	return 2;
}

static bool load(struct dump *d, struct oh_slice commit, struct oh_tree *tree, struct oh_error *err)
{
	struct oh_source *source;

	return oh_repo_tree(d->flow.repo, commit, &source, err) &&
	       oh_load_tree(&d->loader, source, tree, err);
}

static bool print_graph(struct dump *d, struct oh_snapshot *line, struct oh_error *err)
{
	const struct oh_snapshot *base = oh_tree_match(d->flow.arena, &d->base, line);
	struct oh_standing_request request = {
		d->branch, d->commit, &d->loader, line, &(struct oh_slices){0}};
	struct oh_slices ids = {0};
	struct oh_standings found;

	printf("graph " OH_FMT "\n", OH_ARG(line->location.directory));
	for (size_t i = 0; i < line->graph.count; i++) {
		const struct oh_slice id = line->graph.nodes[i].migration->id;

		if (oh_graph_find(&base->graph, id) == OH_NO_NODE)
			OH_PUSH(d->flow.arena, &ids, id);
	}
	request.candidates = &ids;
	if (!oh_load_bodies(&d->loader, &d->line, line, base, err) ||
		!oh_standings_find(&d->flow, &request, &found, err))
		return false;
	for (size_t i = 0; i < found.count; i++)
		printf(OH_FMT " %s " OH_FMT "\n", OH_ARG(found.items[i].id),
			STANDINGS[found.items[i].standing], OH_ARG(found.items[i].why));
	return true;
}

static bool print_target(struct dump *d, struct oh_error *err)
{
	enum oh_fork_policy policy;
	struct oh_target target;

	if (!oh_target_find(&d->flow, &target, err))
		return false;
	printf("target " OH_FMT " %s\n", OH_ARG(target.name), target.from);
	if (!oh_fork_policy(&d->flow, &policy, err))
		return false;
	printf("fork %s\n", POLICIES[policy]);
	return true;
}

static struct oh_slice argument(int argc, char **argv, int at, struct oh_slice otherwise)
{
	if (argc <= at)
		return otherwise;
	return strcmp(argv[at], "-") == 0 ? OH_SLICE("") : oh_slice_of(argv[at]);
}

static bool dump(struct dump *d, int argc, char **argv, struct oh_error *err)
{
	d->branch = argument(argc, argv, 1, oh_repo_branch(d->flow.repo, d->flow.arena));
	d->commit = argument(argc, argv, 2, OH_SLICE("HEAD"));
	d->loader.arena = d->flow.arena;
	oh_loader_for_repo(&d->loader, d->flow.repo);
	if (!oh_find_configs(d->flow.repo, d->flow.arena, NULL, &d->loader.configs, err) ||
		!load(d, d->commit, &d->line, err) ||
		!load(d, argument(argc, argv, 3, OH_SLICE("")), &d->base, err))
		return false;
	for (size_t i = 0; i < d->line.count; i++)
		if (!print_graph(d, &d->line.items[i], err))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct oh_arena arena = {0};
	struct oh_error err = {0};
	struct dump d = {0};
	int status = 0;

	if (!oh_flow_open(&d.flow, &arena, &err))
		return fail(&err);
	if (!print_target(&d, &err))
		status = fail(&err);
	err = (struct oh_error){0};
	if (!dump(&d, argc, argv, &err))
		status = fail(&err);
	oh_flow_close(&d.flow);
	oh_arena_drop(&arena);
	return status;
}

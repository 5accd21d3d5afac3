#include "flow/made.h"

#include <string.h>

static const char *const *list_argv(const struct oh_made *made, struct oh_slice also_not)
{
	struct oh_arena *arena = made->flow->arena;
	const char *const argv[] = {"git", "rev-list", "--reverse", "--topo-order",
		oh_slice_str(arena, made->head), "--not", oh_slice_str(arena, made->onto),
		"--remotes", "--tags", also_not.len ? oh_slice_str(arena, also_not) : NULL, NULL};

	return memcpy(oh_arena_alloc(arena, sizeof(argv)), argv, sizeof(argv));
}

void oh_made_list_early(struct oh_made *made, struct oh_slice also_not)
{
	oh_repo_prefetch_git(made->flow->repo, list_argv(made, also_not));
}

bool oh_made_list(struct oh_made *made, struct oh_slice also_not, struct oh_error *err)
{
	struct oh_arena *arena = made->flow->arena;
	struct oh_slice list, line;
	struct oh_slices ids = {0};

	if (!oh_repo_git(
		    made->flow->repo, arena, list_argv(made, also_not), OH_SLICE(""), &list, err))
		return false;
	while (oh_slice_next_line(&list, &line))
		OH_PUSH(arena, &ids, line);
	made->count = ids.count;
	made->commits = oh_arena_alloc(arena, (ids.count + 1) * sizeof(*made->commits));
	for (size_t i = 0; i < ids.count; i++)
		made->commits[i].id = ids.items[i];
	return true;
}

bool oh_made_has_head(const struct oh_made *made)
{
	return made->count && oh_slice_eq(made->commits[made->count - 1].id, made->head);
}

bool oh_made_plan(struct oh_made *made, bool *needed, struct oh_error *err)
{
	struct oh_replant replant = {.flow = made->flow,
		.verdicts = &made->verdicts,
		.commits = made->commits,
		.count = made->count};

	if (!oh_replant(&replant, err))
		return false;
	made->alone = replant.alone;
	made->left = replant.left;
	*needed = oh_replant_has_edits(&replant);
	return true;
}

bool oh_made_rebuild(struct oh_made *made, struct oh_error *err)
{
	return oh_repo_rebuild(
		made->flow->repo, made->flow->arena, made->commits, made->count, err);
}

struct oh_slice oh_made_new_id(const struct oh_made *made, struct oh_slice id)
{
	for (size_t i = 0; i < made->count; i++)
		if (oh_slice_eq(made->commits[i].id, id))
			return made->commits[i].new_id;
	return id;
}

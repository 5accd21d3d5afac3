#include "apply/apply.h"
#include "repo/stage.h"

struct staged_files {
	struct oh_staged_file *items;
	size_t count, capacity;
};

/* Is the index as the step expects it, or leaves it? What the worktree has is looked at when it is
 * written. */
static bool check(struct oh_source *index, struct oh_arena *arena, const struct oh_step *s,
	struct oh_error *err)
{
	struct oh_slice bytes;
	struct oh_error none = {0};

	if (s->kind == OH_STEP_REPLACE)
		return true;
	if (oh_source_read(index, arena, s->path, &bytes, &none)) {
		if (s->kind != OH_STEP_REMOVE && oh_slice_eq(bytes, s->bytes))
			return true;
		if (s->kind != OH_STEP_ADD && oh_slice_eq(bytes, s->expected))
			return true;
		return oh_fail(err, OH_E_CHANGED, "it is there already and says other things");
	}
	if (none.code != OH_E_NOT_FOUND)
		return oh_fail(err, none.code, "%s", none.message);
	return s->kind != OH_STEP_EDIT || oh_fail(err, OH_E_CHANGED, "it is not there");
}

bool oh_apply_stage(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	struct oh_error *err)
{
	struct staged_files files = {0};
	struct oh_source *index;

	if (!steps->count)
		return true;
	if (!oh_repo_index(repo, &index, err))
		return false;
	for (size_t i = 0; i < steps->count; i++) {
		const struct oh_step *s = &steps->items[i];

		if (!check(index, arena, s, err))
			return oh_wrap(err, "staging " OH_FMT, OH_ARG(s->path));
		OH_PUSH(arena, &files,
			((struct oh_staged_file){.path = s->path,
				.bytes = s->kind == OH_STEP_REMOVE ? s->expected : s->bytes,
				.replace = s->kind == OH_STEP_REPLACE,
				.remove = s->kind == OH_STEP_REMOVE}));
	}
	return oh_repo_stage_files(repo, files.items, files.count, err);
}

#include "apply/apply.h"

/* Takes back what this plan added before it failed; a replaced lock gets its bytes back. */
static void take_back(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	size_t done, const struct oh_slices *before)
{
	struct oh_error ignored = {0};

	for (size_t i = done; i-- > 0;) {
		const struct oh_step *s = &steps->items[i];
		const char *argv[] = {"git", "rm", "-q", "-f", "--ignore-unmatch", "--",
			oh_slice_str(arena, s->path), NULL};

		if (s->kind == OH_STEP_REPLACE)
			oh_repo_stage(repo, s->path, before->items[i], true, &ignored);
		else if (!before->items[i].len)
			oh_repo_git(repo, arena, argv, OH_SLICE(""), NULL, &ignored);
	}
}

bool oh_apply_stage(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	struct oh_error *err)
{
	struct oh_slices before = {0};
	struct oh_source *index;

	if (!steps->count)
		return true;
	if (!oh_repo_index(repo, &index, err))
		return false;
	for (size_t i = 0; i < steps->count; i++) {
		const struct oh_step *s = &steps->items[i];
		struct oh_slice bytes = OH_SLICE("");
		struct oh_error none = {0};

		oh_source_read(index, arena, s->path, &bytes, &none);
		OH_PUSH(arena, &before, bytes);
		if (s->kind == OH_STEP_ADD && bytes.len && !oh_slice_eq(bytes, s->bytes))
			oh_fail(err, OH_E_CHANGED, "it is there already and says other things");
		else if (oh_repo_stage(repo, s->path, s->bytes, s->kind == OH_STEP_REPLACE, err))
			continue;
		take_back(repo, arena, steps, i, &before);
		return oh_wrap(err, "staging " OH_FMT, OH_ARG(s->path));
	}
	return true;
}

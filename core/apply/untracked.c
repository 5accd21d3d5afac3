#include "apply/apply.h"
#include "repo/disk.h"

bool oh_apply_untracked(struct oh_repo *repo, struct oh_arena *arena, const struct oh_steps *steps,
	struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);

	for (size_t pass = 0; paths && pass < 2; pass++)
		for (size_t i = 0; i < steps->count; i++) {
			const struct oh_step *s = &steps->items[i];
			const struct oh_slice full = oh_path_join(arena, paths->top, s->path);
			const bool removes = s->kind == OH_STEP_REMOVE;

			if (s->kind == OH_STEP_ADD && !pass && oh_disk_exists(arena, full))
				return oh_fail(err, OH_E_CHANGED, OH_FMT " is there already",
					OH_ARG(oh_slice_printable(arena, s->path)));
			if (removes != (pass == 1))
				continue;
			if (removes ? !oh_disk_remove(arena, full, err)
				    : !oh_disk_write(arena, full, s->bytes, 0666, err))
				return false;
		}
	return paths != NULL;
}

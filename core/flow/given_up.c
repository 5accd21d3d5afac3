#include "flow/given_up.h"

#include "apply/operation.h"
#include "base/buf.h"
#include "repo/disk.h"

#define FILE_NAME "onehead/renumbered"

static struct oh_slice note_path(struct oh_flow *flow)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, NULL);

	return oh_slice_printf(flow->arena, OH_FMT "/" FILE_NAME, OH_ARG(paths->git_dir));
}

/* A commit that was made has moved it. */
static struct oh_slice head_of(struct oh_flow *flow)
{
	struct oh_slice id = OH_SLICE("");

	oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &id, NULL);
	return id;
}

static void add_word(struct oh_buf *list, struct oh_slice word)
{
	oh_buf_add(list, word);
	oh_buf_add(list, (struct oh_slice){"", 1}); /* a NUL ends each */
}

bool oh_given_up_note(struct oh_flow *flow, const struct oh_steps *steps, struct oh_error *err)
{
	struct oh_buf list = {.arena = flow->arena};
	bool made;

	if (!oh_apply_has_own_index(flow->repo, flow->arena) || !oh_repo_paths(flow->repo, err))
		return true;
	for (size_t i = 1; i < steps->count; i++) {
		const struct oh_step *old = &steps->items[i - 1], *new = &steps->items[i];

		if (old->kind == OH_STEP_REMOVE && new->kind == OH_STEP_ADD) {
			if (!list.count)
				add_word(&list, head_of(flow));
			add_word(&list, old->path);
			add_word(&list, new->path);
		}
	}
	return !list.count ||
	       (oh_disk_make_directory(
			flow->arena, oh_path_directory(note_path(flow)), &made, err) &&
		       oh_disk_write(flow->arena, note_path(flow), oh_buf_slice(&list), 0666, err));
}

static bool is_on_disk(struct oh_flow *flow, struct oh_slice path)
{
	return oh_disk_exists(
		flow->arena, oh_path_join(flow->arena, oh_repo_paths(flow->repo, NULL)->top, path));
}

static bool is_in_index(struct oh_flow *flow, struct oh_slice path)
{
	struct oh_source *index;
	struct oh_slice bytes;

	return oh_repo_index(flow->repo, &index, NULL) &&
	       oh_source_read(index, flow->arena, path, &bytes, NULL);
}

bool oh_given_up_check(struct oh_flow *flow, bool *refused, struct oh_error *err)
{
	struct oh_slice list, head, old, new;

	*refused = false;
	if (!oh_repo_has_state(flow->repo, FILE_NAME))
		return true;
	list = oh_repo_state(flow->repo, flow->arena, FILE_NAME);
	if (!oh_repo_paths(flow->repo, err) || !oh_disk_remove(flow->arena, note_path(flow), err))
		return false;
	if (!oh_slice_next(&list, '\0', &head) || !oh_slice_eq(head, head_of(flow)))
		return true;
	while (oh_slice_next(&list, '\0', &old) && oh_slice_next(&list, '\0', &new)) {
		if (!is_on_disk(flow, new) || is_in_index(flow, new) || is_on_disk(flow, old))
			continue;
		if (!*refused)
			oh_say(&flow->report,
				"onehead: REFUSED, nothing committed: the commit that renumbered "
				"was given up");
		oh_say(&flow->report, "  left out: " OH_FMT "; git add it, and commit again",
			OH_ARG(oh_slice_printable(flow->arena, new)));
		flow->report.status = OH_FINDINGS;
		*refused = true;
	}
	return true;
}

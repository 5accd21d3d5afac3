#include "flow/left_row.h"

#include "repo/disk.h"

#include <unistd.h>

#define FILE_NAME "onehead/row"

static struct oh_slice note_path(struct oh_flow *flow)
{
	return oh_path_join(flow->arena, oh_repo_git_dir(flow->repo), OH_SLICE(FILE_NAME));
}

static struct oh_slice commit_id(struct oh_flow *flow, const char *name)
{
	struct oh_slice id = OH_SLICE("");

	oh_repo_resolve(flow->repo, flow->arena, oh_slice_of(name), &id, NULL);
	return id;
}

bool oh_left_row_note(struct oh_flow *flow, const struct oh_pick *pick, struct oh_error *err)
{
	const struct oh_slice head = commit_id(flow, "HEAD");
	bool made;

	if (!oh_repo_is_ancestor(flow->repo, flow->arena, pick->onto, head))
		return true;
	return oh_disk_make_directory(
		       flow->arena, oh_path_directory(note_path(flow)), &made, err) &&
	       oh_disk_write(flow->arena, note_path(flow),
		       oh_slice_printf(flow->arena, "%s " OH_FMT " " OH_FMT "\n", pick->command,
			       OH_ARG(pick->onto), OH_ARG(head)),
		       0666, err);
}

bool oh_left_row_find(struct oh_flow *flow, struct oh_pick *pick)
{
	const struct oh_slices words = oh_slice_words(
		flow->arena, oh_slice_trim(oh_repo_state(flow->repo, flow->arena, FILE_NAME)));

	if (words.count != 3 || (!oh_slice_eq(words.items[2], commit_id(flow, "HEAD")) &&
					!oh_slice_eq(words.items[2], commit_id(flow, "HEAD^"))))
		return false;
	*pick = (struct oh_pick){.command = oh_slice_str(flow->arena, words.items[0]),
		.onto = words.items[1],
		.from = OH_SLICE(""),
		.is_last = true};
	return true;
}

void oh_left_row_forget(struct oh_flow *flow)
{
	if (oh_repo_has_state(flow->repo, FILE_NAME))
		unlink(oh_slice_str(flow->arena, note_path(flow)));
}

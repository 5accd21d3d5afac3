#include "flow/ledger.h"

#include "repo/disk.h"

static bool find_path(struct oh_flow *flow, struct oh_slice *path, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, err);

	if (paths)
		*path = oh_slice_printf(
			flow->arena, OH_FMT "/onehead/ledger.db", OH_ARG(paths->common_dir));
	return paths != NULL;
}

bool oh_ledger_applied(struct oh_flow *flow, struct oh_arena *arena, struct oh_ledger_rows *rows,
	struct oh_error *err)
{
	struct oh_slice path;

	*rows = (struct oh_ledger_rows){0};
	if (!find_path(flow, &path, err))
		return false;
	if (!oh_disk_exists(flow->arena, path))
		return true;
	return oh_ledger_file_read(arena, path, rows, err) || oh_wrap(err, "reading the ledger");
}

bool oh_ledger_note(struct oh_flow *flow, struct oh_slice database, const struct oh_slices *ids,
	struct oh_error *err)
{
	struct oh_slice path;
	bool made;

	return find_path(flow, &path, err) &&
	       ((oh_disk_make_directory(flow->arena, oh_path_directory(path), &made, err) &&
			oh_ledger_file_note(flow->arena, path, database, ids, err)) ||
		       oh_wrap(err, "writing the ledger"));
}

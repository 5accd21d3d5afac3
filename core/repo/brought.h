/* Who brought each file: for drawings, not for decisions. */
#ifndef OH_REPO_BROUGHT_H
#define OH_REPO_BROUGHT_H

#include "base/map.h"
#include "base/process.h"

struct oh_bringer {
	struct oh_slice author, email; /* of the commit that added the file */
	struct oh_slice
		branch; /* named by the merge that brought it in; "" for the branch itself */
};

struct oh_bringers {
	struct oh_bringer *items;
	size_t count, capacity;
	struct oh_map by_path; /* index into items, plus one */
};

/* For every file below DIRECTORIES (relative to ROOT, as the paths in OUT are) in the history of
 * HEAD. Two `git log`s side by side; needs no open repository. */
bool oh_repo_brought(struct oh_arena *arena, struct oh_slice root,
	const struct oh_slices *directories, struct oh_bringers *out, struct oh_error *err);
/*
 * For PATHS (relative to TOP) in the commits that REVS name ("main", "^base"): one `git log`, that
 * runs while the caller does other things. No branches.
 */
struct oh_asked {
	struct oh_process process;
};
bool oh_repo_ask_added_by(struct oh_arena *arena, struct oh_slice top, const struct oh_slices *revs,
	const struct oh_slices *paths, struct oh_asked *asked, struct oh_error *err);
bool oh_repo_added_by(struct oh_arena *arena, struct oh_asked *asked, struct oh_bringers *out,
	struct oh_error *err);

#endif

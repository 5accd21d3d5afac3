/*
 * Commits again with other trees and parents: a chain or a DAG of them, as after a rebase. Only
 * objects are written; nothing that anybody sees changes.
 *
 *	struct oh_rebuilt commits[] = {{.id = a, .edits = …}, {.id = b, …}};
 *	if (!oh_repo_rebuild(repo, arena, commits, 2, err)) …
 *	// commits[1].new_id is b again, on top of commits[0].new_id
 */
#ifndef OH_REPO_REBUILD_H
#define OH_REPO_REBUILD_H

#include "repo/repo.h"

/* A path of the commit's own tree that is to be otherwise. */
struct oh_rebuild_edit {
	struct oh_slice path;
	bool is_removed;
	struct oh_slice bytes; /* as they lie in the repository: no filter is applied */
};

struct oh_rebuilt {
	struct oh_slice id; /* the commit as it is */
	struct {
		struct oh_rebuild_edit *items;
		size_t count, capacity;
	} edits;
	struct oh_slice new_id; /* out; the same where neither tree nor parents change */
};

/*
 * Parents come before children; no commit comes twice (OH_E_USAGE). A parent that is among the
 * commits is replaced by its new one. Commits, trees and parents are those that the objects
 * themselves name: replace refs and grafts are not followed. Authors, committers, dates, messages,
 * encodings, mergetags and headers that nobody here knows stay byte for byte; a signature is made
 * anew by git where there was one. Edits are made one after the other; a path keeps its run bit,
 * and a symlink becomes a file.
 *
 * OH_E_CHANGED where a file and a directory would have one name, OH_E_FORMAT where a path can't be
 * one. OH_E_UNSUPPORTED where git can't sign the same words again, or where a commit that changes
 * has a parent that is not here (a shallow clone ends there). On failure no new_id is set, and
 * objects that nothing names may be left, as after a kill.
 */
bool oh_repo_rebuild(struct oh_repo *repo, struct oh_arena *arena, struct oh_rebuilt *commits,
	size_t count, struct oh_error *err);

#endif

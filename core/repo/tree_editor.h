/*
 * Trees with some paths changed, in memory: only the directories on the way are read, and the new
 * ones go into a pack.
 *
 *	struct oh_tree_editor editor = {.arena = arena, .read = read, .from = from, .pack = &pack};
 *	if (!oh_tree_edit(&editor, tree, edits, count, &id, err)) …
 *	…
 *	if (!oh_pack_write(&pack, err)) …
 */
#ifndef OH_REPO_TREE_EDITOR_H
#define OH_REPO_TREE_EDITOR_H

#include "repo/pack.h"

struct oh_tree_edit {
	struct oh_slice path;
	struct oh_slice id; /* blob; "" deletes the path */
};

/* What one list of edits has made of directories: a row of trees has most of them in common. */
struct oh_tree_memo {
	struct oh_map by_key; /* a tree and its path: index + 1 */
	struct oh_slices results;
};

struct oh_tree_editor {
	struct oh_arena *arena;
	bool (*read)(
		void *from, struct oh_slice tree, struct oh_slice *bytes, struct oh_error *err);
	void *from;
	struct oh_pack *pack;
	struct oh_tree_memo
		*memo; /* begins empty; for one list of edits alone; NULL: none is kept */
};

/*
 * TREE (whole id; "" is the empty one) with EDITS made, one after the other. A path keeps its run
 * bit. Where nothing comes out otherwise, *ID is TREE, to the byte. OH_E_CHANGED where a file and a
 * directory would have one name.
 */
bool oh_tree_edit(struct oh_tree_editor *editor, struct oh_slice tree,
	const struct oh_tree_edit *edits, size_t count, struct oh_slice *id, struct oh_error *err);

#endif

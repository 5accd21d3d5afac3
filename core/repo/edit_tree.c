/*
 * A tree with some paths changed: only the directories on the way are read and written anew, by
 * one `git mktree`. No index is needed, however large the repository.
 */
#include "base/buf.h"
#include "repo/git_source.h"
#include "repo/private.h"

#include <string.h>

struct node {
	struct oh_git_directory entries; /* mode 0: taken out */
	struct node **children; /* one an entry; NULL where it has not been looked into */
	size_t room; /* of children */
	bool is_changed;
};

struct editor {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct oh_peer mktree;
};

static struct node *load_node(struct editor *e, struct oh_slice tree, struct oh_error *err)
{
	struct node *n = oh_arena_alloc(e->arena, sizeof(*n));
	const struct oh_slice name = oh_rev_peeled(e->arena, tree, "tree");
	struct oh_object object;

	if (tree.len && (!oh_objects_read(e->repo->objects, e->arena, name, &object, err) ||
				!oh_git_directory_parse(e->arena, &object, &n->entries, err)))
		return NULL;
	return n;
}

static struct node **child_slot(struct editor *e, struct node *n, const struct oh_git_entry *entry)
{
	const size_t at = (size_t)(entry - n->entries.items);

	if (at >= n->room) {
		const size_t room = n->entries.count * 2;

		n->children = oh_arena_grow(e->arena, n->children, n->room * sizeof(*n->children),
			room * sizeof(*n->children));
		memset(n->children + n->room, 0, (room - n->room) * sizeof(*n->children));
		n->room = room;
	}
	return &n->children[at];
}

static bool in_the_way(struct oh_slice path, struct oh_error *err)
{
	return oh_fail(
		err, OH_E_CHANGED, OH_FMT ": a file and a directory of one name", OH_ARG(path));
}

static bool set_file(struct editor *e, struct node *n, struct oh_slice name,
	const struct oh_tree_edit *edit, struct oh_error *err)
{
	struct oh_git_entry *entry = oh_git_directory_find(&n->entries, name);

	n->is_changed = true;
	if (!entry) {
		if (edit->id.len)
			oh_git_directory_add(e->arena, &n->entries,
				(struct oh_git_entry){name, 0100644, edit->id});
		return true;
	}
	if (entry->mode == OH_MODE_DIRECTORY)
		return in_the_way(edit->path, err);
	if (!edit->id.len)
		entry->mode = 0;
	else if (entry->mode != 0100755)
		entry->mode = 0100644;
	entry->id = edit->id;
	return true;
}

/* The directory NAME of N, made where there is none and MAKE says so; *CHILD NULL otherwise. */
static bool descend(struct editor *e, struct node *n, struct oh_slice name,
	const struct oh_tree_edit *edit, struct node **child, struct oh_error *err)
{
	struct oh_git_entry *entry = oh_git_directory_find(&n->entries, name);
	struct node **slot;

	*child = NULL;
	if ((!entry || !entry->mode) && !edit->id.len)
		return true;
	if (!entry) {
		oh_git_directory_add(e->arena, &n->entries, (struct oh_git_entry){.name = name});
		entry = &n->entries.items[n->entries.count - 1];
	}
	if (!entry->mode) {
		entry->mode = OH_MODE_DIRECTORY;
		entry->id = OH_SLICE("");
		*child_slot(e, n, entry) = NULL;
	}
	if (entry->mode != OH_MODE_DIRECTORY)
		return in_the_way(edit->path, err);
	slot = child_slot(e, n, entry);
	if (!*slot)
		*slot = load_node(e, entry->id, err);
	n->is_changed = true;
	*child = *slot;
	return *child;
}

static bool apply_edit(
	struct editor *e, struct node *root, const struct oh_tree_edit *edit, struct oh_error *err)
{
	struct oh_slice rest = oh_slice_dup(e->arena, edit->path), name;
	struct node *n = root;

	while (n && oh_slice_next(&rest, '/', &name)) {
		if (!oh_git_is_component(name))
			break;
		if (!rest.len)
			return set_file(e, n, name, edit, err);
		if (!descend(e, n, name, edit, &n, err))
			return false;
	}
	return !n || oh_fail(err, OH_E_FORMAT, "'" OH_FMT "' can't be a path in a tree",
			     OH_ARG(edit->path));
}

static const char *type_of(unsigned int mode)
{
	if (mode == OH_MODE_DIRECTORY)
		return "tree";
	return mode == OH_MODE_SUBMODULE ? "commit" : "blob";
}

/* *ID is "" for a tree that has become empty: git has no empty directories. */
static bool write_node(struct editor *e, const struct node *n, bool is_root, struct oh_slice *id,
	struct oh_error *err)
{
	struct oh_buf text = {.arena = e->arena};

	for (size_t i = 0; i < n->entries.count; i++) {
		struct oh_git_entry entry = n->entries.items[i];
		const struct node *child = i < n->room ? n->children[i] : NULL;

		if (entry.mode == OH_MODE_DIRECTORY && child && child->is_changed &&
			!write_node(e, child, false, &entry.id, err))
			return false;
		if (entry.mode && entry.id.len)
			oh_buf_addf(&text, "%06o %s " OH_FMT "\t" OH_FMT "%c", entry.mode,
				type_of(entry.mode), OH_ARG(entry.id), OH_ARG(entry.name), '\0');
	}
	*id = OH_SLICE("");
	if (!text.count && !is_root)
		return true;
	oh_buf_add(&text, OH_SLICE("\0"));
	return oh_peer_write(&e->mktree, oh_buf_slice(&text), err) &&
	       oh_peer_read_line(&e->mktree, e->arena, id, err);
}

static bool write_tree(
	struct editor *e, const struct node *root, struct oh_slice *tree, struct oh_error *err)
{
	/* --missing: a partial clone need not fetch what it only names. */
	static const char *const argv[] = {"git", "mktree", "-z", "--missing", "--batch", NULL};
	bool ok;

	if (!oh_peer_open(&e->mktree, e->arena, argv, err))
		return false;
	ok = write_node(e, root, true, tree, err) || oh_git_peer_fail(&e->mktree, "mktree", err);
	oh_peer_close(&e->mktree);
	return ok;
}

bool oh_repo_edit_tree(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	const struct oh_tree_edit *edits, size_t count, struct oh_slice *tree, struct oh_error *err)
{
	struct editor e = {.repo = repo, .arena = arena};
	struct node *root = NULL;

	if (!rev.len || oh_rev_check(rev, err))
		root = load_node(&e, rev, err);
	for (size_t i = 0; root && i < count; i++)
		if (!apply_edit(&e, root, &edits[i], err))
			return false;
	return root && write_tree(&e, root, tree, err);
}

/*
 * A tree with some paths changed: only the directories on the way are read and written anew. No
 * index is needed, however large the repository. Not by `git mktree`: it looks at every object
 * that a tree names, which takes 14 ms for a thousand loose ones.
 */
#include "base/buf.h"
#include "base/digest.h"
#include "repo/git_source.h"
#include "repo/private.h"

#include <stdlib.h>
#include <string.h>

struct node {
	struct oh_git_directory entries; /* mode 0: taken out */
	struct node **children; /* one an entry; NULL where it has not been looked into */
	size_t room; /* of children */
	bool is_changed;
};

/* A tree that git is writing. */
struct writing {
	struct oh_process process;
	struct oh_slice id; /* the name that it will have */
};

struct editor {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct {
		struct writing *items;
		size_t count, capacity;
	} writing;
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

/* What git compares behind the end of NAME's first N bytes: a directory ends in a slash. */
static int next_byte(const struct oh_git_entry *entry, size_t n)
{
	if (entry->name.len > n)
		return (unsigned char)entry->name.ptr[n];
	return entry->mode == OH_MODE_DIRECTORY ? '/' : '\0';
}

static int by_tree_order(const void *a, const void *b)
{
	const struct oh_git_entry *x = a, *y = b;
	const size_t n = x->name.len < y->name.len ? x->name.len : y->name.len;
	const int c = memcmp(x->name.ptr, y->name.ptr, n);

	return c ? c : next_byte(x, n) - next_byte(y, n);
}

static unsigned int digit(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void add_binary(struct oh_buf *out, struct oh_slice hex)
{
	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		const char byte = (char)(digit(hex.ptr[i]) << 4 | digit(hex.ptr[i + 1]));

		oh_buf_add(out, (struct oh_slice){&byte, 1});
	}
}

/* As git names objects: what holds it can be written before git has said so. */
static struct oh_slice name_of(struct editor *e, struct oh_slice bytes)
{
	struct oh_buf object = {.arena = e->arena};

	oh_buf_addf(&object, "tree %zu%c", bytes.len, '\0');
	oh_buf_add(&object, bytes);
	return (e->repo->id_length == 64 ? oh_digest_sha256 : oh_digest_sha1)(
		e->arena, oh_buf_slice(&object));
}

/* --literally: what else is in the tree was there before, and is not ours to judge. */
static bool start_writing(
	struct editor *e, struct oh_slice bytes, struct oh_slice *id, struct oh_error *err)
{
	static const char *const argv[] = {
		"git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin", NULL};
	const struct oh_git_call call = {.argv = argv, .input = bytes, .writes = true};
	struct writing w = {.id = name_of(e, bytes)};

	if (!oh_git_prepare(e->repo, e->arena, &call, &w.process, err) ||
		!oh_process_start(e->arena, &w.process, err))
		return false;
	OH_PUSH(e->arena, &e->writing, w);
	*id = w.id;
	return true;
}

static bool finish_writing(struct editor *e, struct oh_error *err)
{
	bool ok = true;

	for (size_t i = 0; i < e->writing.count; i++) {
		struct writing *w = &e->writing.items[i];

		ok = oh_process_finish(e->arena, &w->process, ok ? err : NULL) && ok;
		if (ok && w->process.status)
			ok = oh_git_fail(&w->process, err);
		else if (ok && !oh_slice_eq(oh_slice_trim(w->process.output), w->id))
			ok = oh_fail(err, OH_E_GIT, "git gave a tree another name than " OH_FMT,
				OH_ARG(w->id));
	}
	return ok;
}

static struct oh_slice format_tree(struct oh_arena *arena, struct oh_git_directory *entries)
{
	struct oh_buf tree = {.arena = arena};

	if (entries->count)
		qsort(entries->items, entries->count, sizeof(*entries->items), by_tree_order);
	for (size_t i = 0; i < entries->count; i++) {
		const struct oh_git_entry *entry = &entries->items[i];

		oh_buf_addf(&tree, "%o " OH_FMT "%c", entry->mode, OH_ARG(entry->name), '\0');
		add_binary(&tree, entry->id);
	}
	return oh_buf_slice(&tree);
}

/* *ID is "" for a tree that has become empty: git has no empty directories. */
static bool write_node(struct editor *e, const struct node *n, bool is_root, struct oh_slice *id,
	struct oh_error *err)
{
	struct oh_git_directory kept = {0};

	*id = OH_SLICE("");
	for (size_t i = 0; i < n->entries.count; i++) {
		struct oh_git_entry entry = n->entries.items[i];
		const struct node *child = i < n->room ? n->children[i] : NULL;

		if (entry.mode == OH_MODE_DIRECTORY && child && child->is_changed &&
			!write_node(e, child, false, &entry.id, err))
			return false;
		if (entry.mode && entry.id.len)
			OH_PUSH(e->arena, &kept, entry);
	}
	return (!kept.count && !is_root) || start_writing(e, format_tree(e->arena, &kept), id, err);
}

bool oh_repo_edit_tree(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	const struct oh_tree_edit *edits, size_t count, struct oh_slice *tree, struct oh_error *err)
{
	struct editor e = {.repo = repo, .arena = arena};
	struct node *root = NULL;
	bool ok;

	if (!oh_repo_paths(repo, err))
		return false; /* how objects are named here */
	if (!rev.len || oh_rev_check(rev, err))
		root = load_node(&e, rev, err);
	for (size_t i = 0; root && i < count; i++)
		if (!apply_edit(&e, root, &edits[i], err))
			return false;
	ok = root && write_node(&e, root, true, tree, err);
	return finish_writing(&e, ok ? err : NULL) && ok;
}

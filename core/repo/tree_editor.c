#include "repo/tree_editor.h"

#include "base/buf.h"
#include "repo/git_source.h"

#include <stdlib.h>
#include <string.h>

struct node {
	struct oh_slice path;
	struct oh_slice id; /* as it was; "" where it is new */
	struct oh_slice known; /* as these edits have left it in another tree; "": not known */
	struct oh_slice bytes; /* of the tree as it was */
	struct oh_git_directory entries; /* those of it first, in its order; mode 0: taken out */
	size_t old_count; /* so many of them */
	bool *is_other; /* for each of those: no longer as it was */
	struct {
		struct node **items;
		size_t count, capacity;
	} children; /* those that have been looked into */
	struct oh_map by_name; /* of them: index + 1 */
	bool is_changed; /* itself: not only something below */
};

static struct oh_slice memo_key(struct oh_arena *arena, const struct node *n)
{
	return oh_slice_printf(arena, OH_FMT " " OH_FMT, OH_ARG(n->id), OH_ARG(n->path));
}

static struct oh_slice find_known(struct oh_tree_editor *e, const struct node *n)
{
	const size_t *at =
		e->memo && n->id.len ? oh_map_get(&e->memo->by_key, memo_key(e->arena, n)) : NULL;

	return at ? e->memo->results.items[*at - 1] : OH_SLICE("");
}

static void remember(struct oh_tree_editor *e, const struct node *n, struct oh_slice result)
{
	if (!e->memo || !n->id.len || !result.len)
		return;
	e->memo->by_key.arena = e->arena;
	OH_PUSH(e->arena, &e->memo->results, result);
	*oh_map_put(&e->memo->by_key, memo_key(e->arena, n)) = e->memo->results.count;
}

static struct node *load_node(
	struct oh_tree_editor *e, struct oh_slice tree, struct oh_slice path, struct oh_error *err)
{
	struct node *n = oh_arena_alloc(e->arena, sizeof(*n));
	struct oh_object object = {.id = tree, .kind = OH_TREE};

	n->path = path;
	n->id = tree;
	n->by_name.arena = e->arena;
	n->known = find_known(e, n);
	if (n->known.len)
		return n;
	if (tree.len && (!e->read(e->from, tree, &object.bytes, err) ||
				!oh_git_directory_parse(e->arena, &object, &n->entries, err)))
		return NULL;
	n->bytes = object.bytes;
	n->old_count = n->entries.count;
	n->is_other = oh_arena_alloc(e->arena, n->old_count);
	return n;
}

static struct node *child_of(struct oh_tree_editor *e, struct node *n,
	const struct oh_git_entry *entry, struct oh_slice path, struct oh_error *err)
{
	size_t *at = oh_map_put(&n->by_name, entry->name);
	struct node *child;

	if (*at)
		return n->children.items[*at - 1];
	child = load_node(e, entry->id, path, err);
	OH_PUSH(e->arena, &n->children, child);
	*at = n->children.count;
	return child;
}

static void put(struct node *n, struct oh_git_entry *entry, unsigned int mode, struct oh_slice id)
{
	const size_t at = (size_t)(entry - n->entries.items);

	entry->mode = mode;
	entry->id = id;
	if (at < n->old_count)
		n->is_other[at] = true;
}

static bool in_the_way(struct oh_slice path, struct oh_error *err)
{
	return oh_fail(
		err, OH_E_CHANGED, OH_FMT ": a file and a directory of one name", OH_ARG(path));
}

static bool set_file(struct oh_tree_editor *e, struct node *n, struct oh_slice name,
	const struct oh_tree_edit *edit, struct oh_error *err)
{
	struct oh_git_entry *entry = oh_git_directory_find(&n->entries, name);
	struct oh_git_entry wanted = {name, 0100644, edit->id};

	if (!entry) {
		if (!edit->id.len)
			return true;
		oh_git_directory_add(e->arena, &n->entries, wanted);
		n->is_changed = true;
		return true;
	}
	if (entry->mode == OH_MODE_DIRECTORY)
		return in_the_way(edit->path, err);
	if (!edit->id.len)
		wanted.mode = 0;
	else if (entry->mode == 0100755)
		wanted.mode = 0100755;
	if (entry->mode == wanted.mode && oh_slice_eq(entry->id, wanted.id))
		return true;
	n->is_changed = true;
	put(n, entry, wanted.mode, wanted.id);
	return true;
}

/* The directory PATH, which is in N, made where there is none and EDIT needs it; *CHILD NULL
 * otherwise. */
static bool descend(struct oh_tree_editor *e, struct node *n, struct oh_slice path,
	const struct oh_tree_edit *edit, struct node **child, struct oh_error *err)
{
	const struct oh_slice name = oh_path_name(path);
	struct oh_git_entry *entry = oh_git_directory_find(&n->entries, name);

	*child = NULL;
	if ((!entry || !entry->mode) && !edit->id.len)
		return true;
	if (!entry) {
		oh_git_directory_add(e->arena, &n->entries, (struct oh_git_entry){.name = name});
		entry = &n->entries.items[n->entries.count - 1];
	}
	if (!entry->mode)
		put(n, entry, OH_MODE_DIRECTORY, OH_SLICE(""));
	if (entry->mode != OH_MODE_DIRECTORY)
		return in_the_way(edit->path, err);
	*child = child_of(e, n, entry, path, err);
	return *child;
}

static bool is_path(struct oh_slice path)
{
	struct oh_slice name;

	if (!path.len || oh_slice_has_suffix(path, OH_SLICE("/")))
		return false;
	while (oh_slice_next(&path, '/', &name))
		if (!oh_git_is_component(name))
			return false;
	return true;
}

static bool apply_edit(struct oh_tree_editor *e, struct node *root, const struct oh_tree_edit *edit,
	struct oh_error *err)
{
	const struct oh_slice path = oh_slice_dup(e->arena, edit->path);
	struct oh_slice rest = path, name;
	struct node *n = root;

	if (!is_path(path))
		return oh_fail(err, OH_E_FORMAT, "'" OH_FMT "' can't be a path in a tree",
			OH_ARG(edit->path));
	while (n && !n->known.len && oh_slice_next(&rest, '/', &name)) {
		if (!rest.len)
			return set_file(e, n, name, edit, err);
		if (!descend(e, n, oh_slice_sub(path, 0, path.len - rest.len - 1), edit, &n, err))
			return false;
	}
	return true;
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

/* An entry as it goes into the new tree. */
struct kept {
	struct oh_git_entry entry; /* first: it is what they are sorted by */
	struct oh_slice raw; /* as the old tree has it; "" where it has another */
};

struct kept_list {
	struct kept *items;
	size_t count, capacity;
};

/* Few entries are new, and those are at the end. */
static void sort_entries(struct kept_list *list)
{
	for (size_t i = 1; i < list->count; i++)
		if (by_tree_order(&list->items[i - 1], &list->items[i]) > 0) {
			qsort(list->items, list->count, sizeof(*list->items), by_tree_order);
			return;
		}
}

static void format_entry(struct oh_buf *tree, const struct oh_git_entry *entry)
{
	oh_buf_addf(tree, "%o " OH_FMT "%c", entry->mode, OH_ARG(entry->name), '\0');
	oh_id_add_binary(tree, entry->id);
}

/* What stands in a row in the old tree is taken in one piece. */
static struct oh_slice format_tree(
	struct oh_arena *arena, struct kept_list *list, struct oh_slice old)
{
	struct oh_buf tree = {.arena = arena};

	sort_entries(list);
	oh_buf_reserve(&tree, old.len + 256);
	for (size_t i = 0; i < list->count;) {
		struct oh_slice raw = list->items[i].raw;

		if (!raw.len)
			format_entry(&tree, &list->items[i].entry);
		for (i++; raw.len && i < list->count && list->items[i].raw.len &&
			  list->items[i].raw.ptr == raw.ptr + raw.len;
			i++)
			raw.len += list->items[i].raw.len;
		oh_buf_add(&tree, raw);
	}
	return oh_buf_slice(&tree);
}

static struct oh_slice store_node(struct oh_tree_editor *e, const struct node *n);

static struct oh_slice store_child(struct oh_tree_editor *e, const struct node *child)
{
	struct oh_slice id = child->known;

	if (!id.len) {
		id = store_node(e, child);
		remember(e, child, id);
	}
	return id;
}

/* The entry of child directory N as it is from now on. */
static bool take_child(struct oh_tree_editor *e, const struct node *n, struct oh_git_entry *entry)
{
	const size_t *child =
		entry->mode == OH_MODE_DIRECTORY ? oh_map_get(&n->by_name, entry->name) : NULL;
	struct oh_slice id;

	if (!child)
		return false;
	id = store_child(e, n->children.items[*child - 1]);
	if (oh_slice_eq(id, entry->id))
		return false;
	entry->id = id;
	return true;
}

/* Where entry I of the old tree ends. */
static size_t end_of(const struct node *n, size_t i)
{
	const struct oh_slice name = n->entries.items[i].name;

	return (size_t)(name.ptr - n->bytes.ptr) + name.len + 1 + n->id.len / 2;
}

/* "" for a tree that has become empty: git has no empty directories. */
static struct oh_slice store_node(struct oh_tree_editor *e, const struct node *n)
{
	struct kept_list list = {0};
	bool is_changed = n->is_changed;
	size_t from = 0, to;

	for (size_t i = 0; i < n->entries.count; i++, from = to) {
		struct kept kept = {n->entries.items[i], OH_SLICE("")};
		bool is_same = i < n->old_count && !n->is_other[i];

		to = i < n->old_count ? end_of(n, i) : 0;
		if (take_child(e, n, &kept.entry))
			is_changed = true, is_same = false;
		if (is_same)
			kept.raw = oh_slice_sub(n->bytes, from, to);
		if (kept.entry.mode && kept.entry.id.len)
			OH_PUSH(e->arena, &list, kept);
	}
	if (!is_changed)
		return n->id;
	if (!list.count)
		return OH_SLICE("");
	return oh_pack_add(e->pack, OH_TREE, format_tree(e->arena, &list, n->bytes));
}

bool oh_tree_edit(struct oh_tree_editor *e, struct oh_slice tree, const struct oh_tree_edit *edits,
	size_t count, struct oh_slice *id, struct oh_error *err)
{
	struct node *root = load_node(e, tree, OH_SLICE(""), err);

	if (!root)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!apply_edit(e, root, &edits[i], err))
			return false;
	*id = store_node(e, root);
	if (!id->len)
		*id = oh_pack_add(e->pack, OH_TREE, OH_SLICE(""));
	return true;
}

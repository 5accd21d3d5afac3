/* The tree of a commit, one tree object a directory that is looked into. */
#include "repo/git_source.h"
#include "repo/private.h"

#include <string.h>

struct tree_source {
	struct oh_git_source git;
	struct oh_object root;
};

/* For each byte its two digits: a tree of thousands has ten thousands of them. */
static const char *hex_digits(void)
{
	static const char digits[] = "0123456789abcdef";
	static char pairs[512];

	if (!pairs[0])
		for (size_t i = 0; i < 256; i++) {
			pairs[2 * i] = digits[i >> 4];
			pairs[2 * i + 1] = digits[i & 15];
		}
	return pairs;
}

static struct oh_slice hex(char *text, struct oh_slice bytes)
{
	const char *pairs = hex_digits();

	for (size_t i = 0; i < bytes.len; i++)
		memcpy(text + 2 * i, pairs + 2 * (unsigned char)bytes.ptr[i], 2);
	return (struct oh_slice){text, 2 * bytes.len};
}

static bool parse_mode(struct oh_slice digits, unsigned int *mode)
{
	*mode = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '7' || i == 6)
			return false;
		*mode = *mode * 8 + (unsigned int)(digits.ptr[i] - '0');
	}
	return digits.len > 0;
}

/* Anybody can write a tree object by hand: a name must not lead anywhere else. */
bool oh_git_is_component(struct oh_slice name)
{
	return name.len && oh_slice_find_byte(name, '/', 0) == name.len &&
	       !oh_slice_eq(name, OH_SLICE(".")) && !oh_slice_eq(name, OH_SLICE("..")) &&
	       !oh_slice_eq(name, OH_SLICE(".git"));
}

/* How many entries there are, so far as the bytes can be told apart. */
static size_t count_entries(struct oh_slice bytes, size_t id_size)
{
	size_t count = 0;

	for (size_t at = 0; at < bytes.len; count++)
		at = oh_slice_find_byte(bytes, '\0', at) + 1 + id_size;
	return count;
}

/* MODE SP NAME NUL binary id, one after the other. */
bool oh_git_directory_parse(struct oh_arena *arena, const struct oh_object *tree,
	struct oh_git_directory *d, struct oh_error *err)
{
	const size_t id_size = tree->id.len / 2, count = count_entries(tree->bytes, id_size);
	struct oh_slice rest = tree->bytes, mode, name;
	char *ids = oh_arena_alloc(arena, 2 * id_size * count + 1);

	oh_git_directory_reserve(arena, d, count);
	while (rest.len) {
		struct oh_git_entry entry;

		if (!oh_slice_next(&rest, ' ', &mode) || !oh_slice_next(&rest, '\0', &name) ||
			rest.len < id_size || !parse_mode(mode, &entry.mode) ||
			!oh_git_is_component(name))
			return oh_fail(
				err, OH_E_FORMAT, "tree " OH_FMT " is damaged", OH_ARG(tree->id));
		entry.name = name;
		entry.id = hex(ids, oh_slice_sub(rest, 0, id_size));
		ids += entry.id.len;
		rest = oh_slice_sub(rest, id_size, rest.len);
		oh_git_directory_add(arena, d, entry);
	}
	return true;
}

static bool load(struct oh_git_source *source, const struct oh_git_entry *at,
	struct oh_git_directory *d, struct oh_error *err)
{
	const struct tree_source *s = (const struct tree_source *)source;
	struct oh_object tree = s->root;

	if (at && !oh_git_source_object(source, source->arena, at->id, &tree, err))
		return oh_wrap(err, "reading " OH_FMT, OH_ARG(d->path));
	if (tree.id.len && tree.kind != OH_TREE)
		return oh_fail(err, OH_E_FORMAT, OH_FMT " is not a tree", OH_ARG(tree.id));
	return oh_git_directory_parse(source->arena, &tree, d, err);
}

static bool read_root(
	struct oh_repo *repo, struct oh_slice rev, struct oh_object *root, struct oh_error *err)
{
	if (!oh_rev_check(rev, err) || !oh_objects_read(repo->objects, &repo->arena,
					       oh_rev_peeled(&repo->arena, rev, "tree"), root, err))
		return false;
	if (root->kind == OH_COMMIT)
		return read_root(repo, root->id, root, err);
	return root->kind == OH_TREE ||
	       oh_fail(err, OH_E_NOT_FOUND, "not a commit or a tree: '" OH_FMT "'", OH_ARG(rev));
}

void oh_repo_expect(struct oh_repo *repo, struct oh_slice rev, const struct oh_slices *paths)
{
	struct oh_slices names = {0};

	if (!oh_rev_check(rev, NULL))
		return;
	OH_PUSH(&repo->arena, &names, oh_rev_peeled(&repo->arena, rev, "tree"));
	for (size_t i = 0; i < paths->count; i++)
		OH_PUSH(&repo->arena, &names,
			oh_slice_printf(&repo->arena, OH_FMT ":" OH_FMT, OH_ARG(rev),
				OH_ARG(paths->items[i])));
	oh_objects_expect(repo->objects, names.items, names.count);
}

bool oh_repo_tree(
	struct oh_repo *repo, struct oh_slice rev, struct oh_source **out, struct oh_error *err)
{
	struct tree_source *s = oh_arena_alloc(&repo->arena, sizeof(*s));

	if (rev.len && !read_root(repo, rev, &s->root, err))
		return false;
	oh_git_source_init(&s->git, &repo->arena, repo->objects);
	s->git.load = load;
	*out = &s->git.base;
	return true;
}

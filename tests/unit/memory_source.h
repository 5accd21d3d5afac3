/*
 * A tree of files in memory: struct oh_source for tests, with the same rules as those on disk
 * and in git.
 *
 *	struct memory_source tree = memory_source(arena);
 *	memory_source_add(&tree, "alembic.ini", "[alembic]\n…");
 *	oh_source_list(&tree.source, …);
 */
#ifndef TESTS_UNIT_MEMORY_SOURCE_H
#define TESTS_UNIT_MEMORY_SOURCE_H

#include "model/source.h"

struct memory_file {
	struct oh_slice path, bytes;
};

struct memory_source {
	struct oh_source source; /* first: the interface */
	struct oh_arena *arena;
	struct {
		struct memory_file *items;
		size_t count, capacity;
	} files;
};

static inline bool memory_has_entry(const struct oh_entries *entries, struct oh_slice path)
{
	for (size_t i = 0; i < entries->count; i++)
		if (oh_slice_eq(entries->items[i].path, path))
			return true;
	return false;
}

static inline bool memory_list(struct oh_source *source, struct oh_arena *arena,
	struct oh_slice directory, bool recursive, struct oh_entries *out, struct oh_error *err)
{
	const struct memory_source *tree = (const struct memory_source *)(const void *)source;

	(void)err;
	for (size_t i = 0; i < tree->files.count; i++) {
		const struct oh_slice path = tree->files.items[i].path;
		struct oh_entry entry = {.path = path, .kind = OH_FILE};
		struct oh_slice below = path;
		size_t slash;

		if (directory.len && (!oh_slice_cut_prefix(&below, directory) ||
					     !oh_slice_cut_prefix(&below, OH_SLICE("/"))))
			continue;
		slash = oh_slice_find_byte(below, '/', 0);
		if (!recursive && slash < below.len) {
			entry.path = oh_slice_sub(path, 0, path.len - below.len + slash);
			entry.kind = OH_DIRECTORY;
		}
		if (!memory_has_entry(out, entry.path))
			OH_PUSH(arena, out, entry);
	}
	return true;
}

static inline bool memory_read(struct oh_source *source, struct oh_arena *arena,
	struct oh_slice path, struct oh_slice *out, struct oh_error *err)
{
	const struct memory_source *tree = (const struct memory_source *)(const void *)source;

	for (size_t i = 0; i < tree->files.count; i++)
		if (oh_slice_eq(tree->files.items[i].path, path)) {
			*out = oh_slice_dup(arena, tree->files.items[i].bytes);
			return true;
		}
	return oh_fail(err, OH_E_NOT_FOUND, "no file " OH_FMT, OH_ARG(path));
}

static inline struct memory_source memory_source(struct oh_arena *arena)
{
	static const struct oh_source_ops ops = {.list = memory_list, .read = memory_read};

	return (struct memory_source){.source = {&ops}, .arena = arena};
}

static inline void memory_source_add(
	struct memory_source *tree, const char *path, const char *bytes)
{
	const struct memory_file file = {oh_slice_of(path), oh_slice_of(bytes)};

	OH_PUSH(tree->arena, &tree->files, file);
}

#endif

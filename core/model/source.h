/*
 * A tree of files to read from: a directory on disk, git's index, a commit. What lies behind it
 * is the business of repo/; pure code sees only this.
 */
#ifndef OH_MODEL_SOURCE_H
#define OH_MODEL_SOURCE_H

#include "base/error.h"
#include "base/slice.h"

enum oh_entry_kind { OH_FILE, OH_DIRECTORY, OH_SYMLINK, OH_OTHER };

struct oh_entry {
	struct oh_slice path; /* relative to the root of the source, '/' between components */
	enum oh_entry_kind kind;
	struct oh_slice content; /* git object id in hex; "" where the source has none */
};

struct oh_entries {
	struct oh_entry *items;
	size_t count, capacity;
};

struct oh_source;

struct oh_source_ops {
	/*
	 * What is directly in DIRECTORY ("" is the root), or everything below it where
	 * RECURSIVE (then without the directories themselves). A directory that is not there is
	 * an empty one. Order is unspecified. A symlink that stays inside the source is
	 * followed and listed as what it names; one that leaves it is OH_SYMLINK.
	 */
	bool (*list)(struct oh_source *source, struct oh_arena *arena, struct oh_slice directory,
		bool recursive, struct oh_entries *out, struct oh_error *err);
	/* The bytes of a file. OH_E_NOT_FOUND where there is none. */
	bool (*read)(struct oh_source *source, struct oh_arena *arena, struct oh_slice path,
		struct oh_slice *out, struct oh_error *err);
	/* Another handle on the same files, for another thread; NULL where there can't be one. */
	struct oh_source *(*again)(struct oh_source *source, struct oh_arena *arena);
};

/* Implementations embed it as their first member. */
struct oh_source {
	const struct oh_source_ops *ops;
};

static inline bool oh_source_list(struct oh_source *source, struct oh_arena *arena,
	struct oh_slice directory, bool recursive, struct oh_entries *out, struct oh_error *err)
{
	return source->ops->list(source, arena, directory, recursive, out, err);
}

static inline bool oh_source_read(struct oh_source *source, struct oh_arena *arena,
	struct oh_slice path, struct oh_slice *out, struct oh_error *err)
{
	return source->ops->read(source, arena, path, out, err);
}

#endif

/*
 * What the sources over git's objects share: directories that are loaded when they are looked
 * into, symlinks that stay inside, blobs that are asked for ahead of time. A source gives the
 * entries of one directory; the rest is here.
 */
#ifndef OH_REPO_GIT_SOURCE_H
#define OH_REPO_GIT_SOURCE_H

#include "base/map.h"
#include "model/source.h"
#include "repo/objects.h"

#define OH_MODE_DIRECTORY 0040000u
#define OH_MODE_SYMLINK 0120000u
#define OH_MODE_SUBMODULE 0160000u

struct oh_git_entry {
	struct oh_slice name; /* one component */
	unsigned int mode;
	struct oh_slice id; /* hex; "" for a directory of the index */
};

/* Made when a name is first looked for: most directories are only listed. */
struct oh_git_names {
	struct oh_map by_name; /* index + 1 */
	size_t count; /* so many of the entries are in it */
};

struct oh_git_directory {
	struct oh_slice path;
	struct oh_git_entry *items;
	size_t count, capacity;
	struct oh_git_names *names; /* NULL where there is no entry */
};

struct oh_git_source {
	struct oh_source base;
	struct oh_arena *arena; /* what is loaded lives as long as the repository is open */
	struct oh_objects *objects;
	/* Fills in the entries of DIRECTORY->path, whose entry is AT (NULL: the root). */
	bool (*load)(struct oh_git_source *source, const struct oh_git_entry *at,
		struct oh_git_directory *directory, struct oh_error *err);
	struct {
		struct oh_git_directory **items;
		size_t count, capacity;
	} directories;
	struct oh_map by_path; /* index + 1 */
	struct {
		const struct oh_git_directory *directory;
		size_t last, asked, window; /* entry last read, first not asked for, how far */
	} ahead;
};

void oh_git_source_init(
	struct oh_git_source *source, struct oh_arena *arena, struct oh_objects *objects);
/* The object ID, which an entry names: OH_E_GIT where it is missing. */
bool oh_git_source_object(struct oh_git_source *source, struct oh_arena *arena, struct oh_slice id,
	struct oh_object *out, struct oh_error *err);
/* Room for COUNT entries of a directory that has none yet. */
void oh_git_directory_reserve(
	struct oh_arena *arena, struct oh_git_directory *directory, size_t count);
void oh_git_directory_add(
	struct oh_arena *arena, struct oh_git_directory *directory, struct oh_git_entry entry);
/* The entries of a tree object; OH_E_FORMAT where it is damaged or holds a name that would lead
 * elsewhere. */
bool oh_git_directory_parse(struct oh_arena *arena, const struct oh_object *tree,
	struct oh_git_directory *directory, struct oh_error *err);
/* NULL where DIRECTORY has no entry of this name. */
struct oh_git_entry *oh_git_directory_find(
	const struct oh_git_directory *directory, struct oh_slice name);
/* May NAME stand in a tree? Not "", ".", "..", ".git", nothing with a slash. */
bool oh_git_is_component(struct oh_slice name);

#endif

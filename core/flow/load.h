/*
 * From a source of files to snapshots: configuration files, script directories, migrations.
 *
 *	struct oh_loader loader = {.arena = arena, .configs = configs};
 *	struct oh_tree tree;
 *	if (!oh_load_tree(&loader, source, &tree, err)) …
 *
 * One loader for all trees of a command: a file that several of them have is read once.
 */
#ifndef OH_FLOW_LOAD_H
#define OH_FLOW_LOAD_H

#include "adapters/adapter.h"
#include "model/snapshot.h"
#include "repo/repo.h"

struct oh_loader {
	struct oh_arena *arena; /* of the trees */
	struct oh_arena *kept; /* of what files said, for the next tree; NULL: the same */
	struct oh_slices configs; /* paths of configuration files to look at */
	struct oh_slice root; /* absolute path of the sources' root, "" where none */
	enum oh_depth depth;
	bool without_locks;
	struct oh_slice cache; /* file of what was read before, see flow/parse_cache.h; "": none */
	/* private: what one file needs, and the files parsed before, by path and content */
	struct oh_arena scratch;
	struct oh_map seen;
	struct {
		struct oh_parsed {
			struct oh_migration migration;
			struct oh_unreadables unreadables;
			bool is_migration;
		} * items;
		size_t count, capacity;
	} parsed;
	size_t remembered; /* of them, those that the cache had */
};

/* A loader for the trees of a repository, with what was read there before. */
void oh_loader_for_repo(struct oh_loader *loader, struct oh_repo *repo);
/* Takes what one file said into the loader, so that it is not read again. */
void oh_loader_remember(struct oh_loader *loader, const struct oh_parsed *parsed);

struct oh_tree {
	struct oh_source *source;
	struct oh_snapshot *items; /* one a script directory, in order of their paths */
	size_t count, capacity;
	struct oh_unreadables unreadables; /* of configuration files */
};

bool oh_load_tree(struct oh_loader *loader, struct oh_source *source, struct oh_tree *tree,
	struct oh_error *err);
/* Only where the migrations are: nothing but configuration files is read. */
bool oh_load_locations(struct oh_loader *loader, struct oh_source *source, struct oh_locations *out,
	struct oh_unreadables *unreadables, struct oh_error *err);
/* Reads the bodies of those migrations of SNAPSHOT that BASE does not have. */
bool oh_load_bodies(struct oh_loader *loader, const struct oh_tree *tree,
	struct oh_snapshot *snapshot, const struct oh_snapshot *base, struct oh_error *err);

/* The snapshot of TREE that is the same graph as LIKE; an empty one where it has none. */
struct oh_snapshot *oh_tree_match(
	struct oh_arena *arena, const struct oh_tree *tree, const struct oh_snapshot *like);

/* The configuration files of a repository: those remembered in onehead.config and those that the
 * index changes; without any, all that the index has. */
bool oh_find_configs(struct oh_repo *repo, struct oh_arena *arena, const struct oh_changes *staged,
	struct oh_slices *out, struct oh_error *err);

/* Does PATH belong to one of these script directories: a migration, a lock, a configuration? */
bool oh_locations_touch(const struct oh_locations *locations, struct oh_slice path);

#endif

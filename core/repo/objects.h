/*
 * Raw git objects by name. Two backends answer the same: `git cat-file --batch`, which every
 * repository works with and which starts fast, and libgit2 (module onehead-git2), which reads
 * faster but refuses some. The front begins with git, turns to libgit2 where many objects are
 * read, and comes back to git for whatever that refuses or lacks, call by call.
 *
 *	struct oh_object tree;
 *	if (!oh_objects_read(objects, arena, OH_SLICE("HEAD^{tree}"), &tree, err)) …
 */
#ifndef OH_REPO_OBJECTS_H
#define OH_REPO_OBJECTS_H

#include "base/error.h"
#include "base/slice.h"

enum oh_object_kind { OH_COMMIT, OH_TREE, OH_BLOB, OH_TAG };

struct oh_object {
	struct oh_slice id; /* hex */
	enum oh_object_kind kind;
	struct oh_slice bytes;
};

struct oh_objects_backend {
	/* OH_E_UNSUPPORTED where this repository is not for this backend. */
	bool (*open)(void **self, struct oh_arena *arena, struct oh_error *err);
	/*
	 * NAME is whatever git takes as an object's name, in one line. OH_E_NOT_FOUND where there
	 * is no such object; OH_E_UNSUPPORTED where this backend can't tell.
	 */
	bool (*read)(void *self, struct oh_arena *arena, struct oh_slice name,
		struct oh_object *out, struct oh_error *err);
	/* These ids will be read soon, in this order. A hint; NULL where it does not help. */
	void (*expect)(void *self, const struct oh_slice *ids, size_t count);
	/* The object ID where it has come already because it was expected; NULL: none has. */
	bool (*kept)(void *self, struct oh_slice id, struct oh_object *out);
	void (*close)(void *self);
};

extern const struct oh_objects_backend oh_objects_git;

/* What the module onehead-git2 exports under the name "oh_objects_git2". */
#define OH_OBJECTS_MODULE "onehead-git2"
#define OH_OBJECTS_SYMBOL "oh_objects_git2"

struct oh_objects;

/* Opens nothing yet. ONEHEAD_OBJECTS=git or libgit2 chooses one from the beginning. */
struct oh_objects *oh_objects_new(struct oh_arena *arena);
/* Something will be read soon: what it takes may begin. A failure shows when it is read. */
void oh_objects_start(struct oh_objects *objects);
void oh_objects_close(struct oh_objects *objects);
bool oh_objects_read(struct oh_objects *objects, struct oh_arena *arena, struct oh_slice name,
	struct oh_object *out, struct oh_error *err);
void oh_objects_expect(struct oh_objects *objects, const struct oh_slice *ids, size_t count);
/* The object ID where it has come already because it was expected. Nothing is read. */
bool oh_objects_kept(const struct oh_objects *objects, struct oh_slice id, struct oh_object *out);

#endif

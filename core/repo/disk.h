/*
 * Files that are nobody's tracked content: hooks, git's config, what onehead remembers in the git
 * directory. Paths are absolute. A write is whole or not at all.
 */
#ifndef OH_REPO_DISK_H
#define OH_REPO_DISK_H

#include "base/error.h"
#include "base/slice.h"

#include <sys/types.h>

#define OH_NEW_SUFFIX ".onehead-new" /* of a file while it is written */

/* The bytes of a file, through symlinks. OH_E_NOT_FOUND where there is none. */
bool oh_disk_read(
	struct oh_arena *arena, struct oh_slice path, struct oh_slice *bytes, struct oh_error *err);
/* Puts a file with BYTES and MODE (as the umask allows) where PATH is; a symlink there is
 * replaced, never followed. */
bool oh_disk_write(struct oh_arena *arena, struct oh_slice path, struct oh_slice bytes, mode_t mode,
	struct oh_error *err);
/* The same under git's own lock for PATH, PATH.lock; keeps the mode. PATH is a plain file.
 * OH_E_CHANGED where its bytes are not EXPECTED. */
bool oh_disk_replace_locked(struct oh_arena *arena, struct oh_slice path, struct oh_slice expected,
	struct oh_slice bytes, struct oh_error *err);
/* Gives FROM the name TO as well (a symlink, not what it names); where the file system can't, FROM
 * loses its own. */
bool oh_disk_link(
	struct oh_arena *arena, struct oh_slice from, struct oh_slice to, struct oh_error *err);
bool oh_disk_rename(
	struct oh_arena *arena, struct oh_slice from, struct oh_slice to, struct oh_error *err);
/* Well where there is nothing to remove. */
bool oh_disk_remove(struct oh_arena *arena, struct oh_slice path, struct oh_error *err);
/* An empty one; well where it is not there or not empty. */
void oh_disk_remove_directory(struct oh_arena *arena, struct oh_slice path);
/* One directory; *MADE says whether it was not there before. */
bool oh_disk_make_directory(
	struct oh_arena *arena, struct oh_slice path, bool *made, struct oh_error *err);

/* Is there anything of this name, a dangling symlink included? */
bool oh_disk_exists(struct oh_arena *arena, struct oh_slice path);
/* Two names of one file? */
bool oh_disk_is_same(struct oh_arena *arena, struct oh_slice a, struct oh_slice b);
bool oh_disk_is_directory(struct oh_arena *arena, struct oh_slice path);
/* A file that may be run. */
bool oh_disk_is_program(struct oh_arena *arena, struct oh_slice path);
/* Where NAME is on PATH; "" where it is not. */
struct oh_slice oh_disk_find_program(struct oh_arena *arena, const char *name);
/* PATH without symlinks, as far as it exists. */
struct oh_slice oh_disk_real(struct oh_arena *arena, struct oh_slice path);
/* Is PATH the directory DIRECTORY or below it? Both as they are written. */
bool oh_path_is_below(struct oh_slice path, struct oh_slice directory);
/* The directory of the running program. */
bool oh_disk_own_directory(struct oh_arena *arena, struct oh_slice *out, struct oh_error *err);

#endif

/*
 * New bytes in the place of a file of the worktree, and back again. A kill at any moment leaves the
 * old file or the new one, whole; what somebody else puts there in the meantime stays there.
 *
 *	struct oh_swap swap = {.arena = a, .git_dir = …, .path = …, .directory = fd, .name = "f"};
 *	if (!oh_swap_look(&swap, err) || … || !oh_swap_in(&swap, bytes, err))
 *		return false;
 *	if (!(ok = …))
 *		oh_swap_back(&swap);
 *	oh_swap_end(&swap);
 */
#ifndef OH_REPO_SWAP_H
#define OH_REPO_SWAP_H

#include "base/error.h"
#include "base/slice.h"

#include <sys/stat.h>

struct oh_swap {
	struct oh_arena *arena;
	struct oh_slice git_dir; /* absolute */
	struct oh_slice path; /* of the file, for messages */
	int directory; /* that it is in, opened by the caller */
	const char *name; /* in there */
	mode_t mode; /* of the new file, as the umask allows */
	/* what oh_swap_look has seen: */
	bool was_there;
	struct stat before;
	/* private: */
	int workshop; /* the directory of the next two: in the git directory, or the file's own */
	bool is_beside; /* its own */
	const char *temporary; /* the new file; once it is in its place, the old one */
	const char *copy; /* of the old file, where two files can't change places; or NULL */
	struct stat ours;
	bool is_plain; /* without renameat2 */
};

/* Looks at what is there. OH_E_CHANGED where that is no ordinary file. */
bool oh_swap_look(struct oh_swap *swap, struct oh_error *err);
/* Puts BYTES there. On failure nothing has changed, and nothing is to be ended; OH_E_CHANGED where
 * the place is no longer as oh_swap_look saw it. */
bool oh_swap_in(struct oh_swap *swap, struct oh_slice bytes, struct oh_error *err);
/* Puts back what was there, unless somebody else has written to the new file. */
void oh_swap_back(struct oh_swap *swap);
/* Takes the file away, after oh_swap_look alone; stays where it is no longer what that has seen.
 * Nothing is to be ended. */
void oh_swap_out(struct oh_swap *swap);
/* Clears away what is no longer needed. */
void oh_swap_end(struct oh_swap *swap);

#endif

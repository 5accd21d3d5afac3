/*
 * oh_repo_stage for several files, whole or not at all: the worktree gets them all, then the index
 * in one write. On failure both are as they were; a kill leaves a worktree that is ahead of the
 * index, and staging again goes on; or else a file that is staged for removal and still there.
 */
#ifndef OH_REPO_STAGE_H
#define OH_REPO_STAGE_H

#include "repo/repo.h"

struct oh_staged_file {
	struct oh_slice path, bytes; /* as in the repository */
	bool replace; /* whatever the worktree has there */
	bool remove; /* and bytes are what it says until now, where it is there */
};

/* Errors are those of oh_repo_stage. */
bool oh_repo_stage_files(struct oh_repo *repo, const struct oh_staged_file *files, size_t count,
	struct oh_error *err);

#endif

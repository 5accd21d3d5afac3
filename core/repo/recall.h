/*
 * Where things are, for a program that one git runs again and again: for every commit of a rebase
 * or of a row of picks. That git reads its configuration once, when it starts, so it is asked once
 * for each such git and remembered in .git/onehead/row-of.
 *
 *	if (!oh_repo_open_in_row(&repo, arena, err)) …
 *	…
 *	oh_repo_remember_row(repo);
 */
#ifndef OH_REPO_RECALL_H
#define OH_REPO_RECALL_H

#include "repo/repo.h"

/* As oh_repo_open; where the git that runs us has run us before, nothing is started. */
bool oh_repo_open_in_row(struct oh_repo **out, struct oh_arena *arena, struct oh_error *err);
/* For the next time, where this is a row and its paths have been asked for. What fails is asked
 * again. */
void oh_repo_remember_row(struct oh_repo *repo);

#endif

/* Who reads git's objects here, in words. */
#ifndef OH_REPO_BACKEND_H
#define OH_REPO_BACKEND_H

#include "base/slice.h"

/* Tries what reading an object would choose: "git itself", or libgit2, or why it is not that. */
struct oh_slice oh_backend_describe(struct oh_arena *arena);

#endif

/* SHA-256 and SHA-1, by libmd. */
#ifndef OH_BASE_DIGEST_H
#define OH_BASE_DIGEST_H

#include "base/slice.h"

/* 64 lower-case hex digits, in ARENA. */
struct oh_slice oh_digest_sha256(struct oh_arena *arena, struct oh_slice bytes);
/* 40 of them: for the names of git's objects, never for trust. */
struct oh_slice oh_digest_sha1(struct oh_arena *arena, struct oh_slice bytes);

#endif

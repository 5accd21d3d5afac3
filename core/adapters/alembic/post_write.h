/*
 * The hook in an ini file that has onehead number each new migration. Alembic has the type `exec`
 * since 1.12; an older one ends `revision` with "No formatter with name 'exec' registered". After
 * its hooks Alembic reads the file again, by the name that it gave it: it keeps that name. A shell
 * runs it, so that nothing fails where the program is missing.
 */
#ifndef OH_ADAPTERS_ALEMBIC_POST_WRITE_H
#define OH_ADAPTERS_ALEMBIC_POST_WRITE_H

#include "base/error.h"
#include "base/slice.h"

/* Every other byte stays. The same bytes where it is there already. OH_E_UNSUPPORTED, in one line
 * for people, where it is not known how. It runs after the hooks that are there. */
bool oh_alembic_add_post_write(struct oh_arena *arena, struct oh_slice path, struct oh_slice bytes,
	struct oh_slice *out, struct oh_error *err);
/* The bytes as they were before; the same where it is not there. */
struct oh_slice oh_alembic_remove_post_write(struct oh_arena *arena, struct oh_slice bytes);

#endif

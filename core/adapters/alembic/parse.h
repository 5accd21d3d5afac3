/* A migration file of Alembic as a value. */
#ifndef OH_ADAPTERS_ALEMBIC_PARSE_H
#define OH_ADAPTERS_ALEMBIC_PARSE_H

#include "adapters/adapter.h"

/* (?!\.#|__init__)(.*\.py)$ on the name, as Alembic has it; nothing below __pycache__. */
bool oh_alembic_is_migration(const struct oh_location *location, struct oh_slice path);

/*
 * What the file says by literals: also through a constant of the module that is assigned once,
 * and before. Anything else (a call, a condition, an import) is unreadable, and so is what
 * Alembic refuses: no down_revision, an id with '@', '-' or '+' in it, something that is no
 * string. An id with ':' is taken: Alembic refuses it only in later versions. An id of another
 * migration that is named twice as a parent counts once.
 */
void oh_alembic_parse(struct oh_arena *arena, const struct oh_file *file, enum oh_depth depth,
	struct oh_migrations *out, struct oh_unreadables *unreadable);

#endif

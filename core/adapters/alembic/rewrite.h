/*
 * A migration file that says other ids, byte for byte the same elsewhere.
 *
 * What changes is the value of `revision`, of `down_revision` and, by the renames, of
 * `depends_on`, where it is written out: string literals, None, tuples, lists and sets of them. A
 * value that stands behind a name or a computation is refused, and so is one that is also given
 * to something else (`x = down_revision = "a"`).
 *
 * - An id keeps the quotes and the prefix of the one that stood there; what comes in the place of
 *   None is quoted as `revision` is.
 * - One parent becomes several as a tuple; several become one as a string, where they were a tuple
 *   without comments or a set. Lists stay lists.
 * - In the docstring `Revision ID: x`, `Revises: a, b`, and `- a` below `Reconciles:` follow, where
 *   they say what the file said until now.
 *
 * The result is read back, and refused where it does not say what was wanted, or where its title,
 * date, labels or body say anything else than before.
 */
#ifndef OH_ADAPTERS_ALEMBIC_REWRITE_H
#define OH_ADAPTERS_ALEMBIC_REWRITE_H

#include "adapters/adapter.h"

bool oh_alembic_rewrite(struct oh_arena *arena, const struct oh_file *file,
	const struct oh_rewrite *want, struct oh_slice *bytes, struct oh_error *err);

#endif

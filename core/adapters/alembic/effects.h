/*
 * What upgrade() does to the schema, as far as its literals say it.
 *
 * Calls of op.* and of the name in `with op.batch_alter_table("t") as NAME` become effects, in
 * functions of the module that upgrade calls as well, and under any condition: maybe they run.
 * What is left over is said to be unknown: raw SQL (but a literal SELECT is nothing), names that
 * are computed, and calls of what may do anything.
 *
 * How the calls are modelled, where it is not plain:
 * - renaming a table or column drops the old name and creates the new one;
 * - the columns of a created table are part of it, what its foreign keys point to is used;
 * - a table's comment is a constraint of the name "(comment)" that is altered, and its primary
 *   key one of the name "(primary key)" that is created: they collide with their like alone;
 * - rows that are inserted use the table.
 */
#ifndef OH_ADAPTERS_ALEMBIC_EFFECTS_H
#define OH_ADAPTERS_ALEMBIC_EFFECTS_H

#include "adapters/alembic/digest.h"
#include "model/migration.h"

/* Fills all of BODY but the digest, in ARENA. */
void oh_alembic_effects(
	struct oh_arena *arena, const struct oh_module_text *text, struct oh_body *body);

#endif

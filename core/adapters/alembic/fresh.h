/* The number of a migration that was just made, whatever id Alembic has given it. */
#ifndef OH_ADAPTERS_ALEMBIC_FRESH_H
#define OH_ADAPTERS_ALEMBIC_FRESH_H

#include "adapters/adapter.h"

/*
 * As oh_alembic_number, where its id is a number already. Else the next number, with a slug of its
 * title behind it where the last migrations of TAKEN have one; the file is named as theirs are: by
 * the id alone where theirs are, else by the file template. TAKEN does not hold it.
 */
struct oh_new_name oh_alembic_next_number(struct oh_arena *arena,
	const struct oh_location *location, const struct oh_migrations *taken,
	const struct oh_migration *migration);

#endif

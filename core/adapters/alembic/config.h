/* Which files configure Alembic, and the locations that they name. */
#ifndef OH_ADAPTERS_ALEMBIC_CONFIG_H
#define OH_ADAPTERS_ALEMBIC_CONFIG_H

#include "adapters/adapter.h"

/* alembic.ini, pyproject.toml, and any other NAME.ini with "alembic" in its name. */
bool oh_alembic_is_config(struct oh_slice path);

/*
 * One location for [alembic] (with what [tool.alembic] beside it adds), and one for every other
 * section that Alembic's -n could name: one with a script_location or version_locations of its
 * own. Directories that are not there are left out, as Alembic leaves them out.
 */
bool oh_alembic_discover(struct oh_arena *arena, struct oh_source *source, struct oh_slice root,
	struct oh_slice config, struct oh_locations *out, struct oh_unreadables *unreadable,
	struct oh_error *err);

#endif

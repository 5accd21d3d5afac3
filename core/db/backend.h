/*
 * What a kind of database must bring: one constant of this type, exported by its module under the
 * name that db.c's table has for it. State is made in the arena and freed by close.
 */
#ifndef OH_DB_BACKEND_H
#define OH_DB_BACKEND_H

#include "db/url.h"

enum {
	OH_DB_CONNECT_MS = 3000, /* until a server must have answered */
	OH_DB_READ_MS = 3000, /* until a table must have been read */
	OH_DB_LOCK_MS = 2000, /* for which somebody else's lock is waited for */
	OH_DB_MAX_ROWS = 10000, /* a version table with more is something else */
};

struct oh_db_table {
	struct oh_slice schema; /* "" where none is named */
	struct oh_slice name;
};

struct oh_db_backend {
	bool (*open)(void **out, struct oh_arena *arena, const struct oh_url *url,
		struct oh_slice root, struct oh_error *err);
	/* Up to OH_DB_MAX_ROWS + 1 values of version_num, in any order; none for no table. */
	bool (*applied)(void *state, struct oh_arena *arena, const struct oh_db_table *table,
		struct oh_slices *out, struct oh_error *err);
	void (*close)(void *state);
};

extern const struct oh_db_backend oh_db_sqlite, oh_db_postgres;

#endif

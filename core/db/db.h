/*
 * What databases say: which migrations they have applied. SQLite and PostgreSQL behind one
 * interface, each in a module of its own (onehead-sqlite, onehead-postgres) that is loaded only
 * when a database of its kind is opened. Nothing is ever written here.
 *
 *	struct oh_db *db;
 *	if (!oh_db_open(&db, arena, OH_SLICE("sqlite:///dev.db"), root, err)) …
 *	struct oh_slices applied;
 *	oh_db_applied(db, arena, OH_SLICE("schema_version"), &applied, err);
 *	oh_db_close(db);
 */
#ifndef OH_DB_DB_H
#define OH_DB_DB_H

#include "base/error.h"
#include "base/slice.h"

struct oh_db;

/*
 * URL as SQLAlchemy writes it: sqlite:///relative/to/root.db, sqlite:////absolute.db,
 * postgresql://…, postgresql+driver://… (the driver is ignored; host=/socket/dir works as a query
 * parameter). A database that does not exist is OH_E_NOT_FOUND and is not made. Messages never
 * show a password. Connecting gives up after 3 seconds.
 */
bool oh_db_open(struct oh_db **out, struct oh_arena *arena, struct oh_slice url,
	struct oh_slice root, struct oh_error *err);
void oh_db_close(struct oh_db *db);

/* The rows of TABLE's column version_num, sorted; none where there is no such table. TABLE may
 * be schema.table. Gives up on a lock after 2 seconds, on the rest after 3. OH_E_CHANGED where
 * somebody began to write an SQLite file meanwhile: try again. */
bool oh_db_applied(struct oh_db *db, struct oh_arena *arena, struct oh_slice table,
	struct oh_slices *out, struct oh_error *err);

#endif

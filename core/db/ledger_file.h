/*
 * The file of the ledger: an SQLite database of onehead's own, in the module onehead-sqlite. Table
 * applied(database TEXT, id TEXT); its version stands in user_version.
 */
#ifndef OH_DB_LEDGER_FILE_H
#define OH_DB_LEDGER_FILE_H

#include "base/error.h"
#include "base/slice.h"

#define OH_LEDGER_VERSION 1

struct oh_ledger_row {
	struct oh_slice database, id;
};

struct oh_ledger_rows {
	struct oh_ledger_row *items; /* sorted by id, then database */
	size_t count, capacity;
};

/*
 * PATH must be there; it is never made. OH_E_VERSION where another version of onehead has made
 * it, OH_E_FORMAT where it is no such file, OH_E_DATABASE where another program holds it for more
 * than 2 seconds.
 */
bool oh_ledger_file_read(struct oh_arena *arena, struct oh_slice path, struct oh_ledger_rows *out,
	struct oh_error *err);
/* Makes PATH where it is not there. The rows of DATABASE are IDS from now on: all or nothing. */
bool oh_ledger_file_note(struct oh_arena *arena, struct oh_slice path, struct oh_slice database,
	const struct oh_slices *ids, struct oh_error *err);

/* What the module exports under the name "oh_ledger_sqlite". */
struct oh_ledger_backend {
	bool (*read)(struct oh_arena *arena, const char *path, struct oh_ledger_rows *out,
		struct oh_error *err);
	bool (*note)(const char *path, struct oh_slice database, const struct oh_slices *ids,
		struct oh_error *err);
};
extern const struct oh_ledger_backend oh_ledger_sqlite;

#endif

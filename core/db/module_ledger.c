#include "db/backend.h"
#include "db/ledger_file.h"

#include <sqlite3.h>

static const char SQL_VERSION[] = "PRAGMA user_version";
static const char SQL_BEGIN[] = "BEGIN IMMEDIATE";
static const char SQL_MAKE[] = "CREATE TABLE applied (database TEXT NOT NULL, id TEXT NOT NULL,"
			       " PRIMARY KEY (database, id)) WITHOUT ROWID;"
			       "PRAGMA user_version = 1";
static const char SQL_ALL[] = "SELECT database, id FROM applied ORDER BY id, database";
static const char SQL_FORGET[] = "DELETE FROM applied WHERE database = ?1";
static const char SQL_ADD[] = "INSERT OR IGNORE INTO applied (database, id) VALUES (?1, ?2)";
static const char SQL_COMMIT[] = "COMMIT";

static bool fail(sqlite3 *db, const char *path, struct oh_error *err)
{
	const int code = sqlite3_errcode(db) & 0xff;
	const bool damaged = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;

	oh_fail(err,
		damaged			  ? OH_E_FORMAT
		: code == SQLITE_CANTOPEN ? OH_E_IO
					  : OH_E_DATABASE,
		"%s: %s", path, sqlite3_errmsg(db));
	if (err)
		err->native = sqlite3_extended_errcode(db);
	return false;
}

static bool run(sqlite3 *db, const char *path, const char *sql, struct oh_error *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(db, path, err);
}

/* Readers open it for writing as well: a write that was cut off is taken back by the next. */
static bool open_file(sqlite3 **db, const char *path, bool make, struct oh_error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0);

	if (sqlite3_open_v2(path, db, flags, NULL))
		return fail(*db, path, err);
	sqlite3_busy_timeout(*db, OH_DB_LOCK_MS);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return true;
}

static bool get_version(sqlite3 *db, const char *path, int *version, struct oh_error *err)
{
	sqlite3_stmt *statement = NULL;
	bool ok = sqlite3_prepare_v2(db, SQL_VERSION, -1, &statement, NULL) == SQLITE_OK &&
		  sqlite3_step(statement) == SQLITE_ROW;

	if (ok)
		*version = sqlite3_column_int(statement, 0);
	else
		fail(db, path, err);
	sqlite3_finalize(statement);
	return ok;
}

/* 0 is a file in which nothing was noted yet. */
static bool check_version(sqlite3 *db, const char *path, int *version, struct oh_error *err)
{
	if (!get_version(db, path, version, err))
		return false;
	return *version == 0 || *version == OH_LEDGER_VERSION ||
	       oh_fail(err, OH_E_VERSION, "%s: of version %d, this program knows %d", path,
		       *version, OH_LEDGER_VERSION);
}

static struct oh_slice column(struct oh_arena *arena, sqlite3_stmt *statement, int at)
{
	const char *text = (const char *)sqlite3_column_text(statement, at);
	const int size = sqlite3_column_bytes(statement, at);

	return oh_slice_dup(arena, (struct oh_slice){text ? text : "", (size_t)size});
}

static bool read_rows(struct oh_arena *arena, sqlite3 *db, const char *path,
	struct oh_ledger_rows *out, struct oh_error *err)
{
	sqlite3_stmt *statement = NULL;
	int rc = sqlite3_prepare_v2(db, SQL_ALL, -1, &statement, NULL);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(statement);
		if (rc == SQLITE_ROW)
			OH_PUSH(arena, out,
				(struct oh_ledger_row){
					column(arena, statement, 0), column(arena, statement, 1)});
	}
	if (rc != SQLITE_DONE)
		fail(db, path, err);
	sqlite3_finalize(statement);
	return rc == SQLITE_DONE;
}

static bool ledger_read(
	struct oh_arena *arena, const char *path, struct oh_ledger_rows *out, struct oh_error *err)
{
	sqlite3 *db = NULL;
	int version = 0;
	bool ok = open_file(&db, path, false, err) && check_version(db, path, &version, err) &&
		  (version == 0 || read_rows(arena, db, path, out, err));

	sqlite3_close(db);
	return ok;
}

/* SQL with DATABASE and ID ("" where it takes none) in it. */
static bool change(sqlite3 *db, const char *path, const char *sql, const struct oh_ledger_row *row,
	struct oh_error *err)
{
	sqlite3_stmt *statement = NULL;
	bool ok = sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK;

	if (ok) {
		sqlite3_bind_text(
			statement, 1, row->database.ptr, (int)row->database.len, SQLITE_STATIC);
		if (row->id.len)
			sqlite3_bind_text(
				statement, 2, row->id.ptr, (int)row->id.len, SQLITE_STATIC);
		ok = sqlite3_step(statement) == SQLITE_DONE;
	}
	if (!ok)
		fail(db, path, err);
	sqlite3_finalize(statement);
	return ok;
}

static bool write_rows(sqlite3 *db, const char *path, struct oh_slice database,
	const struct oh_slices *ids, struct oh_error *err)
{
	struct oh_ledger_row row = {database, OH_SLICE("")};
	int version = 0;

	if (!run(db, path, SQL_BEGIN, err) || !check_version(db, path, &version, err) ||
		(version == 0 && !run(db, path, SQL_MAKE, err)) ||
		!change(db, path, SQL_FORGET, &row, err))
		return false;
	for (size_t i = 0; i < ids->count; i++) {
		row.id = ids->items[i];
		if (row.id.len && !change(db, path, SQL_ADD, &row, err))
			return false;
	}
	return run(db, path, SQL_COMMIT, err);
}

/* Closing takes back what was not committed. */
static bool ledger_note(const char *path, struct oh_slice database, const struct oh_slices *ids,
	struct oh_error *err)
{
	sqlite3 *db = NULL;
	const bool ok = open_file(&db, path, true, err) && write_rows(db, path, database, ids, err);

	sqlite3_close(db);
	return ok;
}

const struct oh_ledger_backend oh_ledger_sqlite = {.read = ledger_read, .note = ledger_note};

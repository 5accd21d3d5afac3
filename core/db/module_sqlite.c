#include "db/backend.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char SQL_PROBE[] = "SELECT count(*) FROM main.sqlite_master";
static const char SQL_TABLE[] = "SELECT 1 FROM main.sqlite_master"
				" WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE";
/* The column unquoted: SQLite takes a quoted name that it can't find for a string. */
static const char SQL_VERSIONS[] = "SELECT version_num FROM main.\"%w\" LIMIT ?1";

struct sqlite {
	sqlite3 *db;
	const char *name; /* as the user wrote it */
	const char *log; /* the write-ahead log that must stay away while we read, or NULL */
	struct timespec deadline;
};

static const struct complaint {
	int code; /* extended or primary */
	enum oh_code as;
	const char *text;
} complaints[] = {
	{SQLITE_READONLY_ROLLBACK, OH_E_DATABASE,
		"a write was cut off; let a program that may write open it once, so that it is taken "
		"back"},
	{SQLITE_NOTADB, OH_E_FORMAT, "this is no SQLite database, or an encrypted one"},
	{SQLITE_CORRUPT, OH_E_FORMAT, "the database is damaged"},
	{SQLITE_BUSY, OH_E_DATABASE, "another program has locked it"},
	{SQLITE_LOCKED, OH_E_DATABASE, "another program has locked it"},
	{SQLITE_INTERRUPT, OH_E_DATABASE, "reading it took more than 3 seconds"},
	{SQLITE_CANTOPEN, OH_E_IO, "it can't be opened"},
};

static bool fail(const struct sqlite *s, struct oh_error *err)
{
	const int code = sqlite3_extended_errcode(s->db);
	enum oh_code as = OH_E_DATABASE;
	const char *text = sqlite3_errmsg(s->db);

	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		if (complaints[i].code == code || complaints[i].code == (code & 0xff)) {
			as = complaints[i].as;
			text = complaints[i].text;
			break;
		}
	oh_fail(err, as, "%s: %s", s->name, text);
	if (err)
		err->native = code;
	return false;
}

/* A view is a stranger's program: it may run for ever. */
static int overdue(void *state)
{
	const struct sqlite *s = state;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > s->deadline.tv_sec ||
	       (now.tv_sec == s->deadline.tv_sec && now.tv_nsec > s->deadline.tv_nsec);
}

static void start_clock(struct sqlite *s)
{
	clock_gettime(CLOCK_MONOTONIC, &s->deadline);
	s->deadline.tv_sec += OH_DB_READ_MS / 1000;
}

static bool is_true(struct oh_slice s)
{
	static const char *const yes[] = {"true", "yes", "on", "y", "t", "1"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (s.len == strlen(yes[i]) && strncasecmp(s.ptr, yes[i], s.len) == 0)
			return true;
	return false;
}

/* The path that the URL means: "" for a database in memory. */
static struct oh_slice path_of(const struct oh_url *url, struct oh_slice database)
{
	struct oh_slice path = database;

	if (is_true(oh_url_param(url, OH_SLICE("uri"))) &&
		oh_slice_cut_prefix(&path, OH_SLICE("file:"))) {
		if (oh_slice_eq(oh_url_param(url, OH_SLICE("mode")), OH_SLICE("memory")))
			return OH_SLICE("");
		if (oh_slice_cut_prefix(&path, OH_SLICE("//")))
			path = oh_slice_sub(path, oh_slice_find_byte(path, '/', 0), path.len);
	}
	return oh_slice_eq(path, OH_SLICE(":memory:")) ? OH_SLICE("") : path;
}

static const char *below(struct oh_arena *arena, struct oh_slice root, struct oh_slice path)
{
	const bool as_it_is = root.len == 0 || (path.len && path.ptr[0] == '/');

	if (as_it_is)
		return oh_slice_str(arena, path);
	return oh_slice_printf(arena, OH_FMT "/" OH_FMT, OH_ARG(root), OH_ARG(path)).ptr;
}

static bool check_url(const struct oh_url *url, struct oh_error *err)
{
	if (url->user.len || url->password.len || url->host.len || url->port.len)
		return oh_fail(err, OH_E_USAGE,
			"an SQLite URL has no host: sqlite:///relative/path or "
			"sqlite:////absolute/path");
	if (oh_slice_eq(url->driver, OH_SLICE("pysqlcipher")))
		return oh_fail(err, OH_E_UNSUPPORTED, "an encrypted SQLite database can't be read");
	if (path_of(url, url->database).len == 0)
		return oh_fail(err, OH_E_USAGE,
			"an SQLite database in memory is gone when its program ends: there is "
			"nothing to read");
	return true;
}

/* The file, symlinks resolved as SQLite does to find the log that belongs to it. */
static bool find_file(struct oh_arena *arena, const char *path, char **out, struct oh_error *err)
{
	char *real = oh_arena_alloc(arena, PATH_MAX);
	struct stat st;

	if (!realpath(path, real) || stat(real, &st)) {
		const bool missing = errno == ENOENT || errno == ENOTDIR;

		if (missing)
			return oh_fail(err, OH_E_NOT_FOUND, "no database is there");
		return oh_fail_errno(err, "it can't be opened");
	}
	if (!S_ISREG(st.st_mode))
		return oh_fail(err, OH_E_FORMAT, "this is no file");
	*out = real;
	return true;
}

/* Whether the file's header says that its writers use a write-ahead log. */
static bool has_log(const char *path, bool *out, struct oh_error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char header[20] = {0};
	ssize_t n;

	if (fd < 0)
		return oh_fail_errno(err, "it can't be opened");
	n = read(fd, header, sizeof(header));
	close(fd);
	if (n < 0)
		return oh_fail_errno(err, "it can't be read");
	*out = header[18] == 2 || header[19] == 2;
	return true;
}

/*
 * Merely reading a database with a write-ahead log would make SQLite create the log's files and
 * leave them there. Where there is no log, nobody has the database open and it is complete in
 * itself: it is read as immutable, and looked at again afterwards. Where there is one, its index
 * is used but never made.
 */
static bool choose_uri(struct sqlite *s, struct oh_arena *arena, const char *path, const char **out,
	struct oh_error *err)
{
	struct oh_buf uri = {.arena = arena};
	const char *log = oh_slice_printf(arena, "%s-wal", path).ptr;
	const char *option = "";
	bool logged = false;

	if (!has_log(path, &logged, err))
		return false;
	if (logged && access(log, F_OK) == 0) {
		option = "?readonly_shm=1";
	} else if (logged) {
		option = "?immutable=1";
		s->log = log;
	}
	oh_buf_add(&uri, OH_SLICE("file:"));
	for (const char *p = path; *p; p++)
		if (strchr("%?#", *p))
			oh_buf_addf(&uri, "%%%02X", (unsigned)*p);
		else
			oh_buf_add(&uri, (struct oh_slice){p, 1});
	oh_buf_addf(&uri, "%s", option);
	*out = oh_slice_str(arena, oh_buf_slice(&uri));
	return true;
}

static bool connect_to(struct sqlite *s, const char *uri, struct oh_error *err)
{
	const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_PRIVATECACHE;

	if (sqlite3_open_v2(uri, &s->db, flags, NULL))
		return fail(s, err);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, OH_DB_LOCK_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, 1 << 20);
	sqlite3_progress_handler(s->db, 10000, overdue, s);
	start_clock(s);
	if (sqlite3_exec(s->db, SQL_PROBE, NULL, NULL, NULL))
		return fail(s, err);
	return true;
}

static bool open_path(
	struct sqlite *s, struct oh_arena *arena, const char *path, struct oh_error *err)
{
	const char *uri;
	char *file = NULL;

	if (!find_file(arena, path, &file, err) || !choose_uri(s, arena, file, &uri, err))
		return oh_wrap(err, "%s", s->name);
	return connect_to(s, uri, err);
}

static void sqlite_close(void *state)
{
	struct sqlite *s = state;

	sqlite3_close(s->db);
}

static bool sqlite_open(void **out, struct oh_arena *arena, const struct oh_url *url,
	struct oh_slice root, struct oh_error *err)
{
	struct sqlite *s = oh_arena_alloc(arena, sizeof(*s));
	struct oh_slice path = path_of(url, url->database);

	if (!check_url(url, err))
		return false;
	/* Before 2.1 SQLAlchemy did not decode the path: such a file bears the name as written. */
	if (access(below(arena, root, path), F_OK) != 0 &&
		access(below(arena, root, path_of(url, url->written)), F_OK) == 0)
		path = path_of(url, url->written);
	s->name = oh_slice_str(arena, path);
	if (!open_path(s, arena, below(arena, root, path), err)) {
		sqlite_close(s);
		return false;
	}
	*out = s;
	return true;
}

static bool has_table(struct sqlite *s, struct oh_slice name, bool *out, struct oh_error *err)
{
	sqlite3_stmt *statement = NULL;
	int rc;

	rc = sqlite3_prepare_v2(s->db, SQL_TABLE, -1, &statement, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_bind_text(statement, 1, name.ptr, (int)name.len, SQLITE_STATIC);
		rc = sqlite3_step(statement);
	}
	*out = rc == SQLITE_ROW;
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		fail(s, err);
	sqlite3_finalize(statement);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

static bool read_rows(struct sqlite *s, struct oh_arena *arena, sqlite3_stmt *statement,
	struct oh_slices *out, struct oh_error *err)
{
	int rc;

	sqlite3_bind_int(statement, 1, OH_DB_MAX_ROWS + 1);
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(statement, 0);
		const int size = sqlite3_column_bytes(statement, 0);

		OH_PUSH(arena, out,
			oh_slice_dup(arena, (struct oh_slice){text ? text : "", (size_t)size}));
	}
	return rc == SQLITE_DONE ? true : fail(s, err);
}

static bool read_table(struct sqlite *s, struct oh_arena *arena, struct oh_slice table,
	struct oh_slices *out, struct oh_error *err)
{
	char *sql = sqlite3_mprintf(SQL_VERSIONS, oh_slice_str(arena, table));
	sqlite3_stmt *statement = NULL;
	bool ok;

	if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL))
		ok = fail(s, err);
	else
		ok = read_rows(s, arena, statement, out, err);
	sqlite3_finalize(statement);
	sqlite3_free(sql);
	return ok;
}

static bool sqlite_applied(void *state, struct oh_arena *arena, const struct oh_db_table *table,
	struct oh_slices *out, struct oh_error *err)
{
	struct sqlite *s = state;
	bool there;

	start_clock(s);
	if (table->schema.len && !oh_slice_eq(table->schema, OH_SLICE("main")))
		return true; /* a file by itself has no other */
	if (!has_table(s, table->name, &there, err))
		return false;
	if (there && !read_table(s, arena, table->name, out, err))
		return false;
	if (s->log && access(s->log, F_OK) == 0)
		return oh_fail(err, OH_E_CHANGED,
			"%s: another program has begun to write it; try again", s->name);
	return true;
}

const struct oh_db_backend oh_db_sqlite = {
	.open = sqlite_open,
	.applied = sqlite_applied,
	.close = sqlite_close,
};

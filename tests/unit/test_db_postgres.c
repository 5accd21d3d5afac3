#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "db_fixture.h"
#include "postgres_server.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct postgres_server server;

static int start(void **state)
{
	(void)state;
	postgres_start(&server);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	postgres_stop(&server);
	return 0;
}

/* Each test has the database `app` for itself. */
static int make(void **state)
{
	fixture_make(state);
	postgres_sql(&server, "postgres", "CREATE DATABASE app");
	return 0;
}

static int drop(void **state)
{
	postgres_sql(&server, "postgres", "DROP DATABASE IF EXISTS app WITH (FORCE)");
	return fixture_drop(state);
}

/* HEAD, the socket's directory, TAIL. */
static const char *url(struct fixture *f, const char *head, const char *tail)
{
	return oh_slice_printf(&f->arena, "%s%s%s", head, server.directory, tail).ptr;
}

static const char *app(struct fixture *f)
{
	return url(f, "postgresql://postgres@/app?host=", "");
}

static void sql(const char *text)
{
	postgres_sql(&server, "app", text);
}

static void table_of(const char *ids)
{
	char text[300];

	snprintf(text, sizeof(text),
		"CREATE TABLE alembic_version (version_num varchar(32) NOT NULL);"
		"INSERT INTO alembic_version SELECT unnest('{%s}'::text[])",
		ids);
	sql(text);
}

static void stamped_by_alembic(void **state)
{
	struct fixture *f = *state;

	fixture_stamp(f, url(f, "postgresql+psycopg2://postgres@/app?host=", ""));
	expect_applied(f, app(f), "b1 c1");
	assert_int_equal(f->err.code, 0);
}

static void forms_of_the_url(void **state)
{
	struct fixture *f = *state;

	table_of("b,a10,B,a9");
	expect_applied(f, app(f), "B a10 a9 b");
	expect_applied(f, url(f, "postgresql:///app?user=postgres&host=", ""), "B a10 a9 b");
	expect_applied(f, url(f, "postgres://postgres@/app?host=", ""), "B a10 a9 b");
	expect_applied(f,
		url(f, "postgresql+asyncpg://postgres@/app?host=",
			"&prepared_statement_cache_size=0&ssl=false&replication=database"),
		"B a10 a9 b");
	expect_applied(f, url(f, "postgresql+psycopg://postgres@/%61pp?port=5432&host=", ""),
		"B a10 a9 b");
	expect_applied(f, url(f, "postgresql://postgres@/app?host=/nowhere/at/all&host=", ""),
		"B a10 a9 b");
}

static void what_is_not_there(void **state)
{
	struct fixture *f = *state;

	expect_applied(f, app(f), "");
	assert_string_equal(fixture_applied(f, app(f), "no_schema.alembic_version"), "");
	expect_error(f, url(f, "postgresql://postgres@/gone?host=", ""), OH_E_NOT_FOUND,
		"database \"gone\" does not exist");
	assert_null(strstr(f->err.message, "3D000"));
	assert_null(strstr(f->err.message, "LOCATION"));
	assert_string_equal(f->err.message +
				    strlen("PostgreSQL database gone: connection to server"
					   " on socket \"") +
				    strlen(server.directory),
		"/.s.PGSQL.5432\" failed: FATAL: database \"gone\" does not exist");
	expect_error(f, "postgresql://postgres@/app?host=/nowhere/at/all", OH_E_DATABASE,
		"No such file or directory");
	expect_error(f, "postgresql://postgres@127.0.0.1:1/app", OH_E_DATABASE, "refused");
}

static void names_of_tables(void **state)
{
	struct fixture *f = *state;

	sql("CREATE SCHEMA \"Odd\"; CREATE TABLE \"Odd\".\"We\"\"ird; x\" (version_num text);"
	    "INSERT INTO \"Odd\".\"We\"\"ird; x\" VALUES ('1'); CREATE TABLE plain (version_num int);"
	    "INSERT INTO plain VALUES (2)");
	assert_string_equal(fixture_applied(f, app(f), "Odd.We\"ird; x"), "1");
	assert_string_equal(fixture_applied(f, app(f), "odd.We\"ird; x"), "");
	assert_string_equal(fixture_applied(f, app(f), "public.plain"), "2");
	assert_string_equal(fixture_applied(f, app(f), "PLAIN"), "");
	assert_string_equal(fixture_applied(f, app(f), "plain\"; DROP TABLE plain; --"), "");
	assert_string_equal(fixture_applied(f, app(f), "plain"), "2");
}

static void the_search_path_of_the_url_counts(void **state)
{
	struct fixture *f = *state;

	sql("CREATE SCHEMA other; CREATE TABLE other.alembic_version (version_num text);"
	    "INSERT INTO other.alembic_version VALUES ('o1')");
	expect_applied(f, app(f), "");
	expect_applied(f,
		url(f, "postgresql://postgres@/app?options=-csearch_path%3Dother&host=", ""), "o1");
}

static void tables_that_are_no_version_table(void **state)
{
	struct fixture *f = *state;

	sql("CREATE TABLE alembic_version (id int)");
	expect_error(f, app(f), OH_E_DATABASE, "column \"version_num\" does not exist");
	sql("DROP TABLE alembic_version; CREATE TABLE alembic_version (version_num text);"
	    "INSERT INTO alembic_version VALUES (NULL)");
	expect_error(f, app(f), OH_E_FORMAT, "a row without an id");
	sql("DELETE FROM alembic_version;"
	    "INSERT INTO alembic_version SELECT generate_series(1, 10001)");
	expect_error(f, app(f), OH_E_FORMAT, "more than 10000 rows");
}

/* A view is a program of whoever made the database. */
static void nothing_is_ever_written(void **state)
{
	struct fixture *f = *state;

	sql("CREATE SEQUENCE s;"
	    "CREATE VIEW alembic_version AS SELECT nextval('s')::text AS version_num");
	expect_error(f, app(f), OH_E_DATABASE, "read-only transaction");
}

static void a_view_may_not_run_for_ever(void **state)
{
	struct fixture *f = *state;
	const double begun = fixture_now();

	sql("CREATE VIEW alembic_version AS SELECT pg_sleep(60)::text AS version_num");
	expect_error(f, app(f), OH_E_DATABASE, "statement timeout");
	assert_true(fixture_now() - begun < 6);
}

static void a_lock_is_waited_for_and_told(void **state)
{
	struct fixture *f = *state;
	const char *psql = oh_slice_printf(&f->arena, "%s/psql", server.programs).ptr;
	const char *const argv[] = {
		psql, "-qAtX", "-h", server.directory, "-U", "postgres", "-d", "app", NULL};
	struct oh_slice line = {0};
	struct oh_peer peer;
	double begun;

	table_of("a1");
	assert_true(oh_peer_open(&peer, &f->arena, argv, &f->err));
	assert_true(oh_peer_write(&peer,
		OH_SLICE("BEGIN; ALTER TABLE alembic_version ADD x int; SELECT 'locked';\n"),
		&f->err));
	assert_true(oh_peer_read_line(&peer, &f->arena, &line, &f->err));
	begun = fixture_now();
	expect_error(f, app(f), OH_E_DATABASE, "lock timeout");
	assert_true(fixture_now() - begun < 5);
	oh_peer_close(&peer);
	expect_applied(f, app(f), "a1");
}

/* pg_hba.conf asks the one user for a password; the rest are trusted. */
static void with_password(const char *password)
{
	char text[300];

	snprintf(text, sizeof(text), "DROP ROLE IF EXISTS bob; CREATE ROLE bob LOGIN PASSWORD '%s'",
		password);
	postgres_sql(&server, "postgres", text);
	snprintf(text, sizeof(text), "GRANT SELECT ON alembic_version TO bob");
	sql(text);
	postgres_sql(&server, "postgres",
		"COPY (VALUES ('local all bob scram-sha-256'), ('local all all trust')) "
		"TO PROGRAM 'cat >pg_hba.conf'");
	postgres_sql(&server, "postgres", "SELECT pg_reload_conf()");
	postgres_sql(&server, "postgres", "SELECT pg_sleep(0.2)");
}

static void passwords(void **state)
{
	struct fixture *f = *state;

	table_of("a1");
	with_password("p@ss:w/rd%");
	expect_applied(f, url(f, "postgresql://bob:p%40ss%3Aw%2Frd%25@/app?host=", ""), "a1");
	expect_applied(f, url(f, "postgresql://bob:p%40ss:w/rd%@/app?host=", ""), "a1");
	expect_applied(
		f, url(f, "postgresql:///app?user=bob&password=p%40ss:w/rd%25&host=", ""), "a1");
	expect_error(f, url(f, "postgresql://bob:s3cr3t@/app?host=", ""), OH_E_DATABASE,
		"password authentication failed for user \"bob\"");
	assert_null(strstr(f->err.message, "s3cr3t"));
	expect_error(f, url(f, "postgresql://bob@/app?host=", ""), OH_E_DATABASE, "no password");
	sql("REVOKE SELECT ON alembic_version FROM bob");
	expect_error(f, url(f, "postgresql://bob:p%40ss%3Aw%2Frd%25@/app?host=", ""), OH_E_DATABASE,
		"permission denied");
	sql("DROP OWNED BY bob");
	postgres_sql(&server, "postgres", "DROP ROLE bob");
}

/* Wherever the password stands by mistake, what libpq then says must not show it. */
static void mistaken_parts_hold_no_password(void **state)
{
	static const char *const urls[] = {"postgresql://bob:cr3t-w0rd@cr3t-w0rd/app",
		"postgresql://bob:cr3t-w0rd@/app?host=cr3t-w0rd",
		"postgresql://bob:cr3t-w0rd@/app?host=/cr3t-w0rd",
		"postgresql://bob:cr3t-w0rd@/app?sslmode=cr3t-w0rd",
		"postgresql://bob:cr3t-w0rd@/app?port=cr3t-w0rd",
		"postgresql://bob:cr3t-w0rd@/cr3t-w0rd?host=/nowhere"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		assert_null(fixture_applied(f, urls[i], "alembic_version"));
		if (strstr(f->err.message, "cr3t"))
			fail_msg("%s: %s", urls[i], f->err.message);
	}
}

static void a_server_that_never_answers(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const double begun = fixture_now();

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.5432", f->directory);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 5), 0);
	expect_error(f, oh_slice_printf(&f->arena, "postgresql://u@/app?host=%s", f->directory).ptr,
		OH_E_DATABASE, "no answer within 3 seconds");
	assert_true(fixture_now() - begun < 4);
	close(fd);
}

static void a_connection_that_is_cut(void **state)
{
	struct fixture *f = *state;
	struct oh_slices ids;
	struct oh_db *db;

	table_of("a1");
	assert_true(oh_db_open(&db, &f->arena, oh_slice_of(app(f)), OH_SLICE(""), &f->err));
	postgres_sql(&server, "postgres",
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'app'");
	assert_false(oh_db_applied(db, &f->arena, OH_SLICE("alembic_version"), &ids, &f->err));
	assert_int_equal(f->err.code, OH_E_DATABASE);
	assert_null(strstr(f->err.message, "\\n"));
	oh_db_close(db);
}

static void reading_twice_in_one_connection(void **state)
{
	struct fixture *f = *state;
	struct oh_slices ids;
	struct oh_db *db;

	assert_true(oh_db_open(&db, &f->arena, oh_slice_of(app(f)), OH_SLICE(""), &f->err));
	assert_true(oh_db_applied(db, &f->arena, OH_SLICE("alembic_version"), &ids, &f->err));
	assert_int_equal(ids.count, 0);
	table_of("a1");
	assert_true(oh_db_applied(db, &f->arena, OH_SLICE("alembic_version"), &ids, &f->err));
	assert_int_equal(ids.count, 1);
	oh_db_close(db);
}

/* No transaction is left open: somebody's ALTER TABLE would wait for it. */
static void nothing_is_held_between_reads(void **state)
{
	struct fixture *f = *state;
	struct oh_slices ids;
	struct oh_db *db;

	table_of("a1");
	assert_true(oh_db_open(&db, &f->arena, oh_slice_of(app(f)), OH_SLICE(""), &f->err));
	assert_true(oh_db_applied(db, &f->arena, OH_SLICE("alembic_version"), &ids, &f->err));
	sql("SET lock_timeout = 500; DROP TABLE alembic_version");
	oh_db_close(db);
}

static void notices_are_not_printed(void **state)
{
	struct fixture *f = *state;
	const int before = dup(STDERR_FILENO);
	FILE *seen = tmpfile();

	sql("CREATE FUNCTION shout() RETURNS text LANGUAGE plpgsql AS "
	    "$$ BEGIN RAISE WARNING 'hear me'; RETURN 'a1'; END $$;"
	    "CREATE VIEW alembic_version AS SELECT shout() AS version_num");
	dup2(fileno(seen), STDERR_FILENO);
	expect_applied(f, app(f), "a1");
	dup2(before, STDERR_FILENO);
	close(before);
	assert_int_equal(lseek(fileno(seen), 0, SEEK_END), 0);
	fclose(seen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stamped_by_alembic),
		TEST(forms_of_the_url),
		TEST(what_is_not_there),
		TEST(names_of_tables),
		TEST(the_search_path_of_the_url_counts),
		TEST(tables_that_are_no_version_table),
		TEST(nothing_is_ever_written),
		TEST(a_view_may_not_run_for_ever),
		TEST(a_lock_is_waited_for_and_told),
		TEST(passwords),
		TEST(mistaken_parts_hold_no_password),
		TEST(a_server_that_never_answers),
		TEST(a_connection_that_is_cut),
		TEST(reading_twice_in_one_connection),
		TEST(nothing_is_held_between_reads),
		TEST(notices_are_not_printed),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "db_fixture.h"

#include <signal.h>
#include <sys/stat.h>

/* Python that runs in the directory with `db`, a connection to dev.db. */
static const char *script(struct fixture *f, const char *how, const char *code, const char *end)
{
	return oh_slice_printf(&f->arena,
		"import os, sqlite3, sys\nos.chdir(sys.argv[1])\n"
		"db = sqlite3.connect('dev.db', isolation_level=None)\n%s%s%s",
		how, code, end)
		.ptr;
}

static void python(struct fixture *f, const char *code)
{
	const char *const argv[] = {"/usr/bin/python3", "-c",
		script(f, "db.execute('pragma synchronous = off')\n", code, ""), f->directory,
		NULL};

	fixture_run(f, argv);
}

#define TABLE "db.execute('create table alembic_version (version_num varchar(32) not null)')\n"
#define ROW(id) "db.execute(\"insert into alembic_version values ('" id "')\")\n"

/* As python(), but the process stays, having said that it is ready. */
static struct oh_peer python_stays(struct fixture *f, const char *code)
{
	const char *text = script(f, "", code, "print('ready', flush=True)\nsys.stdin.read()\n");
	const char *const argv[] = {"/usr/bin/python3", "-c", text, f->directory, NULL};
	struct oh_slice line = {0};
	struct oh_peer peer;

	if (!oh_peer_open(&peer, &f->arena, argv, &f->err) ||
		!oh_peer_read_line(&peer, &f->arena, &line, &f->err))
		fail_msg("python: %s", f->err.message);
	assert_true(oh_slice_eq(line, OH_SLICE("ready")));
	return peer;
}

static void kill_python(struct oh_peer *peer)
{
	kill(peer->pid, SIGKILL);
	oh_peer_close(peer);
}

/* Names, sizes, times and contents of all there is. */
static const char *listing(struct fixture *f)
{
	return oh_slice_str(
		&f->arena, fixture_sh(f,
				   "cd \"$1\" && find . -printf '%p %s %T@ %m\\n' | sort && "
				   "find . -type f | sort | xargs -r sha256sum",
				   ""));
}

static void stamped_by_alembic(void **state)
{
	struct fixture *f = *state;

	fixture_stamp(f, "sqlite:///dev.db");
	expect_applied(f, "sqlite:///dev.db", "b1 c1");
	assert_int_equal(f->err.code, 0);
}

static void ids_come_sorted_by_bytes(void **state)
{
	struct fixture *f = *state;

	python(f, TABLE ROW("b") ROW("a10") ROW("B") ROW("a9"));
	expect_applied(f, "sqlite:///dev.db", "B a10 a9 b");
}

static void no_table_is_nothing_applied(void **state)
{
	struct fixture *f = *state;

	python(f, "db.execute('create table t (x)')\n");
	expect_applied(f, "sqlite:///dev.db", "");
	fixture_sh(f, ": >\"$1/empty.db\"", "");
	expect_applied(f, "sqlite:///empty.db", "");
}

static void a_missing_file_is_not_made(void **state)
{
	struct fixture *f = *state;
	const char *before = listing(f);

	expect_error(f, "sqlite:///dev.db", OH_E_NOT_FOUND, "dev.db: no database is there");
	expect_error(f, "sqlite:///no/such/dev.db", OH_E_NOT_FOUND, "no/such/dev.db");
	expect_error(f, "sqlite:////nowhere-at-all/x.db", OH_E_NOT_FOUND, "nowhere");
	assert_string_equal(listing(f), before);
}

static void paths(void **state)
{
	struct fixture *f = *state;

	python(f, TABLE ROW("a1"));
	fixture_sh(f,
		"cd \"$1\" && mkdir -p 'sub dir' && cp dev.db 'sub dir/a#b.db' && cp dev.db 100%.db &&"
		" cp dev.db a%20b.db && cp dev.db 'q?.db' && ln -s dev.db link.db &&"
		" cp dev.db file:odd.db",
		"");
	expect_applied(f, "sqlite:///./dev.db", "a1");
	expect_applied(f, "sqlite:///sub dir/../dev.db", "a1");
	expect_applied(f, "sqlite:///sub dir/a#b.db", "a1");
	expect_applied(f, "sqlite:///sub%20dir/a%23b.db", "a1");
	expect_applied(f, "sqlite:///100%.db", "a1");
	expect_applied(f, "sqlite:///a%20b.db", "a1"); /* the file of a SQLAlchemy before 2.1 */
	expect_applied(f, "sqlite:///q%3F.db", "a1");
	expect_applied(f, "sqlite:///link.db", "a1");
	expect_applied(f, "sqlite:///file:odd.db", "a1");
	expect_applied(f, "sqlite:///file:dev.db?mode=rwc&uri=true", "a1");
	expect_applied(f, "sqlite+aiosqlite:///dev.db?timeout=5", "a1");
	expect_applied(
		f, oh_slice_printf(&f->arena, "sqlite:///%s/dev.db", f->directory).ptr, "a1");
	expect_applied(f,
		oh_slice_printf(&f->arena, "sqlite:///file://%s/dev.db?uri=true", f->directory).ptr,
		"a1");
}

static void what_is_no_file(void **state)
{
	struct fixture *f = *state;

	fixture_sh(f, "cd \"$1\" && mkdir d.db && mkfifo f.db && ln -s l.db l.db", "");
	expect_error(f, "sqlite:///d.db", OH_E_FORMAT, "d.db: this is no file");
	expect_error(f, "sqlite:///f.db", OH_E_FORMAT, "f.db: this is no file");
	expect_error(f, "sqlite:///l.db", OH_E_IO, "l.db: it can't be opened");
	expect_error(f, "sqlite:////dev/zero", OH_E_FORMAT, "this is no file");
}

static void memory_and_hosts_are_misuse(void **state)
{
	struct fixture *f = *state;

	expect_error(f, "sqlite://", OH_E_USAGE, "in memory");
	expect_error(f, "sqlite:///", OH_E_USAGE, "in memory");
	expect_error(f, "sqlite:///:memory:", OH_E_USAGE, "in memory");
	expect_error(f, "sqlite:///file::memory:?uri=true", OH_E_USAGE, "in memory");
	expect_error(f, "sqlite:///file:x?mode=memory&uri=true", OH_E_USAGE, "in memory");
	expect_error(f, "sqlite://dev.db", OH_E_USAGE, "sqlite:///relative/path");
}

static void other_bytes_than_a_database(void **state)
{
	struct fixture *f = *state;

	fixture_sh(f, "cd \"$1\" && echo '# not a database, by any means' >text.db", "");
	expect_error(f, "sqlite:///text.db", OH_E_FORMAT, "text.db: this is no SQLite database");
	python(f, TABLE "db.executemany('insert into alembic_version values (?)', "
			"[('%0900d' % i,) for i in range(500)])\n");
	fixture_sh(f,
		"cd \"$1\" && head -c 5000 dev.db >short.db && cp dev.db garbage.db &&"
		" dd if=/dev/urandom of=garbage.db bs=1024 seek=4 count=60 conv=notrunc 2>&1",
		"");
	expect_error(f, "sqlite:///short.db", OH_E_FORMAT, "short.db: the database is damaged");
	expect_error(f, "sqlite:///garbage.db", OH_E_FORMAT, "garbage.db: the database is damaged");
}

static void a_name_with_escapes_is_harmless(void **state)
{
	struct fixture *f = *state;

	assert_null(fixture_applied(f, "sqlite:///a\033[2Jb\nc.db", "t"));
	assert_null(strchr(f->err.message, '\033'));
	assert_null(strchr(f->err.message, '\n'));
}

static void a_lock_is_waited_for_and_told(void **state)
{
	struct fixture *f = *state;
	struct oh_peer writer;
	double start;

	python(f, TABLE ROW("a1"));
	writer = python_stays(f, "db.execute('begin exclusive')\n");
	start = fixture_now();
	expect_error(f, "sqlite:///dev.db", OH_E_DATABASE, "dev.db: another program has locked it");
	assert_true(fixture_now() - start < 4);
	oh_peer_close(&writer);
	expect_applied(f, "sqlite:///dev.db", "a1");
}

static void a_writer_at_work_does_not_hinder(void **state)
{
	struct fixture *f = *state;
	struct oh_peer writer;

	python(f, TABLE ROW("a1"));
	writer = python_stays(f, "db.execute('begin immediate')\n"
				 "db.execute('update alembic_version set version_num = 9')\n");
	expect_applied(f, "sqlite:///dev.db", "a1");
	oh_peer_close(&writer);
}

static void reading_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	const char *before;

	python(f, "db.execute('pragma journal_mode = wal')\n" TABLE ROW("a1"));
	before = listing(f);
	assert_null(strstr(before, "dev.db-"));
	expect_applied(f, "sqlite:///dev.db", "a1");
	assert_string_equal(listing(f), before);
}

static void what_is_only_in_the_log_is_seen(void **state)
{
	struct fixture *f = *state;
	struct oh_peer writer;
	const char *before;

	writer = python_stays(f, "db.execute('pragma journal_mode = wal')\n"
				 "db.execute('create table alembic_version (version_num text)')\n"
				 "db.execute('insert into alembic_version values (42)')\n");
	before = listing(f);
	assert_non_null(strstr(before, "dev.db-wal"));
	expect_applied(f, "sqlite:///dev.db", "42");
	assert_string_equal(listing(f), before);
	kill_python(&writer);
	before = listing(f);
	expect_applied(f, "sqlite:///dev.db", "42");
	assert_string_equal(listing(f), before);
}

/* A database that was copied with its log but without the log's index. */
static void a_log_without_its_index_makes_no_file(void **state)
{
	struct fixture *f = *state;
	struct oh_peer writer;
	const char *before;

	writer = python_stays(f, "db.execute('pragma journal_mode = wal')\n"
				 "db.execute('create table alembic_version (version_num text)')\n");
	kill_python(&writer);
	fixture_sh(f, "rm \"$1/dev.db-shm\"", "");
	before = listing(f);
	expect_error(f, "sqlite:///dev.db", OH_E_IO, "dev.db: ");
	assert_string_equal(listing(f), before);
}

static void a_write_that_was_cut_off(void **state)
{
	struct fixture *f = *state;
	struct oh_peer writer;
	const char *before;

	python(f, TABLE "db.executemany('insert into alembic_version values (?)', "
			"[('%0900d' % i,) for i in range(2000)])\n");
	writer = python_stays(f, "db.execute('pragma cache_size = 5')\ndb.execute('begin')\n"
				 "db.execute('update alembic_version set version_num = 7')\n");
	kill_python(&writer);
	before = listing(f);
	assert_non_null(strstr(before, "dev.db-journal"));
	expect_error(f, "sqlite:///dev.db", OH_E_DATABASE, "a write was cut off");
	assert_string_equal(listing(f), before);
}

static void a_view_may_not_run_for_ever(void **state)
{
	struct fixture *f = *state;
	const double start = fixture_now();

	python(f, "db.execute('create view alembic_version as with recursive c(x) as (select 1 "
		  "union all select x + 1 from c) select x as version_num from c where x < 0')\n");
	expect_error(f, "sqlite:///dev.db", OH_E_DATABASE, "more than 3 seconds");
	assert_true(fixture_now() - start < 6);
}

static void tables_that_are_no_version_table(void **state)
{
	struct fixture *f = *state;

	python(f, "db.execute('create table alembic_version (id int)')\n"
		  "db.execute('insert into alembic_version values (1)')\n");
	expect_error(f, "sqlite:///dev.db", OH_E_DATABASE, "no such column: version_num");
	python(f, "db.execute('drop table alembic_version')\n"
		  "db.execute('create table alembic_version (version_num text)')\n"
		  "db.execute('insert into alembic_version values (null)')\n");
	expect_error(f, "sqlite:///dev.db", OH_E_FORMAT, "alembic_version has a row without an id");
	python(f, "db.execute('delete from alembic_version')\n"
		  "db.executemany('insert into alembic_version values (?)', "
		  "[(i,) for i in range(10001)])\n");
	expect_error(f, "sqlite:///dev.db", OH_E_FORMAT, "more than 10000 rows");
	python(f, "db.execute('delete from alembic_version where version_num = 0')\n");
	assert_non_null(fixture_applied(f, "sqlite:///dev.db", "alembic_version"));
}

static void names_of_tables(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = {"", ".", "a.", ".a"};

	python(f, "db.execute('create table [we\"ird; drop] (version_num text)')\n"
		  "db.execute('insert into [we\"ird; drop] values (1)')\n"
		  "db.execute('create table Versions (version_num text)')\n"
		  "db.execute('insert into Versions values (2)')\n");
	assert_string_equal(fixture_applied(f, "sqlite:///dev.db", "we\"ird; drop"), "1");
	assert_string_equal(fixture_applied(f, "sqlite:///dev.db", "versions"), "2");
	assert_string_equal(fixture_applied(f, "sqlite:///dev.db", "main.versions"), "2");
	assert_string_equal(fixture_applied(f, "sqlite:///dev.db", "other.versions"), "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(fixture_applied(f, "sqlite:///dev.db", bad[i]));
		assert_int_equal(f->err.code, OH_E_USAGE);
	}
}

static void read_again_after_a_change(void **state)
{
	struct fixture *f = *state;
	struct oh_slices ids;
	struct oh_db *db;

	python(f, TABLE ROW("a1"));
	assert_true(oh_db_open(
		&db, &f->arena, OH_SLICE("sqlite:///dev.db"), oh_slice_of(f->directory), &f->err));
	assert_true(oh_db_applied(db, &f->arena, OH_SLICE("alembic_version"), &ids, &f->err));
	assert_int_equal(ids.count, 1);
	python(f, ROW("b1"));
	assert_true(oh_db_applied(db, &f->arena, OH_SLICE("alembic_version"), &ids, &f->err));
	assert_int_equal(ids.count, 2);
	oh_db_close(db);
	oh_db_close(NULL);
}

/* Read as complete in itself, then somebody begins to write: what was read is not believed. */
static void a_log_that_appears_while_we_read(void **state)
{
	struct fixture *f = *state;
	struct oh_peer writer;
	struct oh_slices ids;
	struct oh_db *db;

	python(f, "db.execute('pragma journal_mode = wal')\n" TABLE ROW("a1"));
	assert_true(oh_db_open(
		&db, &f->arena, OH_SLICE("sqlite:///dev.db"), oh_slice_of(f->directory), &f->err));
	writer = python_stays(f, "db.execute('update alembic_version set version_num = 9')\n");
	assert_false(oh_db_applied(db, &f->arena, OH_SLICE("alembic_version"), &ids, &f->err));
	assert_int_equal(f->err.code, OH_E_CHANGED);
	oh_db_close(db);
	expect_applied(f, "sqlite:///dev.db", "9");
	oh_peer_close(&writer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stamped_by_alembic),
		TEST(ids_come_sorted_by_bytes),
		TEST(no_table_is_nothing_applied),
		TEST(a_missing_file_is_not_made),
		TEST(paths),
		TEST(what_is_no_file),
		TEST(memory_and_hosts_are_misuse),
		TEST(other_bytes_than_a_database),
		TEST(a_name_with_escapes_is_harmless),
		TEST(a_lock_is_waited_for_and_told),
		TEST(a_writer_at_work_does_not_hinder),
		TEST(reading_leaves_no_trace),
		TEST(what_is_only_in_the_log_is_seen),
		TEST(a_log_without_its_index_makes_no_file),
		TEST(a_write_that_was_cut_off),
		TEST(a_view_may_not_run_for_ever),
		TEST(tables_that_are_no_version_table),
		TEST(names_of_tables),
		TEST(read_again_after_a_change),
		TEST(a_log_that_appears_while_we_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

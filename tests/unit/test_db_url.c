#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "db/db.h"
#include "db/url.h"

#include <string.h>

static struct oh_arena arena;

static int drop(void **state)
{
	(void)state;
	oh_arena_drop(&arena);
	return 0;
}

/* The parts as kind|driver|user|password|host|port|database and each parameter. */
static const char *parts(const char *text)
{
	struct oh_slices all = {0};
	struct oh_error err = {0};
	struct oh_url url;

	if (!oh_url_parse(&arena, oh_slice_of(text), &url, &err)) {
		assert_int_equal(err.code, OH_E_USAGE);
		return oh_slice_printf(&arena, "error: %s", err.message).ptr;
	}
	OH_PUSH(&arena, &all, url.kind);
	OH_PUSH(&arena, &all, url.driver);
	OH_PUSH(&arena, &all, url.user);
	OH_PUSH(&arena, &all, url.password);
	OH_PUSH(&arena, &all, url.host);
	OH_PUSH(&arena, &all, url.port);
	OH_PUSH(&arena, &all, url.database);
	for (size_t i = 0; i < url.params.count; i++)
		OH_PUSH(&arena, &all,
			oh_slice_printf(&arena, OH_FMT "=" OH_FMT, OH_ARG(url.params.items[i].name),
				OH_ARG(url.params.items[i].value)));
	return oh_slice_str(&arena, oh_slices_join(&arena, &all, "|"));
}

static void forms_of_sqlite(void **state)
{
	(void)state;
	assert_string_equal(parts("sqlite:///rel/dev.db"), "sqlite||||||rel/dev.db");
	assert_string_equal(parts("sqlite:////abs/dev.db"), "sqlite||||||/abs/dev.db");
	assert_string_equal(parts("sqlite+aiosqlite:///dev.db"), "sqlite|aiosqlite|||||dev.db");
	assert_string_equal(parts("sqlite://"), "sqlite||||||");
	assert_string_equal(parts("sqlite:///"), "sqlite||||||");
	assert_string_equal(parts("sqlite:///:memory:"), "sqlite||||||:memory:");
	assert_string_equal(parts("  sqlite:///a.db\n"), "sqlite||||||a.db");
	assert_string_equal(parts("sqlite:///file:a.db?mode=ro&uri=true"),
		"sqlite||||||file:a.db|mode=ro|uri=true");
}

static void forms_of_postgres(void **state)
{
	(void)state;
	assert_string_equal(parts("postgresql://u:p@h:5432/d"), "postgresql||u|p|h|5432|d");
	assert_string_equal(parts("postgresql+asyncpg://u@h/d"), "postgresql|asyncpg|u||h||d");
	assert_string_equal(parts("postgresql:///d?host=/tmp/s&port=6000"),
		"postgresql||||||d|host=/tmp/s|port=6000");
	assert_string_equal(parts("postgresql://u:p@/d"), "postgresql||u|p|||d");
	assert_string_equal(parts("postgresql://[::1]:99/d"), "postgresql||||::1|99|d");
	assert_string_equal(parts("postgresql://u@[fe80::1]/d"), "postgresql||u||fe80::1||d");
	assert_string_equal(parts("postgresql://h"), "postgresql||||h||");
	assert_string_equal(
		parts("postgresql://h?sslmode=require"), "postgresql||||h|||sslmode=require");
}

static void encoded_parts(void **state)
{
	(void)state;
	assert_string_equal(parts("x://a%40b:p%3A%2f%25@h/d%20e"), "x||a@b|p:/%|h||d e");
	assert_string_equal(parts("x://u:p/a?s#s@h/d"), "x||u|p/a?s#s|h||d");
	assert_string_equal(parts("x://u:100%@h/d"), "x||u|100%|h||d");
	assert_string_equal(parts("x://u:%zz%4@h/d"), "x||u|%zz%4|h||d");
	assert_string_equal(parts("x://u:a+b@h/d?o=a+b%2B"), "x||u|a+b|h||d|o=a b+");
	assert_string_equal(parts("x:///d?a=&b&c=1&&=2&c=3"), "x||||||d|c=1|=2|c=3");
}

static void what_is_no_url(void **state)
{
	static const char *const texts[] = {"", "dev.db", "://h/d", "sqlite:/dev.db", "a b://h/d",
		"%(DB_URL)s", "${DATABASE_URL}", "postgresql://h:port/d", "postgresql://h:/d",
		"postgresql://h:65536/d", "postgresql://h:1,k:2/d", "postgresql://[::1/d",
		"postgresql://[::1]x/d", "postgresql://u:a%00b@h/d", "x:///d?a=%00"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strncmp(parts(texts[i]), "error: ", 7) != 0)
			fail_msg("\"%s\" is %s", texts[i], parts(texts[i]));
}

/* Whoever forgets to encode a password must not find it in a log. */
static void messages_hold_nothing_of_the_text(void **state)
{
	static const char *const texts[] = {"postgresql://bob:s3@cr3t@host/d",
		"postgresql://bob:s3:cr3t", "postgresql://bob:cr3t", "bob:cr3t@host/d",
		"postgresql:/bob:cr3t@h/d", "postgres ql://bob:cr3t@h/d",
		"postgresql://bob:cr3t%00@h/d", "postgresql://bob:p[cr3t", "postgresql://[cr3t",
		"mysql://bob:cr3t@h/d", "driver://user:cr3t@localhost/dbname",
		"sqlite://bob:cr3t@/x.db", "sqlite:///:memory:?password=cr3t",
		"sqlite+pysqlcipher://:cr3t@/x.db"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct oh_error err = {0};
		struct oh_db *db;

		if (oh_db_open(&db, &arena, oh_slice_of(texts[i]), OH_SLICE(""), &err))
			fail_msg("%s was opened", texts[i]);
		if (err.code != OH_E_USAGE && err.code != OH_E_UNSUPPORTED)
			fail_msg("%s: code %d, %s", texts[i], err.code, err.message);
		if (strstr(err.message, "cr3t"))
			fail_msg("%s: %s", texts[i], err.message);
	}
}

static void an_unknown_kind_is_named(void **state)
{
	struct oh_error err = {0};
	struct oh_db *db;

	(void)state;
	assert_false(oh_db_open(&db, &arena, OH_SLICE("mysql+pymysql://h/d"), OH_SLICE(""), &err));
	assert_int_equal(err.code, OH_E_USAGE);
	assert_non_null(strstr(err.message, "mysql"));
	assert_null(db);
}

static void shown_without_password(void **state)
{
	struct oh_url url;

	(void)state;
	assert_true(oh_url_parse(&arena,
		OH_SLICE("postgresql+x://bob:cr3t@h:1/d%1b[31m?password=cr3t"), &url, NULL));
	assert_string_equal(
		oh_slice_str(&arena, oh_url_show(&arena, &url)), "postgresql://bob@h:1/d\\x1b[31m");
}

static void the_last_parameter_counts(void **state)
{
	struct oh_url url;

	(void)state;
	assert_true(oh_url_parse(&arena, OH_SLICE("x:///d?a=1&a=2"), &url, NULL));
	assert_string_equal(oh_slice_str(&arena, oh_url_param(&url, OH_SLICE("a"))), "2");
	assert_int_equal(oh_url_param(&url, OH_SLICE("b")).len, 0);
}

/* Every beginning of a URL is read without looking past its end. */
static void every_prefix(void **state)
{
	static const char text[] = "postgresql+a://u%40:p%2@[::1]:12/d%?host=%2ftmp&x=%";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		char *exact = test_malloc(n ? n : 1);
		struct oh_url url;

		memcpy(exact, text, n);
		oh_url_parse(&arena, (struct oh_slice){exact, n}, &url, NULL);
		test_free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(forms_of_sqlite, drop),
		cmocka_unit_test_teardown(forms_of_postgres, drop),
		cmocka_unit_test_teardown(encoded_parts, drop),
		cmocka_unit_test_teardown(what_is_no_url, drop),
		cmocka_unit_test_teardown(messages_hold_nothing_of_the_text, drop),
		cmocka_unit_test_teardown(an_unknown_kind_is_named, drop),
		cmocka_unit_test_teardown(shown_without_password, drop),
		cmocka_unit_test_teardown(the_last_parameter_counts, drop),
		cmocka_unit_test_teardown(every_prefix, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

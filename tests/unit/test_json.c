#include "graph_text.h"

#include "plan/graph_json.h"
#include "plan/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_string(struct oh_slice value, const char *written)
{
	struct oh_arena arena = {0};
	struct oh_json json = {.text = {.arena = &arena}};

	oh_json_string(&json, value);
	assert_string_equal(oh_slice_str(&arena, oh_buf_slice(&json.text)), written);
	oh_arena_drop(&arena);
}

static void test_strings(void **state)
{
	(void)state;
	assert_string(OH_SLICE(""), "\"\"");
	assert_string(OH_SLICE("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
	assert_string(OH_SLICE("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
	assert_string(OH_SLICE("\0\x1b\x7f"), "\"\\u0000\\u001b\\u007f\"");
	assert_string(OH_SLICE("\xc3\xa9\xf0\x9f\x98\x80"), "\"\xc3\xa9\xf0\x9f\x98\x80\"");
	assert_string(OH_SLICE("\xff\xc3"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string(OH_SLICE("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	assert_string(OH_SLICE("\xe2\x80\xae\xc2\x9b"), "\"\\u202e\\u009b\"");
}

static void test_commas(void **state)
{
	struct oh_arena arena = {0};
	struct oh_json json = {.text = {.arena = &arena}};

	(void)state;
	oh_json_open(&json, '[');
	oh_json_number(&json, 1);
	oh_json_open(&json, '{');
	oh_json_key(&json, "a");
	oh_json_open(&json, '[');
	oh_json_close(&json, ']');
	oh_json_key(&json, "b");
	oh_json_bool(&json, false);
	oh_json_close(&json, '}');
	oh_json_open(&json, '{');
	oh_json_close(&json, '}');
	oh_json_bool(&json, true);
	oh_json_close(&json, ']');
	assert_string_equal(oh_slice_str(&arena, oh_buf_slice(&json.text)),
		"[1,{\"a\":[],\"b\":false},{},true]");
	oh_arena_drop(&arena);
}

static struct oh_snapshot snapshot_of(struct oh_arena *arena, const char *text)
{
	struct oh_snapshot s = {.location = {.system = OH_SLICE("alembic"),
					.config = OH_SLICE("alembic.ini"),
					.directory = OH_SLICE("migrations")}};

	s.graph = graph_of_text(arena, text);
	return s;
}

static void test_graph(void **state)
{
	struct oh_arena arena = {0};
	struct oh_snapshot s =
		snapshot_of(&arena, "b < a a : x ! c; a; a @ versions/1.py; c; q < p; p < q");

	(void)state;
	OH_PUSH(&arena, &s.unreadables,
		(struct oh_unreadable){
			.path = OH_SLICE("versions/z.py"), .line = 7, .why = OH_SLICE("computed")});
	OH_PUSH(&arena, &s.unreadables,
		(struct oh_unreadable){
			.path = OH_SLICE("versions/y.py"), .line = 0, .why = OH_SLICE("binary")});
	assert_string_equal(oh_slice_str(&arena, oh_graph_json(&arena, &s, 1)),
		"{\"version\":1,\"graphs\":[{\"system\":\"alembic\",\"config\":\"alembic.ini\","
		"\"location\":\"migrations\",\"heads\":[\"b\",\"c\"],\"bases\":[\"a\",\"c\"],"
		"\"revisions\":["
		"{\"id\":\"a\",\"parents\":[],\"depends_on\":[],\"labels\":[],"
		"\"path\":\"versions/1.py\",\"line\":1},"
		"{\"id\":\"a\",\"parents\":[],\"depends_on\":[],\"labels\":[],"
		"\"path\":\"versions/a.py\",\"line\":1},"
		"{\"id\":\"c\",\"parents\":[],\"depends_on\":[],\"labels\":[],"
		"\"path\":\"versions/c.py\",\"line\":1},"
		"{\"id\":\"b\",\"parents\":[\"a\",\"a\"],\"depends_on\":[\"c\"],\"labels\":[\"x\"],"
		"\"path\":\"versions/b.py\",\"line\":1},"
		"{\"id\":\"p\",\"parents\":[\"q\"],\"depends_on\":[],\"labels\":[],"
		"\"path\":\"versions/p.py\",\"line\":1},"
		"{\"id\":\"q\",\"parents\":[\"p\"],\"depends_on\":[],\"labels\":[],"
		"\"path\":\"versions/q.py\",\"line\":1}],"
		"\"unreadable\":[{\"path\":\"versions/y.py\",\"line\":0,\"why\":\"binary\"},"
		"{\"path\":\"versions/z.py\",\"line\":7,\"why\":\"computed\"}]}]}\n");
	assert_string_equal(oh_slice_str(&arena, oh_graph_json(&arena, &s, 0)),
		"{\"version\":1,\"graphs\":[]}\n");
	oh_arena_drop(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_commas),
		cmocka_unit_test(test_graph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

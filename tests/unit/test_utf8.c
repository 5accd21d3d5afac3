#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Every code point there is comes back from its encoding, and no surrogate does. */
static void test_every_character(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= 0x110010; code++) {
		const char bytes[] = {(char)(code < 0x80       ? code
					      : code < 0x800   ? 0xc0 | code >> 6
					      : code < 0x10000 ? 0xe0 | code >> 12
							       : 0xf0 | code >> 18),
			(char)(0x80 | (code >> (code < 0x800		? 0
						       : code < 0x10000 ? 6
									: 12) &
					      0x3f)),
			(char)(0x80 | (code >> (code < 0x10000 ? 0 : 6) & 0x3f)),
			(char)(0x80 | (code & 0x3f))};
		const size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
		const bool valid = code < 0xd800 || (code > 0xdfff && code < 0x110000);
		const struct oh_character c =
			oh_utf8_decode((struct oh_slice){bytes, sizeof(bytes)});

		assert_int_equal(c.valid, valid);
		assert_int_equal(c.code, valid ? code : 0xfffd);
		assert_int_equal(c.length, valid ? length : 1);
		/* cut short it is invalid, and one replacement stands for what is left */
		for (size_t n = 1; valid && n < length; n++) {
			const struct oh_character cut = oh_utf8_decode((struct oh_slice){bytes, n});

			assert_false(cut.valid);
			assert_int_equal(cut.length, n);
		}
	}
}

static void test_overlong(void **state)
{
	static const char *const overlong[] = {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
		"\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xff", "\x80", "\xbf"};

	(void)state;
	for (size_t i = 0; i < sizeof(overlong) / sizeof(*overlong); i++) {
		const struct oh_character c = oh_utf8_decode(oh_slice_of(overlong[i]));

		assert_false(c.valid);
		assert_int_equal(c.length, 1);
	}
}

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(oh_utf8_width(OH_SLICE("")), 0);
	assert_int_equal(oh_utf8_width(OH_SLICE("a\xc3\xa9")), 2);
	assert_int_equal(oh_utf8_width(OH_SLICE("e\xcc\x81")), 1);
	assert_int_equal(oh_utf8_width(OH_SLICE("\xe6\xbc\xa2\xe5\xad\x97")), 4);
	assert_int_equal(oh_utf8_width(OH_SLICE("\xe6\xbc\xff")), 2);
	assert_int_equal(oh_utf8_cut(OH_SLICE("\xe6\xbc\xa2\xe5\xad\x97"), 3).len, 3);
	assert_int_equal(oh_utf8_cut(OH_SLICE("e\xcc\x81x"), 1).len, 3);
	assert_int_equal(oh_utf8_cut(OH_SLICE("abc"), 9).len, 3);
	assert_int_equal(oh_utf8_cut(OH_SLICE("abc"), 0).len, 0);
}

static void test_printable(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"plain \xc3\xa9\xe6\xbc\xa2", "plain \xc3\xa9\xe6\xbc\xa2"},
		{"a\nb\tc\x1b[1m\x7f", "a\\nb\\x09c\\x1b[1m\\x7f"},
		{"\xc2\x9b", "\\xc2\\x9b"}, /* CSI in one character */
		{"\xe2\x80\xae"
		 "evil",
			"\\xe2\\x80\\xae"
			"evil"},
		{"\xe2\x80\xa8", "\\xe2\\x80\\xa8"}, /* line separator */
		{"\xc3", "\\xc3"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	};
	struct oh_arena arena = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct oh_slice out = oh_slice_printable(&arena, oh_slice_of(cases[i].in));

		assert_string_equal(oh_slice_str(&arena, out), cases[i].out);
	}
	assert_int_equal(oh_slice_printable(&arena, OH_SLICE("\0")).len, 4);
	oh_arena_drop(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_overlong),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

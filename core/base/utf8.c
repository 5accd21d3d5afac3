#include "base/utf8.h"

/* The bytes that may follow a first byte: how many, and the range of the one that comes next. */
struct lead {
	unsigned char first, last, following, low, high;
};

static const struct lead leads[] = {
	{0xc2, 0xdf, 1, 0x80, 0xbf},
	{0xe0, 0xe0, 2, 0xa0, 0xbf},
	{0xe1, 0xec, 2, 0x80, 0xbf},
	{0xed, 0xed, 2, 0x80, 0x9f},
	{0xee, 0xef, 2, 0x80, 0xbf},
	{0xf0, 0xf0, 3, 0x90, 0xbf},
	{0xf1, 0xf3, 3, 0x80, 0xbf},
	{0xf4, 0xf4, 3, 0x80, 0x8f},
};

static const struct lead *find_lead(unsigned char byte)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(*leads); i++)
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	return NULL;
}

struct oh_character oh_utf8_decode(struct oh_slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	const struct lead *lead;
	struct oh_character c = {1, 0xfffd, false};
	uint32_t code;

	if (p[0] < 0x80)
		return (struct oh_character){1, p[0], true};
	lead = find_lead(p[0]);
	if (!lead)
		return c;
	code = p[0] & (0x3fu >> lead->following);
	for (size_t i = 1; i <= lead->following; i++) {
		const unsigned char low = i == 1 ? lead->low : 0x80,
				    high = i == 1 ? lead->high : 0xbf;

		if (i == s.len || p[i] < low || p[i] > high)
			return c;
		code = code << 6 | (p[i] & 0x3fu);
		c.length = i + 1;
	}
	return (struct oh_character){c.length, code, true};
}

struct range {
	uint32_t first, last;
};

static bool is_in(uint32_t code, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

#define IS_IN(code, ranges) is_in(code, ranges, sizeof(ranges) / sizeof(*(ranges)))

bool oh_utf8_is_control(uint32_t code)
{
	static const struct range controls[] = {
		{0, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};

	return IS_IN(code, controls);
}

size_t oh_utf8_columns(uint32_t code)
{
	static const struct range combining[] = {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd},
		{0x610, 0x61a}, {0x64b, 0x65f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
		{0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
		{0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};
	static const struct range wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf},
		{0xa960, 0xa97f}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f},
		{0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
		{0x1f900, 0x1faff}, {0x20000, 0x3fffd}};

	if (code < 0x300)
		return 1;
	return IS_IN(code, combining) ? 0 : IS_IN(code, wide) ? 2 : 1;
}

size_t oh_utf8_width(struct oh_slice s)
{
	size_t columns = 0;

	while (s.len) {
		const struct oh_character c = oh_utf8_decode(s);

		columns += oh_utf8_columns(c.code);
		s = oh_slice_sub(s, c.length, s.len);
	}
	return columns;
}

struct oh_slice oh_utf8_cut(struct oh_slice s, size_t columns)
{
	size_t used = 0, at = 0;

	while (at < s.len) {
		const struct oh_character c = oh_utf8_decode(oh_slice_sub(s, at, s.len));

		used += oh_utf8_columns(c.code);
		if (used > columns)
			break;
		at += c.length;
	}
	return oh_slice_sub(s, 0, at);
}

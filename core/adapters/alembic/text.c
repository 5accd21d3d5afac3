#include "adapters/alembic/text.h"

/* U+1680, U+2000..200A, U+2028, U+2029, U+202F, U+205F, U+3000: str.isspace() beyond Latin-1. */
static bool is_wide_blank(const unsigned char *p)
{
	if (p[0] == 0xe1)
		return p[1] == 0x9a && p[2] == 0x80;
	if (p[0] == 0xe3)
		return p[1] == 0x80 && p[2] == 0x80;
	if (p[0] != 0xe2)
		return false;
	if (p[1] == 0x80)
		return (p[2] >= 0x80 && p[2] <= 0x8a) || p[2] == 0xa8 || p[2] == 0xa9 ||
		       p[2] == 0xaf;
	return p[1] == 0x81 && p[2] == 0x9f;
}

/* Bytes of the blank at AT, 0 where there is none. */
static size_t blank_length(struct oh_slice s, size_t at)
{
	const size_t left = s.len - at;
	const unsigned char *p;

	if (!left)
		return 0;
	p = (const unsigned char *)s.ptr + at;
	if (p[0] == ' ' || (p[0] >= '\t' && p[0] <= '\r') || (p[0] >= 0x1c && p[0] <= 0x1f))
		return 1;
	if (left >= 2 && p[0] == 0xc2 && (p[1] == 0x85 || p[1] == 0xa0))
		return 2;
	return left >= 3 && is_wide_blank(p) ? 3 : 0;
}

struct oh_slice oh_text_rstrip(struct oh_slice s)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t n = 1; n <= 3 && n <= s.len && !again; n++)
			if (blank_length(s, s.len - n) == n) {
				s.len -= n;
				again = true;
			}
	}
	return s;
}

struct oh_slice oh_text_strip(struct oh_slice s)
{
	size_t at = 0, n;

	while ((n = blank_length(s, at)))
		at += n;
	return oh_text_rstrip(oh_slice_sub(s, at, s.len));
}

size_t oh_text_indent(struct oh_slice s)
{
	size_t at = 0, count = 0, n;

	for (; (n = blank_length(s, at)); at += n)
		count++;
	return count;
}

bool oh_text_next_line(struct oh_slice *rest, struct oh_slice *line)
{
	size_t end = 0, next;

	if (!rest->len)
		return false;
	while (end < rest->len && rest->ptr[end] != '\n' && rest->ptr[end] != '\r')
		end++;
	next = end + 1;
	if (next < rest->len && rest->ptr[end] == '\r' && rest->ptr[next] == '\n')
		next++;
	*line = oh_slice_sub(*rest, 0, end);
	*rest = oh_slice_sub(*rest, next, rest->len);
	return true;
}

struct oh_slice oh_text_lower(struct oh_arena *arena, struct oh_slice s)
{
	char *out = oh_arena_alloc(arena, s.len + 1);

	for (size_t i = 0; i < s.len; i++)
		out[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] + 32 : s.ptr[i]);
	return (struct oh_slice){out, s.len};
}

size_t oh_text_utf8(unsigned long code, char *out)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
		return 0;
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

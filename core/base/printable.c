#include "base/slice.h"

#include <string.h>

/* Length of the UTF-8 sequence at P (N bytes left), 0 where it is not valid. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	size_t want;

	if (p[0] < 0x80)
		return 1;
	want = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
	       : (p[0] & 0xf0) == 0xe0	      ? 3
	       : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
					      : 0;
	if (!want || want > n)
		return 0;
	for (size_t i = 1; i < want; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return want;
}

/* U+202A..202E and U+2066..2069 reorder what a terminal shows. */
static bool is_bidi_control(const unsigned char *p, size_t n)
{
	return n == 3 && p[0] == 0xe2 &&
	       ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
		       (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
}

static size_t harmless_length(const unsigned char *p, size_t n)
{
	const size_t len = utf8_length(p, n);

	if (len == 1)
		return p[0] >= 0x20 && p[0] != 0x7f;
	if (len == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return 0;
	return is_bidi_control(p, len) ? 0 : len;
}

struct oh_slice oh_slice_printable(struct oh_arena *arena, struct oh_slice s)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *in = (const unsigned char *)s.ptr;
	char *out = oh_arena_alloc(arena, 4 * s.len + 1);
	size_t at = 0;

	for (size_t i = 0; i < s.len;) {
		const size_t ok = harmless_length(in + i, s.len - i);

		if (ok) {
			memcpy(out + at, in + i, ok);
			at += ok;
			i += ok;
			continue;
		}
		out[at++] = '\\';
		if (in[i] == '\n') {
			out[at++] = 'n';
		} else {
			out[at++] = 'x';
			out[at++] = hex[in[i] >> 4];
			out[at++] = hex[in[i] & 15];
		}
		i++;
	}
	return (struct oh_slice){out, at};
}

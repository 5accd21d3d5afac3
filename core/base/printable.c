#include "base/slice.h"

#include "base/utf8.h"

struct oh_slice oh_slice_printable(struct oh_arena *arena, struct oh_slice s)
{
	static const char hex[] = "0123456789abcdef";
	char *out = oh_arena_alloc(arena, 4 * s.len + 1);
	size_t at = 0;

	while (s.len) {
		const struct oh_character c = oh_utf8_decode(s);
		const bool harmless = c.valid && !oh_utf8_is_control(c.code);

		for (size_t i = 0; i < c.length; i++) {
			const unsigned char byte = (unsigned char)s.ptr[i];

			if (harmless) {
				out[at++] = s.ptr[i];
				continue;
			}
			out[at++] = '\\';
			if (byte == '\n') {
				out[at++] = 'n';
			} else {
				out[at++] = 'x';
				out[at++] = hex[byte >> 4];
				out[at++] = hex[byte & 15];
			}
		}
		s = oh_slice_sub(s, c.length, s.len);
	}
	return (struct oh_slice){out, at};
}

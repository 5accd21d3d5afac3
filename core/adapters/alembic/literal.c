#include "adapters/alembic/literal.h"

/* Decodes one character of WTF-8 at AT; a byte that begins none stands for itself. */
static unsigned long decode(struct oh_slice s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.ptr + *at;
	const size_t left = s.len - *at;
	const size_t want = p[0] >= 0xf0 && p[0] <= 0xf4  ? 4
			    : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
			    : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
							  : 1;
	unsigned long code = want == 1 ? p[0] : p[0] & (0x7fu >> want);

	if (want > left) {
		++*at;
		return p[0];
	}
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			++*at;
			return p[0];
		}
		code = code << 6 | (p[i] & 0x3f);
	}
	*at += want;
	return code;
}

void oh_literal_string(struct oh_buf *out, struct oh_slice text)
{
	oh_buf_add(out, OH_SLICE("\""));
	for (size_t at = 0; at < text.len;) {
		const size_t from = at;
		const unsigned long code = decode(text, &at);

		if (code == '"' || code == '\\')
			oh_buf_addf(out, "\\%c", (int)code);
		else if (code == '\n')
			oh_buf_add(out, OH_SLICE("\\n"));
		else if (code >= 0x20 && code < 0x7f)
			oh_buf_add(out, oh_slice_sub(text, from, at));
		else
			oh_buf_addf(out,
				code < 0x100	 ? "\\x%02lx"
				: code < 0x10000 ? "\\u%04lx"
						 : "\\U%08lx",
				code);
	}
	oh_buf_add(out, OH_SLICE("\""));
}

void oh_literal_docstring(struct oh_buf *out, struct oh_slice text)
{
	text = oh_slice_printable(out->arena, text);
	for (size_t i = 0; i < text.len; i++) {
		const bool quote = text.ptr[i] == '"';
		const bool in_run = quote && ((i && text.ptr[i - 1] == '"') ||
						     (i + 1 < text.len && text.ptr[i + 1] == '"'));

		if (text.ptr[i] == '\\' || in_run)
			oh_buf_add(out, OH_SLICE("\\"));
		oh_buf_add(out, oh_slice_sub(text, i, i + 1));
	}
}

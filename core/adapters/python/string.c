/* The values of string literals. */
#include "adapters/python/token.h"

#include <string.h>

struct decoder {
	const struct oh_py_lexer *lexer;
	size_t at, end; /* what is left of the literal's inside */
	char *out;
	size_t len;
	bool raw, bytes, formatted;
	bool unknown;
	const char *problem;
};

static size_t sequence_length(unsigned char lead)
{
	return lead < 0x80   ? 1
	       : lead < 0xc2 ? 0
	       : lead < 0xe0 ? 2
	       : lead < 0xf0 ? 3
	       : lead < 0xf5 ? 4
			     : 0;
}

bool oh_py_is_utf8(struct oh_slice s)
{
	for (size_t i = 0; i < s.len;) {
		const unsigned char *p = (const unsigned char *)s.ptr + i;
		const size_t n = sequence_length(*p);

		if (!n || n > s.len - i)
			return false;
		for (size_t k = 1; k < n; k++)
			if ((p[k] & 0xc0) != 0x80)
				return false;
		if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
			(*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
			return false;
		i += n;
	}
	return true;
}

static void put(struct decoder *d, unsigned byte)
{
	d->out[d->len++] = (char)(unsigned char)byte;
}

static void put_character(struct decoder *d, unsigned long c)
{
	if (d->bytes) {
		put(d, c & 0xff);
	} else if (c < 0x80) {
		put(d, (unsigned)c);
	} else if (c < 0x800) {
		put(d, 0xc0u | (unsigned)(c >> 6));
		put(d, 0x80u | (c & 0x3f));
	} else if (c < 0x10000) {
		d->unknown |= c >= 0xd800 && c < 0xe000; /* a surrogate: no UTF-8 */
		put(d, 0xe0u | (unsigned)(c >> 12));
		put(d, 0x80u | (c >> 6 & 0x3f));
		put(d, 0x80u | (c & 0x3f));
	} else if (c < 0x110000) {
		put(d, 0xf0u | (unsigned)(c >> 18));
		put(d, 0x80u | (c >> 12 & 0x3f));
		put(d, 0x80u | (c >> 6 & 0x3f));
		put(d, 0x80u | (c & 0x3f));
	} else {
		d->problem = "escape of a character that does not exist";
	}
}

static unsigned char peek(const struct decoder *d)
{
	return d->at < d->end ? (unsigned char)d->lexer->source.ptr[d->at] : 0;
}

static int digit_of(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

static void put_hex(struct decoder *d, unsigned digits)
{
	unsigned long c = 0;

	for (; digits; digits--, d->at++) {
		const int digit = digit_of(peek(d));

		if (digit > 15) {
			d->problem = "escape that is cut short";
			return;
		}
		c = c << 4 | (unsigned long)digit;
	}
	put_character(d, c);
}

static void put_octal(struct decoder *d, unsigned long c)
{
	for (int more = 2; more && peek(d) >= '0' && peek(d) <= '7'; more--, d->at++)
		c = c << 3 | (unsigned long)(peek(d) - '0');
	put_character(d, c);
}

/* \N{…}: needs Unicode's table of names, which is not here. */
static void skip_named(struct decoder *d)
{
	const char *from = d->lexer->source.ptr + d->at;
	const char *close = peek(d) == '{' ? memchr(from, '}', d->end - d->at) : NULL;

	d->unknown = true;
	if (close)
		d->at += (size_t)(close - from) + 1;
	else
		d->problem = "escape that is cut short";
}

static void take_line_end(struct decoder *d)
{
	if (peek(d) == '\r') {
		d->at++;
		if (peek(d) != '\n')
			return;
	}
	d->at++;
}

/* The character that stands for itself or another behind a backslash; 0 for none. */
static char simple_escape(unsigned char c)
{
	static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
	const char *hit = c ? strchr(from, c) : NULL;

	return hit ? to[hit - from] : '\0';
}

static void take_escape(struct decoder *d)
{
	const unsigned char c = peek(d);

	if (c == '\n' || c == '\r') {
		take_line_end(d);
		return;
	}
	if (d->formatted && (c == '{' || c == '}')) {
		put(d, '\\');
		return;
	}
	d->at++;
	if (simple_escape(c)) {
		put(d, (unsigned char)simple_escape(c));
	} else if (c >= '0' && c <= '7') {
		put_octal(d, (unsigned long)(c - '0'));
	} else if (c == 'x') {
		put_hex(d, 2);
	} else if (!d->bytes && (c == 'u' || c == 'U')) {
		put_hex(d, c == 'u' ? 4 : 8);
	} else if (!d->bytes && c == 'N') {
		skip_named(d);
	} else {
		put(d, '\\');
		d->at--;
	}
}

static void take_high_byte(struct decoder *d)
{
	const unsigned char c = peek(d);

	d->at++;
	if (d->bytes)
		d->problem = "bytes literal with other than ASCII characters";
	else if (d->lexer->encoding == OH_PY_LATIN1)
		put_character(d, c);
	else
		put(d, c);
}

static void decode(struct decoder *d)
{
	while (d->at < d->end && !d->problem) {
		const unsigned char c = peek(d);

		if (c == '\\' && !d->raw) {
			d->at++;
			take_escape(d);
		} else if (c == '\r') {
			take_line_end(d);
			put(d, '\n');
		} else if (c >= 0x80) {
			take_high_byte(d);
		} else {
			d->at += d->formatted && (c == '{' || c == '}') ? 2 : 1;
			put(d, c);
		}
	}
}

static bool is_ascii(struct oh_slice s)
{
	unsigned char all = 0;

	for (size_t i = 0; i < s.len; i++)
		all |= (unsigned char)s.ptr[i];
	return all < 0x80;
}

static bool has_byte(struct oh_slice s, char c)
{
	return s.len && memchr(s.ptr, c, s.len);
}

/* Nothing in it stands for anything else: the value is what is written. */
static bool is_itself(const struct decoder *d, struct oh_slice inside, bool ascii)
{
	if (!ascii && (d->bytes || d->lexer->encoding != OH_PY_UTF8))
		return false;
	if (has_byte(inside, '\r') || (!d->raw && has_byte(inside, '\\')))
		return false;
	return !d->formatted || (!has_byte(inside, '{') && !has_byte(inside, '}'));
}

struct oh_slice oh_py_prefix_of(const struct oh_py_lexer *l, const struct oh_py_token *token)
{
	size_t at = token->start;

	while (at < token->end && l->source.ptr[at] != '"' && l->source.ptr[at] != '\'')
		at++;
	return oh_slice_sub(l->source, token->start, at);
}

static struct oh_slice inside_of(
	const struct oh_py_lexer *l, const struct oh_py_token *token, size_t prefix)
{
	const char *p = l->source.ptr + token->start + prefix;
	const size_t len = token->end - token->start - prefix;
	const size_t quotes = len >= 6 && p[1] == p[0] && p[2] == p[0] ? 3 : 1;

	return (struct oh_slice){p + quotes, len - 2 * quotes};
}

struct oh_py_literal oh_py_decode(
	struct oh_arena *arena, const struct oh_py_lexer *l, const struct oh_py_token *token)
{
	const struct oh_slice prefix = oh_py_prefix_of(l, token);
	const struct oh_slice inside = inside_of(l, token, prefix.len);
	const bool ascii = is_ascii(inside);
	struct decoder d = {.lexer = l,
		.raw = oh_py_prefix_has(prefix, 'r'),
		.bytes = oh_py_prefix_has(prefix, 'b'),
		.formatted = oh_py_prefix_has(prefix, 'f'),
		.at = (size_t)(inside.ptr - l->source.ptr)};
	struct oh_py_literal value = {d.bytes ? OH_PY_BYTES : OH_PY_STRING, inside, NULL};

	if (!ascii && !d.bytes && l->encoding == OH_PY_UTF8 && !oh_py_is_utf8(inside))
		d.problem = "bytes that are not UTF-8";
	if (!ascii && !d.bytes && l->encoding == OH_PY_ASCII_AND_MORE)
		d.unknown = true;
	if (!d.problem && !d.unknown && !is_itself(&d, inside, ascii)) {
		d.out = oh_arena_alloc(arena, inside.len * (ascii ? 1 : 2) + 1);
		d.end = d.at + inside.len;
		decode(&d);
		value.text = (struct oh_slice){d.out, d.len};
	}
	if (d.problem || d.unknown || oh_py_prefix_has(prefix, 't'))
		value = (struct oh_py_literal){OH_PY_OTHER, {"", 0}, d.problem};
	return value;
}

struct oh_slice oh_py_to_utf8(
	struct oh_arena *arena, const struct oh_py_lexer *l, struct oh_slice text)
{
	struct decoder d = {.lexer = l};

	if (l->encoding != OH_PY_LATIN1 || is_ascii(text))
		return text;
	d.out = oh_arena_alloc(arena, 2 * text.len + 1);
	for (size_t i = 0; i < text.len; i++)
		put_character(&d, (unsigned char)text.ptr[i]);
	return (struct oh_slice){d.out, d.len};
}

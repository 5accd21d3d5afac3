/* String literals of a file that is being rewritten. */
#include "adapters/alembic/rewriting.h"

#include "base/utf8.h"

void oh_rewriting_lex(
	const struct oh_rewriting *r, size_t start, size_t end, struct oh_py_lexer *lexer)
{
	oh_py_lexer_start(lexer, r->file->bytes);
	lexer->at = start;
	lexer->end = end;
	lexer->line_start = false;
	lexer->depth = lexer->base_depth = 1;
}

bool oh_rewriting_has_comment(const struct oh_rewriting *r, size_t start, size_t end)
{
	struct oh_py_lexer lexer;
	struct oh_py_token token;
	size_t at = start;

	oh_rewriting_lex(r, start, end, &lexer);
	do {
		oh_py_next(&lexer, &token);
		if (token.kind == OH_PY_TOKEN_END)
			token.start = end;
		if (oh_slice_find_byte(r->file->bytes, '#', at) < token.start)
			return true;
		at = token.end;
	} while (token.kind != OH_PY_TOKEN_END);
	return false;
}

struct oh_quotes oh_rewriting_quotes(const struct oh_rewriting *r, size_t start)
{
	const struct oh_slice source = r->file->bytes;
	size_t at = start;
	struct oh_quotes quotes;

	while (at < source.len && source.ptr[at] != '"' && source.ptr[at] != '\'')
		at++;
	quotes.prefix = oh_slice_sub(source, start, at);
	quotes.quote = at < source.len ? source.ptr[at] : '"';
	/* Three of them, and not an empty literal with something else behind it. */
	quotes.is_triple = at + 2 < source.len && source.ptr[at + 1] == quotes.quote &&
			   source.ptr[at + 2] == quotes.quote;
	return quotes;
}

/* Can the character at the front of TEXT stand for itself? */
static bool is_plain(const struct oh_rewriting *r, const struct oh_character *c, char quote)
{
	if (c->code < 0x80)
		return c->code >= 0x20 && c->code != 0x7f && c->code != '\\' &&
		       c->code != (uint32_t)quote;
	return c->valid && r->encoding == OH_PY_UTF8 && !oh_utf8_is_control(c->code);
}

bool oh_rewriting_is_plain(const struct oh_rewriting *r, struct oh_slice text, char quote)
{
	while (text.len) {
		const struct oh_character c = oh_utf8_decode(text);

		if (!is_plain(r, &c, quote))
			return false;
		text = oh_slice_sub(text, c.length, text.len);
	}
	return true;
}

static void add_escaped(
	struct oh_buf *out, const struct oh_rewriting *r, struct oh_slice text, char quote)
{
	while (text.len) {
		const struct oh_character c = oh_utf8_decode(text);
		const unsigned long code = c.code;

		if (is_plain(r, &c, quote))
			oh_buf_add(out, oh_slice_sub(text, 0, c.length));
		else if (code == '\\' || code == (unsigned char)quote)
			oh_buf_addf(out, "\\%c", (int)code);
		else
			oh_buf_addf(out,
				code < 0x100	 ? "\\x%02lx"
				: code < 0x10000 ? "\\u%04lx"
						 : "\\U%08lx",
				code);
		text = oh_slice_sub(text, c.length, text.len);
	}
}

/* With no escapes in a raw literal, and no braces in a formatted one. */
static bool fits_prefix(
	const struct oh_rewriting *r, const struct oh_quotes *quotes, struct oh_slice text)
{
	if (oh_py_prefix_has(quotes->prefix, 'f') &&
		(oh_slice_find_byte(text, '{', 0) < text.len ||
			oh_slice_find_byte(text, '}', 0) < text.len))
		return false;
	return !oh_py_prefix_has(quotes->prefix, 'r') ||
	       oh_rewriting_is_plain(r, text, quotes->quote);
}

void oh_rewriting_add_literal(struct oh_buf *out, const struct oh_rewriting *r,
	const struct oh_quotes *quotes, struct oh_slice text)
{
	if (fits_prefix(r, quotes, text))
		oh_buf_add(out, quotes->prefix);
	for (int i = 0; i < (quotes->is_triple ? 3 : 1); i++)
		oh_buf_addf(out, "%c", quotes->quote);
	add_escaped(out, r, text, quotes->quote);
	for (int i = 0; i < (quotes->is_triple ? 3 : 1); i++)
		oh_buf_addf(out, "%c", quotes->quote);
}

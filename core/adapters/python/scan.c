/*
 * Where a string ends. An f-string's replacement fields may hold the string's own quotes from
 * Python 3.12 on; every f-string of an older Python ends at the same place when read that way,
 * and what can't be read so ends at the next quote, as it did then.
 */
#include "adapters/python/token.h"

#include <string.h>

#define MAX_NESTED 32 /* strings in fields in strings … */

struct quote {
	unsigned char byte;
	bool triple, raw;
};

struct scan {
	struct oh_py_lexer *lexer;
	struct oh_py_fields *fields; /* where to put the fields of the outermost string, or NULL */
	unsigned level;
};

bool oh_py_prefix_has(struct oh_slice prefix, char letter)
{
	for (size_t i = 0; i < prefix.len; i++)
		if ((prefix.ptr[i] | 0x20) == letter)
			return true;
	return false;
}

bool oh_py_is_prefix(struct oh_slice name)
{
	static const char prefixes[][3] = {
		"r", "b", "u", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"};

	if (name.len != 1 && name.len != 2)
		return false;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strlen(prefixes[i]) == name.len && (name.ptr[0] | 0x20) == prefixes[i][0] &&
			(name.len == 1 || (name.ptr[1] | 0x20) == prefixes[i][1]))
			return true;
	return false;
}

static struct quote take_quote(struct oh_py_lexer *l, struct oh_slice prefix)
{
	struct quote q = {
		.byte = (unsigned char)l->source.ptr[l->at], .raw = oh_py_prefix_has(prefix, 'r')};

	q.triple = oh_py_byte_at(l, l->at + 1) == q.byte && oh_py_byte_at(l, l->at + 2) == q.byte;
	l->at += q.triple ? 3 : 1;
	return q;
}

/* At a quote like the opening one: passes over it where it closes the string. */
static bool take_closing(struct oh_py_lexer *l, const struct quote *q)
{
	if (q->triple &&
		(oh_py_byte_at(l, l->at + 1) != q->byte || oh_py_byte_at(l, l->at + 2) != q->byte))
		return false;
	l->at += q->triple ? 3 : 1;
	return true;
}

static void take_escape(struct oh_py_lexer *l)
{
	l->at++;
	if (oh_py_byte_at(l, l->at) == '\n' || oh_py_byte_at(l, l->at) == '\r')
		oh_py_take_newline(l);
	else if (l->at < l->end)
		l->at++;
}

/* Bytes that may end a string, or a line of it. */
static const bool stops[256] = {
	['\n'] = true, ['\r'] = true, ['"'] = true, ['\''] = true, ['\\'] = true};

static bool scan_plain(struct oh_py_lexer *l, const struct quote *q)
{
	for (;;) {
		unsigned char c;

		l->at = oh_py_find_stop(
			&l->finder, (struct oh_slice){l->source.ptr, l->end}, l->at, stops);
		if (l->at >= l->end)
			return false;
		c = oh_py_byte_at(l, l->at);
		if (c == '\\') {
			take_escape(l);
		} else if (c == '\n' || c == '\r') {
			if (!q->triple)
				return false;
			oh_py_take_newline(l);
		} else if (c == q->byte && take_closing(l, q)) {
			return true;
		} else {
			l->at++;
		}
	}
}

static bool scan_formatted(struct scan *s, const struct quote *q);

static bool scan_nested_string(struct scan *s, size_t from)
{
	struct scan inner = {s->lexer, NULL, s->level + 1};
	struct oh_py_lexer *l = s->lexer;
	struct oh_slice prefix;
	struct quote q;
	size_t start = l->at;

	while (start > from && oh_py_is_name_byte((unsigned char)l->source.ptr[start - 1]) &&
		l->at - start < 3)
		start--;
	prefix = oh_slice_sub(l->source, start, l->at);
	if (!oh_py_is_prefix(prefix))
		prefix = OH_SLICE("");
	q = take_quote(l, prefix);
	if (!oh_py_prefix_has(prefix, 'f') && !oh_py_prefix_has(prefix, 't'))
		return scan_plain(l, &q);
	return inner.level < MAX_NESTED && scan_formatted(&inner, &q);
}

/* One step inside a field's expression; false where the expression can't go on. */
static bool scan_expression_byte(struct scan *s, size_t from, unsigned *depth)
{
	struct oh_py_lexer *l = s->lexer;
	const unsigned char c = oh_py_byte_at(l, l->at);

	if (c == '"' || c == '\'')
		return scan_nested_string(s, from);
	if (c == '#') {
		oh_py_take_comment(l);
	} else if (c == '\n' || c == '\r') {
		oh_py_take_newline(l);
	} else if (strchr("!=<>", c) && oh_py_byte_at(l, l->at + 1) == '=') {
		l->at += 2;
	} else {
		if (c == '(' || c == '[' || c == '{')
			++*depth;
		if (c == ')' || c == ']' || c == '}') {
			if (!*depth)
				return false;
			--*depth;
		}
		l->at++;
	}
	return true;
}

static bool scan_expression(struct scan *s)
{
	struct oh_py_lexer *l = s->lexer;
	const size_t from = l->at;
	const unsigned line = l->line;
	unsigned depth = 0;

	for (;;) {
		const unsigned char c = oh_py_byte_at(l, l->at);

		if (l->at >= l->end || !c)
			return false;
		if (!depth && strchr("}!:=", c) &&
			!(strchr("!=", c) && oh_py_byte_at(l, l->at + 1) == '='))
			break;
		if (!scan_expression_byte(s, from, &depth))
			return false;
	}
	if (s->fields)
		OH_PUSH(s->fields->arena, s->fields, (struct oh_py_field){from, l->at, line});
	return true;
}

static void take_blanks(struct oh_py_lexer *l)
{
	while (oh_py_byte_at(l, l->at) == ' ' || oh_py_byte_at(l, l->at) == '\t' ||
		oh_py_byte_at(l, l->at) == '\f' || oh_py_byte_at(l, l->at) == '\n' ||
		oh_py_byte_at(l, l->at) == '\r') {
		if (oh_py_byte_at(l, l->at) == '\n' || oh_py_byte_at(l, l->at) == '\r')
			oh_py_take_newline(l);
		else
			l->at++;
	}
}

static bool scan_field(struct scan *s, const struct quote *q);

static void take_formatted_escape(struct oh_py_lexer *l, const struct quote *q)
{
	const unsigned char c = oh_py_byte_at(l, l->at + 1);

	if (c == '{' || c == '}') {
		l->at++;
		return;
	}
	take_escape(l);
	if (c == 'N' && !q->raw && oh_py_byte_at(l, l->at) == '{')
		while (l->at < l->end && !strchr("}\n\r\"'", oh_py_byte_at(l, l->at)))
			l->at++;
}

/* A format specification, up to the brace that closes its field. */
static bool scan_specification(struct scan *s, const struct quote *q)
{
	struct oh_py_lexer *l = s->lexer;

	while (l->at < l->end) {
		const unsigned char c = oh_py_byte_at(l, l->at);

		if (c == '}')
			return true;
		if (c == '{') {
			if (!scan_field(s, q))
				return false;
		} else if (c == '\\') {
			take_formatted_escape(l, q);
		} else if (c == '\n' || c == '\r') {
			if (!q->triple)
				return false;
			oh_py_take_newline(l);
		} else if (c == q->byte && take_closing(l, q)) {
			return false;
		} else {
			l->at++;
		}
	}
	return false;
}

/* A replacement field, from its opening brace to behind its closing one. */
static bool scan_field(struct scan *s, const struct quote *q)
{
	struct oh_py_lexer *l = s->lexer;
	bool ok;

	l->at++;
	if (s->level >= MAX_NESTED || !scan_expression(s))
		return false;
	if (oh_py_byte_at(l, l->at) == '=') {
		l->at++;
		take_blanks(l);
	}
	if (oh_py_byte_at(l, l->at) == '!') {
		l->at++;
		take_blanks(l);
		while (l->at < l->end && oh_py_is_name_byte(oh_py_byte_at(l, l->at)))
			l->at++;
		take_blanks(l);
	}
	if (oh_py_byte_at(l, l->at) == ':') {
		l->at++;
		s->level++;
		ok = scan_specification(s, q);
		s->level--;
		if (!ok)
			return false;
	}
	if (oh_py_byte_at(l, l->at) != '}')
		return false;
	l->at++;
	return true;
}

static bool scan_formatted(struct scan *s, const struct quote *q)
{
	struct oh_py_lexer *l = s->lexer;

	while (l->at < l->end) {
		const unsigned char c = oh_py_byte_at(l, l->at);

		if (c == '{' && oh_py_byte_at(l, l->at + 1) == '{') {
			l->at += 2;
		} else if (c == '{') {
			if (!scan_field(s, q))
				return false;
		} else if (c == '\\') {
			take_formatted_escape(l, q);
		} else if (c == '\n' || c == '\r') {
			if (!q->triple)
				return false;
			oh_py_take_newline(l);
		} else if (c == q->byte && take_closing(l, q)) {
			return true;
		} else {
			l->at++;
		}
	}
	return false;
}

bool oh_py_take_string(struct oh_py_lexer *l, struct oh_slice prefix)
{
	const struct quote q = take_quote(l, prefix);
	const size_t at = l->at;
	const unsigned line = l->line;
	struct scan s = {l, NULL, 0};

	if (!oh_py_prefix_has(prefix, 'f') && !oh_py_prefix_has(prefix, 't'))
		return scan_plain(l, &q);
	if (!l->old_fstrings && scan_formatted(&s, &q))
		return true;
	/* Trying it again for each of many would take quadratic time. */
	l->old_fstrings = true;
	l->at = at;
	l->line = line;
	return scan_plain(l, &q);
}

bool oh_py_fields_of(struct oh_py_fields *fields, const struct oh_py_lexer *lexer,
	const struct oh_py_token *token)
{
	struct oh_py_lexer l = {.source = lexer->source,
		.at = token->start,
		.end = token->end,
		.line = token->line,
		.has_cr = lexer->has_cr};
	struct scan s = {&l, fields, 0};
	struct oh_slice prefix;
	struct quote q;

	while (l.source.ptr[l.at] != '"' && l.source.ptr[l.at] != '\'')
		l.at++;
	prefix = oh_slice_sub(l.source, token->start, l.at);
	q = take_quote(&l, prefix);
	return scan_formatted(&s, &q);
}

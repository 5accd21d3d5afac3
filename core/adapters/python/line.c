/* Lines of Python source: their ends, indentation, brackets, and blocks passed over whole. */
#include "adapters/python/token.h"

#include <string.h>

void oh_py_take_newline(struct oh_py_lexer *l)
{
	if (oh_py_byte_at(l, l->at) == '\r' && oh_py_byte_at(l, l->at + 1) == '\n')
		l->at++;
	l->at++;
	l->line++;
}

void oh_py_take_comment(struct oh_py_lexer *l)
{
	const char *from = l->source.ptr + l->at;
	const char *hit = memchr(from, '\n', l->end - l->at);
	size_t n = hit ? (size_t)(hit - from) : l->end - l->at;

	if (l->has_cr && (hit = memchr(from, '\r', n)))
		n = (size_t)(hit - from);
	l->at += n;
}

bool oh_py_take_marked_line(struct oh_py_lexer *l)
{
	const unsigned char c = oh_py_byte_at(l, l->at);
	size_t n = 0;

	while (oh_py_byte_at(l, l->at + n) == c)
		n++;
	if (n < 7 || (l->at + n < l->end && !strchr(" \r\n", oh_py_byte_at(l, l->at + n))))
		return false;
	oh_py_complain(l, l->line, "conflict marker");
	oh_py_take_comment(l);
	return l->at < l->end;
}

bool oh_py_take_continuation(struct oh_py_lexer *l)
{
	const unsigned char next = oh_py_byte_at(l, l->at + 1);

	if (oh_py_byte_at(l, l->at) != '\\' || (next != '\n' && next != '\r'))
		return false;
	l->at++;
	oh_py_take_newline(l);
	if (l->at >= l->end)
		oh_py_complain(l, l->line, "unexpected end of file");
	return true;
}

static void count_blanks(struct oh_py_lexer *l)
{
	for (;; l->at++) {
		switch (oh_py_byte_at(l, l->at)) {
		case ' ':
			l->column++;
			l->narrow_column++;
			break;
		case '\t':
			l->column = (l->column / 8 + 1) * 8;
			l->narrow_column++;
			break;
		case '\f':
			l->column = l->narrow_column = 0;
			break;
		default:
			return;
		}
	}
}

/* As CPython: where a backslash splits the indentation, what stood before it counts. */
static void measure(struct oh_py_lexer *l)
{
	unsigned before = 0, column;

	l->column = l->narrow_column = 0;
	count_blanks(l);
	for (column = l->column; oh_py_take_continuation(l); column = l->column) {
		before = before ? before : column;
		count_blanks(l);
	}
	if (before)
		l->column = l->narrow_column = before;
}

void oh_py_take_indentation(struct oh_py_lexer *l)
{
	while (l->at < l->end) {
		unsigned char c;

		if (oh_py_take_marker(l)) {
			oh_py_take_newline(l);
			continue;
		}
		measure(l);
		c = oh_py_byte_at(l, l->at);
		if (c == '#')
			oh_py_take_comment(l);
		else if (c != '\n' && c != '\r')
			return;
		if (l->at < l->end)
			oh_py_take_newline(l);
	}
	l->column = l->narrow_column = 0;
}

static void close_bracket(struct oh_py_lexer *l, char open)
{
	if (l->depth <= l->base_depth) {
		oh_py_complain(l, l->line, "bracket that was never opened");
		return;
	}
	l->depth--;
	if (l->depth < OH_PY_MAX_BRACKETS && l->open[l->depth] != open)
		oh_py_complain(l, l->line, "bracket that closes another kind");
}

void oh_py_take_bracket(struct oh_py_lexer *l)
{
	const char c = l->source.ptr[l->at++];

	if (c == ')' || c == ']' || c == '}') {
		close_bracket(l, c == ')' ? '(' : c == ']' ? '[' : '{');
		return;
	}
	if (l->depth < OH_PY_MAX_BRACKETS) {
		l->open[l->depth] = c;
		l->open_line[l->depth] = l->line;
	} else {
		oh_py_complain(l, l->line, "brackets nested too deeply");
	}
	l->depth++;
}

/* Bytes that a line can't be passed over without looking at. */
static const bool stops[256] = {['\n'] = true,
	['\r'] = true,
	['"'] = true,
	['\''] = true,
	['#'] = true,
	['('] = true,
	[')'] = true,
	['['] = true,
	[']'] = true,
	['{'] = true,
	['}'] = true,
	['\\'] = true};

/* The prefix of a string whose quote is at AT; names begin at FROM or later. */
static struct oh_slice prefix_before(const struct oh_py_lexer *l, size_t from, size_t at)
{
	size_t start = at;
	struct oh_slice name;

	while (start > from && at - start < 3 &&
		oh_py_is_name_byte((unsigned char)l->source.ptr[start - 1]))
		start--;
	name = oh_slice_sub(l->source, start, at);
	return oh_py_is_prefix(name) ? name : OH_SLICE("");
}

static size_t without_blanks(const struct oh_py_lexer *l, size_t from, size_t to)
{
	while (to > from && strchr(" \t\f", l->source.ptr[to - 1]) && l->source.ptr[to - 1])
		to--;
	return to;
}

/* A string or a bracket: it ends where a token ends. */
static void take_part(struct oh_py_lexer *l, size_t from)
{
	const unsigned char c = (unsigned char)l->source.ptr[l->at];
	const unsigned line = l->line;

	if (c != '"' && c != '\'')
		oh_py_take_bracket(l);
	else if (!oh_py_take_string(l, prefix_before(l, from, l->at)))
		oh_py_complain(l, line, "unterminated string");
}

/* What means nothing: a comment, a continuation, a line end. False: the logical line ends. */
static bool take_gap(struct oh_py_lexer *l)
{
	const unsigned char c = oh_py_byte_at(l, l->at);

	if (c == '#') {
		oh_py_take_comment(l);
	} else if (c == '\\') {
		if (!oh_py_take_continuation(l))
			l->at++;
	} else if (l->at < l->end) {
		do
			oh_py_take_newline(l);
		while (l->depth && oh_py_take_marker(l));
		return l->depth;
	}
	return l->at < l->end;
}

static bool is_gap(unsigned char c)
{
	return !c || c == '\n' || c == '\r' || c == '#' || c == '\\';
}

/* The logical line at `at`, its end included. What end of its last token. */
static size_t skip_line(struct oh_py_lexer *l)
{
	size_t last = l->at;

	for (;;) {
		const size_t from = l->at;

		l->at = oh_py_find_stop(
			&l->finder, (struct oh_slice){l->source.ptr, l->end}, l->at, stops);
		if (!is_gap(oh_py_byte_at(l, l->at))) {
			take_part(l, from);
			last = l->at;
			continue;
		}
		if (without_blanks(l, from, l->at) > from)
			last = without_blanks(l, from, l->at);
		if (!take_gap(l))
			return last;
	}
}

size_t oh_py_skip_block(struct oh_py_lexer *l, unsigned column, size_t last)
{
	for (;;) {
		oh_py_take_indentation(l);
		l->line_start = l->at >= l->end;
		if (l->line_start || l->column <= column)
			return last;
		last = skip_line(l);
	}
}

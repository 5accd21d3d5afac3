#include "adapters/python/token.h"

#include <string.h>

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

void oh_py_complain(struct oh_py_lexer *l, unsigned line, const char *message)
{
	if (!l->problem.line || l->is_vague)
		l->problem = (struct oh_py_problem){line, message};
	l->is_vague = false;
}

void oh_py_lexer_start(struct oh_py_lexer *l, struct oh_slice source)
{
	memset(l, 0, offsetof(struct oh_py_lexer, open));
	l->problem = (struct oh_py_problem){0, NULL};
	l->source = source;
	l->end = source.len;
	l->line = 1;
	l->line_start = true;
	l->has_cr = source.len && memchr(source.ptr, '\r', source.len);
	if (oh_slice_has_prefix(source, OH_SLICE("\xef\xbb\xbf")))
		l->at = 3;
	oh_py_find_encoding(l);
}

/* Runs of a digit with single underscores between, "0" of "0_0" included. */
static void take_digits(struct oh_py_lexer *l, bool hex)
{
	unsigned char c;

	for (; (c = oh_py_byte_at(l, l->at)); l->at++)
		if (!is_digit(c) && c != '_' && !(hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f'))
			return;
}

static void take_exponent(struct oh_py_lexer *l)
{
	size_t at = l->at;

	if ((oh_py_byte_at(l, at) | 0x20) != 'e')
		return;
	at++;
	if (oh_py_byte_at(l, at) == '+' || oh_py_byte_at(l, at) == '-')
		at++;
	if (!is_digit(oh_py_byte_at(l, at)))
		return; /* `1else`, or no number */
	l->at = at;
	take_digits(l, false);
}

static int take_number(struct oh_py_lexer *l)
{
	const unsigned char second = oh_py_byte_at(l, l->at + 1) | 0x20;

	if (oh_py_byte_at(l, l->at) == '0' && (second == 'x' || second == 'o' || second == 'b')) {
		l->at += 2;
		take_digits(l, second == 'x');
		return OH_PY_TOKEN_NUMBER;
	}
	take_digits(l, false);
	if (oh_py_byte_at(l, l->at) == '.') {
		l->at++;
		take_digits(l, false);
	}
	take_exponent(l);
	if ((oh_py_byte_at(l, l->at) | 0x20) == 'j')
		l->at++;
	return OH_PY_TOKEN_NUMBER;
}

static int take_string(struct oh_py_lexer *l, struct oh_slice prefix, unsigned line)
{
	if (oh_py_take_string(l, prefix))
		return OH_PY_TOKEN_STRING;
	oh_py_complain(l, line, "unterminated string");
	return OH_PY_TOKEN_BAD;
}

static int take_name(struct oh_py_lexer *l, struct oh_py_token *token)
{
	const unsigned char *text = (const unsigned char *)l->source.ptr;
	const size_t end = l->end;
	struct oh_slice name;
	unsigned char c, high = 0;
	size_t at = l->at;

	for (; at < end && oh_py_is_name_byte(text[at]); at++)
		high |= text[at];
	l->at = at;
	c = oh_py_byte_at(l, at);
	name = oh_slice_sub(l->source, token->start, at);
	if (high >= 0x80 && l->encoding == OH_PY_UTF8 && !oh_py_is_utf8(name))
		oh_py_complain(l, l->line, "bytes that are not UTF-8");
	if ((c == '"' || c == '\'') && oh_py_is_prefix(name))
		return take_string(l, name, token->line);
	token->word = oh_py_word_of(name);
	return OH_PY_TOKEN_NAME;
}

struct operator_row {
	char text[4];
	int kind;
};

/* Those of more than one character, longest first. */
static const struct operator_row operators[] = {
	{"...", OH_PY_TOKEN_ELLIPSIS},
	{"**=", OH_PY_TOKEN_AUGMENTED},
	{"//=", OH_PY_TOKEN_AUGMENTED},
	{"<<=", OH_PY_TOKEN_AUGMENTED},
	{">>=", OH_PY_TOKEN_AUGMENTED},
	{"**", OH_PY_TOKEN_POWER},
	{"//", OH_PY_TOKEN_OPERATOR},
	{"<<", OH_PY_TOKEN_OPERATOR},
	{">>", OH_PY_TOKEN_OPERATOR},
	{"==", OH_PY_TOKEN_OPERATOR},
	{"!=", OH_PY_TOKEN_OPERATOR},
	{"<=", OH_PY_TOKEN_OPERATOR},
	{">=", OH_PY_TOKEN_OPERATOR},
	{":=", OH_PY_TOKEN_WALRUS},
	{"->", OH_PY_TOKEN_ARROW},
	{"+=", OH_PY_TOKEN_AUGMENTED},
	{"-=", OH_PY_TOKEN_AUGMENTED},
	{"*=", OH_PY_TOKEN_AUGMENTED},
	{"/=", OH_PY_TOKEN_AUGMENTED},
	{"%=", OH_PY_TOKEN_AUGMENTED},
	{"@=", OH_PY_TOKEN_AUGMENTED},
	{"&=", OH_PY_TOKEN_AUGMENTED},
	{"|=", OH_PY_TOKEN_AUGMENTED},
	{"^=", OH_PY_TOKEN_AUGMENTED},
};

/* An operator of several characters has one of these in its second place. */
static bool may_continue(unsigned char c)
{
	return c == '=' || c == '*' || c == '/' || c == '<' || c == '>' || c == '.';
}

/* One of several characters; 0 where none is here. */
static int take_long_operator(struct oh_py_lexer *l, unsigned char c)
{
	const size_t left = l->end - l->at;

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		const char *text = operators[i].text;
		const size_t n = text[2] ? 3 : 2;

		if (text[0] == c && n <= left && !memcmp(l->source.ptr + l->at, text, n)) {
			l->at += n;
			return operators[i].kind;
		}
	}
	return 0;
}

static int take_operator(struct oh_py_lexer *l)
{
	const unsigned char c = oh_py_byte_at(l, l->at);
	int kind = 0;

	if (may_continue(oh_py_byte_at(l, l->at + 1)))
		kind = take_long_operator(l, c);
	if (kind)
		return kind;
	l->at++;
	switch (c) {
	case '=':
	case ',':
	case ':':
	case ';':
	case '.':
	case '*':
	case '@':
		return c;
	case '+':
	case '-':
	case '/':
	case '%':
	case '&':
	case '|':
	case '^':
	case '~':
	case '<':
	case '>':
		return OH_PY_TOKEN_OPERATOR;
	default:
		oh_py_complain(l, l->line, c ? "invalid character" : "binary data");
		return OH_PY_TOKEN_BAD;
	}
}

static void take_newlines_in_brackets(struct oh_py_lexer *l)
{
	do
		oh_py_take_newline(l);
	while (oh_py_take_marker(l));
}

/* What means nothing before the next token: blanks, comments, line ends inside brackets. */
static void take_space(struct oh_py_lexer *l)
{
	for (;;) {
		const unsigned char c = oh_py_byte_at(l, l->at);

		if (c == ' ' || c == '\t' || c == '\f')
			l->at++;
		else if (c == '#')
			oh_py_take_comment(l);
		else if ((c == '\n' || c == '\r') && l->depth)
			take_newlines_in_brackets(l);
		else if (c != '\\' || !oh_py_take_continuation(l))
			return;
	}
}

static int take_end(struct oh_py_lexer *l)
{
	if (l->depth > l->base_depth && l->depth <= OH_PY_MAX_BRACKETS)
		oh_py_complain(l, l->open_line[l->depth - 1], "bracket that is never closed");
	if (l->line_start || l->base_depth)
		return OH_PY_TOKEN_END;
	l->depth = 0;
	l->line_start = true;
	return OH_PY_TOKEN_NEWLINE;
}

static int take_token(struct oh_py_lexer *l, struct oh_py_token *token)
{
	const unsigned char c = oh_py_byte_at(l, l->at);

	switch (c) {
	case '\n':
	case '\r':
		oh_py_take_newline(l);
		l->line_start = true;
		return OH_PY_TOKEN_NEWLINE;
	case '"':
	case '\'':
		return take_string(l, OH_SLICE(""), token->line);
	case '(':
	case '[':
	case '{':
	case ')':
	case ']':
	case '}':
		oh_py_take_bracket(l);
		return c;
	default:
		break;
	}
	if (is_digit(c) || (c == '.' && is_digit(oh_py_byte_at(l, l->at + 1))))
		return take_number(l);
	return oh_py_is_name_byte(c) ? take_name(l, token) : take_operator(l);
}

void oh_py_next(struct oh_py_lexer *l, struct oh_py_token *token)
{
	if (l->line_start && !l->depth) {
		oh_py_take_indentation(l);
		l->line_start = l->at >= l->end;
	}
	take_space(l);
	*token = (struct oh_py_token){.start = l->at, .line = l->line};
	token->kind = l->at < l->end ? take_token(l, token) : take_end(l);
	token->end = l->at;
}

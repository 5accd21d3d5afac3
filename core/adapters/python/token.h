/*
 * The tokens of Python source, as CPython cuts it: any bytes give tokens, ended by
 * OH_PY_TOKEN_END, and what is wrong is kept in `problem`.
 *
 *	struct oh_py_lexer lexer;
 *	struct oh_py_token token;
 *	oh_py_lexer_start(&lexer, source);
 *	do
 *		oh_py_next(&lexer, &token);
 *	while (token.kind != OH_PY_TOKEN_END);
 *
 * Indentation is no token: `column` says where the logical line of the newest token began. An
 * f-string is one token, also where it holds its own quotes (Python 3.12).
 */
#ifndef OH_ADAPTERS_PYTHON_TOKEN_H
#define OH_ADAPTERS_PYTHON_TOKEN_H

#include "adapters/python/find.h"
#include "adapters/python/reader.h"

#define OH_PY_MAX_BRACKETS 200 /* as CPython's tokenizer */

/* Punctuation of one character is its own kind: '(', ',', '=' … */
enum oh_py_token_kind {
	OH_PY_TOKEN_END = 0,
	OH_PY_TOKEN_NEWLINE = '\n', /* the end of a logical line */
	OH_PY_TOKEN_NAME = 'a',
	OH_PY_TOKEN_NUMBER = '0',
	OH_PY_TOKEN_STRING = '"',
	OH_PY_TOKEN_OPERATOR = '+', /* any that is not named here */
	OH_PY_TOKEN_AUGMENTED = 'A', /* += and its like */
	OH_PY_TOKEN_WALRUS = 'W',
	OH_PY_TOKEN_ARROW = 'R',
	OH_PY_TOKEN_ELLIPSIS = 'E',
	OH_PY_TOKEN_POWER = 'P', /* ** */
	OH_PY_TOKEN_BAD = '?' /* no token; problem is set */
};

/* Keywords, in the order of the table in word.c. */
enum oh_py_word {
	OH_PY_WORD_NONE,
	OH_PY_WORD_FALSE,
	OH_PY_WORD_NULL,
	OH_PY_WORD_TRUE,
	OH_PY_WORD_AND,
	OH_PY_WORD_AS,
	OH_PY_WORD_ASSERT,
	OH_PY_WORD_ASYNC,
	OH_PY_WORD_AWAIT,
	OH_PY_WORD_BREAK,
	OH_PY_WORD_CLASS,
	OH_PY_WORD_CONTINUE,
	OH_PY_WORD_DEF,
	OH_PY_WORD_DEL,
	OH_PY_WORD_ELIF,
	OH_PY_WORD_ELSE,
	OH_PY_WORD_EXCEPT,
	OH_PY_WORD_FINALLY,
	OH_PY_WORD_FOR,
	OH_PY_WORD_FROM,
	OH_PY_WORD_GLOBAL,
	OH_PY_WORD_IF,
	OH_PY_WORD_IMPORT,
	OH_PY_WORD_IN,
	OH_PY_WORD_IS,
	OH_PY_WORD_LAMBDA,
	OH_PY_WORD_NONLOCAL,
	OH_PY_WORD_NOT,
	OH_PY_WORD_OR,
	OH_PY_WORD_PASS,
	OH_PY_WORD_RAISE,
	OH_PY_WORD_RETURN,
	OH_PY_WORD_TRY,
	OH_PY_WORD_WHILE,
	OH_PY_WORD_WITH,
	OH_PY_WORD_YIELD
};

struct oh_py_token {
	int kind; /* enum oh_py_token_kind or a character */
	enum oh_py_word word; /* of a name that is a keyword */
	unsigned line;
	size_t start, end;
};

enum oh_py_encoding {
	OH_PY_UTF8,
	OH_PY_LATIN1,
	OH_PY_ASCII_AND_MORE /* bytes from 0x80 on have a meaning that isn't known here */
};

struct oh_py_lexer {
	struct oh_slice source;
	size_t at, end; /* what is left to read: [at, end) of the source */
	unsigned line;
	unsigned column; /* of the logical line: tabs reach to the next eighth */
	unsigned narrow_column; /* the same with tabs that count one */
	unsigned depth, base_depth; /* open brackets; those that are not closed here */
	enum oh_py_encoding encoding;
	bool line_start; /* a logical line begins at `at` */
	bool has_cr;
	bool is_vague; /* the problem is inside brackets: what else is wrong there says more */
	bool old_fstrings; /* one could not be read as Python 3.12 does: none is any more */
	struct oh_py_finder finder;
	char open[OH_PY_MAX_BRACKETS];
	unsigned open_line[OH_PY_MAX_BRACKETS];
	struct oh_py_problem problem; /* the first one */
};

/* The expression of a replacement field in an f-string. */
struct oh_py_field {
	size_t start, end;
	unsigned line;
};

struct oh_py_fields {
	struct oh_arena *arena;
	struct oh_py_field *items;
	size_t count, capacity;
};

void oh_py_lexer_start(struct oh_py_lexer *lexer, struct oh_slice source);
void oh_py_next(struct oh_py_lexer *lexer, struct oh_py_token *token);

/*
 * At the beginning of a logical line: passes over every line that is indented deeper than
 * COLUMN, by brackets and strings alone. What end of the last one: its last byte that is neither
 * blank nor comment; LAST where there was no line.
 */
size_t oh_py_skip_block(struct oh_py_lexer *lexer, unsigned column, size_t last);

/* A string literal's value. */
struct oh_py_literal {
	enum oh_py_kind kind; /* OH_PY_STRING, OH_PY_BYTES, or OH_PY_OTHER: not known */
	struct oh_slice text;
	const char *problem; /* NULL where it is sound */
};

/* What TOKEN, a string, means; an f-string as if it had no fields. */
struct oh_py_literal oh_py_decode(
	struct oh_arena *arena, const struct oh_py_lexer *lexer, const struct oh_py_token *token);
/* A name or other text as UTF-8. */
struct oh_slice oh_py_to_utf8(
	struct oh_arena *arena, const struct oh_py_lexer *lexer, struct oh_slice text);
/* The letters before the quote. */
struct oh_slice oh_py_prefix_of(const struct oh_py_lexer *lexer, const struct oh_py_token *token);

enum oh_py_word oh_py_word_of(struct oh_slice name);

/* Notes a problem where there is none yet, or a vague one. */
void oh_py_complain(struct oh_py_lexer *lexer, unsigned line, const char *message);

/* The steps of the lexer that its own files share. */
static inline unsigned char oh_py_byte_at(const struct oh_py_lexer *lexer, size_t at)
{
	return at < lexer->end ? (unsigned char)lexer->source.ptr[at] : 0;
}
/* A letter, a digit, an underscore, or a byte of more than ASCII. */
static inline bool oh_py_is_name_byte(unsigned char c)
{
	static const uint64_t bits[] = {
		0x03ff000000000000, 0x07fffffe87fffffe, UINT64_MAX, UINT64_MAX};

	return bits[c / 64] >> c % 64 & 1;
}
void oh_py_find_encoding(struct oh_py_lexer *lexer); /* by BOM and cookie; and complains */
bool oh_py_is_utf8(struct oh_slice text);
void oh_py_take_newline(struct oh_py_lexer *lexer); /* CR, LF or CRLF at `at` */
bool oh_py_take_continuation(struct oh_py_lexer *lexer); /* backslash and line end, if here */
void oh_py_take_comment(struct oh_py_lexer *lexer); /* up to the line's end */
void oh_py_take_indentation(struct oh_py_lexer *lexer); /* sets column; blank lines are passed */
void oh_py_take_bracket(struct oh_py_lexer *lexer); /* the one at `at` */
bool oh_py_take_marked_line(struct oh_py_lexer *lexer); /* oh_py_take_marker at such a byte */
/* A conflict marker's line, if one is here. */
static inline bool oh_py_take_marker(struct oh_py_lexer *lexer)
{
	const unsigned char c = oh_py_byte_at(lexer, lexer->at);

	return (c == '<' || c == '=' || c == '>' || c == '|') && oh_py_take_marked_line(lexer);
}

/* Is NAME what may stand before a quote: r, b, u, f, t and their pairs in either case? */
bool oh_py_is_prefix(struct oh_slice name);
bool oh_py_prefix_has(struct oh_slice prefix, char letter); /* a lower-case letter */
/* The string whose quote is at `at`; PREFIX stands before it. False: it has no end. */
bool oh_py_take_string(struct oh_py_lexer *lexer, struct oh_slice prefix);
/* The fields of the f-string TOKEN, in the order of their expressions; false: not all. */
bool oh_py_fields_of(struct oh_py_fields *fields, const struct oh_py_lexer *lexer,
	const struct oh_py_token *token);

#endif

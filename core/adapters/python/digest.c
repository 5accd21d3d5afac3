/*
 * The digest of tokens. It keeps what a program means and drops what a formatter changes: blocks
 * and statements count, not how far they are indented or whether lines or semicolons end them; a
 * comma before a closing bracket counts only where it makes a tuple.
 */
#include "adapters/python/token.h"

#include "base/buf.h"
#include "base/digest.h"

struct columns {
	unsigned *items;
	size_t count, capacity;
};

/* An open bracket. */
struct level {
	bool follows_operand; /* a call or a subscript */
	bool has_lambda;
	unsigned commas;
};

struct levels {
	struct level *items;
	size_t count, capacity;
};

struct digester {
	struct oh_arena *arena;
	struct oh_py_lexer lexer;
	struct oh_py_token token;
	struct oh_buf out;
	struct columns columns;
	struct levels levels;
	bool at_start; /* of a statement */
	bool behind_line_end; /* since the newest statement */
	bool comma; /* one is held back */
	bool behind_operand;
};

/* Kind and length in front, so that no two runs of tokens give the same bytes. */
static void put(struct digester *d, char kind, struct oh_slice text)
{
	char head[24];
	size_t at = sizeof(head), n = text.len;

	head[--at] = ':';
	do
		head[--at] = (char)('0' + n % 10);
	while (n /= 10);
	head[--at] = kind;
	oh_buf_add(&d->out, (struct oh_slice){head + at, sizeof(head) - at});
	oh_buf_add(&d->out, text);
}

static struct oh_slice text_of(const struct digester *d, const struct oh_py_token *token)
{
	return oh_slice_sub(d->lexer.source, token->start, token->end);
}

static void put_blocks(struct digester *d)
{
	struct columns *c = &d->columns;
	const unsigned column = d->lexer.column;

	while (c->count && c->items[c->count - 1] > column) {
		c->count--;
		put(d, '<', OH_SLICE(""));
	}
	if (!c->count || c->items[c->count - 1] < column) {
		OH_PUSH(d->arena, c, column);
		put(d, '>', OH_SLICE(""));
	}
}

static void begin_statement(struct digester *d)
{
	if (d->behind_line_end)
		put_blocks(d);
	put(d, ';', OH_SLICE(""));
	d->at_start = d->behind_line_end = false;
}

static bool ends_statement(const struct oh_py_token *token)
{
	return token->kind == OH_PY_TOKEN_NEWLINE || token->kind == ';' ||
	       token->kind == OH_PY_TOKEN_END;
}

/* By what its letters mean and what stands between its quotes. */
static void put_unknown_string(struct digester *d, const struct oh_py_token *token)
{
	const struct oh_slice prefix = oh_py_prefix_of(&d->lexer, token);
	struct oh_slice inside = oh_slice_sub(text_of(d, token), prefix.len, token->end);
	const size_t quotes =
		inside.len >= 6 && inside.ptr[1] == inside.ptr[0] && inside.ptr[2] == inside.ptr[0]
			? 3
			: 1;
	static const char letters[] = "bfrt";

	for (size_t i = 0; letters[i]; i++)
		if (oh_py_prefix_has(prefix, letters[i]))
			put(d, letters[i], OH_SLICE(""));
	put(d, 'q', oh_slice_sub(inside, quotes, inside.len - quotes));
}

struct strings {
	struct oh_py_token *items;
	size_t count, capacity;
};

static bool is_known(const struct digester *d, const struct oh_py_token *token)
{
	const struct oh_slice prefix = oh_py_prefix_of(&d->lexer, token);
	struct oh_py_fields fields = {.arena = d->arena};

	if (!oh_py_prefix_has(prefix, 'f') && !oh_py_prefix_has(prefix, 't'))
		return true;
	return oh_py_fields_of(&fields, &d->lexer, token) && !fields.count;
}

/* Strings side by side: as one where all of them are known. */
static void put_strings(struct digester *d, const struct strings *run)
{
	struct oh_buf joined = {.arena = d->arena};
	enum oh_py_kind kind = OH_PY_OTHER;
	bool known = true;

	for (size_t i = 0; i < run->count; i++) {
		struct oh_py_literal literal = {OH_PY_OTHER, {"", 0}, NULL};

		if (is_known(d, &run->items[i]))
			literal = oh_py_decode(d->arena, &d->lexer, &run->items[i]);
		known &= literal.kind != OH_PY_OTHER && (!i || literal.kind == kind);
		kind = literal.kind;
		oh_buf_add(&joined, literal.text);
	}
	if (known)
		put(d, kind == OH_PY_BYTES ? 'B' : 'S', oh_buf_slice(&joined));
	for (size_t i = 0; i < run->count && !known; i++)
		put_unknown_string(d, &run->items[i]);
}

static void put_comma(struct digester *d)
{
	if (d->comma)
		put(d, 'o', OH_SLICE(","));
	d->comma = false;
}

/* A run of strings, from the first one to behind the last one. */
static void take_strings(struct digester *d)
{
	struct strings run = {0};

	while (d->token.kind == OH_PY_TOKEN_STRING) {
		OH_PUSH(d->arena, &run, d->token);
		oh_py_next(&d->lexer, &d->token);
	}
	if (d->at_start && ends_statement(&d->token))
		return; /* a docstring */
	if (d->at_start)
		begin_statement(d);
	put_comma(d);
	put_strings(d, &run);
	d->behind_operand = true;
}

static bool is_needed(const struct digester *d, int closer)
{
	const struct level *level = &d->levels.items[d->levels.count - 1];

	if (closer == '}' || (level->commas > 1 && !level->has_lambda))
		return false;
	return closer == ')' ? !level->follows_operand : level->follows_operand;
}

static void take_bracket(struct digester *d, int kind)
{
	const struct level level = {.follows_operand = d->behind_operand};

	if (kind == '(' || kind == '[' || kind == '{') {
		put_comma(d);
		OH_PUSH(d->arena, &d->levels, level);
		d->behind_operand = false;
	} else {
		if (d->levels.count && !is_needed(d, kind))
			d->comma = false;
		put_comma(d);
		if (d->levels.count)
			d->levels.count--;
		d->behind_operand = true;
	}
	put(d, 'o', text_of(d, &d->token));
}

static void take_comma(struct digester *d)
{
	put_comma(d);
	d->comma = true;
	d->behind_operand = false;
	if (d->levels.count)
		d->levels.items[d->levels.count - 1].commas++;
}

static void take_other(struct digester *d)
{
	const bool is_name = d->token.kind == OH_PY_TOKEN_NAME;

	put_comma(d);
	put(d, is_name ? 'n' : 'o', text_of(d, &d->token));
	d->behind_operand = (is_name && d->token.word == OH_PY_WORD_NONE) ||
			    d->token.kind == OH_PY_TOKEN_NUMBER;
	if (d->token.word == OH_PY_WORD_LAMBDA && d->levels.count)
		d->levels.items[d->levels.count - 1].has_lambda = true;
}

static void take_end_of_statement(struct digester *d)
{
	put_comma(d);
	d->at_start = true;
	d->behind_line_end |= d->token.kind == OH_PY_TOKEN_NEWLINE;
	d->behind_operand = false;
	d->levels.count = 0;
	oh_py_next(&d->lexer, &d->token);
}

static void take_token(struct digester *d)
{
	const int kind = d->token.kind;

	if (ends_statement(&d->token)) {
		take_end_of_statement(d);
		return;
	}
	if (kind == OH_PY_TOKEN_STRING) {
		take_strings(d);
		return;
	}
	if (d->at_start)
		begin_statement(d);
	if (kind == ',')
		take_comma(d);
	else if (kind == '(' || kind == '[' || kind == '{' || kind == ')' || kind == ']' ||
		 kind == '}')
		take_bracket(d, kind);
	else
		take_other(d);
	oh_py_next(&d->lexer, &d->token);
}

/* Where the line of AT begins, if nothing but blanks stands between. */
static size_t line_start(struct oh_slice source, size_t at)
{
	size_t start = at;

	while (start && (source.ptr[start - 1] == ' ' || source.ptr[start - 1] == '\t'))
		start--;
	return start && source.ptr[start - 1] != '\n' && source.ptr[start - 1] != '\r' ? at : start;
}

struct oh_slice oh_py_token_digest(
	struct oh_arena *arena, struct oh_slice source, size_t from, size_t to)
{
	struct digester d = {.arena = arena, .out = {.arena = arena}, .at_start = true};

	oh_py_lexer_start(&d.lexer, source);
	d.lexer.end = to < source.len ? to : source.len;
	if (from > d.lexer.end)
		from = d.lexer.end;
	if (from > d.lexer.at)
		d.lexer.at = line_start(source, from);
	d.behind_line_end = true;
	for (oh_py_next(&d.lexer, &d.token); d.token.kind != OH_PY_TOKEN_END;)
		take_token(&d);
	return oh_digest_sha256(arena, oh_buf_slice(&d.out));
}

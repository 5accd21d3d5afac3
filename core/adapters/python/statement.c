/* Statements of one line. */
#include "adapters/python/parser.h"

void oh_py_note_statement(struct oh_py_parser *p, struct oh_slice keyword, unsigned line)
{
	const struct oh_py_statement statement = {p->now.function, keyword, line, p->now.depth};

	if (p->detail == OH_PY_CALLS && p->now.function.len)
		OH_PUSH(p->arena, &p->module->statements, statement);
}

static bool is_string(const struct oh_py_parser *p, const struct oh_py_value *v)
{
	return v->start == p->last_string.start && v->end == p->last_string.end;
}

static bool is_ellipsis(const struct oh_py_value *v)
{
	return v->kind == OH_PY_OTHER && oh_slice_eq(v->text, OH_SLICE("..."));
}

static void mark_call(struct oh_py_parser *p, const struct oh_py_value *v, size_t first_call)
{
	for (size_t i = first_call; i < p->module->calls.count; i++) {
		struct oh_py_call *call = &p->module->calls.items[i];

		if (call->call->start == v->start && call->call->end == v->end)
			call->is_statement = true;
	}
}

static void finish_expression(
	struct oh_py_parser *p, const struct oh_py_value *v, size_t first_call, unsigned line)
{
	if (v->kind == OH_PY_CALL)
		mark_call(p, v, first_call);
	else if (!is_string(p, v) && !is_ellipsis(v))
		oh_py_note_statement(p, OH_SLICE(""), line);
	else if (!p->seen_statement && is_string(p, v) && p->last_string.is_text)
		p->module->docstring = oh_py_keep(p, v);
}

/* TARGET, TARGET = … VALUE: the targets are on the stack from BASE on. */
static void assign_all(struct oh_py_parser *p, size_t base, const struct oh_py_value *value)
{
	for (size_t i = base; i < p->values.count; i++)
		oh_py_assign_target(p, &p->values.items[i], value);
	p->values.count = base;
}

static void take_assignment(struct oh_py_parser *p, struct oh_py_value value)
{
	const size_t base = p->values.count;

	while (oh_py_accept(p, '=')) {
		OH_PUSH(p->arena, &p->values, value);
		value = oh_py_expressions(p);
	}
	if (!p->failed)
		assign_all(p, base, &value);
}

static bool opens(const struct oh_py_parser *p)
{
	return oh_py_at(p, '(') || oh_py_at(p, '[') || oh_py_at(p, '{');
}

static bool closes(const struct oh_py_parser *p)
{
	return oh_py_at(p, ')') || oh_py_at(p, ']') || oh_py_at(p, '}');
}

static bool ends_annotation(const struct oh_py_parser *p)
{
	return oh_py_at(p, '=') || oh_py_at(p, ';') || oh_py_at(p, OH_PY_TOKEN_NEWLINE);
}

/* At a walrus: binds the name that was the token BEFORE. */
static void take_walrus(struct oh_py_parser *p, const struct oh_py_token *before)
{
	const struct oh_slice text = oh_slice_sub(p->lexer.source, before->start, before->end);
	const struct oh_py_value name = {.kind = OH_PY_NAME,
		.text = oh_py_to_utf8(p->arena, &p->lexer, text),
		.start = before->start,
		.end = before->end,
		.line = before->line};

	oh_py_bind_target(p, &name);
}

/* Nobody asks what it says where no calls are looked for; it may bind by a walrus. A lambda has
 * equal signs of its own. */
static void skip_annotation(struct oh_py_parser *p)
{
	struct oh_py_token before = p->token;
	size_t depth = 0;

	while (!p->failed && !oh_py_at(p, OH_PY_TOKEN_END) && (depth || !ends_annotation(p))) {
		if (oh_py_at_word(p, OH_PY_WORD_LAMBDA)) {
			(void)oh_py_expression(p);
			continue;
		}
		if (oh_py_at(p, OH_PY_TOKEN_WALRUS) && before.kind == OH_PY_TOKEN_NAME)
			take_walrus(p, &before);
		depth += opens(p);
		depth -= depth && closes(p);
		before = p->token;
		oh_py_advance(p);
	}
}

static void take_annotated(struct oh_py_parser *p, const struct oh_py_value *target)
{
	struct oh_py_value value;

	oh_py_advance(p);
	if (p->detail == OH_PY_CALLS)
		(void)oh_py_expression(p);
	else
		skip_annotation(p);
	if (oh_py_accept(p, '=')) {
		value = oh_py_expressions(p);
		if (!p->failed)
			oh_py_assign_target(p, target, &value);
	}
}

static void take_augmented(struct oh_py_parser *p, const struct oh_py_value *target)
{
	oh_py_advance(p);
	(void)oh_py_expressions(p);
	oh_py_bind_target(p, target);
}

static void take_expression(struct oh_py_parser *p)
{
	const unsigned line = p->token.line;
	const size_t first_call = p->module->calls.count;
	const struct oh_py_value value = oh_py_expressions(p);

	if (p->failed)
		return;
	if (!oh_py_at(p, '=') && !oh_py_at(p, ':') && !oh_py_at(p, OH_PY_TOKEN_AUGMENTED)) {
		finish_expression(p, &value, first_call, line);
		return;
	}
	oh_py_note_statement(p, OH_SLICE("="), line);
	if (oh_py_at(p, '='))
		take_assignment(p, value);
	else if (oh_py_at(p, ':'))
		take_annotated(p, &value);
	else
		take_augmented(p, &value);
}

/* a.b.c as d: without `as` it binds the first part. */
static void take_import(struct oh_py_parser *p)
{
	do {
		const unsigned line = p->token.line;
		struct oh_slice name = oh_py_take_name(p);

		while (oh_py_accept(p, '.'))
			(void)oh_py_take_name(p);
		if (oh_py_accept_word(p, OH_PY_WORD_AS))
			name = oh_py_take_name(p);
		oh_py_bind_name(p, name, line);
	} while (oh_py_accept(p, ','));
}

static void take_imported_names(struct oh_py_parser *p)
{
	const bool parentheses = oh_py_accept(p, '(');

	while (!p->failed) {
		const unsigned line = p->token.line;
		struct oh_slice name = oh_py_take_name(p);

		if (oh_py_accept_word(p, OH_PY_WORD_AS))
			name = oh_py_take_name(p);
		oh_py_bind_name(p, name, line);
		if (!oh_py_accept(p, ',') || oh_py_at(p, ')'))
			break;
	}
	if (parentheses)
		(void)oh_py_expect(p, ')');
}

static void take_from(struct oh_py_parser *p)
{
	while (oh_py_at(p, '.') || oh_py_at(p, OH_PY_TOKEN_ELLIPSIS))
		oh_py_advance(p);
	if (!oh_py_at_word(p, OH_PY_WORD_IMPORT)) {
		do
			(void)oh_py_take_name(p);
		while (oh_py_accept(p, '.'));
	}
	if (!oh_py_accept_word(p, OH_PY_WORD_IMPORT))
		oh_py_fail(p, "invalid syntax");
	if (oh_py_at(p, '*')) {
		oh_py_bind_name(p, OH_SLICE("*"), p->token.line);
		oh_py_advance(p);
	} else {
		take_imported_names(p);
	}
}

static void take_del(struct oh_py_parser *p)
{
	const struct oh_py_value targets = oh_py_expressions(p);

	if (!p->failed)
		oh_py_bind_target(p, &targets);
}

static void take_global(struct oh_py_parser *p)
{
	do {
		const unsigned line = p->token.line;
		const struct oh_slice name = oh_py_take_name(p);

		if (p->now.inner && name.len)
			oh_py_bind_global(p, name, line);
	} while (oh_py_accept(p, ','));
}

static void take_nonlocal(struct oh_py_parser *p)
{
	do
		(void)oh_py_take_name(p);
	while (oh_py_accept(p, ','));
}

/* return, raise … from …, assert: expressions that mean nothing here. */
static void take_operands(struct oh_py_parser *p)
{
	if (oh_py_starts_item(p) || oh_py_at_word(p, OH_PY_WORD_YIELD))
		(void)oh_py_expressions(p);
	if (oh_py_accept_word(p, OH_PY_WORD_FROM))
		(void)oh_py_expression(p);
}

static void take_nothing(struct oh_py_parser *p)
{
	(void)p;
}

static const struct statement_row {
	enum oh_py_word word;
	void (*take)(struct oh_py_parser *p); /* from behind the keyword */
} rows[] = {
	{OH_PY_WORD_ASSERT, take_operands},
	{OH_PY_WORD_BREAK, take_nothing},
	{OH_PY_WORD_CONTINUE, take_nothing},
	{OH_PY_WORD_DEL, take_del},
	{OH_PY_WORD_FROM, take_from},
	{OH_PY_WORD_GLOBAL, take_global},
	{OH_PY_WORD_IMPORT, take_import},
	{OH_PY_WORD_NONLOCAL, take_nonlocal},
	{OH_PY_WORD_PASS, take_nothing},
	{OH_PY_WORD_RAISE, take_operands},
	{OH_PY_WORD_RETURN, take_operands},
};

static const struct statement_row *find_row(const struct oh_py_parser *p)
{
	if (!oh_py_at(p, OH_PY_TOKEN_NAME) || oh_py_at_plain_name(p))
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].word == p->token.word)
			return &rows[i];
	return NULL;
}

/* `type X = …` and `type X[T] = …` (Python 3.12): two names side by side are nothing else. */
static bool take_type_alias(struct oh_py_parser *p)
{
	struct oh_py_lexer ahead;
	struct oh_py_token next;
	unsigned line;

	if (!oh_py_at_plain_name(p) || !oh_slice_eq(oh_py_token_text(p), OH_SLICE("type")))
		return false;
	ahead = p->lexer;
	oh_py_next(&ahead, &next);
	if (next.kind != OH_PY_TOKEN_NAME || next.word != OH_PY_WORD_NONE)
		return false;
	oh_py_note_statement(p, OH_SLICE("type"), p->token.line);
	oh_py_advance(p);
	line = p->token.line;
	oh_py_bind_name(p, oh_py_take_name(p), line);
	oh_py_type_parameters(p);
	if (oh_py_expect(p, '='))
		(void)oh_py_expression(p);
	return true;
}

static void simple_statement(struct oh_py_parser *p)
{
	const struct statement_row *row = find_row(p);

	if (row) {
		if (row->word != OH_PY_WORD_PASS)
			oh_py_note_statement(p, oh_py_token_text(p), p->token.line);
		oh_py_advance(p);
		row->take(p);
	} else if (!take_type_alias(p)) {
		take_expression(p);
	}
	p->seen_statement = true;
}

void oh_py_simple_statements(struct oh_py_parser *p)
{
	do
		simple_statement(p);
	while (oh_py_accept(p, ';') && !oh_py_at(p, OH_PY_TOKEN_NEWLINE));
	oh_py_finish_line(p);
}

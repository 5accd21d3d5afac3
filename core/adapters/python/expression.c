#include "adapters/python/parser.h"

struct oh_py_value oh_py_begin(const struct oh_py_parser *p, enum oh_py_kind kind)
{
	return (struct oh_py_value){.kind = kind,
		.start = p->token.start,
		.end = p->token.start,
		.line = p->token.line};
}

static unsigned char first_byte(const struct oh_py_parser *p)
{
	return (unsigned char)p->lexer.source.ptr[p->token.start];
}

static bool at_sign(const struct oh_py_parser *p)
{
	const unsigned char c = oh_py_at(p, OH_PY_TOKEN_OPERATOR) ? first_byte(p) : 0;

	return (c == '+' || c == '-' || c == '~') && p->token.end == p->token.start + 1;
}

static bool starts_operand(const struct oh_py_parser *p)
{
	switch (p->token.kind) {
	case OH_PY_TOKEN_NUMBER:
	case OH_PY_TOKEN_STRING:
	case OH_PY_TOKEN_ELLIPSIS:
	case '(':
	case '[':
	case '{':
		return true;
	case OH_PY_TOKEN_OPERATOR:
		return at_sign(p);
	case OH_PY_TOKEN_NAME:
		break;
	default:
		return false;
	}
	switch (p->token.word) {
	case OH_PY_WORD_NONE:
	case OH_PY_WORD_NULL:
	case OH_PY_WORD_TRUE:
	case OH_PY_WORD_FALSE:
	case OH_PY_WORD_NOT:
	case OH_PY_WORD_AWAIT:
	case OH_PY_WORD_LAMBDA:
		return true;
	default:
		return false;
	}
}

bool oh_py_starts_item(const struct oh_py_parser *p)
{
	return starts_operand(p) || oh_py_at(p, '*');
}

void oh_py_parameters(struct oh_py_parser *p, int closer)
{
	while (!p->failed && !oh_py_at(p, closer)) {
		const bool slash = oh_py_at(p, OH_PY_TOKEN_OPERATOR) && first_byte(p) == '/';

		if (slash || oh_py_at(p, '*') || oh_py_at(p, OH_PY_TOKEN_POWER))
			oh_py_advance(p);
		if (oh_py_at_plain_name(p)) {
			oh_py_advance(p);
			if (closer != ':' && oh_py_accept(p, ':'))
				(void)oh_py_starred(p);
			if (oh_py_accept(p, '='))
				(void)oh_py_starred(p);
		}
		if (!oh_py_accept(p, ',') && !oh_py_at(p, closer))
			oh_py_fail(p, "invalid syntax");
	}
}

/* The body of a lambda reaches to the end of its expression, which restores p->now. */
static void take_lambda(struct oh_py_parser *p)
{
	oh_py_advance(p);
	oh_py_parameters(p, ':');
	(void)oh_py_expect(p, ':');
	p->now.inner = true;
	p->now.depth++;
}

static bool take_prefix(struct oh_py_parser *p)
{
	if (p->failed)
		return false;
	if (oh_py_at_word(p, OH_PY_WORD_LAMBDA)) {
		take_lambda(p);
		return true;
	}
	if (!at_sign(p) && !oh_py_at_word(p, OH_PY_WORD_NOT) && !oh_py_at_word(p, OH_PY_WORD_AWAIT))
		return false;
	oh_py_advance(p);
	return true;
}

static bool is_infix_word(enum oh_py_word word, bool in_is_operator)
{
	switch (word) {
	case OH_PY_WORD_AND:
	case OH_PY_WORD_OR:
	case OH_PY_WORD_IS:
	case OH_PY_WORD_IF:
	case OH_PY_WORD_ELSE:
	case OH_PY_WORD_NOT:
		return true;
	default:
		return word == OH_PY_WORD_IN && in_is_operator;
	}
}

static bool take_infix(struct oh_py_parser *p, bool in_is_operator)
{
	const bool is_not = oh_py_at_word(p, OH_PY_WORD_NOT);

	if (p->failed)
		return false;
	if (oh_py_at(p, OH_PY_TOKEN_NAME)) {
		if (!is_infix_word(p->token.word, in_is_operator))
			return false;
	} else if (!oh_py_at(p, '*') && !oh_py_at(p, '@') && !oh_py_at(p, OH_PY_TOKEN_POWER) &&
		   (!oh_py_at(p, OH_PY_TOKEN_OPERATOR) || first_byte(p) == '~')) {
		return false;
	}
	oh_py_advance(p);
	if (is_not && !oh_py_accept_word(p, OH_PY_WORD_IN))
		oh_py_fail(p, "invalid syntax");
	return true;
}

static bool take_walrus(struct oh_py_parser *p, const struct oh_py_value *name)
{
	if (p->failed || !oh_py_at(p, OH_PY_TOKEN_WALRUS))
		return false;
	if (name->kind == OH_PY_NAME)
		oh_py_bind_target(p, name);
	else
		oh_py_fail(p, "invalid syntax");
	oh_py_advance(p);
	return true;
}

/* Operands with operators between: the operand itself where there is but one. */
static struct oh_py_value run(struct oh_py_parser *p, bool in_is_operator)
{
	const struct oh_py_context outer = p->now;
	const size_t start = p->token.start;
	const unsigned line = p->token.line;
	struct oh_py_value operand;
	bool single = true;

	if (++p->nesting > OH_PY_MAX_NESTED)
		oh_py_fail(p, "nested too deeply");
	if (p->failed)
		operand = oh_py_begin(p, OH_PY_OTHER);
	while (!p->failed) {
		while (take_prefix(p))
			single = false;
		operand = oh_py_operand(p);
		if (!take_walrus(p, &operand) && !take_infix(p, in_is_operator))
			break;
		single = false;
	}
	p->nesting--;
	p->now = outer;
	if (!single)
		operand = (struct oh_py_value){.kind = OH_PY_OTHER,
			.text = oh_slice_sub(p->lexer.source, start, p->last_end),
			.start = start,
			.end = p->last_end,
			.line = line};
	return operand;
}

struct oh_py_value oh_py_expression(struct oh_py_parser *p)
{
	return run(p, true);
}

static struct oh_py_value starred(struct oh_py_parser *p, bool in_is_operator)
{
	struct oh_py_value value, inside;

	if (!oh_py_at(p, '*') && !oh_py_at(p, OH_PY_TOKEN_POWER))
		return run(p, in_is_operator);
	value = oh_py_begin(p, OH_PY_STARRED);
	value.text = oh_py_at(p, '*') ? OH_SLICE("*") : OH_SLICE("**");
	oh_py_advance(p);
	inside = run(p, in_is_operator);
	value.items = oh_py_keep(p, &inside);
	value.count = 1;
	value.end = p->last_end;
	return value;
}

struct oh_py_value oh_py_starred(struct oh_py_parser *p)
{
	return starred(p, true);
}

void oh_py_pop_items(struct oh_py_parser *p, size_t base, struct oh_py_value *owner)
{
	owner->count = p->values.count - base;
	owner->items = NULL;
	if (owner->count) {
		owner->items = oh_arena_alloc(p->arena, owner->count * sizeof(*owner->items));
		for (size_t i = 0; i < owner->count; i++)
			owner->items[i] = p->values.items[base + i];
	}
	p->values.count = base;
}

static struct oh_py_value take_yield(struct oh_py_parser *p)
{
	struct oh_py_value value = oh_py_begin(p, OH_PY_OTHER);

	oh_py_advance(p);
	(void)oh_py_accept_word(p, OH_PY_WORD_FROM);
	if (oh_py_starts_item(p))
		(void)oh_py_expressions(p);
	value.end = p->last_end;
	value.text = oh_slice_sub(p->lexer.source, value.start, value.end);
	return value;
}

static struct oh_py_value list(struct oh_py_parser *p, bool in_is_operator)
{
	struct oh_py_value value = oh_py_begin(p, OH_PY_TUPLE);
	const struct oh_py_value first = starred(p, in_is_operator);
	const size_t base = p->values.count;

	if (p->failed || !oh_py_at(p, ','))
		return first;
	OH_PUSH(p->arena, &p->values, first);
	while (oh_py_accept(p, ',') && oh_py_starts_item(p)) {
		const struct oh_py_value next = starred(p, in_is_operator);

		OH_PUSH(p->arena, &p->values, next);
	}
	oh_py_pop_items(p, base, &value);
	value.end = p->last_end;
	return value;
}

struct oh_py_value oh_py_expressions(struct oh_py_parser *p)
{
	return oh_py_at_word(p, OH_PY_WORD_YIELD) ? take_yield(p) : list(p, true);
}

struct oh_py_value oh_py_loop_targets(struct oh_py_parser *p)
{
	return list(p, false);
}

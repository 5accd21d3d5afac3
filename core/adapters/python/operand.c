/* Operands of an expression: atoms, displays, and what hangs on them. */
#include "adapters/python/parser.h"

/* A dotted name with gaps between its parts is put together up to this length. */
#define LONGEST_DOTTED 1000

static void finish(struct oh_py_parser *p, struct oh_py_value *value)
{
	value->end = p->last_end;
	if (value->kind == OH_PY_OTHER)
		value->text = oh_slice_sub(p->lexer.source, value->start, value->end);
}

static void deepen_calls(struct oh_py_parser *p, size_t from)
{
	for (size_t i = from; i < p->module->calls.count; i++)
		p->module->calls.items[i].depth++;
}

bool oh_py_comprehension(struct oh_py_parser *p, size_t first_call)
{
	bool any = false;

	while (!p->failed &&
		(oh_py_at_word(p, OH_PY_WORD_FOR) || oh_py_at_word(p, OH_PY_WORD_ASYNC))) {
		any = true;
		(void)oh_py_accept_word(p, OH_PY_WORD_ASYNC);
		if (!oh_py_accept_word(p, OH_PY_WORD_FOR))
			oh_py_fail(p, "invalid syntax");
		do {
			/* Of `for x, in y`, which is else read as an operator. */
			(void)oh_py_accept_word(p, OH_PY_WORD_IN);
			(void)oh_py_starred(p);
		} while (oh_py_accept(p, ','));
	}
	if (any)
		deepen_calls(p, first_call);
	return any;
}

struct display {
	size_t base; /* of its items on the stack */
	bool comma, comprehension, pairs, singles;
};

static void push_pair_of_stars(struct oh_py_parser *p, struct display *d)
{
	const struct oh_py_value star = oh_py_starred(p);
	const struct oh_py_value nothing = {
		.kind = OH_PY_NONE, .start = star.end, .end = star.end, .line = star.line};

	OH_PUSH(p->arena, &p->values, star);
	OH_PUSH(p->arena, &p->values, nothing);
	d->pairs = true;
}

static void push_item(struct oh_py_parser *p, int closer, struct display *d)
{
	struct oh_py_value item;

	if (closer == '}' && oh_py_at(p, OH_PY_TOKEN_POWER)) {
		push_pair_of_stars(p, d);
		return;
	}
	item = oh_py_starred(p);
	OH_PUSH(p->arena, &p->values, item);
	if (closer == '}' && oh_py_accept(p, ':')) {
		item = oh_py_expression(p);
		OH_PUSH(p->arena, &p->values, item);
		d->pairs = true;
	} else {
		d->singles = true;
	}
}

/* From behind the opening bracket to behind the closing one. */
static struct display take_display(struct oh_py_parser *p, int closer)
{
	struct display d = {.base = p->values.count};
	const size_t first_call = p->module->calls.count;

	while (!p->failed && !oh_py_at(p, closer)) {
		push_item(p, closer, &d);
		if (oh_py_comprehension(p, first_call))
			d.comprehension = true;
		if (!oh_py_accept(p, ','))
			break;
		d.comma = true;
	}
	(void)oh_py_expect(p, closer);
	return d;
}

static void finish_display(
	struct oh_py_parser *p, const struct display *d, struct oh_py_value *value)
{
	if (d->comprehension) {
		value->kind = OH_PY_OTHER;
		p->values.count = d->base;
	} else {
		oh_py_pop_items(p, d->base, value);
	}
	finish(p, value);
}

/* A tuple, a generator, or an expression in parentheses. */
static struct oh_py_value take_parentheses(struct oh_py_parser *p)
{
	struct oh_py_value value = oh_py_begin(p, OH_PY_TUPLE), inside;
	struct display d;

	oh_py_advance(p);
	if (oh_py_at_word(p, OH_PY_WORD_YIELD)) {
		inside = oh_py_expressions(p);
		(void)oh_py_expect(p, ')');
		return inside;
	}
	d = take_display(p, ')');
	if (p->values.count == d.base + 1 && !d.comma && !d.comprehension) {
		inside = p->values.items[d.base];
		p->values.count = d.base;
		return inside;
	}
	finish_display(p, &d, &value);
	return value;
}

static struct oh_py_value take_brackets(struct oh_py_parser *p)
{
	struct oh_py_value value = oh_py_begin(p, OH_PY_LIST);
	struct display d;

	oh_py_advance(p);
	d = take_display(p, ']');
	finish_display(p, &d, &value);
	return value;
}

static struct oh_py_value take_braces(struct oh_py_parser *p)
{
	struct oh_py_value value = oh_py_begin(p, OH_PY_DICT);
	struct display d;

	oh_py_advance(p);
	d = take_display(p, '}');
	if (d.pairs && d.singles)
		oh_py_fail(p, "invalid syntax");
	if (d.singles)
		value.kind = OH_PY_SET;
	finish_display(p, &d, &value);
	return value;
}

static struct oh_py_value take_atom(struct oh_py_parser *p)
{
	struct oh_py_value value = oh_py_begin(p, OH_PY_OTHER);

	if (p->token.word == OH_PY_WORD_NULL)
		value.kind = OH_PY_NONE;
	else if (p->token.word == OH_PY_WORD_TRUE)
		value.kind = OH_PY_TRUE;
	else if (p->token.word == OH_PY_WORD_FALSE)
		value.kind = OH_PY_FALSE;
	else if (oh_py_at_plain_name(p))
		value.kind = OH_PY_NAME;
	else if (oh_py_at(p, OH_PY_TOKEN_NUMBER))
		value.kind = OH_PY_NUMBER;
	else if (!oh_py_at(p, OH_PY_TOKEN_ELLIPSIS))
		oh_py_fail(p, "invalid syntax");
	if (p->failed)
		return value;
	if (value.kind == OH_PY_NAME || value.kind == OH_PY_NUMBER)
		value.text = oh_py_token_text(p);
	oh_py_advance(p);
	finish(p, &value);
	return value;
}

static struct oh_py_value take_operand(struct oh_py_parser *p)
{
	switch (p->token.kind) {
	case OH_PY_TOKEN_STRING:
		return oh_py_string(p);
	case '(':
		return take_parentheses(p);
	case '[':
		return take_brackets(p);
	case '{':
		return take_braces(p);
	default:
		return take_atom(p);
	}
}

static void push_keyword(struct oh_py_parser *p, struct oh_slice name)
{
	struct oh_py_keyword keyword = {.name = name};

	oh_py_advance(p);
	keyword.value = oh_py_expression(p);
	OH_PUSH(p->arena, &p->keywords, keyword);
}

static void pop_keywords(struct oh_py_parser *p, size_t base, struct oh_py_value *call)
{
	call->keyword_count = p->keywords.count - base;
	if (call->keyword_count) {
		call->keywords =
			oh_arena_alloc(p->arena, call->keyword_count * sizeof(*call->keywords));
		for (size_t i = 0; i < call->keyword_count; i++)
			call->keywords[i] = p->keywords.items[base + i];
	}
	p->keywords.count = base;
}

void oh_py_arguments(struct oh_py_parser *p, struct oh_py_value *call)
{
	const size_t base = p->values.count, keyword_base = p->keywords.count;
	const size_t first_call = p->module->calls.count;
	struct oh_py_value generator = oh_py_begin(p, OH_PY_OTHER);
	bool is_generator = false;

	oh_py_advance(p);
	while (!p->failed && !oh_py_at(p, ')')) {
		const struct oh_py_value item = oh_py_starred(p);

		if (oh_py_at(p, '=') && item.kind == OH_PY_NAME)
			push_keyword(p, item.text);
		else
			OH_PUSH(p->arena, &p->values, item);
		is_generator |= oh_py_comprehension(p, first_call);
		if (!oh_py_accept(p, ','))
			break;
	}
	(void)oh_py_expect(p, ')');
	finish(p, &generator);
	if (is_generator && p->values.count > base)
		p->values.items[base] = generator;
	oh_py_pop_items(p, base, call);
	pop_keywords(p, keyword_base, call);
}

void oh_py_type_parameters(struct oh_py_parser *p)
{
	if (oh_py_accept(p, '[')) {
		oh_py_parameters(p, ']');
		(void)oh_py_expect(p, ']');
	}
}

/* An operand on its way through what follows it: .name, (…), […] */
struct primary {
	size_t start; /* parentheses included */
	unsigned line;
	struct oh_py_value value;
};

static size_t begin_call(struct oh_py_parser *p)
{
	const struct oh_py_call call = {.function = p->now.function,
		.depth = p->now.depth,
		.withs = p->now.withs,
		.scope = p->now.scope};

	if (p->detail == OH_PY_CALLS)
		OH_PUSH(p->arena, &p->module->calls, call);
	return p->module->calls.count - 1;
}

static void take_call(struct oh_py_parser *p, struct primary *x)
{
	struct oh_py_value call = {.kind = OH_PY_CALL, .start = x->start, .line = x->line};
	const size_t index = begin_call(p);

	call.text = x->value.kind == OH_PY_NAME ? x->value.text : OH_SLICE("");
	if (x->value.kind == OH_PY_OTHER) {
		call.attribute = x->value.attribute;
		call.base = x->value.base;
	}
	oh_py_arguments(p, &call);
	finish(p, &call);
	if (p->detail == OH_PY_CALLS)
		p->module->calls.items[index].call = oh_py_keep(p, &call);
	x->value = call;
}

static void become_other(struct oh_py_parser *p, struct primary *x)
{
	x->value = (struct oh_py_value){.kind = OH_PY_OTHER, .start = x->start, .line = x->line};
	finish(p, &x->value);
}

static void take_subscript(struct oh_py_parser *p, struct primary *x)
{
	oh_py_advance(p);
	while (!p->failed && !oh_py_at(p, ']'))
		if (!oh_py_accept(p, ':') && !oh_py_accept(p, ','))
			(void)oh_py_starred(p);
	(void)oh_py_expect(p, ']');
	become_other(p, x);
}

static struct oh_slice join_names(
	struct oh_py_parser *p, struct oh_slice left, size_t dot, struct oh_slice name)
{
	const char *source = p->lexer.source.ptr;

	if (left.ptr + left.len == source + dot && name.ptr == source + dot + 1)
		return (struct oh_slice){left.ptr, left.len + 1 + name.len};
	return oh_slice_printf(p->arena, OH_FMT "." OH_FMT, OH_ARG(left), OH_ARG(name));
}

static void take_attribute(struct oh_py_parser *p, struct primary *x)
{
	const size_t dot = p->token.start;
	struct oh_slice name;

	oh_py_advance(p);
	name = oh_py_take_name(p);
	if (p->failed)
		return;
	if (x->value.kind == OH_PY_NAME && x->value.text.len + name.len < LONGEST_DOTTED) {
		x->value.text = join_names(p, x->value.text, dot, name);
		x->value.start = x->start;
		x->value.line = x->line;
		finish(p, &x->value);
	} else {
		const struct oh_py_value *base = oh_py_keep(p, &x->value);

		become_other(p, x);
		x->value.base = base;
		x->value.attribute = name;
	}
}

struct oh_py_value oh_py_operand(struct oh_py_parser *p)
{
	struct primary x = {.start = p->token.start, .line = p->token.line};

	x.value = take_operand(p);
	while (!p->failed)
		if (oh_py_at(p, '.'))
			take_attribute(p, &x);
		else if (oh_py_at(p, '('))
			take_call(p, &x);
		else if (oh_py_at(p, '['))
			take_subscript(p, &x);
		else
			break;
	return x.value;
}

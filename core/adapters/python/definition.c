/* Heads of blocks that are more than an expression: def, class, with, case. */
#include "adapters/python/parser.h"

void oh_py_decorator(struct oh_py_parser *p)
{
	if (p->decorated == OH_PY_NO_INDEX)
		p->decorated = p->token.start;
	p->seen_statement = true;
	oh_py_advance(p);
	(void)oh_py_expression(p);
	oh_py_finish_line(p);
}

static size_t start_of(const struct oh_py_parser *p, const struct oh_py_block *block)
{
	return p->decorated == OH_PY_NO_INDEX ? block->start : p->decorated;
}

/* Of a function that is in no other and in no class. */
static void note_function(struct oh_py_parser *p, struct oh_py_block *block, struct oh_slice name)
{
	const struct oh_py_function function = {.name = name,
		.line = block->line,
		.conditional = p->now.conditional,
		.start = start_of(p, block)};

	block->function = p->module->functions.count;
	OH_PUSH(p->arena, &p->module->functions, function);
	p->now.function = name;
	p->now.depth = p->now.withs = 0;
}

void oh_py_function_head(struct oh_py_parser *p, struct oh_py_block *block)
{
	struct oh_slice name;

	oh_py_advance(p);
	name = oh_py_take_name(p);
	oh_py_type_parameters(p);
	if (oh_py_expect(p, '('))
		oh_py_parameters(p, ')');
	(void)oh_py_expect(p, ')');
	if (oh_py_accept(p, OH_PY_TOKEN_ARROW))
		(void)oh_py_expressions(p);
	oh_py_bind_name(p, name, block->line);
	if (p->now.inner || !name.len)
		p->now.depth++;
	else
		note_function(p, block, name);
	p->now.inner = true;
	p->now.scope = NULL;
	block->is_definition = true;
}

void oh_py_class_head(struct oh_py_parser *p, struct oh_py_block *block)
{
	struct oh_py_value bases = {.kind = OH_PY_CALL};
	struct oh_slice name;

	oh_py_advance(p);
	name = oh_py_take_name(p);
	oh_py_type_parameters(p);
	if (!p->failed && oh_py_at(p, '('))
		oh_py_arguments(p, &bases);
	oh_py_bind_name(p, name, block->line);
	p->now.depth++;
	p->now.inner = true;
	p->now.scope = NULL;
	block->is_definition = true;
}

/*
 * Do parentheses around all of a `with` hold its items? So CPython reads them where it can:
 * not where one is a star, a walrus, a yield or a generator.
 */
static bool are_with_items(const struct oh_py_parser *p)
{
	struct oh_py_lexer ahead = p->lexer;
	const unsigned depth = ahead.depth;
	struct oh_py_token token = p->token;
	int before;

	do {
		before = token.kind;
		oh_py_next(&ahead, &token);
		if (ahead.depth != depth)
			continue;
		if (token.word == OH_PY_WORD_FOR || token.word == OH_PY_WORD_YIELD ||
			token.kind == OH_PY_TOKEN_WALRUS)
			return false;
		if (token.kind == '*' && (before == '(' || before == ','))
			return false;
	} while (ahead.depth >= depth && token.kind != OH_PY_TOKEN_END);
	if (before == '(')
		return false; /* () */
	oh_py_next(&ahead, &token);
	return token.kind == ':';
}

static void take_with_item(struct oh_py_parser *p)
{
	const struct oh_py_value value = oh_py_expression(p);
	struct oh_py_value target = {.kind = OH_PY_NONE};
	struct oh_py_with *with;

	if (oh_py_accept_word(p, OH_PY_WORD_AS))
		target = oh_py_starred(p);
	OH_PUSH(p->arena, &p->values, target);
	if (p->detail != OH_PY_CALLS)
		return;
	with = oh_arena_alloc(p->arena, sizeof(*with));
	with->value = oh_py_keep(p, &value);
	with->outer = p->now.scope;
	with->name = OH_SLICE("");
	if (target.kind == OH_PY_NAME && oh_slice_find_byte(target.text, '.', 0) == target.text.len)
		with->name = target.text;
	p->now.scope = with;
}

void oh_py_with_head(struct oh_py_parser *p, struct oh_py_block *block)
{
	const size_t base = p->values.count;
	bool parentheses;

	(void)block;
	oh_py_advance(p);
	parentheses = oh_py_at(p, '(') && are_with_items(p);
	if (parentheses)
		oh_py_advance(p);
	do
		take_with_item(p);
	while (oh_py_accept(p, ',') && !oh_py_at(p, ')'));
	if (parentheses)
		(void)oh_py_expect(p, ')');
	for (size_t i = base; i < p->values.count && !p->failed; i++)
		oh_py_bind_target(p, &p->values.items[i]);
	p->now.depth++;
	p->now.withs++;
}

bool oh_py_is_match(const struct oh_py_parser *p)
{
	struct oh_py_lexer ahead = p->lexer;
	struct oh_py_token token = p->token;
	int before;

	do {
		before = token.kind;
		oh_py_next(&ahead, &token);
	} while (token.kind != OH_PY_TOKEN_NEWLINE && token.kind != OH_PY_TOKEN_END);
	return before == ':';
}

/* A name in a pattern captures unless it is part of a dotted one, a class, or a keyword. */
static void take_pattern_name(struct oh_py_parser *p, bool behind_dot)
{
	const struct oh_slice name = oh_py_token_text(p);
	const unsigned line = p->token.line;
	const bool is_plain = oh_py_at_plain_name(p);

	oh_py_advance(p);
	if (is_plain && !behind_dot && !oh_py_at(p, '.') && !oh_py_at(p, '(') &&
		!oh_py_at(p, '=') && !oh_slice_eq(name, OH_SLICE("_")))
		oh_py_bind_name(p, name, line);
}

void oh_py_case_head(struct oh_py_parser *p, struct oh_py_block *block)
{
	const unsigned depth = p->lexer.depth;
	bool behind_dot = false;

	(void)block;
	oh_py_advance(p);
	while (!oh_py_at(p, OH_PY_TOKEN_NEWLINE) && !oh_py_at(p, OH_PY_TOKEN_END)) {
		if (p->lexer.depth == depth &&
			(oh_py_at(p, ':') || oh_py_at_word(p, OH_PY_WORD_IF)))
			break;
		if (oh_py_at(p, OH_PY_TOKEN_NAME)) {
			take_pattern_name(p, behind_dot);
			behind_dot = false;
		} else {
			behind_dot = oh_py_at(p, '.');
			oh_py_advance(p);
		}
	}
	if (oh_py_accept_word(p, OH_PY_WORD_IF))
		(void)oh_py_expression(p);
}

/* String literals in an expression: joined where several stand together. */
#include "adapters/python/parser.h"

#include "base/buf.h"

static void enter_field(struct oh_py_lexer *l, const struct oh_py_field *field)
{
	l->at = field->start;
	l->end = field->end;
	l->line = field->line;
	l->depth = l->base_depth = 1;
}

/* The field is read with the parser itself, which then goes on where it was. */
static void parse_field(struct oh_py_parser *p, const struct oh_py_field *field)
{
	const struct oh_py_token token = p->token;
	const struct oh_py_lexer lexer = p->lexer;
	const size_t last_end = p->last_end;
	struct oh_py_problem problem;

	enter_field(&p->lexer, field);
	oh_py_advance(p);
	(void)oh_py_expressions(p);
	if (!oh_py_at(p, OH_PY_TOKEN_END))
		oh_py_fail(p, "invalid syntax");
	problem = p->lexer.problem;
	p->lexer = lexer;
	p->lexer.problem = problem;
	p->token = token;
	p->last_end = last_end;
}

/* True where TOKEN is an f-string with fields: its value is not known then. */
static bool parse_fields(struct oh_py_parser *p, const struct oh_py_token *token)
{
	struct oh_py_fields fields = {.arena = p->arena};

	if (!oh_py_fields_of(&fields, &p->lexer, token))
		oh_py_complain(&p->lexer, token->line, "f-string that can't be read");
	for (size_t i = 0; i < fields.count && !p->failed; i++)
		parse_field(p, &fields.items[i]);
	return fields.count;
}

static bool is_formatted(const struct oh_py_parser *p, const struct oh_py_token *token)
{
	const struct oh_slice prefix = oh_py_prefix_of(&p->lexer, token);

	return oh_py_prefix_has(prefix, 'f') || oh_py_prefix_has(prefix, 't');
}

static struct oh_py_literal literal_of(struct oh_py_parser *p, const struct oh_py_token *token)
{
	struct oh_py_literal literal = {OH_PY_OTHER, {"", 0}, NULL};

	if (!is_formatted(p, token) || !parse_fields(p, token))
		literal = oh_py_decode(p->arena, &p->lexer, token);
	if (literal.problem)
		oh_py_complain(&p->lexer, token->line, literal.problem);
	return literal;
}

static bool is_bytes(const struct oh_py_parser *p, const struct oh_py_token *token)
{
	return oh_py_prefix_has(oh_py_prefix_of(&p->lexer, token), 'b');
}

struct oh_py_value oh_py_string(struct oh_py_parser *p)
{
	struct oh_py_value value = oh_py_begin(p, OH_PY_OTHER);
	struct oh_buf joined = {.arena = p->arena};
	bool formatted = is_formatted(p, &p->token);
	const bool bytes = is_bytes(p, &p->token);
	struct oh_py_literal literal = literal_of(p, &p->token);

	value.kind = literal.kind;
	value.text = literal.text;
	oh_py_advance(p);
	while (oh_py_at(p, OH_PY_TOKEN_STRING)) {
		if (is_bytes(p, &p->token) != bytes)
			oh_py_fail(p, "bytes and text literals side by side");
		if (!joined.count)
			oh_buf_add(&joined, value.text);
		formatted |= is_formatted(p, &p->token);
		literal = literal_of(p, &p->token);
		if (literal.kind == OH_PY_OTHER)
			value.kind = OH_PY_OTHER;
		oh_buf_add(&joined, literal.text);
		value.text = oh_buf_slice(&joined);
		oh_py_advance(p);
	}
	value.end = p->last_end;
	p->last_string.start = value.start;
	p->last_string.end = value.end;
	p->last_string.is_text = !bytes && !formatted;
	if (value.kind == OH_PY_OTHER)
		value.text = oh_slice_sub(p->lexer.source, value.start, value.end);
	return value;
}

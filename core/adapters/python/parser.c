#include "adapters/python/parser.h"

void oh_py_advance(struct oh_py_parser *p)
{
	if (p->token.kind != OH_PY_TOKEN_NEWLINE)
		p->last_end = p->token.end;
	oh_py_next(&p->lexer, &p->token);
}

void oh_py_fail(struct oh_py_parser *p, const char *message)
{
	const bool is_first = !p->lexer.problem.line;

	if (!p->failed)
		oh_py_complain(&p->lexer, p->token.line, message);
	p->failed = true;
	p->lexer.is_vague |= is_first && p->lexer.depth;
}

bool oh_py_accept(struct oh_py_parser *p, int kind)
{
	if (p->failed || !oh_py_at(p, kind))
		return false;
	oh_py_advance(p);
	return true;
}

bool oh_py_accept_word(struct oh_py_parser *p, enum oh_py_word word)
{
	if (p->failed || !oh_py_at_word(p, word))
		return false;
	oh_py_advance(p);
	return true;
}

bool oh_py_expect(struct oh_py_parser *p, int kind)
{
	if (oh_py_accept(p, kind))
		return true;
	oh_py_fail(p, "invalid syntax");
	return false;
}

struct oh_slice oh_py_token_text(struct oh_py_parser *p)
{
	return oh_py_to_utf8(
		p->arena, &p->lexer, oh_slice_sub(p->lexer.source, p->token.start, p->token.end));
}

struct oh_slice oh_py_take_name(struct oh_py_parser *p)
{
	struct oh_slice name = OH_SLICE("");

	if (p->failed || !oh_py_at_plain_name(p)) {
		oh_py_fail(p, "invalid syntax");
		return name;
	}
	name = oh_py_token_text(p);
	oh_py_advance(p);
	return name;
}

struct oh_py_value *oh_py_keep(struct oh_py_parser *p, const struct oh_py_value *value)
{
	struct oh_py_value *kept = oh_arena_alloc(p->arena, sizeof(*kept));

	*kept = *value;
	return kept;
}

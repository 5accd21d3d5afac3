/* Statements with blocks. */
#include "adapters/python/parser.h"

static void take_condition(struct oh_py_parser *p, struct oh_py_block *block)
{
	(void)block;
	oh_py_advance(p);
	(void)oh_py_expression(p);
	p->now.depth++;
}

/* An `elif` is looked at only where what stands before it was false. */
static void take_elif(struct oh_py_parser *p, struct oh_py_block *block)
{
	(void)block;
	oh_py_advance(p);
	p->now.depth++;
	(void)oh_py_expression(p);
}

static void take_bare(struct oh_py_parser *p, struct oh_py_block *block)
{
	(void)block;
	oh_py_advance(p);
	p->now.depth++;
}

static void take_for(struct oh_py_parser *p, struct oh_py_block *block)
{
	struct oh_py_value targets;

	(void)block;
	oh_py_advance(p);
	targets = oh_py_loop_targets(p);
	if (!oh_py_accept_word(p, OH_PY_WORD_IN))
		oh_py_fail(p, "invalid syntax");
	(void)oh_py_expressions(p);
	if (!p->failed)
		oh_py_bind_target(p, &targets);
	p->now.depth++;
}

static void take_except(struct oh_py_parser *p, struct oh_py_block *block)
{
	(void)block;
	oh_py_advance(p);
	p->now.depth++;
	(void)oh_py_accept(p, '*');
	if (!oh_py_at(p, ':'))
		(void)oh_py_expressions(p);
	if (oh_py_accept_word(p, OH_PY_WORD_AS)) {
		const unsigned line = p->token.line;

		oh_py_bind_name(p, oh_py_take_name(p), line);
	}
}

static void take_match(struct oh_py_parser *p, struct oh_py_block *block)
{
	oh_py_advance(p);
	(void)oh_py_expressions(p);
	block->is_match = true;
	p->now.depth++;
}

static const struct compound_row {
	enum oh_py_word word;
	bool is_clause; /* belongs to a statement before it */
	void (*head)(struct oh_py_parser *p, struct oh_py_block *block); /* up to the colon */
} rows[] = {
	{OH_PY_WORD_IF, false, take_condition},
	{OH_PY_WORD_ELIF, true, take_elif},
	{OH_PY_WORD_ELSE, true, take_bare},
	{OH_PY_WORD_WHILE, false, take_condition},
	{OH_PY_WORD_FOR, false, take_for},
	{OH_PY_WORD_TRY, false, take_bare},
	{OH_PY_WORD_EXCEPT, true, take_except},
	{OH_PY_WORD_FINALLY, true, take_bare},
	{OH_PY_WORD_WITH, false, oh_py_with_head},
	{OH_PY_WORD_DEF, false, oh_py_function_head},
	{OH_PY_WORD_CLASS, false, oh_py_class_head},
};

static const struct compound_row match_row = {OH_PY_WORD_NONE, false, take_match};
static const struct compound_row case_row = {OH_PY_WORD_NONE, true, oh_py_case_head};

static bool in_match(const struct oh_py_parser *p)
{
	return p->block_count && p->blocks[p->block_count - 1].is_match;
}

static const struct compound_row *find_row(struct oh_py_parser *p)
{
	struct oh_slice text;

	if (!oh_py_at(p, OH_PY_TOKEN_NAME))
		return NULL;
	if (!oh_py_at_plain_name(p)) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			if (rows[i].word == p->token.word)
				return &rows[i];
		return NULL;
	}
	text = oh_py_token_text(p);
	if (in_match(p) && oh_slice_eq(text, OH_SLICE("case")))
		return &case_row;
	if (oh_slice_eq(text, OH_SLICE("match")) && oh_py_is_match(p))
		return &match_row;
	return NULL;
}

bool oh_py_compound_statement(struct oh_py_parser *p)
{
	struct oh_py_block block = {.column = p->lexer.column,
		.narrow_column = p->lexer.narrow_column,
		.body_column = OH_PY_NO_COLUMN,
		.start = p->token.start,
		.line = p->token.line,
		.function = OH_PY_NO_INDEX,
		.before = p->now};
	const bool is_async = oh_py_at_word(p, OH_PY_WORD_ASYNC);
	const struct oh_slice keyword =
		oh_py_at(p, OH_PY_TOKEN_NAME) ? oh_py_token_text(p) : OH_SLICE("");
	const struct compound_row *row;

	if (is_async)
		oh_py_advance(p);
	row = find_row(p);
	if (!row && is_async)
		oh_py_fail(p, "invalid syntax");
	if (!row)
		return false;
	if (!row->is_clause)
		oh_py_note_statement(p, keyword, block.line);
	p->seen_statement = true;
	row->head(p, &block);
	p->now.conditional = true;
	oh_py_open_block(p, &block);
	return true;
}

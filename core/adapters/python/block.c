/* Blocks: a stack that indentation opens and closes. */
#include "adapters/python/parser.h"

void oh_py_finish_line(struct oh_py_parser *p)
{
	if (p->failed || !oh_py_at(p, OH_PY_TOKEN_NEWLINE))
		oh_py_fail(p, "invalid syntax");
	while (!oh_py_at(p, OH_PY_TOKEN_NEWLINE) && !oh_py_at(p, OH_PY_TOKEN_END))
		oh_py_advance(p);
	if (oh_py_at(p, OH_PY_TOKEN_NEWLINE))
		oh_py_advance(p);
	p->failed = p->lexer.is_vague = false;
}

static void push_block(struct oh_py_parser *p, const struct oh_py_block *block)
{
	/* What is deeper stays in the context that it has until an outer block ends. */
	if (p->block_count == OH_PY_MAX_BLOCKS)
		oh_py_complain(&p->lexer, p->token.line, "blocks nested too deeply");
	else
		p->blocks[p->block_count++] = *block;
}

void oh_py_close_block(struct oh_py_parser *p)
{
	const struct oh_py_block *block = &p->blocks[--p->block_count];

	if (block->body_column == OH_PY_NO_COLUMN)
		oh_py_complain(&p->lexer, p->token.line, "block without a statement");
	if (block->function != OH_PY_NO_INDEX)
		p->module->functions.items[block->function].end = p->last_end;
	p->now = block->before;
}

/* Where the body begins in the line of its header, it is that line. */
static void take_inline_body(struct oh_py_parser *p, struct oh_py_block *block)
{
	const size_t count = p->block_count;

	block->body_column = block->column + 1;
	push_block(p, block);
	oh_py_simple_statements(p);
	if (p->block_count > count)
		oh_py_close_block(p);
	else
		p->now = block->before;
}

/* At the line end before a body that nobody looks at but for `global`. */
static void skip_to_globals(struct oh_py_parser *p, unsigned column)
{
	for (;;) {
		if (oh_py_at(p, OH_PY_TOKEN_NEWLINE)) {
			oh_py_advance(p);
			if (p->lexer.column <= column)
				return;
		}
		if (oh_py_at(p, OH_PY_TOKEN_END))
			return;
		if (!oh_py_at_word(p, OH_PY_WORD_GLOBAL)) {
			oh_py_advance(p);
			continue;
		}
		do {
			oh_py_advance(p);
			if (oh_py_at_plain_name(p))
				oh_py_bind_global(p, oh_py_token_text(p), p->token.line);
			if (oh_py_at_plain_name(p))
				oh_py_advance(p);
		} while (oh_py_at(p, ','));
	}
}

static void skip_body(struct oh_py_parser *p, struct oh_py_block *block)
{
	const size_t from = p->last_end;

	if (p->has_global) {
		skip_to_globals(p, block->column);
	} else {
		p->last_end = oh_py_skip_block(&p->lexer, block->column, p->last_end);
		oh_py_advance(p);
	}
	if (p->last_end > from)
		block->body_column = block->column + 1;
}

void oh_py_open_block(struct oh_py_parser *p, const struct oh_py_block *header)
{
	struct oh_py_block block = *header;
	const bool ok = !p->failed && oh_py_expect(p, ':');

	if (block.function != OH_PY_NO_INDEX) {
		p->module->functions.items[block.function].body_start = p->last_end;
		p->module->functions.items[block.function].end = p->last_end;
	}
	if (!ok) {
		oh_py_finish_line(p);
		push_block(p, &block);
	} else if (!oh_py_at(p, OH_PY_TOKEN_NEWLINE)) {
		take_inline_body(p, &block);
	} else if (block.is_definition && p->detail == OH_PY_BINDINGS) {
		skip_body(p, &block);
		push_block(p, &block);
	} else {
		oh_py_advance(p);
		push_block(p, &block);
	}
}

static void open_implicit(struct oh_py_parser *p)
{
	const struct oh_py_block block = {.column = p->lexer.column - 1,
		.body_column = p->lexer.column,
		.narrow_body_column = p->lexer.narrow_column,
		.function = OH_PY_NO_INDEX,
		.before = p->now};

	oh_py_complain(&p->lexer, p->token.line, "unexpected indent");
	p->now.depth++;
	p->now.conditional = true;
	push_block(p, &block);
}

/* A line whose depth depends on how wide a tab is. */
static void complain_of_tabs(struct oh_py_parser *p)
{
	oh_py_complain(&p->lexer, p->token.line, "inconsistent tabs and blanks");
}

static void settle_in(struct oh_py_parser *p, struct oh_py_block *block)
{
	const unsigned column = p->lexer.column, narrow = p->lexer.narrow_column;

	if (block->body_column == OH_PY_NO_COLUMN) {
		block->body_column = column;
		block->narrow_body_column = narrow;
		if (narrow <= block->narrow_column)
			complain_of_tabs(p);
	} else if (column > block->body_column) {
		open_implicit(p);
	} else if (column < block->body_column) {
		oh_py_complain(&p->lexer, p->token.line, "unindent to no outer block");
	} else if (narrow != block->narrow_body_column) {
		complain_of_tabs(p);
	}
}

void oh_py_settle_blocks(struct oh_py_parser *p)
{
	const bool at_end = oh_py_at(p, OH_PY_TOKEN_END);
	const unsigned column = at_end ? 0 : p->lexer.column;

	while (p->block_count && column <= p->blocks[p->block_count - 1].column)
		oh_py_close_block(p);
	if (at_end)
		return;
	if (p->block_count)
		settle_in(p, &p->blocks[p->block_count - 1]);
	else if (column)
		open_implicit(p);
}

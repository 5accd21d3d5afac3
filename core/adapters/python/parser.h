/*
 * The parser's own state and steps. It takes more than Python: an expression is a run of operands
 * and operators whatever their precedence, since only single operands have a value that is
 * looked at. It refuses no file that CPython takes.
 *
 * Expressions recurse, at most MAX_NESTED deep; blocks are a stack.
 */
#ifndef OH_ADAPTERS_PYTHON_PARSER_H
#define OH_ADAPTERS_PYTHON_PARSER_H

#include "adapters/python/token.h"

#define OH_PY_MAX_NESTED 300 /* brackets, lambdas' defaults, f-strings' fields in each other */
#define OH_PY_MAX_BLOCKS 100 /* as CPython's tokenizer */
#define OH_PY_NO_COLUMN ((unsigned)-1)
#define OH_PY_NO_INDEX ((size_t)-1)

/* Where in the module the parser is. */
struct oh_py_context {
	struct oh_slice function; /* see struct oh_py_call */
	const struct oh_py_with *scope;
	unsigned depth, withs;
	bool conditional; /* in a block of the module itself */
	bool inner; /* in a function or class: names are not the module's */
};

struct oh_py_block {
	unsigned column, body_column; /* of the header, of its first statement */
	unsigned narrow_column, narrow_body_column; /* with tabs that count one */
	size_t start; /* of its first keyword */
	unsigned line;
	bool is_match;
	bool is_definition; /* of a function or class */
	size_t function; /* index of the module's function that it is, or OH_PY_NO_INDEX */
	struct oh_py_context before;
};

struct oh_py_values {
	struct oh_py_value *items;
	size_t count, capacity;
};

struct oh_py_keywords {
	struct oh_py_keyword *items;
	size_t count, capacity;
};

struct oh_py_parser {
	struct oh_py_module *module;
	struct oh_arena *arena;
	enum oh_py_detail detail;
	struct oh_py_lexer lexer;
	struct oh_py_token token; /* the one to look at */
	size_t last_end; /* end of the one before, line ends apart */
	bool failed; /* this statement is not Python: pass over it */
	bool has_global; /* the word stands somewhere in the file */
	bool seen_statement;
	unsigned nesting;
	struct {
		size_t start, end;
		bool is_text; /* neither bytes nor an f-string */
	} last_string; /* the newest run of string literals */
	size_t decorated; /* where the decorators of what comes begin, or OH_PY_NO_INDEX */
	struct oh_py_context now;
	struct oh_py_block blocks[OH_PY_MAX_BLOCKS];
	size_t block_count;
	/* Stacks: what is being put together. */
	struct oh_py_values values;
	struct oh_py_keywords keywords;
};

/* parser.c */
void oh_py_advance(struct oh_py_parser *p);
void oh_py_fail(struct oh_py_parser *p, const char *message);
bool oh_py_accept(struct oh_py_parser *p, int kind);
bool oh_py_accept_word(struct oh_py_parser *p, enum oh_py_word word);
bool oh_py_expect(struct oh_py_parser *p, int kind); /* or fails */
static inline bool oh_py_at(const struct oh_py_parser *p, int kind)
{
	return p->token.kind == kind;
}
static inline bool oh_py_at_word(const struct oh_py_parser *p, enum oh_py_word word)
{
	return oh_py_at(p, OH_PY_TOKEN_NAME) && p->token.word == word;
}
static inline bool oh_py_at_plain_name(const struct oh_py_parser *p) /* one that is no keyword */
{
	return oh_py_at_word(p, OH_PY_WORD_NONE);
}
struct oh_slice oh_py_token_text(struct oh_py_parser *p); /* of a name, as UTF-8 */
struct oh_slice oh_py_take_name(struct oh_py_parser *p); /* a plain one, or fails: "" */
struct oh_py_value *oh_py_keep(struct oh_py_parser *p, const struct oh_py_value *value);

/* expression.c */
/* A value that begins at the token to look at, and ends there so far. */
struct oh_py_value oh_py_begin(const struct oh_py_parser *p, enum oh_py_kind kind);
bool oh_py_starts_item(const struct oh_py_parser *p); /* of a list: an operand or a star */
struct oh_py_value oh_py_expression(struct oh_py_parser *p);
/* The targets of a `for`: stops at `in`. */
struct oh_py_value oh_py_loop_targets(struct oh_py_parser *p);
/* With commas, stars and yield: a tuple where there is a comma. */
struct oh_py_value oh_py_expressions(struct oh_py_parser *p);
/* `*x` or an expression. */
struct oh_py_value oh_py_starred(struct oh_py_parser *p);
/* Of a function, of a lambda (closed by ':') or of types. */
void oh_py_parameters(struct oh_py_parser *p, int closer);
/* The rest of a comprehension, where there is one; FIRST_CALL began its bracket's inside. */
bool oh_py_comprehension(struct oh_py_parser *p, size_t first_call);
/* The values from BASE on are off the stack and become OWNER's items. */
void oh_py_pop_items(struct oh_py_parser *p, size_t base, struct oh_py_value *owner);

/* operand.c */
struct oh_py_value oh_py_operand(struct oh_py_parser *p);
/* From '(' to behind ')': items and keywords of CALL. */
void oh_py_arguments(struct oh_py_parser *p, struct oh_py_value *call);
void oh_py_type_parameters(struct oh_py_parser *p); /* [T: bound = default, …] if there */

/* text.c */
struct oh_py_value oh_py_string(struct oh_py_parser *p);

/* bind.c */
void oh_py_bind_name(struct oh_py_parser *p, struct oh_slice name, unsigned line);
void oh_py_bind_global(struct oh_py_parser *p, struct oh_slice name, unsigned line);
void oh_py_bind_target(struct oh_py_parser *p, const struct oh_py_value *target);
void oh_py_assign_target(
	struct oh_py_parser *p, const struct oh_py_value *target, const struct oh_py_value *value);

/* statement.c */
void oh_py_simple_statements(struct oh_py_parser *p); /* to the line's end */
void oh_py_note_statement(struct oh_py_parser *p, struct oh_slice keyword, unsigned line);

/* compound.c */
bool oh_py_compound_statement(struct oh_py_parser *p); /* false: there is none here */

/* block.c */
/* From the colon on: its context is p->now, what was before is in BLOCK. */
void oh_py_open_block(struct oh_py_parser *p, const struct oh_py_block *block);
void oh_py_close_block(struct oh_py_parser *p);
void oh_py_settle_blocks(struct oh_py_parser *p); /* as the column of a new line has it */
void oh_py_finish_line(struct oh_py_parser *p);

/* definition.c: each from its keyword to before the colon */
void oh_py_function_head(struct oh_py_parser *p, struct oh_py_block *block);
void oh_py_class_head(struct oh_py_parser *p, struct oh_py_block *block);
void oh_py_with_head(struct oh_py_parser *p, struct oh_py_block *block);
void oh_py_case_head(struct oh_py_parser *p, struct oh_py_block *block);
bool oh_py_is_match(const struct oh_py_parser *p); /* does a match statement begin here? */
void oh_py_decorator(struct oh_py_parser *p);

#endif

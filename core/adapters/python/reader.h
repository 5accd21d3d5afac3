/*
 * Python source without Python: the tokens of a file, and from them the assignments, the
 * functions and the calls, with their literal values. Made for migration files and judged by
 * CPython's ast; total: any bytes give a result, what is not Python is said with its line.
 *
 *	struct oh_py_module m;
 *	oh_py_read(&m, arena, bytes, OH_PY_CALLS);
 *	const struct oh_py_binding *b = oh_py_binding(&m, OH_SLICE("revision"));
 *	if (b && b->value && b->value->kind == OH_PY_STRING) …
 *
 * Everything borrows from BYTES and ARENA.
 */
#ifndef OH_ADAPTERS_PYTHON_READER_H
#define OH_ADAPTERS_PYTHON_READER_H

#include "base/slice.h"

enum oh_py_kind {
	OH_PY_NONE,
	OH_PY_TRUE,
	OH_PY_FALSE,
	OH_PY_NUMBER, /* text as written */
	OH_PY_STRING, /* text decoded to UTF-8: prefixes, escapes, implicit concatenation done;
			 an f-string without fields too. OH_PY_OTHER where it can't be known:
			 with fields, \N{…}, a lone surrogate, an encoding that is not known */
	OH_PY_BYTES, /* b"…", decoded */
	OH_PY_TUPLE, /* items */
	OH_PY_LIST, /* items */
	OH_PY_SET, /* items */
	OH_PY_DICT, /* items: key, value, key, value …; **x is STARRED, NONE */
	OH_PY_NAME, /* text: a dotted name, `op.f` */
	OH_PY_CALL, /* text: the dotted name called ("" where it is not a dotted name; then base
		       and attribute say more) */
	OH_PY_STARRED, /* *x or **x in arguments or displays: items[0]; text: "*" or "**" */
	OH_PY_OTHER /* an expression that this reader does not look into; text as written. A
		       signed number is one */
};

struct oh_py_value {
	enum oh_py_kind kind;
	struct oh_slice text;
	size_t start, end; /* byte range in the source: [start, end), without parentheses around */
	unsigned line; /* 1-based */
	struct oh_py_value *items; /* elements, or positional arguments of a call */
	size_t count;
	struct oh_py_keyword *keywords; /* of a call */
	size_t keyword_count;
	/* Of an attribute of what is no dotted name, and of a call of it, `f().execute(…)`: `f()`
	 * and "execute"; else NULL and "". */
	const struct oh_py_value *base;
	struct oh_slice attribute;
};

struct oh_py_keyword {
	struct oh_slice name;
	struct oh_py_value value;
};

/* How a module-level name came by its value. */
enum oh_py_how {
	OH_PY_ASSIGNED, /* NAME = …, NAME: T = …, a = NAME = …, a, NAME = …, … */
	OH_PY_CONDITIONAL, /* assigned, but inside if/for/while/try/with/match at module level */
	OH_PY_OTHERWISE /* def, class, import, for target, with … as, except … as, del, +=,
			   `global` in a function or class (whatever it does with it),
			   walrus, capture pattern, type alias */
};

struct oh_py_binding {
	struct oh_slice name; /* "*" for `from x import *`: any name may be bound by it */
	enum oh_py_how how;
	const struct oh_py_value *value; /* NULL where it is not a plain expression of its own
					    (unpacking something that is no display) */
	unsigned line;
};

/* A call expression, wherever it stands. */
struct oh_py_call {
	const struct oh_py_value *call; /* kind OH_PY_CALL */
	struct oh_slice function; /* the top-level function it stands in, "" at module level */
	bool is_statement; /* it is a whole expression statement */
	unsigned depth; /* nesting of if/for/while/try/with/match/def/class/lambda/comprehension
			   between it and the function (or module); what stands in the head of
			   an `elif`, `except` or `case` counts as inside */
	unsigned withs; /* how many of these are `with`: equal to depth where the call is made
			   once and unconditionally, as far as statements go */
	/* `with op.batch_alter_table("t") as NAME:` around it: the calls of the with items, in
	 * scope for it, innermost last. */
	const struct oh_py_with *scope;
};

struct oh_py_with {
	struct oh_slice name; /* the `as` name, "" where there is none */
	const struct oh_py_value *value; /* the context expression */
	const struct oh_py_with *outer;
};

/* A function at module level: in no other function and in no class. */
struct oh_py_function {
	struct oh_slice name;
	unsigned line; /* of `def` or `async` */
	bool conditional; /* inside if/for/while/try/with/match */
	size_t start, end; /* byte range of the whole definition, decorators included */
	size_t body_start; /* where the body begins, behind the colon */
};

/*
 * A statement inside a module-level function that is not only a call, a string, `pass` or `...`,
 * as an adapter needs it to say what it could not read.
 */
struct oh_py_statement {
	struct oh_slice function;
	struct oh_slice keyword; /* "if", "for", "return", "async", … or "=" for an assignment of
				    any kind, "" else; for `else`, `except`, … there is none */
	unsigned line;
	unsigned depth;
};

/* Why a file, or a place in it, is not Python that this reader understands. */
struct oh_py_problem {
	unsigned line; /* 1-based; 0: none */
	const char *message; /* "unterminated string", "conflict marker", … */
};

struct oh_py_module {
	struct oh_slice source;
	struct oh_py_problem problem; /* the first one; line 0 where all is well */
	const struct oh_py_value *docstring; /* NULL where there is none; may be OH_PY_OTHER */
	struct {
		struct oh_py_binding *items;
		size_t count, capacity;
	} bindings; /* in source order */
	struct {
		struct oh_py_call *items;
		size_t count, capacity;
	} calls; /* in source order of their opening parentheses; only with OH_PY_CALLS */
	struct {
		struct oh_py_function *items;
		size_t count, capacity;
	} functions;
	struct {
		struct oh_py_statement *items;
		size_t count, capacity;
	} statements; /* only with OH_PY_CALLS */
};

enum oh_py_detail {
	OH_PY_BINDINGS, /* docstring, bindings, functions: enough for a graph, and fastest */
	OH_PY_CALLS /* …and calls and statements */
};

void oh_py_read(struct oh_py_module *module, struct oh_arena *arena, struct oh_slice bytes,
	enum oh_py_detail detail);

/* The last binding of NAME at module level, NULL where there is none. */
const struct oh_py_binding *oh_py_binding(const struct oh_py_module *module, struct oh_slice name);

/*
 * SHA-256 in hex over the tokens in [FROM, TO): without white space, line ends, comments and
 * docstrings (strings that are statements), strings by value and not by how they are quoted.
 */
struct oh_slice oh_py_token_digest(
	struct oh_arena *arena, struct oh_slice source, size_t from, size_t to);

#endif

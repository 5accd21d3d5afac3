/* What the Python reader read, as text that tests can be compared with. */
#ifndef PYTHON_TEXT_H
#define PYTHON_TEXT_H

#include "adapters/python/reader.h"
#include "base/buf.h"

static inline void put_python_value(struct oh_buf *b, const struct oh_py_value *v);

static inline void put_python_items(
	struct oh_buf *b, const struct oh_py_value *v, const char *open, const char *close)
{
	const char *between = "";

	oh_buf_addf(b, "%s", open);
	for (size_t i = 0; i < v->count; i++, between = ", ") {
		oh_buf_addf(b, "%s", between);
		put_python_value(b, &v->items[i]);
	}
	for (size_t i = 0; i < v->keyword_count; i++, between = ", ") {
		oh_buf_addf(b, "%s" OH_FMT "=", between, OH_ARG(v->keywords[i].name));
		put_python_value(b, &v->keywords[i].value);
	}
	oh_buf_addf(b, "%s", close);
}

/* 'text' b'bytes' (tuple) [list] s{set} d{dict} name name(…) *x <anything else> */
static inline void put_python_value(struct oh_buf *b, const struct oh_py_value *v)
{
	static const char *const brackets[][2] = {[OH_PY_TUPLE] = {"(", ")"},
		[OH_PY_LIST] = {"[", "]"},
		[OH_PY_SET] = {"s{", "}"},
		[OH_PY_DICT] = {"d{", "}"},
		[OH_PY_CALL] = {"(", ")"},
		[OH_PY_STARRED] = {"", ""}};
	static const char *const plain[] = {
		[OH_PY_NONE] = "None", [OH_PY_TRUE] = "True", [OH_PY_FALSE] = "False"};

	if (!v)
		oh_buf_addf(b, "NULL");
	else if (v->kind <= OH_PY_FALSE)
		oh_buf_addf(b, "%s", plain[v->kind]);
	else if (v->kind == OH_PY_STRING || v->kind == OH_PY_BYTES)
		oh_buf_addf(
			b, "%s'" OH_FMT "'", v->kind == OH_PY_BYTES ? "b" : "", OH_ARG(v->text));
	else if (v->kind == OH_PY_OTHER)
		oh_buf_addf(b, "<" OH_FMT ">", OH_ARG(v->text));
	else
		oh_buf_addf(b, OH_FMT, OH_ARG(v->text));
	if (v && v->kind <= OH_PY_STARRED && v->kind >= OH_PY_TUPLE && brackets[v->kind][0])
		put_python_items(b, v, brackets[v->kind][0], brackets[v->kind][1]);
}

static inline const char *python_value(struct oh_arena *arena, const struct oh_py_value *v)
{
	struct oh_buf b = {.arena = arena};

	put_python_value(&b, v);
	return oh_slice_str(arena, oh_buf_slice(&b));
}

/* name='value' name?='value' (conditional) name! (otherwise), one after the other */
static inline const char *python_bindings(struct oh_arena *arena, const struct oh_py_module *m)
{
	static const char *const marks[] = {"=", "?=", "!"};
	struct oh_buf b = {.arena = arena};

	for (size_t i = 0; i < m->bindings.count; i++) {
		const struct oh_py_binding *x = &m->bindings.items[i];

		oh_buf_addf(&b, "%s" OH_FMT "%s", i ? " " : "", OH_ARG(x->name), marks[x->how]);
		if (x->how != OH_PY_OTHERWISE)
			put_python_value(&b, x->value);
	}
	return oh_slice_str(arena, oh_buf_slice(&b));
}

/* function:line:depth/withs name(…) in a;b — with ! behind the line where it is a statement */
static inline const char *python_calls(struct oh_arena *arena, const struct oh_py_module *m)
{
	struct oh_buf b = {.arena = arena};

	for (size_t i = 0; i < m->calls.count; i++) {
		const struct oh_py_call *c = &m->calls.items[i];

		oh_buf_addf(&b, OH_FMT ":%u%s:%u/%u ", OH_ARG(c->function), c->call->line,
			c->is_statement ? "!" : "", c->depth, c->withs);
		put_python_value(&b, c->call);
		for (const struct oh_py_with *w = c->scope; w; w = w->outer)
			oh_buf_addf(&b, "%s" OH_FMT ":" OH_FMT, w == c->scope ? " in " : ";",
				OH_ARG(w->name), OH_ARG(w->value->text));
		oh_buf_addf(&b, "\n");
	}
	return oh_slice_str(arena, oh_buf_slice(&b));
}

static inline const char *python_statements(struct oh_arena *arena, const struct oh_py_module *m)
{
	struct oh_buf b = {.arena = arena};

	for (size_t i = 0; i < m->statements.count; i++) {
		const struct oh_py_statement *s = &m->statements.items[i];

		oh_buf_addf(&b, "%s" OH_FMT ":%u:%u'" OH_FMT "'", i ? " " : "", OH_ARG(s->function),
			s->line, s->depth, OH_ARG(s->keyword));
	}
	return oh_slice_str(arena, oh_buf_slice(&b));
}

#endif

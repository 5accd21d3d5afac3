/*
 * Any bytes through the Python reader, in both modes, its lexer and its digest: what comes out lies
 * inside the bytes, and reading without calls finds the same wherever nothing is wrong.
 */
#include "adapters/python/token.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(truth)                                                                                \
	((truth) ? (void)0 : (fprintf(stderr, "line %d: %s\n", __LINE__, #truth), abort()))

static void check_value(const struct oh_py_module *m, const struct oh_py_value *v)
{
	volatile char sum = 0;

	MUST(v->start <= v->end && v->end <= m->source.len);
	for (size_t i = 0; i < v->text.len; i++)
		sum = (char)(sum ^ v->text.ptr[i]);
	for (size_t i = 0; i < v->count; i++)
		check_value(m, &v->items[i]);
	for (size_t i = 0; i < v->keyword_count; i++)
		check_value(m, &v->keywords[i].value);
	MUST(v->kind != OH_PY_DICT || v->count % 2 == 0);
	MUST(v->kind != OH_PY_STARRED || v->count == 1);
	MUST(!v->base == !v->attribute.len);
}

static void check_module(const struct oh_py_module *m)
{
	const bool sound = !m->problem.line;

	MUST(!m->problem.message == sound);
	for (size_t i = 0; i < m->bindings.count; i++)
		if (m->bindings.items[i].value)
			check_value(m, m->bindings.items[i].value);
	for (size_t i = 0; i < m->calls.count; i++) {
		const struct oh_py_call *call = &m->calls.items[i];

		MUST(call->call && call->call->kind == OH_PY_CALL && call->withs <= call->depth);
		check_value(m, call->call);
		for (const struct oh_py_with *w = call->scope; w; w = w->outer)
			check_value(m, w->value);
	}
	for (size_t i = 0; i < m->functions.count; i++) {
		const struct oh_py_function *f = &m->functions.items[i];

		MUST(f->start < f->body_start && f->body_start <= f->end);
		MUST(f->end <= m->source.len);
	}
}

static bool same_value(const struct oh_py_value *a, const struct oh_py_value *b)
{
	if (!a || !b)
		return !a == !b;
	return a->kind == b->kind && a->start == b->start && a->end == b->end &&
	       a->line == b->line && oh_slice_eq(a->text, b->text);
}

static void check_same(const struct oh_py_module *a, const struct oh_py_module *b)
{
	MUST(!b->problem.line && !b->calls.count && !b->statements.count);
	MUST(a->bindings.count == b->bindings.count && a->functions.count == b->functions.count);
	MUST(same_value(a->docstring, b->docstring));
	for (size_t i = 0; i < a->bindings.count; i++) {
		const struct oh_py_binding *x = &a->bindings.items[i], *y = &b->bindings.items[i];

		MUST(oh_slice_eq(x->name, y->name) && x->how == y->how && x->line == y->line);
		MUST(same_value(x->value, y->value));
	}
	for (size_t i = 0; i < a->functions.count; i++) {
		const struct oh_py_function *x = &a->functions.items[i],
					    *y = &b->functions.items[i];

		MUST(oh_slice_eq(x->name, y->name) && x->start == y->start && x->end == y->end &&
			x->body_start == y->body_start && x->conditional == y->conditional);
	}
}

static void check_tokens(struct oh_slice source)
{
	struct oh_py_lexer lexer;
	struct oh_py_token token;
	size_t at = 0, steps = 0;

	oh_py_lexer_start(&lexer, source);
	do {
		oh_py_next(&lexer, &token);
		MUST(token.start >= at && token.end >= token.start && token.end <= source.len);
		MUST(steps++ <= 2 * source.len + 2);
		at = token.end;
	} while (token.kind != OH_PY_TOKEN_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oh_slice source = {(const char *)data, size};
	struct oh_arena arena = {0};
	struct oh_py_module calls, bindings;

	check_tokens(source);
	oh_py_read(&calls, &arena, source, OH_PY_CALLS);
	oh_py_read(&bindings, &arena, source, OH_PY_BINDINGS);
	check_module(&calls);
	check_module(&bindings);
	if (!calls.problem.line)
		check_same(&calls, &bindings);
	MUST(oh_py_token_digest(&arena, source, 0, size).len == 64);
	MUST(oh_py_token_digest(&arena, source, size / 3, size / 2).len == 64);
	oh_arena_drop(&arena);
	return 0;
}

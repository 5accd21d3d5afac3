/*
 * What the Python reader sees of files: a name a line on stdin, a JSON object a line on stdout.
 * Bytes that are not ASCII are written as \u00XX, one each. Judged by python_ast.py.
 */
#include "adapters/python/reader.h"
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"none", "true", "false", "number", "string", "bytes", "tuple",
	"list", "set", "dict", "name", "call", "starred", "other"};
static const char *const hows[] = {"assigned", "conditional", "otherwise"};

static void put_text(struct oh_slice s)
{
	putchar('"');
	for (size_t i = 0; i < s.len; i++) {
		const unsigned char c = (unsigned char)s.ptr[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void put_value(const struct oh_py_value *v)
{
	if (!v) {
		fputs("null", stdout);
		return;
	}
	printf("[\"%s\",%u,%zu,%zu,", kinds[v->kind], v->line, v->start, v->end);
	put_text(v->text);
	fputs(",[", stdout);
	for (size_t i = 0; i < v->count; i++) {
		if (i)
			putchar(',');
		put_value(&v->items[i]);
	}
	fputs("],[", stdout);
	for (size_t i = 0; i < v->keyword_count; i++) {
		fputs(i ? ",[" : "[", stdout);
		put_text(v->keywords[i].name);
		putchar(',');
		put_value(&v->keywords[i].value);
		putchar(']');
	}
	fputs("],", stdout);
	put_text(v->attribute);
	putchar(']');
}

static void put_bindings(const struct oh_py_module *m)
{
	fputs("\"bindings\":[", stdout);
	for (size_t i = 0; i < m->bindings.count; i++) {
		const struct oh_py_binding *b = &m->bindings.items[i];

		fputs(i ? ",[" : "[", stdout);
		put_text(b->name);
		printf(",\"%s\",%u,", hows[b->how], b->line);
		put_value(b->value);
		putchar(']');
	}
	fputs("],", stdout);
}

static void put_scope(const struct oh_py_with *with)
{
	putchar('[');
	for (const char *between = ""; with; with = with->outer, between = ",") {
		fputs(between, stdout);
		putchar('[');
		put_text(with->name);
		putchar(',');
		put_value(with->value);
		putchar(']');
	}
	putchar(']');
}

static void put_calls(const struct oh_py_module *m)
{
	fputs("\"calls\":[", stdout);
	for (size_t i = 0; i < m->calls.count; i++) {
		const struct oh_py_call *c = &m->calls.items[i];

		fputs(i ? ",[" : "[", stdout);
		put_value(c->call);
		putchar(',');
		put_text(c->function);
		printf(",%s,%u,%u,", c->is_statement ? "true" : "false", c->depth, c->withs);
		put_scope(c->scope);
		putchar(']');
	}
	fputs("],", stdout);
}

static void put_functions(const struct oh_py_module *m)
{
	fputs("\"functions\":[", stdout);
	for (size_t i = 0; i < m->functions.count; i++) {
		const struct oh_py_function *f = &m->functions.items[i];

		fputs(i ? ",[" : "[", stdout);
		put_text(f->name);
		printf(",%u,%zu,%zu,%s]", f->line, f->start, f->end,
			f->conditional ? "true" : "false");
	}
	fputs("],\"statements\":[", stdout);
	for (size_t i = 0; i < m->statements.count; i++) {
		const struct oh_py_statement *s = &m->statements.items[i];

		fputs(i ? ",[" : "[", stdout);
		put_text(s->function);
		putchar(',');
		put_text(s->keyword);
		printf(",%u,%u]", s->line, s->depth);
	}
	putchar(']');
}

static bool same_text(struct oh_slice a, struct oh_slice b)
{
	return oh_slice_eq(a, b);
}

/* Does reading without calls, which passes over bodies, find the same? */
static bool same_without_calls(
	struct oh_arena *arena, struct oh_slice bytes, const struct oh_py_module *m)
{
	struct oh_py_module n;
	bool same;

	oh_py_read(&n, arena, bytes, OH_PY_BINDINGS);
	same = n.bindings.count == m->bindings.count && n.functions.count == m->functions.count &&
	       !n.calls.count && !n.statements.count && !n.docstring == !m->docstring &&
	       !n.problem.line == !m->problem.line;
	for (size_t i = 0; same && i < n.bindings.count; i++) {
		const struct oh_py_binding *a = &n.bindings.items[i], *b = &m->bindings.items[i];

		same = same_text(a->name, b->name) && a->line == b->line && a->how == b->how &&
		       !a->value == !b->value &&
		       (!a->value || (a->value->start == b->value->start &&
					     a->value->end == b->value->end));
	}
	for (size_t i = 0; same && i < n.functions.count; i++) {
		const struct oh_py_function *a = &n.functions.items[i], *b = &m->functions.items[i];

		same = same_text(a->name, b->name) && a->start == b->start && a->end == b->end &&
		       a->body_start == b->body_start;
	}
	return same;
}

static void dump(struct oh_arena *arena, const char *name, struct oh_slice bytes)
{
	struct oh_py_module m;

	oh_py_read(&m, arena, bytes, OH_PY_CALLS);
	fputs("{\"file\":", stdout);
	put_text(oh_slice_of(name));
	printf(",\"problem\":%u,\"message\":", m.problem.line);
	put_text(oh_slice_of(m.problem.message));
	fputs(",\"docstring\":", stdout);
	put_value(m.docstring);
	putchar(',');
	put_bindings(&m);
	put_calls(&m);
	put_functions(&m);
	printf(",\"same\":%s,\"digest\":\"" OH_FMT "\"}\n",
		same_without_calls(arena, bytes, &m) ? "true" : "false",
		OH_ARG(oh_py_token_digest(arena, bytes, 0, bytes.len)));
	fflush(stdout);
}

static bool read_file(struct oh_arena *arena, const char *name, struct oh_slice *bytes)
{
	struct oh_buf buf = {.arena = arena};
	FILE *f = fopen(name, "rb");
	size_t n;

	if (!f)
		return false;
	do {
		oh_buf_reserve(&buf, 65536);
		n = fread(buf.items + buf.count, 1, 65536, f);
		buf.count += n;
	} while (n);
	fclose(f);
	/* Of exactly its size, so that a step past its end is found out. */
	bytes->len = buf.count;
	bytes->ptr = memcpy(malloc(buf.count + !buf.count), buf.items, buf.count);
	return true;
}

int main(void)
{
	char name[4096];

	while (fgets(name, sizeof(name), stdin)) {
		struct oh_arena arena = {0};
		struct oh_slice bytes;

		name[strcspn(name, "\n")] = '\0';
		if (!read_file(&arena, name, &bytes))
			return perror(name), 1;
		dump(&arena, name, bytes);
		free((void *)(uintptr_t)bytes.ptr);
		oh_arena_drop(&arena);
	}
	return 0;
}

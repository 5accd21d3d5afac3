#include "adapters/alembic/digest.h"

#include "adapters/python/token.h"
#include "base/buf.h"
#include "base/digest.h"

/* A statement of the module, or a header, a decorator or a branch of one. */
struct statement {
	size_t start, end;
	unsigned line, last_line;
	bool is_import;
	bool is_string; /* nothing else: a docstring, or a comment in the shape of one */
};

struct walk {
	const struct oh_module_text *text;
	struct oh_buf digests;
	struct statement current;
	bool open; /* `current` has a token */
};

static bool is_identifier(struct oh_slice name)
{
	static const char *const names[] = {
		"revision", "down_revision", "branch_labels", "depends_on"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (oh_slice_eq(name, oh_slice_of(names[i])))
			return true;
	return false;
}

static bool assigns_identifier(const struct walk *w)
{
	const struct oh_py_module *module = w->text->module;
	const struct statement *s = &w->current;

	for (size_t i = 0; i < module->bindings.count; i++) {
		const struct oh_py_binding *b = &module->bindings.items[i];

		if (b->how != OH_PY_ASSIGNED || !is_identifier(b->name))
			continue;
		if (b->value ? b->value->start >= s->start && b->value->start < s->end
			     : b->line >= s->line && b->line <= s->last_line)
			return true;
	}
	return false;
}

static void finish(struct walk *w)
{
	const struct statement *s = &w->current;

	if (w->open && !s->is_import && !s->is_string && !assigns_identifier(w)) {
		oh_buf_add(&w->digests, oh_py_token_digest(w->text->scratch,
						w->text->module->source, s->start, s->end));
		oh_buf_add(&w->digests, OH_SLICE("\n"));
	}
	w->open = false;
}

static void take(struct walk *w, const struct oh_py_token *token, bool begins)
{
	if (begins) {
		finish(w);
		w->open = true;
		w->current = (struct statement){.start = token->start,
			.line = token->line,
			.is_string = true,
			.is_import =
				token->word == OH_PY_WORD_IMPORT || token->word == OH_PY_WORD_FROM};
	}
	w->current.is_string &= token->kind == OH_PY_TOKEN_STRING;
	w->current.end = token->end;
	w->current.last_line = token->line;
}

struct oh_slice oh_alembic_digest(const struct oh_module_text *text)
{
	struct walk w = {.text = text, .digests = {.arena = text->scratch}};
	bool fresh = true; /* the next token begins a statement */
	struct oh_py_lexer lexer;
	struct oh_py_token token;

	oh_py_lexer_start(&lexer, text->module->source);
	for (oh_py_next(&lexer, &token); token.kind != OH_PY_TOKEN_END;
		oh_py_next(&lexer, &token)) {
		if (token.kind == OH_PY_TOKEN_NEWLINE) {
			fresh = true;
			continue;
		}
		take(&w, &token, !w.open || (fresh && lexer.column == 0));
		fresh = token.kind == ';' && lexer.column == 0;
	}
	finish(&w);
	return oh_digest_sha256(text->scratch, oh_buf_slice(&w.digests));
}

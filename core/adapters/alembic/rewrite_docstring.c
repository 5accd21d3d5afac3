/* The lines of a docstring that repeat what the file says. */
#include "adapters/alembic/rewriting.h"

#include "adapters/alembic/text.h"

#define REVISION OH_SLICE("Revision ID:")
#define REVISES OH_SLICE("Revises:")
#define RECONCILES OH_SLICE("Reconciles:")

/* A string literal of the docstring. */
struct literal {
	char quote;
	bool reconciles; /* a line that begins its list came by */
};

bool oh_docstring_follows(struct oh_slice line)
{
	return oh_slice_has_prefix(line, REVISION) || oh_slice_has_prefix(line, REVISES);
}

static struct oh_slice skip_blanks(struct oh_slice s)
{
	while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = oh_slice_sub(s, 1, s.len);
	return s;
}

static struct oh_slice trim_blanks(struct oh_slice s)
{
	while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return skip_blanks(s);
}

/* OLD lies in the source. */
static void replace(
	struct oh_rewriting *r, const struct literal *l, struct oh_slice old, struct oh_slice new)
{
	const size_t start = (size_t)(old.ptr - r->file->bytes.ptr);

	if (!oh_slice_eq(old, new) && oh_rewriting_is_plain(r, new, l->quote))
		oh_rewriting_edit(r, start, start + old.len, new);
}

/* TEXT is `a, b`, maybe in another order: exactly the ids. */
static bool says(const struct oh_rewriting *r, struct oh_slice text, const struct oh_slices *ids)
{
	struct oh_slices words = {0};
	struct oh_slice word;

	while (oh_slice_next(&text, ',', &word)) {
		word = trim_blanks(word);
		if (!oh_slices_contain(ids, word) || oh_slices_contain(&words, word))
			return false;
		OH_PUSH(r->scratch, &words, word);
	}
	return words.count == ids->count;
}

/* REST is what stands behind the colon. */
static void take_revises(struct oh_rewriting *r, const struct literal *l, struct oh_slice rest)
{
	const struct oh_slice old = trim_blanks(rest);
	struct oh_slice new = oh_slices_join(r->scratch, &r->parents, ", ");
	const bool was_base = !r->before->parents.count;

	if (oh_ids_equal(&r->parents, &r->before->parents))
		return;
	if (was_base && !old.len) {
		/* Behind the one blank that Alembic writes. */
		if (!rest.len)
			new = oh_slice_printf(r->scratch, " " OH_FMT, OH_ARG(new));
		replace(r, l, (struct oh_slice){rest.ptr + (rest.len > 0), 0}, new);
	} else if (was_base ? oh_slice_eq(old, OH_SLICE("None"))
			    : says(r, old, &r->before->parents)) {
		replace(r, l, old, new);
	}
}

/* `- ID` or `- ID: title` */
static void take_reconciled(struct oh_rewriting *r, const struct literal *l, struct oh_slice line)
{
	struct oh_slice id = line;

	if (!oh_slice_cut_prefix(&id, OH_SLICE("- ")))
		return;
	id = trim_blanks(oh_slice_sub(id, 0, oh_slice_find_byte(id, ':', 0)));
	if (oh_slices_contain(&r->before->parents, id) && !oh_slices_contain(&r->parents, id))
		replace(r, l, id, oh_renamed(r->renames, id));
}

static void take_line(struct oh_rewriting *r, struct literal *l, struct oh_slice line)
{
	line = skip_blanks(line);
	if (oh_slice_eq(trim_blanks(line), RECONCILES)) {
		l->reconciles = true;
	} else if (oh_slice_cut_prefix(&line, REVISION)) {
		line = trim_blanks(line);
		if (oh_slice_eq(line, r->before->id))
			replace(r, l, line, r->id);
	} else if (oh_slice_cut_prefix(&line, REVISES)) {
		take_revises(r, l, line);
	} else if (l->reconciles) {
		take_reconciled(r, l, line);
	}
}

static void take_literal(struct oh_rewriting *r, struct literal *l, const struct oh_py_token *token)
{
	const struct oh_quotes quotes = oh_rewriting_quotes(r, token->start);
	const size_t edge = quotes.is_triple ? 3 : 1;
	struct oh_slice line, rest = oh_slice_sub(r->file->bytes,
				      token->start + quotes.prefix.len + edge, token->end - edge);

	l->quote = quotes.quote;
	while (oh_text_next_line(&rest, &line))
		take_line(r, l, line);
}

/* In parentheses it counts as a part of the body: it stays, then. */
static bool is_bare(const struct oh_rewriting *r, const struct oh_py_value *docstring)
{
	struct oh_py_lexer lexer;
	struct oh_py_token token;

	oh_py_lexer_start(&lexer, r->file->bytes);
	do
		oh_py_next(&lexer, &token);
	while (token.kind == OH_PY_TOKEN_NEWLINE);
	return token.start == docstring->start;
}

void oh_rewriting_docstring(struct oh_rewriting *r)
{
	const struct oh_py_value *docstring = r->module.docstring;
	struct literal literal = {0};
	struct oh_py_lexer lexer;
	struct oh_py_token token;

	if (!docstring || !is_bare(r, docstring))
		return;
	oh_rewriting_lex(r, docstring->start, docstring->end, &lexer);
	for (oh_py_next(&lexer, &token); token.kind == OH_PY_TOKEN_STRING;
		oh_py_next(&lexer, &token))
		take_literal(r, &literal, &token);
}

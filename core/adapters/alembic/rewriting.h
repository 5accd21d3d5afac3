/* Private to rewrite.c and its parts: one file that is being rewritten. */
#ifndef OH_ADAPTERS_ALEMBIC_REWRITING_H
#define OH_ADAPTERS_ALEMBIC_REWRITING_H

#include "adapters/adapter.h"
#include "adapters/python/token.h"
#include "base/buf.h"

/* TEXT in the place of [start, end) of the source. */
struct oh_edit {
	size_t start, end;
	struct oh_slice text;
};

struct oh_rewriting {
	struct oh_arena *scratch;
	const struct oh_file *file;
	const struct oh_migration *before; /* what the file says, read with OH_READ_BODY */
	struct oh_slice id; /* what it is to say */
	struct oh_slices parents, depends_on;
	const struct oh_renames *renames; /* never NULL */
	struct oh_py_module module;
	enum oh_py_encoding encoding;
	struct {
		struct oh_edit *items;
		size_t count, capacity;
	} edits; /* do not overlap */
};

/* How a string literal is written. */
struct oh_quotes {
	struct oh_slice prefix; /* the letters before the quote */
	char quote;
	bool is_triple;
};

/* OH_E_UNSUPPORTED: "PATH:LINE: NAME WHY". */
bool oh_rewriting_refuse(const struct oh_rewriting *r, unsigned line, const char *name,
	const char *why, struct oh_error *err);
void oh_rewriting_edit(struct oh_rewriting *r, size_t start, size_t end, struct oh_slice text);

/* What ID is called from now on. */
struct oh_slice oh_renamed(const struct oh_renames *renames, struct oh_slice id);
bool oh_ids_equal(const struct oh_slices *a, const struct oh_slices *b);

/* rewrite_values.c: notes the edits, or says why it can't be done. */
bool oh_rewriting_id(struct oh_rewriting *r, struct oh_error *err);
bool oh_rewriting_parents(struct oh_rewriting *r, struct oh_error *err);
bool oh_rewriting_depends_on(struct oh_rewriting *r, struct oh_error *err);

/* rewrite_docstring.c: notes the edits; what can't be written there stays as it is. */
void oh_rewriting_docstring(struct oh_rewriting *r);
/* Is LINE, stripped, one that says an id and may follow it? */
bool oh_docstring_follows(struct oh_slice line);

/* rewrite_literal.c */
/* Cuts [start, end) into tokens as if it stood in brackets. */
void oh_rewriting_lex(
	const struct oh_rewriting *r, size_t start, size_t end, struct oh_py_lexer *lexer);
bool oh_rewriting_has_comment(const struct oh_rewriting *r, size_t start, size_t end);
/* Of the string token at START. */
struct oh_quotes oh_rewriting_quotes(const struct oh_rewriting *r, size_t start);
/* TEXT needs no escapes between quotes of QUOTE in this file. */
bool oh_rewriting_is_plain(const struct oh_rewriting *r, struct oh_slice text, char quote);
void oh_rewriting_add_literal(struct oh_buf *out, const struct oh_rewriting *r,
	const struct oh_quotes *quotes, struct oh_slice text);

#endif

#include "adapters/alembic/rewrite.h"

#include "adapters/alembic/parse.h"
#include "adapters/alembic/rewriting.h"
#include "adapters/alembic/text.h"

#include <stdlib.h>

bool oh_rewriting_refuse(const struct oh_rewriting *r, unsigned line, const char *name,
	const char *why, struct oh_error *err)
{
	const struct oh_slice path = r->file->path;

	if (!line)
		return oh_fail(err, OH_E_UNSUPPORTED, OH_FMT ": %s %s", OH_ARG(path), name, why);
	return oh_fail(err, OH_E_UNSUPPORTED, OH_FMT ":%u: %s %s", OH_ARG(path), line, name, why);
}

void oh_rewriting_edit(struct oh_rewriting *r, size_t start, size_t end, struct oh_slice text)
{
	OH_PUSH(r->scratch, &r->edits, (struct oh_edit){start, end, text});
}

struct oh_slice oh_renamed(const struct oh_renames *renames, struct oh_slice id)
{
	for (size_t i = 0; i < renames->count; i++)
		if (oh_slice_eq(renames->items[i].from, id))
			return renames->items[i].to;
	return id;
}

bool oh_ids_equal(const struct oh_slices *a, const struct oh_slices *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (!oh_slice_eq(a->items[i], b->items[i]))
			return false;
	return a->count == b->count;
}

/* What BYTES say, in the scratch; false where they can't be read. */
static bool read_back(const struct oh_rewriting *r, struct oh_slice bytes, struct oh_migration *out,
	struct oh_error *err)
{
	const struct oh_file file = {r->file->path, bytes, OH_SLICE("")};
	struct oh_migrations migrations = {0};
	struct oh_unreadables unreadable = {0};

	oh_alembic_parse(r->scratch, &file, OH_READ_BODY, &migrations, &unreadable);
	if (!migrations.count)
		return oh_rewriting_refuse(r, unreadable.items[0].line,
			oh_slice_str(r->scratch, unreadable.items[0].why), "", err);
	*out = migrations.items[0];
	return true;
}

static struct oh_slices renamed(const struct oh_rewriting *r, const struct oh_slices *ids)
{
	struct oh_slices out = {0};

	for (size_t i = 0; i < ids->count; i++) {
		const struct oh_slice id = oh_renamed(r->renames, ids->items[i]);

		if (!oh_slices_contain(&out, id))
			OH_PUSH(r->scratch, &out, id);
	}
	return out;
}

static struct oh_slices once(const struct oh_rewriting *r, const struct oh_slices *ids)
{
	struct oh_slices out = {0};

	for (size_t i = 0; i < ids->count; i++)
		if (!oh_slices_contain(&out, ids->items[i]))
			OH_PUSH(r->scratch, &out, ids->items[i]);
	return out;
}

static bool note_edits(struct oh_rewriting *r, struct oh_error *err)
{
	struct oh_py_lexer lexer;

	oh_py_lexer_start(&lexer, r->file->bytes);
	r->encoding = lexer.encoding;
	oh_py_read(&r->module, r->scratch, r->file->bytes, OH_PY_BINDINGS);
	if (!oh_rewriting_id(r, err) || !oh_rewriting_parents(r, err) ||
		!oh_rewriting_depends_on(r, err))
		return false;
	oh_rewriting_docstring(r);
	return true;
}

static int cmp_edits(const void *a, const void *b)
{
	const struct oh_edit *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* False where two identifiers have one value: which is to be changed, then? */
static bool apply(struct oh_rewriting *r, struct oh_buf *out)
{
	const struct oh_slice source = r->file->bytes;
	size_t at = 0;

	if (r->edits.count)
		qsort(r->edits.items, r->edits.count, sizeof(*r->edits.items), cmp_edits);
	for (size_t i = 0; i < r->edits.count; i++) {
		const struct oh_edit *edit = &r->edits.items[i];

		if (edit->start < at)
			return false;
		oh_buf_add(out, oh_slice_sub(source, at, edit->start));
		oh_buf_add(out, edit->text);
		at = edit->end;
	}
	oh_buf_add(out, oh_slice_sub(source, at, source.len));
	return true;
}

/* The first line of a docstring may be one that follows. */
static bool is_same_title(struct oh_slice before, struct oh_slice after)
{
	return oh_slice_eq(before, after) ||
	       (oh_docstring_follows(before) && oh_docstring_follows(after));
}

static const char *difference(const struct oh_rewriting *r, const struct oh_migration *after)
{
	const struct oh_migration *before = r->before;

	if (!oh_slice_eq(after->id, r->id))
		return "revision";
	if (!oh_ids_equal(&after->parents, &r->parents))
		return "down_revision";
	if (!oh_ids_equal(&after->depends_on, &r->depends_on))
		return "depends_on";
	if (!oh_ids_equal(&after->labels, &before->labels))
		return "branch_labels";
	if (!is_same_title(before->title, after->title) || !oh_slice_eq(before->date, after->date))
		return "docstring";
	return oh_slice_eq(before->body.digest, after->body.digest) ? NULL : "body";
}

static bool check(const struct oh_rewriting *r, struct oh_slice bytes, struct oh_error *err)
{
	struct oh_migration after;
	const char *wrong;

	if (!read_back(r, bytes, &after, err))
		return false;
	wrong = difference(r, &after);
	return !wrong || oh_rewriting_refuse(r, 0, wrong, "can't be rewritten", err);
}

static bool rewrite(struct oh_rewriting *r, struct oh_buf *out, struct oh_error *err)
{
	if (!note_edits(r, err))
		return false;
	if (!apply(r, out))
		return oh_rewriting_refuse(
			r, 0, "down_revision", "is given to another name as well", err);
	return check(r, oh_buf_slice(out), err);
}

bool oh_alembic_rewrite(struct oh_arena *arena, const struct oh_file *file,
	const struct oh_rewrite *want, struct oh_slice *bytes, struct oh_error *err)
{
	static const struct oh_renames no_renames;
	struct oh_arena scratch = {0};
	struct oh_rewriting r = {.scratch = &scratch,
		.file = file,
		.renames = want->renames ? want->renames : &no_renames};
	struct oh_buf out = {.arena = &scratch};
	struct oh_migration before;
	bool ok = read_back(&r, file->bytes, &before, err);

	if (ok) {
		r.before = &before;
		r.id = want->id.len ? want->id : before.id;
		r.parents = once(&r, want->parents ? want->parents : &before.parents);
		r.depends_on = renamed(&r, &before.depends_on);
		ok = rewrite(&r, &out, err);
	}
	if (ok)
		*bytes = oh_slice_dup(arena, oh_buf_slice(&out));
	oh_arena_drop(&scratch);
	return ok;
}

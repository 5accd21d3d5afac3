#include "adapters/alembic/parse.h"

#include "adapters/alembic/digest.h"
#include "adapters/alembic/effects.h"
#include "adapters/alembic/text.h"
#include "adapters/python/reader.h"

#define MOST_CONSTANTS 8 /* a constant that names a constant that … */

/* One file that is being read. */
struct reading {
	struct oh_arena *arena; /* of what is put out */
	struct oh_arena scratch; /* of what is dropped behind this file */
	const struct oh_file *file;
	struct oh_py_module module;
	struct oh_migration migration;
	struct oh_unreadables *unreadable;
	bool failed;
};

/* How a value could be taken. */
enum taken {
	TAKEN,
	COMPUTED, /* Alembic, which runs the file, may know it */
	WRONG /* Alembic fails as well */
};

bool oh_alembic_is_migration(const struct oh_location *location, struct oh_slice path)
{
	const struct oh_slice name = oh_path_name(path);

	(void)location;
	return oh_slice_has_suffix(name, OH_SLICE(".py")) &&
	       !oh_slice_has_prefix(name, OH_SLICE(".#")) &&
	       !oh_slice_has_prefix(name, OH_SLICE("__init__")) &&
	       oh_slice_find_byte(name, '\n', 0) == name.len &&
	       !oh_slice_has_suffix(oh_path_directory(path), OH_SLICE("__pycache__"));
}

/* Nothing of the file counts once this was called. */
static void give_up(struct reading *r, unsigned line, bool computed, const char *why)
{
	if (!r->failed)
		OH_PUSH(r->arena, r->unreadable,
			(struct oh_unreadable){oh_slice_dup(r->arena, r->file->path), line,
				oh_slice_dup(r->arena, oh_slice_of(why)), computed});
	r->failed = true;
}

static void give_up_name(
	struct reading *r, const char *name, unsigned line, bool computed, const char *why)
{
	give_up(r, line, computed, oh_slice_printf(&r->scratch, "%s %s", name, why).ptr);
}

/* The value of a name of the module that is bound once, by an assignment before USE. */
static const struct oh_py_value *constant(
	const struct reading *r, struct oh_slice name, const struct oh_py_value *use)
{
	const struct oh_py_binding *found = NULL;

	for (size_t i = 0; i < r->module.bindings.count; i++) {
		const struct oh_py_binding *b = &r->module.bindings.items[i];

		if (oh_slice_eq(b->name, OH_SLICE("*")))
			return NULL;
		if (!oh_slice_eq(b->name, name))
			continue;
		if (found)
			return NULL;
		found = b;
	}
	if (!found || found->how != OH_PY_ASSIGNED || !found->value)
		return NULL;
	return found->value->start < use->start ? found->value : NULL;
}

static const struct oh_py_value *follow(const struct reading *r, const struct oh_py_value *value)
{
	for (int i = 0; value->kind == OH_PY_NAME && i < MOST_CONSTANTS; i++) {
		const struct oh_py_value *next = constant(r, value->text, value);

		if (!next)
			return value;
		value = next;
	}
	return value;
}

static enum taken take_string(
	struct reading *r, const struct oh_py_value *value, struct oh_slice *out)
{
	value = follow(r, value);
	switch (value->kind) {
	case OH_PY_STRING:
		*out = oh_slice_dup(r->arena, value->text);
		return TAKEN;
	case OH_PY_NAME:
	case OH_PY_CALL:
	case OH_PY_STARRED:
	case OH_PY_OTHER:
		return COMPUTED;
	default:
		return WRONG;
	}
}

static bool is_display(const struct oh_py_value *value)
{
	return value->kind == OH_PY_TUPLE || value->kind == OH_PY_LIST || value->kind == OH_PY_SET;
}

/* None, a string, or a tuple, list or set of strings. */
static enum taken take_strings(
	struct reading *r, const struct oh_py_value *value, struct oh_slices *out)
{
	struct oh_slice text;
	enum taken taken;

	value = follow(r, value);
	if (value->kind == OH_PY_NONE)
		return TAKEN;
	if (!is_display(value)) {
		taken = take_string(r, value, &text);
		if (taken == TAKEN)
			OH_PUSH(r->arena, out, text);
		return taken;
	}
	if (value->count == 1 && follow(r, &value->items[0])->kind == OH_PY_NONE)
		return TAKEN; /* (None,) is None for Alembic */
	for (size_t i = 0; i < value->count; i++) {
		taken = take_string(r, &value->items[i], &text);
		if (taken != TAKEN)
			return taken;
		if (!oh_slices_contain(out, text))
			OH_PUSH(r->arena, out, text);
	}
	return TAKEN;
}

/* `from x import *` behind the last assignment of NAME may bind it as well. */
static bool star_follows(const struct reading *r, const struct oh_py_binding *binding)
{
	const struct oh_py_binding *star = oh_py_binding(&r->module, OH_SLICE("*"));

	return star && (!binding || star > binding);
}

/* The value of a name that Alembic looks for; NULL where it is not there, or can't be known. */
static const struct oh_py_value *find(struct reading *r, const char *name, unsigned *line)
{
	const struct oh_py_binding *b = oh_py_binding(&r->module, oh_slice_of(name));

	if (star_follows(r, b)) {
		const struct oh_py_binding *star = oh_py_binding(&r->module, OH_SLICE("*"));

		give_up_name(r, name, star->line, true, "may come from an import of everything");
		return NULL;
	}
	if (!b)
		return NULL;
	*line = b->line;
	if (b->how == OH_PY_CONDITIONAL)
		give_up_name(r, name, b->line, true, "is set under a condition");
	else if (b->how == OH_PY_OTHERWISE)
		give_up_name(r, name, b->line, true, "is not simply assigned");
	else if (!b->value)
		give_up_name(r, name, b->line, true, "is computed");
	return r->failed ? NULL : b->value;
}

static void judge(struct reading *r, const char *name, unsigned line, enum taken taken)
{
	if (taken == COMPUTED)
		give_up_name(r, name, line, true, "is computed");
	else if (taken == WRONG)
		give_up_name(r, name, line, false, "is not a string");
}

/* Names without a `revision` were the ids, before Alembic 0.2. */
static void take_id_from_name(struct reading *r)
{
	const struct oh_slice name = oh_path_name(r->file->path);
	const struct oh_slice stem = oh_slice_sub(name, 0, name.len > 3 ? name.len - 3 : 0);

	for (size_t i = 0; i < stem.len; i++)
		if (oh_slice_find_byte(OH_SLICE("abcdef0123456789"), stem.ptr[i], 0) == 16) {
			give_up(r, 0, false, "it has no revision");
			return;
		}
	if (!stem.len)
		give_up(r, 0, false, "it has no revision");
	r->migration.id = oh_slice_dup(r->arena, stem);
}

static void check_id(struct reading *r)
{
	const struct oh_slice id = r->migration.id;
	static const char illegal[] = "@-+";

	for (const char *c = illegal; *c; c++)
		if (oh_slice_find_byte(id, *c, 0) < id.len)
			give_up(r, r->migration.line, false,
				oh_slice_printf(&r->scratch,
					"revision has '%c' in it, which Alembic refuses", *c)
					.ptr);
	if (!id.len)
		give_up(r, r->migration.line, true, "revision is empty");
	else if (oh_slice_eq(id, OH_SLICE("base")))
		give_up(r, r->migration.line, false, "revision is `base`, which Alembic refuses");
}

static void take_id(struct reading *r)
{
	const struct oh_py_value *value = find(r, "revision", &r->migration.line);

	if (!value && !r->failed)
		take_id_from_name(r);
	else if (value)
		judge(r, "revision", r->migration.line, take_string(r, value, &r->migration.id));
	if (!r->failed)
		check_id(r);
}

static void take_parents(struct reading *r)
{
	struct oh_migration *m = &r->migration;
	const struct oh_py_value *value = find(r, "down_revision", &m->parents_line);

	if (!value) {
		give_up(r, 0, false, "it has no down_revision");
		return;
	}
	judge(r, "down_revision", m->parents_line, take_strings(r, value, &m->parents));
	if (oh_slices_contain(&m->parents, OH_SLICE("")))
		give_up(r, m->parents_line, true,
			"down_revision is an empty string, which is a base for some versions of "
			"Alembic");
	if (oh_slices_contain(&m->parents, m->id))
		give_up(r, m->parents_line, false, "it is its own down_revision");
}

/* depends_on and branch_labels. */
static void take_optional(struct reading *r, const char *name, struct oh_slices *out)
{
	unsigned line = 0;
	const struct oh_py_value *value = find(r, name, &line);

	if (value)
		judge(r, name, line, take_strings(r, value, out));
}

static void take_text(struct reading *r)
{
	const struct oh_py_value *docstring = r->module.docstring;
	const struct oh_slice word = OH_SLICE("Create Date:");
	struct oh_migration *m = &r->migration;
	struct oh_slice rest, line;

	if (!docstring || docstring->kind != OH_PY_STRING)
		return;
	rest = docstring->text;
	while (oh_slice_next_line(&rest, &line)) {
		line = oh_text_strip(line);
		if (!m->title.len)
			m->title = oh_slice_dup(r->arena, line);
		if (!m->date.len && oh_slice_cut_prefix(&line, word))
			m->date = oh_slice_dup(r->arena, oh_text_strip(line));
	}
}

static void take_body(struct reading *r)
{
	const struct oh_module_text text = {&r->module, &r->scratch};

	oh_alembic_effects(r->arena, &text, &r->migration.body);
	r->migration.body.digest = oh_slice_dup(r->arena, oh_alembic_digest(&text));
}

static void take_all(struct reading *r, enum oh_depth depth)
{
	take_id(r);
	if (!r->failed)
		take_parents(r);
	if (!r->failed)
		take_optional(r, "depends_on", &r->migration.depends_on);
	if (!r->failed)
		take_optional(r, "branch_labels", &r->migration.labels);
	if (!r->failed && depth >= OH_READ_TEXT)
		take_text(r);
	if (!r->failed && depth >= OH_READ_BODY)
		take_body(r);
}

void oh_alembic_parse(struct oh_arena *arena, const struct oh_file *file, enum oh_depth depth,
	struct oh_migrations *out, struct oh_unreadables *unreadable)
{
	struct reading r = {.arena = arena, .file = file, .unreadable = unreadable};

	oh_py_read(&r.module, &r.scratch, file->bytes,
		depth >= OH_READ_BODY ? OH_PY_CALLS : OH_PY_BINDINGS);
	if (r.module.problem.line)
		give_up(&r, r.module.problem.line, false,
			oh_slice_printf(&r.scratch, "not Python: %s", r.module.problem.message)
				.ptr);
	else
		take_all(&r, depth);
	if (!r.failed) {
		r.migration.path = oh_slice_dup(arena, file->path);
		r.migration.content = oh_slice_dup(arena, file->content);
		OH_PUSH(arena, out, r.migration);
	}
	oh_arena_drop(&r.scratch);
}

#include "adapters/alembic/merge_revision.h"

#include "adapters/alembic/literal.h"
#include "adapters/alembic/naming.h"
#include "base/digest.h"

#include <stdlib.h>

#define FORM OH_SLICE("onehead-merge-1\n")
#define ID_DIGITS 12

/* What is being made. */
struct making {
	struct oh_arena *arena;
	const struct oh_location *location;
	const struct oh_migration **parents; /* sorted by id */
	size_t count;
	struct oh_slices slugs;
	struct oh_naming naming;
	struct oh_slice date; /* as written; "" for none */
};

static int cmp_by_id(const void *a, const void *b)
{
	const struct oh_migration *x = *(const struct oh_migration *const *)a;
	const struct oh_migration *y = *(const struct oh_migration *const *)b;

	return oh_slice_cmp(x->id, y->id);
}

static void sort_parents(struct making *m, const struct oh_migration *const *parents, size_t count)
{
	m->parents = oh_arena_alloc(m->arena, (count + 1) * sizeof(struct oh_migration *));
	m->count = count;
	for (size_t i = 0; i < count; i++)
		m->parents[i] = parents[i];
	qsort(m->parents, count, sizeof(struct oh_migration *), cmp_by_id);
}

static struct oh_slice make_id(const struct making *m)
{
	struct oh_buf buf = {.arena = m->arena};

	oh_buf_add(&buf, FORM);
	for (size_t i = 0; i < m->count; i++) {
		oh_buf_add(&buf, m->parents[i]->id);
		oh_buf_add(&buf, OH_SLICE("\n"));
	}
	return oh_slice_sub(oh_digest_sha256(m->arena, oh_buf_slice(&buf)), 0, ID_DIGITS);
}

static struct oh_slice slug_of(const struct making *m, struct oh_slice text)
{
	struct oh_slice slug = oh_naming_slug(m->arena, text, OH_NAMING_SLUG);

	while (oh_slice_has_suffix(slug, OH_SLICE("_")))
		slug.len--;
	return slug;
}

static bool is_ambiguous(const struct oh_slices *slugs, size_t at)
{
	for (size_t i = 0; i < slugs->count; i++)
		if (i != at && oh_slice_eq(slugs->items[i], slugs->items[at]))
			return true;
	return !slugs->items[at].len || oh_slice_eq(slugs->items[at], OH_SLICE("empty_message"));
}

static void make_slugs(struct making *m)
{
	struct oh_slices titles = {0};

	for (size_t i = 0; i < m->count; i++)
		OH_PUSH(m->arena, &titles, slug_of(m, m->parents[i]->title));
	for (size_t i = 0; i < m->count; i++) {
		struct oh_slice slug = titles.items[i];

		if (is_ambiguous(&titles, i))
			slug = slug_of(m, m->parents[i]->id);
		OH_PUSH(m->arena, &m->slugs, slug.len ? slug : OH_SLICE("revision"));
	}
}

static struct oh_slice make_message(const struct making *m)
{
	struct oh_buf buf = {.arena = m->arena};

	for (size_t i = 0; i < m->count; i++) {
		oh_buf_add(&buf, i == 0		    ? OH_SLICE("merge ")
				 : i + 1 < m->count ? OH_SLICE(", ")
						    : OH_SLICE(" and "));
		oh_buf_add(&buf, m->slugs.items[i]);
	}
	return oh_buf_slice(&buf);
}

/* The latest date; of two texts for one moment the greater. */
static void find_date(struct making *m)
{
	struct oh_date date;

	m->naming.date = OH_DATE_NONE;
	for (size_t i = 0; i < m->count; i++) {
		const struct oh_slice text = m->parents[i]->date;
		int order;

		if (!oh_date_parse(text, &date))
			continue;
		order = m->date.len ? oh_date_cmp(&date, &m->naming.date) : 1;
		if (order < 0 || (order == 0 && oh_slice_cmp(text, m->date) <= 0))
			continue;
		m->naming.date = date;
		m->date = text;
	}
}

static void add_docstring(struct oh_buf *out, const struct making *m)
{
	oh_buf_add(out, OH_SLICE("\"\"\""));
	oh_buf_add(out, m->naming.message);
	oh_buf_add(out, OH_SLICE("\n\nRevision ID: "));
	oh_buf_add(out, m->naming.rev);
	oh_buf_add(out, OH_SLICE("\nRevises: "));
	for (size_t i = 0; i < m->count; i++) {
		oh_buf_add(out, i ? OH_SLICE(", ") : OH_SLICE(""));
		oh_literal_docstring(out, m->parents[i]->id);
	}
	if (m->date.len) {
		oh_buf_add(out, OH_SLICE("\nCreate Date: "));
		oh_literal_docstring(out, m->date);
	}
	oh_buf_add(out, OH_SLICE("\n\nReconciles:\n"));
	for (size_t i = 0; i < m->count; i++) {
		oh_buf_add(out, OH_SLICE("- "));
		oh_literal_docstring(out, m->parents[i]->id);
		oh_buf_add(out, m->parents[i]->title.len ? OH_SLICE(": ") : OH_SLICE(""));
		oh_literal_docstring(out, m->parents[i]->title);
		oh_buf_add(out, OH_SLICE("\n"));
	}
	oh_buf_add(out, OH_SLICE("\"\"\"\n\n"));
}

static void add_identifiers(struct oh_buf *out, const struct making *m)
{
	oh_buf_add(out, OH_SLICE("from typing import Sequence, Union\n\n"
				 "# revision identifiers, used by Alembic.\n"
				 "revision: str = "));
	oh_literal_string(out, m->naming.rev);
	oh_buf_add(out, OH_SLICE("\ndown_revision: Union[str, Sequence[str], None] = (\n"));
	for (size_t i = 0; i < m->count; i++) {
		oh_buf_add(out, OH_SLICE("    "));
		oh_literal_string(out, m->parents[i]->id);
		oh_buf_add(out, OH_SLICE(",\n"));
	}
	oh_buf_add(out, OH_SLICE(")\n"
				 "branch_labels: Union[str, Sequence[str], None] = None\n"
				 "depends_on: Union[str, Sequence[str], None] = None\n\n\n"));
}

static const char functions[] =
	"def upgrade() -> None:\n"
	"    \"\"\"Merge point: the lines were applied before, nothing is changed.\"\"\"\n"
	"    pass\n"
	"\n\n"
	"def downgrade() -> None:\n"
	"    \"\"\"Back to several heads, nothing is changed.\"\"\"\n"
	"    pass\n";

static struct oh_slice make_bytes(const struct making *m)
{
	struct oh_buf out = {.arena = m->arena};

	add_docstring(&out, m);
	add_identifiers(&out, m);
	oh_buf_add(&out, oh_slice_of(functions));
	return oh_buf_slice(&out);
}

/* The version location that PATH lies in. */
static struct oh_slice version_location_of(const struct making *m, struct oh_slice path)
{
	const struct oh_slices *versions = &m->location->versions;
	struct oh_slice best = OH_SLICE("");

	for (size_t i = 0; i < versions->count; i++) {
		struct oh_slice rest = path;

		if (oh_slice_cut_prefix(&rest, versions->items[i]) &&
			oh_slice_has_prefix(rest, OH_SLICE("/")) &&
			versions->items[i].len > best.len)
			best = versions->items[i];
	}
	return best.len ? best : oh_path_directory(path);
}

static struct oh_slice first_version_location(const struct making *m)
{
	if (m->location->versions.count)
		return m->location->versions.items[0];
	return oh_path_join(m->arena, m->location->directory, OH_SLICE("versions"));
}

static struct oh_slice find_directory(const struct making *m, bool has_subdirectory)
{
	struct oh_slice common = OH_SLICE("");

	for (size_t i = 0; i < m->count; i++) {
		const struct oh_slice path = m->parents[i]->path;
		const struct oh_slice here =
			has_subdirectory ? version_location_of(m, path) : oh_path_directory(path);

		if (i && !oh_slice_eq(here, common))
			return first_version_location(m);
		common = here;
	}
	return common;
}

struct oh_new_file oh_alembic_merge_revision(struct oh_arena *arena,
	const struct oh_location *location, const struct oh_migration *const *parents, size_t count)
{
	struct making m = {.arena = arena, .location = location};
	struct oh_slice name;

	sort_parents(&m, parents, count);
	m.naming.rev = make_id(&m);
	make_slugs(&m);
	m.naming.message = make_message(&m);
	find_date(&m);
	name = oh_naming_path(arena, location, &m.naming);
	return (struct oh_new_file){
		.path = oh_path_join(arena,
			find_directory(&m, oh_slice_find_byte(name, '/', 0) < name.len), name),
		.bytes = make_bytes(&m),
		.id = m.naming.rev,
	};
}

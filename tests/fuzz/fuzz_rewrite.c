/*
 * Any bytes as a migration file that is to say other ids, the first line being one of them: it is
 * refused, or what comes out says what was wanted and nothing else otherwise. To say the same
 * again is to change nothing.
 */
#include "adapters/adapter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PATH OH_SLICE("db/versions/0042_a.py")

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* NULL where BYTES are no migration. */
static const struct oh_migration *parse(struct oh_arena *arena, struct oh_slice bytes)
{
	const struct oh_file file = {PATH, bytes, OH_SLICE("")};
	struct oh_migrations *out = oh_arena_alloc(arena, sizeof(*out));
	struct oh_unreadables unreadable = {0};

	oh_adapter_alembic.parse(arena, &file, OH_READ_BODY, out, &unreadable);
	return out->count ? out->items : NULL;
}

/* From memory that is gone afterwards. */
static bool rewrite(struct oh_arena *arena, struct oh_slice bytes, const struct oh_rewrite *want,
	struct oh_slice *out)
{
	char *copy = malloc(bytes.len + 1);
	const struct oh_file file = {PATH, {copy, bytes.len}, OH_SLICE("")};
	struct oh_error err = {0};
	bool ok;

	must(copy != NULL);
	if (bytes.len)
		memcpy(copy, bytes.ptr, bytes.len);
	ok = oh_adapter_alembic.rewrite(arena, &file, want, out, &err);
	must(ok || (err.code == OH_E_UNSUPPORTED && err.message[0]));
	free(copy);
	return ok;
}

static bool are_equal(const struct oh_slices *a, const struct oh_slices *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (!oh_slice_eq(a->items[i], b->items[i]))
			return false;
	return a->count == b->count;
}

static struct oh_slices renamed(
	struct oh_arena *arena, const struct oh_slices *ids, const struct oh_rename *rename)
{
	struct oh_slices out = {0};

	for (size_t i = 0; i < ids->count; i++) {
		const struct oh_slice id =
			oh_slice_eq(ids->items[i], rename->from) ? rename->to : ids->items[i];

		if (!oh_slices_contain(&out, id))
			OH_PUSH(arena, &out, id);
	}
	return out;
}

static void check(struct oh_arena *arena, const struct oh_migration *before, struct oh_slice bytes,
	const struct oh_rewrite *want)
{
	const struct oh_slices depends_on =
		renamed(arena, &before->depends_on, &want->renames->items[0]);
	const struct oh_migration *after;
	struct oh_slice result, again;

	if (!rewrite(arena, bytes, want, &result))
		return;
	after = parse(arena, result);
	must(after != NULL);
	must(oh_slice_eq(after->id, want->id));
	must(are_equal(&after->parents, want->parents));
	must(are_equal(&after->depends_on, &depends_on));
	must(are_equal(&after->labels, &before->labels));
	must(oh_slice_eq(after->date, before->date));
	must(oh_slice_eq(after->body.digest, before->body.digest));
	if (rewrite(arena, result, want, &again) &&
		!oh_slices_contain(&depends_on, want->renames->items[0].from))
		must(oh_slice_eq(result, again));
}

/* Nothing is to change: nothing does, whatever the form. */
static void check_same(struct oh_arena *arena, const struct oh_migration *m, struct oh_slice bytes)
{
	const struct oh_rewrite want = {.id = m->id, .parents = &m->parents};
	struct oh_slice result;

	must(rewrite(arena, bytes, &want, &result));
	must(oh_slice_eq(result, bytes));
}

static bool has_twice(const struct oh_slices *list)
{
	for (size_t i = 1; i < list->count; i++)
		for (size_t k = 0; k < i; k++)
			if (oh_slice_eq(list->items[i], list->items[k]))
				return true;
	return false;
}

static void check_all(struct oh_arena *arena, const struct oh_migration *m, struct oh_slice bytes,
	struct oh_slice id)
{
	struct oh_slice parents[] = {OH_SLICE("0041_b"), id, OH_SLICE("it's"),
		m->parents.count ? m->parents.items[m->parents.count - 1] : OH_SLICE("q")};
	struct oh_rename rename = {
		m->depends_on.count ? m->depends_on.items[0] : OH_SLICE("x"), OH_SLICE("0041_b")};
	const struct oh_renames renames = {&rename, 1, 1};
	struct oh_rewrite want = {.id = id, .parents = &m->parents, .renames = &renames};

	if (id.len)
		check(arena, m, bytes, &want);
	for (size_t from = 0; from < 4; from++)
		for (size_t count = 0; from + count <= 4; count++) {
			const struct oh_slices list = {parents + from, count, count};

			want.parents = &list;
			want.id = count % 2 ? m->id : OH_SLICE("0043_c");
			if (!has_twice(&list))
				check(arena, m, bytes, &want);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oh_arena arena = {0};
	struct oh_slice bytes = {(const char *)data, size}, id = OH_SLICE(""), result;
	const struct oh_migration *m;
	const struct oh_rewrite nothing = {0};

	(void)oh_slice_next(&bytes, '\n', &id);
	m = parse(&arena, bytes);
	if (m) {
		check_same(&arena, m, bytes);
		check_all(&arena, m, bytes, id);
	} else {
		must(!rewrite(&arena, bytes, &nothing, &result));
	}
	oh_arena_drop(&arena);
	return 0;
}

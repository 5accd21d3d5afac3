/*
 * Any bytes as a migration file: either a migration or a reason, never both, and nothing of the
 * file is kept. What was read can be a parent of a merge revision, which reads back as it was
 * meant, whatever stands in the ids, titles and dates.
 */
#include "adapters/adapter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* DATA parsed from memory that is gone afterwards. */
static void parse(struct oh_arena *arena, struct oh_slice bytes, struct oh_migrations *out,
	struct oh_unreadables *unreadable)
{
	char *copy = malloc(bytes.len + 1);
	const struct oh_file file = {OH_SLICE("db/versions/a.py"), {copy, bytes.len}, OH_SLICE("")};

	must(copy != NULL);
	if (bytes.len)
		memcpy(copy, bytes.ptr, bytes.len);
	oh_adapter_alembic.parse(arena, &file, OH_READ_BODY, out, unreadable);
	free(copy);
}

static size_t touch(struct oh_slice s)
{
	size_t sum = 0;

	for (size_t i = 0; i < s.len; i++)
		sum += (unsigned char)s.ptr[i];
	return sum;
}

static size_t touch_all(const struct oh_slices *list)
{
	size_t sum = 0;

	for (size_t i = 0; i < list->count; i++)
		sum += touch(list->items[i]);
	return sum;
}

/* Reads every byte of the value, so that a sanitizer sees what was borrowed. */
static size_t touch_migration(const struct oh_migration *m)
{
	size_t sum = touch(m->id) + touch(m->title) + touch(m->date) + touch(m->path);

	sum += touch_all(&m->parents) + touch_all(&m->depends_on) + touch_all(&m->labels);
	for (size_t i = 0; i < m->body.effects.count; i++) {
		const struct oh_effect *e = &m->body.effects.items[i];

		sum += touch(e->schema) + touch(e->table) + touch(e->name) + touch(e->call);
	}
	for (size_t i = 0; i < m->body.unknowns.count; i++)
		sum += touch(m->body.unknowns.items[i].what);
	return sum + touch(m->body.digest);
}

static void check_merge(struct oh_arena *arena, const struct oh_migration *m)
{
	const struct oh_migration other = {
		.id = OH_SLICE("~"), .path = OH_SLICE("db/versions/b.py")};
	const struct oh_migration *const parents[] = {m, &other};
	struct oh_slice versions[] = {OH_SLICE("db/versions")};
	struct oh_location location = {.directory = OH_SLICE("db"),
		.versions = {versions, 1, 1},
		.file_template = m->title};
	struct oh_migrations back = {0};
	struct oh_unreadables unreadable = {0};
	const struct oh_new_file file =
		oh_adapter_alembic.merge_revision(arena, &location, parents, 2);

	must(oh_adapter_alembic.is_migration(&location, file.path));
	must(oh_slice_has_prefix(file.path, OH_SLICE("db/versions/")));
	must(oh_slice_rfind_byte(file.path, '/') == 11);
	parse(arena, file.bytes, &back, &unreadable);
	must(back.count == 1 && !unreadable.count);
	must(oh_slice_eq(back.items[0].id, file.id) && back.items[0].body.does_nothing);
	must(back.items[0].parents.count == 2);
	must(oh_slices_contain(&back.items[0].parents, m->id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oh_arena arena = {0};
	struct oh_migrations migrations = {0};
	struct oh_unreadables unreadable = {0};
	size_t sum = 0;

	parse(&arena, (struct oh_slice){(const char *)data, size}, &migrations, &unreadable);
	must(migrations.count + unreadable.count == 1);
	if (migrations.count) {
		const struct oh_migration *m = migrations.items;

		sum += touch_migration(m);
		must(m->body.digest.len == 64);
		must(!m->body.does_nothing || !(m->body.effects.count + m->body.unknowns.count));
		if (!oh_slice_eq(m->id, OH_SLICE("~")))
			check_merge(&arena, m);
	} else {
		sum += touch(unreadable.items[0].why) + touch(unreadable.items[0].path);
	}
	must(sum != SIZE_MAX); /* it is computed, then */
	oh_arena_drop(&arena);
	return 0;
}

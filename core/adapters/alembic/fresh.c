#include "adapters/alembic/fresh.h"

#include "adapters/alembic/naming.h"
#include "adapters/alembic/number.h"

#include <stdlib.h>

#define HIGHEST OH_SLICE("99999")
#define MOST_GAPS 1000

static struct oh_new_name number(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migrations *taken, const struct oh_migration *one)
{
	struct oh_new_name name;

	oh_alembic_number(arena, location, taken, &one, 1, &name);
	return name;
}

/* Numbers give way to one that is higher than all; other ids stay. */
static bool is_number(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migration *migration)
{
	struct oh_migration highest = {.id = HIGHEST, .path = OH_SLICE("")};
	const struct oh_migrations taken = {&highest, 1, 1};
	const struct oh_new_name name = number(arena, location, &taken, migration);

	return migration->id.len && !oh_slice_eq(name.id, migration->id);
}

static bool has_number(struct oh_slice id, struct oh_slice number)
{
	return oh_slice_has_prefix(id, number) &&
	       (id.len == number.len || id.ptr[number.len] < '0' || id.ptr[number.len] > '9');
}

/* The last one below NEXT, written as NEXT is; NULL where there is none near. */
static const struct oh_migration *find_last(
	struct oh_arena *arena, const struct oh_migrations *taken, struct oh_slice next)
{
	unsigned long n = strtoul(oh_slice_str(arena, next), NULL, 10);

	for (size_t gap = 0; n-- > 0 && gap < MOST_GAPS; gap++) {
		const struct oh_slice text = oh_slice_printf(arena, "%0*lu", (int)next.len, n);

		for (size_t i = 0; i < taken->count; i++)
			if (has_number(taken->items[i].id, text))
				return &taken->items[i];
	}
	return NULL;
}

static struct oh_slice path_of(struct oh_arena *arena, const struct oh_location *location,
	const struct oh_migration *migration, struct oh_slice id, bool by_id)
{
	const struct oh_slice directory = oh_path_directory(migration->path);
	struct oh_naming naming = {.rev = id, .message = migration->title};

	if (by_id)
		return oh_path_below(
			arena, directory, oh_slice_printf(arena, OH_FMT ".py", OH_ARG(id)));
	if (!oh_date_parse(migration->date, &naming.date))
		naming.date = OH_DATE_NONE;
	return oh_path_below(arena, directory, oh_naming_path(arena, location, &naming));
}

struct oh_new_name oh_alembic_next_number(struct oh_arena *arena,
	const struct oh_location *location, const struct oh_migrations *taken,
	const struct oh_migration *migration)
{
	const size_t limit = location->slug_length ? location->slug_length : OH_NAMING_SLUG;
	struct oh_migration fresh = {.id = OH_SLICE("0"), .path = OH_SLICE("")};
	const struct oh_migration *last;
	struct oh_slice slug;
	struct oh_new_name name;
	bool by_id;

	if (is_number(arena, location, migration))
		return number(arena, location, taken, migration);
	name = number(arena, location, taken, &fresh);
	last = find_last(arena, taken, name.id);
	slug = oh_naming_slug(arena, migration->title, limit);
	by_id = last && oh_slice_eq(oh_naming_stem(last->path), last->id);
	if (last && last->id.len > name.id.len && slug.len) {
		fresh.id = oh_slice_printf(arena, "0_" OH_FMT, OH_ARG(slug));
		name = number(arena, location, taken, &fresh);
		by_id = true;
	}
	name.path = path_of(arena, location, migration, name.id, by_id);
	return name;
}

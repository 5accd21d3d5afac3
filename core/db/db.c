#include "db/db.h"

#include "base/module.h"
#include "db/backend.h"

struct oh_db {
	const struct oh_db_backend *backend;
	void *state;
};

static const struct kind {
	const char *name, *module, *symbol;
} kinds[] = {
	{"sqlite", "onehead-sqlite", "oh_db_sqlite"},
	{"postgresql", "onehead-postgres", "oh_db_postgres"},
	{"postgres", "onehead-postgres", "oh_db_postgres"},
};

static const struct kind *find_kind(struct oh_slice name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (oh_slice_eq(name, oh_slice_of(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

bool oh_db_open(struct oh_db **out, struct oh_arena *arena, struct oh_slice url,
	struct oh_slice root, struct oh_error *err)
{
	struct oh_db *db = oh_arena_alloc(arena, sizeof(*db));
	const struct kind *kind;
	struct oh_url parsed;

	*out = NULL;
	if (!oh_url_parse(arena, url, &parsed, err))
		return false;
	kind = find_kind(parsed.kind);
	if (!kind)
		return oh_fail(err, OH_E_USAGE,
			"a database of kind %s can't be read: SQLite and PostgreSQL can",
			oh_slice_str(arena, parsed.kind));
	db->backend = oh_module_symbol(kind->module, kind->symbol, err);
	if (!db->backend)
		return oh_wrap(err, "reading %s databases", kind->name);
	if (!db->backend->open(&db->state, arena, &parsed, root, err))
		return false;
	*out = db;
	return true;
}

void oh_db_close(struct oh_db *db)
{
	if (db)
		db->backend->close(db->state);
}

static bool check_rows(const struct oh_slices *rows, const char *table, struct oh_error *err)
{
	if (rows->count > OH_DB_MAX_ROWS)
		return oh_fail(err, OH_E_FORMAT,
			"%s has more than %d rows: that is no version table", table,
			OH_DB_MAX_ROWS);
	for (size_t i = 0; i < rows->count; i++)
		if (rows->items[i].len == 0)
			return oh_fail(err, OH_E_FORMAT, "%s has a row without an id", table);
	return true;
}

bool oh_db_applied(struct oh_db *db, struct oh_arena *arena, struct oh_slice table,
	struct oh_slices *out, struct oh_error *err)
{
	const size_t dot = oh_slice_find_byte(table, '.', 0);
	struct oh_db_table parts = {.name = table};

	*out = (struct oh_slices){0};
	if (dot < table.len) {
		parts.schema = oh_slice_sub(table, 0, dot);
		parts.name = oh_slice_sub(table, dot + 1, table.len);
	}
	if (parts.name.len == 0 || (dot < table.len && parts.schema.len == 0))
		return oh_fail(err, OH_E_USAGE, "no name of a version table: \"%s\"",
			oh_slice_str(arena, table));
	if (!db->backend->applied(db->state, arena, &parts, out, err))
		return false;
	if (!check_rows(out, oh_slice_str(arena, table), err))
		return false;
	oh_slices_sort(out);
	return true;
}

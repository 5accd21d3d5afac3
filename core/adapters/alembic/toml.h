/*
 * What [tool.alembic] in a pyproject.toml says. A reader of the subset that such a table needs,
 * judged by Python's tomllib: tables, dotted and quoted keys, all four kinds of strings, arrays,
 * inline tables, booleans and integers. Everything else (dates, floats, other tables) is passed
 * over, as far as that is needed to find the table's own keys; so a file that is not TOML in
 * some other place is read all the same.
 *
 *	struct oh_toml toml;
 *	oh_toml_read(&toml, arena, bytes, &table);	// table: the keys "tool", "alembic"
 *	const struct oh_toml_entry *e = oh_toml_get(&toml, OH_SLICE("script_location"));
 */
#ifndef OH_ADAPTERS_ALEMBIC_TOML_H
#define OH_ADAPTERS_ALEMBIC_TOML_H

#include "base/slice.h"

enum oh_toml_kind {
	OH_TOML_STRING, /* text, decoded */
	OH_TOML_STRINGS, /* items: an array of nothing but strings; maybe empty */
	OH_TOML_TRUE,
	OH_TOML_FALSE,
	OH_TOML_INTEGER, /* number */
	OH_TOML_OTHER /* a value of another kind, text as written where it is a bare word */
};

struct oh_toml_entry {
	struct oh_slice key;
	enum oh_toml_kind kind;
	struct oh_slice text;
	struct oh_slices items;
	long long number;
	unsigned line; /* 1-based: where the key stands */
};

struct oh_toml {
	bool found; /* the table is there, be it empty */
	const char *problem; /* why the file can't be read; NULL where it can */
	unsigned problem_line;
	struct {
		struct oh_toml_entry *items;
		size_t count, capacity;
	} entries; /* the table's own keys; not those of tables in it */
};

/* Borrows from BYTES. */
void oh_toml_read(struct oh_toml *toml, struct oh_arena *arena, struct oh_slice bytes,
	const struct oh_slices *table);
const struct oh_toml_entry *oh_toml_get(const struct oh_toml *toml, struct oh_slice key);

#endif

#include "adapters/alembic/toml.h"

#include "adapters/alembic/toml_value.h"

/* Where the reader stands. */
struct reader {
	struct oh_toml_scanner scan;
	struct oh_toml *toml;
	const struct oh_slices *table; /* what is looked for */
	struct oh_slices prefix; /* the keys of the [header] that is in force */
	unsigned depth; /* of inline tables */
};

#define MOST_DEPTH 64
#define MOST_ENTRIES 1000

static bool read_pair(struct reader *r, const struct oh_slices *prefix);

/* Is KEYS the table that is looked for, or something in it? */
static bool is_below(const struct reader *r, const struct oh_slices *keys)
{
	if (keys->count < r->table->count)
		return false;
	for (size_t i = 0; i < r->table->count; i++)
		if (!oh_slice_eq(keys->items[i], r->table->items[i]))
			return false;
	return true;
}

/* PREFIX, and behind it a dotted key up to, not including, what ends it. */
static bool read_key(struct reader *r, const struct oh_slices *prefix, struct oh_slices *out)
{
	struct oh_toml_scanner *scan = &r->scan;
	struct oh_slice part;

	*out = (struct oh_slices){0};
	for (size_t i = 0; prefix && i < prefix->count; i++)
		OH_PUSH(scan->arena, out, prefix->items[i]);
	do {
		oh_toml_skip_blanks(scan);
		if (!oh_toml_scan_key(scan, &part))
			return false;
		OH_PUSH(scan->arena, out, part);
		oh_toml_skip_blanks(scan);
	} while (oh_toml_take(scan, "."));
	return true;
}

/* { key = value, … }: its keys stand below KEYS. */
static bool read_inline_table(struct reader *r, const struct oh_slices *keys)
{
	struct oh_toml_scanner *scan = &r->scan;

	if (++r->depth > MOST_DEPTH)
		return oh_toml_fail(scan, "too many tables in each other");
	oh_toml_skip_blanks(scan);
	if (!oh_toml_take(scan, "}")) {
		do {
			if (!read_pair(r, keys))
				return false;
			oh_toml_skip_blanks(scan);
		} while (oh_toml_take(scan, ","));
		if (!oh_toml_take(scan, "}"))
			return oh_toml_fail(scan, "a table in braces that is not closed");
	}
	r->depth--;
	return true;
}

static bool add_entry(struct reader *r, struct oh_toml_entry entry)
{
	if (r->toml->entries.count == MOST_ENTRIES)
		return oh_toml_fail(&r->scan, "too many keys");
	if (oh_toml_get(r->toml, entry.key))
		return oh_toml_fail(&r->scan, "the key is there twice");
	OH_PUSH(r->scan.arena, &r->toml->entries, entry);
	return true;
}

/* Is KEYS the table or one around it, so that a value there stands in the table's place? */
static bool shadows_table(const struct reader *r, const struct oh_slices *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		if (i >= r->table->count || !oh_slice_eq(keys->items[i], r->table->items[i]))
			return false;
	return true;
}

static bool read_value(struct reader *r, const struct oh_slices *keys, unsigned line)
{
	struct oh_toml_entry entry = {.line = line};

	if (oh_toml_take(&r->scan, "{")) {
		if (is_below(r, keys))
			r->toml->found = true;
		return read_inline_table(r, keys);
	}
	if (!oh_toml_scan_value(&r->scan, &entry))
		return false;
	if (shadows_table(r, keys))
		return oh_toml_fail(&r->scan, "a plain value where a table should be");
	if (!is_below(r, keys))
		return true;
	r->toml->found = true;
	if (keys->count != r->table->count + 1)
		return true;
	entry.key = keys->items[keys->count - 1];
	return add_entry(r, entry);
}

static bool read_pair(struct reader *r, const struct oh_slices *prefix)
{
	const unsigned line = r->scan.line;
	struct oh_slices keys;

	if (!read_key(r, prefix, &keys))
		return false;
	if (!oh_toml_take(&r->scan, "="))
		return oh_toml_fail(&r->scan, "a key without a value");
	oh_toml_skip_blanks(&r->scan);
	return read_value(r, &keys, line);
}

/* Behind the first '['. */
static bool read_header(struct reader *r)
{
	const bool is_array = oh_toml_take(&r->scan, "[");

	if (!read_key(r, NULL, &r->prefix))
		return false;
	if (!oh_toml_take(&r->scan, is_array ? "]]" : "]"))
		return oh_toml_fail(&r->scan, "a header that is not closed");
	if (is_array && shadows_table(r, &r->prefix))
		return oh_toml_fail(&r->scan, "an array of tables where a table should be");
	if (is_below(r, &r->prefix))
		r->toml->found = true;
	return true;
}

/* A header, a pair, or nothing, and the line's end. */
static bool read_line(struct reader *r)
{
	oh_toml_skip_blanks(&r->scan);
	if (oh_toml_take(&r->scan, "[")) {
		if (!read_header(r))
			return false;
	} else if (!oh_toml_at_line_end(&r->scan) && !read_pair(r, &r->prefix)) {
		return false;
	}
	oh_toml_skip_blanks(&r->scan);
	return oh_toml_skip_line_end(&r->scan);
}

void oh_toml_read(struct oh_toml *toml, struct oh_arena *arena, struct oh_slice bytes,
	const struct oh_slices *table)
{
	struct reader r = {
		.scan = {.arena = arena, .text = bytes, .line = 1}, .toml = toml, .table = table};

	*toml = (struct oh_toml){0};
	while (r.scan.at < bytes.len)
		if (!read_line(&r)) {
			toml->problem = r.scan.problem;
			toml->problem_line = r.scan.line;
			return;
		}
}

const struct oh_toml_entry *oh_toml_get(const struct oh_toml *toml, struct oh_slice key)
{
	for (size_t i = 0; i < toml->entries.count; i++)
		if (oh_slice_eq(toml->entries.items[i].key, key))
			return &toml->entries.items[i];
	return NULL;
}

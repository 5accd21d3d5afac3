#include "flow/seen_store.h"

#include "base/buf.h"

#include <string.h>

/*
 * Fields, each ended by a NUL: paths and names of refs hold none. A first field, the key, then
 * records: a letter and its fields. The last one counts those before it.
 */
static const char FIRST[] = "onehead seen 1";
static const char STATES[] = "\0=?-"; /* in the order of enum oh_seen_state */

static bool has_nul(struct oh_slice s)
{
	return oh_slice_find_byte(s, '\0', 0) < s.len;
}

static void add_field(struct oh_buf *out, struct oh_slice field)
{
	oh_buf_add(out, field);
	oh_buf_add(out, (struct oh_slice){"", 1});
}

static void add_fields(struct oh_buf *out, const char *kind, struct oh_slice a, struct oh_slice b)
{
	add_field(out, oh_slice_of(kind));
	add_field(out, a);
	add_field(out, b);
}

/* An id that can't be written is as good as none. */
static void add_file(struct oh_buf *out, const char *kind, const struct oh_seen_file *f)
{
	const bool odd = has_nul(f->id);
	const enum oh_seen_state state = odd ? OH_SEEN_UNREADABLE : f->state;

	add_fields(out, kind, f->ref, f->blob);
	add_field(out, f->path);
	oh_buf_addf(out, "%c", STATES[state]);
	add_field(out, odd ? OH_SLICE("") : f->id);
}

struct oh_slice oh_seen_store_format(
	struct oh_arena *arena, const struct oh_seen_store *s, struct oh_slice key)
{
	struct oh_buf out = {.arena = arena};
	size_t records = s->anchors.count + s->shared.count + s->tips.count + s->commits.count;

	add_field(&out, oh_slice_of(FIRST));
	add_field(&out, key);
	for (size_t i = 0; i < s->anchors.count; i++)
		add_fields(&out, "A", s->anchors.items[i], OH_SLICE(""));
	for (size_t i = 0; i < s->shared.count; i++)
		add_file(&out, "S", &s->shared.items[i]);
	for (size_t i = 0; i < s->tips.count; i++)
		add_fields(&out, "T", s->tips.items[i].id, s->tips.items[i].commit);
	for (size_t i = 0; i < s->commits.count; i++) {
		const struct oh_seen_commit *c = &s->commits.items[i];

		add_fields(&out, "C", c->id, c->parents);
		for (size_t k = 0; k < c->count; k++)
			add_file(&out, "F", &s->files.items[c->first + k]);
		records += c->count;
	}
	oh_buf_addf(&out, "E%c%zu%c", 0, records, 0);
	return oh_buf_slice(&out);
}

static bool next(struct oh_slice *rest, struct oh_slice *field)
{
	return oh_slice_find_byte(*rest, '\0', 0) < rest->len && oh_slice_next(rest, '\0', field);
}

static bool parse_file(
	struct oh_arena *arena, struct oh_slice *rest, bool shared, struct oh_seen_store *out)
{
	struct oh_seen_commit *c =
		out->commits.count ? &out->commits.items[out->commits.count - 1] : NULL;
	struct oh_seen_file f;
	const char *state;

	if (!next(rest, &f.ref) || !next(rest, &f.blob) || !next(rest, &f.path) ||
		!next(rest, &f.id) || !f.id.len)
		return false;
	state = memchr(STATES + 1, f.id.ptr[0], sizeof(STATES) - 2);
	f.id = oh_slice_sub(f.id, 1, f.id.len);
	if (!state || (!shared && !c))
		return false;
	f.state = (enum oh_seen_state)(state - STATES);
	if (shared) {
		OH_PUSH(arena, &out->shared, f);
		return true;
	}
	OH_PUSH(arena, &out->files, f);
	c->count++;
	return true;
}

static bool parse_record(
	struct oh_arena *arena, char kind, struct oh_slice *rest, struct oh_seen_store *out)
{
	struct oh_slice a, b;

	if (kind == 'S' || kind == 'F')
		return parse_file(arena, rest, kind == 'S', out);
	if (!next(rest, &a) || !next(rest, &b))
		return false;
	if (kind == 'A')
		OH_PUSH(arena, &out->anchors, a);
	else if (kind == 'T')
		OH_PUSH(arena, &out->tips, (struct oh_seen_tip){a, b});
	else if (kind == 'C')
		OH_PUSH(arena, &out->commits,
			(struct oh_seen_commit){.id = a, .parents = b, .first = out->files.count});
	else
		return false;
	return true;
}

static bool parse_records(struct oh_arena *arena, struct oh_slice rest, struct oh_seen_store *out)
{
	struct oh_slice kind, count;
	size_t records = 0;

	while (next(&rest, &kind)) {
		if (kind.len != 1)
			return false;
		if (kind.ptr[0] == 'E')
			return next(&rest, &count) && !rest.len &&
			       oh_slice_eq(count, oh_slice_printf(arena, "%zu", records));
		if (!parse_record(arena, kind.ptr[0], &rest, out))
			return false;
		records++;
	}
	return false;
}

bool oh_seen_store_parse(struct oh_arena *arena, struct oh_slice bytes, struct oh_slice key,
	struct oh_seen_store *out)
{
	struct oh_slice field;

	*out = (struct oh_seen_store){0};
	if (next(&bytes, &field) && oh_slice_eq(field, oh_slice_of(FIRST)) &&
		next(&bytes, &field) && oh_slice_eq(field, key) && parse_records(arena, bytes, out))
		return true;
	*out = (struct oh_seen_store){0};
	return false;
}

/*
 * Objects through one `git cat-file --batch`. Requests for objects that will be wanted are
 * written ahead, so that git unpacks the next while the last is being parsed.
 */
#include "repo/private.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/process.h"

#include <stdlib.h>
#include <string.h>

/* Requests under way must fit into a pipe (65,536 bytes), else both sides wait for each other. */
#define MOST_AHEAD 512

struct batch {
	struct oh_arena *arena;
	struct oh_peer peer;
	struct oh_slice *ahead; /* a ring of MOST_AHEAD: requested, not yet answered */
	size_t first, count;
	struct oh_map kept; /* answers that came before they were asked for: index + 1 */
	struct {
		struct oh_object *items;
		size_t count, capacity;
	} objects;
	bool is_dead;
};

static bool batch_open(void **self, struct oh_arena *arena, struct oh_error *err)
{
	static const char *const argv[] = {"git", "cat-file", "--batch", NULL};
	struct batch *b = oh_arena_alloc(arena, sizeof(*b));

	b->arena = arena;
	b->kept.arena = arena;
	*self = b;
	return oh_peer_open(&b->peer, arena, argv, err);
}

static void batch_close(void *self)
{
	struct batch *b = self;

	oh_peer_close(&b->peer);
}

static bool kind_of(struct oh_slice word, enum oh_object_kind *kind)
{
	static const char *const words[] = {
		[OH_COMMIT] = "commit", [OH_TREE] = "tree", [OH_BLOB] = "blob", [OH_TAG] = "tag"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (oh_slice_eq(word, oh_slice_of(words[i]))) {
			*kind = (enum oh_object_kind)i;
			return true;
		}
	return false;
}

/* "ID KIND SIZE", or "NAME missing" and the like. */
static bool parse_header(
	struct oh_slice line, struct oh_object *out, size_t *size, struct oh_error *err)
{
	struct oh_slice rest = line, kind, digits;

	if (oh_slice_next(&rest, ' ', &out->id) && oh_slice_next(&rest, ' ', &kind) &&
		kind_of(kind, &out->kind) && oh_slice_next(&rest, ' ', &digits) && !rest.len) {
		*size = strtoull(digits.ptr, NULL, 10);
		return true;
	}
	if (oh_slice_has_suffix(line, OH_SLICE(" ambiguous")))
		return oh_fail(err, OH_E_NOT_FOUND, "not one object: " OH_FMT, OH_ARG(line));
	rest = oh_slice_sub(line, 0, oh_slice_rfind_byte(line, ' '));
	return oh_fail(err, OH_E_NOT_FOUND, "no such object: '" OH_FMT "'", OH_ARG(rest));
}

static bool died(struct batch *b, struct oh_error *err)
{
	b->is_dead = true;
	return oh_git_peer_fail(&b->peer, "cat-file", err);
}

/* The next answer. False with OH_E_NOT_FOUND leaves the conversation in good order. */
static bool answer(
	struct batch *b, struct oh_arena *arena, struct oh_object *out, struct oh_error *err)
{
	struct oh_slice line, end;
	size_t size = 0;

	if (!oh_peer_read_line(&b->peer, arena, &line, err))
		return died(b, err);
	/* strtoull needs an end behind the digits. */
	line = oh_slice_dup(arena, line);
	if (!parse_header(line, out, &size, err))
		return false;
	if (oh_peer_read(&b->peer, arena, size, &out->bytes, err) &&
		oh_peer_read(&b->peer, arena, 1, &end, err))
		return true;
	return died(b, err);
}

static struct oh_slice take_ahead(struct batch *b)
{
	const struct oh_slice id = b->ahead[b->first];

	b->first = (b->first + 1) % MOST_AHEAD;
	b->count--;
	return id;
}

/* Takes the answers under way until that for NAME; keeps the others. */
static bool catch_up(struct batch *b, struct oh_arena *arena, struct oh_slice name, bool *found,
	struct oh_object *out, struct oh_error *err)
{
	*found = false;
	while (b->count && !*found) {
		const struct oh_slice id = take_ahead(b);
		struct oh_object object;

		*found = oh_slice_eq(id, name);
		if (*found)
			return answer(b, arena, out, err);
		if (answer(b, b->arena, &object, err)) {
			OH_PUSH(b->arena, &b->objects, object);
			*oh_map_put(&b->kept, object.id) = b->objects.count;
		} else if (b->is_dead) {
			return false;
		}
	}
	return true;
}

static bool batch_read(void *self, struct oh_arena *arena, struct oh_slice name,
	struct oh_object *out, struct oh_error *err)
{
	struct batch *b = self;
	struct oh_buf request = {.arena = arena};
	const size_t *kept;
	bool found;

	if (b->is_dead)
		return died(b, err);
	kept = oh_map_get(&b->kept, name);
	if (kept) {
		*out = b->objects.items[*kept - 1];
		return true;
	}
	if (!catch_up(b, arena, name, &found, out, err))
		return false;
	if (found)
		return true;
	oh_buf_addf(&request, OH_FMT "\n", OH_ARG(name));
	if (oh_peer_write(&b->peer, oh_buf_slice(&request), err))
		return answer(b, arena, out, err);
	return died(b, err);
}

static void batch_expect(void *self, const struct oh_slice *ids, size_t count)
{
	struct batch *b = self;
	struct oh_arena scratch = {0};
	struct oh_buf request = {.arena = &scratch};

	if (!b->ahead)
		b->ahead = oh_arena_alloc(b->arena, MOST_AHEAD * sizeof(*b->ahead));
	for (size_t i = 0; i < count && b->count < MOST_AHEAD; i++) {
		if (oh_map_get(&b->kept, ids[i]))
			continue;
		b->ahead[(b->first + b->count++) % MOST_AHEAD] = ids[i];
		oh_buf_addf(&request, OH_FMT "\n", OH_ARG(ids[i]));
	}
	if (!b->is_dead && !oh_peer_write(&b->peer, oh_buf_slice(&request), NULL))
		b->is_dead = true;
	oh_arena_drop(&scratch);
}

const struct oh_objects_backend oh_objects_git = {
	batch_open, batch_read, batch_expect, batch_close};

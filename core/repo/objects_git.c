/*
 * Objects through one `git cat-file --batch`. Requests for objects that will be wanted are
 * written ahead, so that git unpacks the next while the last is being parsed.
 */
#include "repo/private.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/process.h"

#include <stdint.h>

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

static bool start(struct batch *b, struct oh_error *err)
{
	static const char *const argv[] = {"git", "cat-file", "--batch", NULL};

	b->first = b->count = 0;
	b->is_dead = !oh_peer_open(&b->peer, b->arena, argv, err);
	return !b->is_dead;
}

static bool batch_open(void **self, struct oh_arena *arena, struct oh_error *err)
{
	struct batch *b = oh_arena_alloc(arena, sizeof(*b));

	b->arena = arena;
	b->kept.arena = arena;
	*self = b;
	return start(b, err);
}

static void batch_close(void *self)
{
	struct batch *b = self;

	oh_peer_close(&b->peer);
}

static bool parse_size(struct oh_slice digits, size_t *size)
{
	*size = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9' || *size > SIZE_MAX / 16)
			return false;
		*size = *size * 10 + (size_t)(digits.ptr[i] - '0');
	}
	return digits.len > 0;
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
static bool parse_header(struct oh_slice line, struct oh_object *out, size_t *size)
{
	struct oh_slice kind, digits;

	return oh_slice_next(&line, ' ', &out->id) && oh_slice_next(&line, ' ', &kind) &&
	       kind_of(kind, &out->kind) && oh_slice_next(&line, ' ', &digits) && !line.len &&
	       parse_size(digits, size);
}

/* git answers "missing" for an object that it can't read, and says why on stderr. */
static bool not_found(struct batch *b, struct oh_slice line, struct oh_error *err)
{
	struct oh_arena scratch = {0};
	const struct oh_slice name = oh_slice_sub(line, 0, oh_slice_rfind_byte(line, ' '));
	struct oh_slice said = oh_peer_errors(&b->peer, &scratch), why;

	if (oh_slice_has_suffix(line, OH_SLICE(" ambiguous")))
		oh_fail(err, OH_E_NOT_FOUND, "more than one object: '" OH_FMT "'", OH_ARG(name));
	else if (oh_slice_next_line(&said, &why))
		oh_fail(err, OH_E_NOT_FOUND, "object '" OH_FMT "': " OH_FMT, OH_ARG(name),
			OH_ARG(why));
	else
		oh_fail(err, OH_E_NOT_FOUND, "no such object: '" OH_FMT "'", OH_ARG(name));
	oh_arena_drop(&scratch);
	return false;
}

/* An object that git chokes on takes the whole conversation with it; the next one gets another. */
static bool died(struct batch *b, struct oh_error *err)
{
	oh_git_peer_fail(&b->peer, "cat-file", err);
	oh_peer_close(&b->peer);
	b->is_dead = true;
	return false;
}

/* The next answer. False with OH_E_NOT_FOUND leaves the conversation in good order. */
static bool answer(
	struct batch *b, struct oh_arena *arena, struct oh_object *out, struct oh_error *err)
{
	struct oh_slice line, end;
	size_t size = 0;

	if (!oh_peer_read_line(&b->peer, arena, &line, err))
		return died(b, err);
	if (!parse_header(line, out, &size))
		return not_found(b, line, err);
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

static void keep(struct batch *b, struct oh_object object)
{
	OH_PUSH(b->arena, &b->objects, object);
	*oh_map_put(&b->kept, object.id) = b->objects.count;
}

static bool ask(struct batch *b, struct oh_arena *arena, struct oh_slice name, struct oh_error *err)
{
	struct oh_buf request = {.arena = arena};

	if (b->is_dead && !start(b, err))
		return false;
	oh_buf_addf(&request, OH_FMT "\n", OH_ARG(name));
	return oh_peer_write(&b->peer, oh_buf_slice(&request), err) || died(b, err);
}

static bool batch_kept(void *self, struct oh_slice id, struct oh_object *out)
{
	const struct batch *b = self;
	const size_t *kept = oh_map_get(&b->kept, id);

	if (kept)
		*out = b->objects.items[*kept - 1];
	return kept;
}

/*
 * Takes the answers under way until NAME's is the next (*IS_NEXT), or until the object NAME has
 * come by another name; false where it is not among them.
 */
static bool catch_up(struct batch *b, struct oh_slice name, bool *is_next)
{
	struct oh_object object;

	*is_next = false;
	while (b->count && !b->is_dead && !*is_next) {
		*is_next = oh_slice_eq(take_ahead(b), name);
		if (*is_next || !answer(b, b->arena, &object, NULL))
			continue;
		keep(b, object);
		if (oh_slice_eq(object.id, name))
			return true;
	}
	return *is_next;
}

static bool batch_read(void *self, struct oh_arena *arena, struct oh_slice name,
	struct oh_object *out, struct oh_error *err)
{
	struct batch *b = self;
	bool is_next;

	if (batch_kept(b, name, out))
		return true;
	if (!catch_up(b, name, &is_next))
		return ask(b, arena, name, err) && answer(b, arena, out, err);
	return is_next ? answer(b, arena, out, err) : batch_kept(b, name, out);
}

static void batch_expect(void *self, const struct oh_slice *ids, size_t count)
{
	struct batch *b = self;
	struct oh_arena scratch = {0};
	struct oh_buf request = {.arena = &scratch};

	/* A hint: what can't be asked now is asked for when it is read. */
	if (b->is_dead)
		return;
	if (!b->ahead)
		b->ahead = oh_arena_alloc(b->arena, MOST_AHEAD * sizeof(*b->ahead));
	for (size_t i = 0; i < count && b->count < MOST_AHEAD; i++) {
		if (oh_map_get(&b->kept, ids[i]))
			continue;
		b->ahead[(b->first + b->count++) % MOST_AHEAD] = ids[i];
		oh_buf_addf(&request, OH_FMT "\n", OH_ARG(ids[i]));
	}
	if (!oh_peer_write(&b->peer, oh_buf_slice(&request), NULL))
		died(b, NULL);
	oh_arena_drop(&scratch);
}

const struct oh_objects_backend oh_objects_git = {
	batch_open, batch_read, batch_expect, batch_kept, batch_close};

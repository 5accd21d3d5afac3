#include "repo/real_objects.h"

#include "repo/pack.h"

#include <stdint.h>

/* Requests under way must fit into a pipe (65,536 bytes), else both sides wait for each other. */
#define MOST_AHEAD 512

static bool open_peer(struct oh_real_objects *o, struct oh_error *err)
{
	static const char *const argv[] = {
		"git", "--no-replace-objects", "cat-file", "--batch", NULL};

	if (!o->is_open)
		o->is_open = oh_peer_open(&o->peer, o->arena, argv, err);
	return o->is_open;
}

void oh_real_objects_close(struct oh_real_objects *o)
{
	if (o->is_open)
		oh_peer_close(&o->peer);
	o->is_open = false;
}

/* "ID KIND SIZE" */
static bool parse_header(struct oh_slice line, struct oh_object *out, size_t *size)
{
	struct oh_slice kind;
	size_t k = 0;

	if (!oh_slice_next(&line, ' ', &out->id) || !oh_slice_next(&line, ' ', &kind) || !line.len)
		return false;
	while (k < OH_TAG && !oh_slice_eq(kind, oh_slice_of(oh_kind_words[k])))
		k++;
	out->kind = (enum oh_object_kind)k;
	*size = 0;
	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] < '0' || line.ptr[i] > '9' || *size > SIZE_MAX / 16)
			return false;
		*size = *size * 10 + (size_t)(line.ptr[i] - '0');
	}
	return true;
}

static bool is_missing(struct oh_slice line)
{
	return oh_slice_has_suffix(line, OH_SLICE(" missing"));
}

static void keep(struct oh_real_objects *o, struct oh_object object)
{
	size_t *at = oh_map_put(&o->by_id, object.id);

	if (*at)
		return;
	OH_PUSH(o->arena, &o->kept, object);
	*at = o->kept.count;
}

/* The next answer; *OBJECT's id is "" where there is no such object. */
static bool take_answer(struct oh_real_objects *o, struct oh_object *object, struct oh_error *err)
{
	struct oh_slice line, end;
	size_t size;

	*object = (struct oh_object){.id = OH_SLICE("")};
	if (!oh_peer_read_line(&o->peer, o->arena, &line, err))
		return oh_git_peer_fail(&o->peer, "cat-file", err);
	if (is_missing(line))
		return true;
	if (!parse_header(line, object, &size))
		return oh_fail(err, OH_E_GIT, "git cat-file says '" OH_FMT "'", OH_ARG(line));
	if (!oh_peer_read(&o->peer, o->arena, size, &object->bytes, err) ||
		!oh_peer_read(&o->peer, o->arena, 1, &end, err))
		return oh_git_peer_fail(&o->peer, "cat-file", err);
	keep(o, *object);
	return true;
}

static bool ask(struct oh_real_objects *o, const struct oh_slices *names, struct oh_error *err)
{
	return open_peer(o, err) && oh_peer_write(&o->peer,
					    oh_slice_printf(o->arena, OH_FMT "\n",
						    OH_ARG(oh_slices_join(o->arena, names, "\n"))),
					    err);
}

/* What has been read before, where its bytes are those that its name says: a replacement's are not.
 */
static bool take_read(struct oh_real_objects *o, struct oh_slice id)
{
	struct oh_object object;

	if (!oh_objects_kept(o->repo->objects, id, &object) ||
		!oh_slice_eq(oh_object_id(o->repo, o->arena, object.kind, object.bytes), id))
		return false;
	keep(o, object);
	return true;
}

static bool not_found(struct oh_slice id, struct oh_error *err)
{
	return oh_fail(err, OH_E_NOT_FOUND, "no such object: '" OH_FMT "'", OH_ARG(id));
}

/* All answers are taken, so that the next one asked for is the next one that comes. */
static bool fetch_some(struct oh_real_objects *o, const struct oh_slices *ids, struct oh_error *err)
{
	struct oh_slice missing = OH_SLICE("");

	if (!ask(o, ids, err))
		return false;
	for (size_t i = 0; i < ids->count; i++) {
		struct oh_object object;

		if (!take_answer(o, &object, err))
			return false;
		if (!object.id.len)
			missing = ids->items[i];
		else if (!oh_slice_eq(object.id, ids->items[i]))
			return oh_fail(err, OH_E_GIT, "git cat-file gives " OH_FMT " for " OH_FMT,
				OH_ARG(object.id), OH_ARG(ids->items[i]));
	}
	return !missing.len || not_found(missing, err);
}

bool oh_real_objects_fetch(
	struct oh_real_objects *o, const struct oh_slice *ids, size_t count, struct oh_error *err)
{
	struct oh_slices wanted = {0};

	o->by_id.arena = o->arena;
	for (size_t i = 0; i < count; i++) {
		if (!oh_map_get(&o->by_id, ids[i]) && !take_read(o, ids[i]))
			OH_PUSH(o->arena, &wanted, ids[i]);
		if (wanted.count == MOST_AHEAD || (wanted.count && i + 1 == count)) {
			if (!fetch_some(o, &wanted, err))
				return false;
			wanted.count = 0;
		}
	}
	return true;
}

bool oh_real_objects_read(struct oh_real_objects *o, struct oh_slice id, enum oh_object_kind kind,
	struct oh_slice *bytes, struct oh_error *err)
{
	const struct oh_object *object;

	if (!oh_real_objects_fetch(o, &id, 1, err))
		return false;
	object = &o->kept.items[*oh_map_get(&o->by_id, id) - 1];
	if (object->kind != kind)
		return oh_fail(
			err, OH_E_FORMAT, OH_FMT " is not a %s", OH_ARG(id), oh_kind_words[kind]);
	*bytes = object->bytes;
	return true;
}

#include "repo/objects.h"

#include "base/module.h"

#include <stdint.h>
#include <stdlib.h>

/* A backend and its state: opened when first asked, given up for good where it refuses. */
struct reader {
	const struct oh_objects_backend *backend;
	void *self;
	bool is_open;
};

struct oh_objects {
	struct oh_arena *arena;
	struct reader library, git;
	size_t count; /* objects that git has read */
	size_t enough; /* so many, and the library is worth loading */
};

/*
 * One `cat-file --batch` starts in 1.5 ms and answers names, trees and blobs alike; loading
 * libgit2 takes 8 ms, and then it reads an object in less than half the time (loose ones: 22 µs
 * against 55). So git reads the first ones, and who reads more than these reads them all.
 */
#define ENOUGH 200

struct oh_objects *oh_objects_new(struct oh_arena *arena)
{
	struct oh_objects *objects = oh_arena_alloc(arena, sizeof(*objects));
	const struct oh_slice wanted = oh_slice_of(getenv("ONEHEAD_OBJECTS"));

	objects->arena = arena;
	objects->git.backend = &oh_objects_git;
	objects->enough = ENOUGH;
	if (oh_slice_eq(wanted, OH_SLICE("git")))
		objects->enough = SIZE_MAX;
	else if (oh_slice_eq(wanted, OH_SLICE("libgit2")))
		objects->enough = 0;
	return objects;
}

static void close_reader(struct reader *r)
{
	if (r->is_open)
		r->backend->close(r->self);
	r->is_open = false;
}

void oh_objects_close(struct oh_objects *objects)
{
	close_reader(&objects->library);
	close_reader(&objects->git);
}

static bool open_reader(struct oh_objects *objects, struct reader *r, struct oh_error *err)
{
	if (r->is_open)
		return true;
	if (!r->backend)
		return false;
	r->is_open = r->backend->open(&r->self, objects->arena, err);
	if (!r->is_open)
		r->backend = NULL;
	return r->is_open;
}

void oh_objects_start(struct oh_objects *objects)
{
	if (objects->enough)
		open_reader(objects, &objects->git, NULL);
}

/* Loads the module when its time has come; false for good where it is not there or refuses. */
static bool open_library(struct oh_objects *objects)
{
	if (objects->library.is_open || objects->count < objects->enough)
		return objects->library.is_open;
	objects->library.backend = oh_module_symbol(OH_OBJECTS_MODULE, OH_OBJECTS_SYMBOL, NULL);
	if (open_reader(objects, &objects->library, NULL))
		return true;
	objects->enough = SIZE_MAX;
	return false;
}

/* Names go to git line by line: one that holds a line's end, or is an option, names nothing. */
static bool is_name(struct oh_slice name)
{
	return name.len && name.ptr[0] != '-' && oh_slice_find_byte(name, '\n', 0) == name.len &&
	       oh_slice_find_byte(name, '\0', 0) == name.len;
}

bool oh_objects_read(struct oh_objects *objects, struct oh_arena *arena, struct oh_slice name,
	struct oh_object *out, struct oh_error *err)
{
	if (!is_name(name))
		return oh_fail(err, OH_E_NOT_FOUND, "no such revision: '" OH_FMT "'", OH_ARG(name));
	if (open_library(objects) &&
		objects->library.backend->read(objects->library.self, arena, name, out, NULL))
		return true;
	objects->count++;
	if (!objects->git.backend)
		return oh_fail(err, OH_E_GIT, "git can't be started to read objects");
	return open_reader(objects, &objects->git, err) &&
	       objects->git.backend->read(objects->git.self, arena, name, out, err);
}

void oh_objects_expect(struct oh_objects *objects, const struct oh_slice *ids, size_t count)
{
	struct reader *r = &objects->git;

	/* Not what the library is going to read. */
	if (objects->enough < SIZE_MAX && objects->count + count > objects->enough)
		return;
	for (size_t i = 0; i < count; i++)
		if (!is_name(ids[i]))
			return;
	if (open_reader(objects, r, NULL) && r->backend->expect)
		r->backend->expect(r->self, ids, count);
}

bool oh_objects_kept(const struct oh_objects *objects, struct oh_slice id, struct oh_object *out)
{
	const struct reader *r = &objects->git;

	return r->is_open && r->backend->kept && r->backend->kept(r->self, id, out);
}

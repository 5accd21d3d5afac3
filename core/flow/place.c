#include "flow/place.h"

#include "adapters/adapter.h"
#include "repo/repo.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEEPEST 12
#define MOST_DIRECTORIES 20000

/* Does the file really configure something, or is it only called so? */
static bool configures(struct oh_arena *arena, struct oh_source *source, struct oh_slice path)
{
	struct oh_unreadables unreadable = {0};
	struct oh_locations locations = {0};

	for (const struct oh_adapter *const *a = oh_adapters(); *a; a++)
		if ((*a)->is_config(path))
			(*a)->discover(
				arena, source, OH_SLICE(""), path, &locations, &unreadable, NULL);
	return locations.count || unreadable.count;
}

static bool is_left_out(struct oh_slice name)
{
	return (name.len && name.ptr[0] == '.') || oh_slice_eq(name, OH_SLICE("node_modules")) ||
	       oh_slice_eq(name, OH_SLICE("__pycache__")) ||
	       oh_slice_eq(name, OH_SLICE("site-packages"));
}

static bool is_virtual_environment(const struct oh_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		if (oh_slice_eq(oh_path_name(entries->items[i].path), OH_SLICE("pyvenv.cfg")))
			return true;
	return false;
}

struct search {
	struct oh_arena *arena;
	struct oh_source *source;
	struct oh_slices waiting; /* directories still to be looked into */
	struct oh_slices *found;
};

static size_t depth_of(struct oh_slice path)
{
	size_t n = 0;

	for (size_t i = 0; i < path.len; i++)
		n += path.ptr[i] == '/';
	return n;
}

static bool look_into(struct search *s, struct oh_slice directory, bool below, struct oh_error *err)
{
	struct oh_entries entries = {0};

	if (!oh_source_list(s->source, s->arena, directory, false, &entries, err))
		return false;
	if (directory.len && is_virtual_environment(&entries))
		return true;
	for (size_t i = 0; i < entries.count; i++) {
		const struct oh_entry *e = &entries.items[i];

		if (e->kind == OH_FILE && configures(s->arena, s->source, e->path))
			OH_PUSH(s->arena, s->found, e->path);
		else if (e->kind == OH_DIRECTORY && below && !is_left_out(oh_path_name(e->path)) &&
			 depth_of(e->path) < DEEPEST)
			OH_PUSH(s->arena, &s->waiting, e->path);
	}
	return true;
}

static bool search(struct oh_place *place, struct oh_arena *arena, bool below, struct oh_error *err)
{
	struct search s = {.arena = arena,
		.source = oh_directory_source(arena, place->root),
		.found = &place->configs};

	OH_PUSH(arena, &s.waiting, OH_SLICE(""));
	for (size_t i = 0; i < s.waiting.count; i++) {
		struct oh_error gone = {0};

		if (i == MOST_DIRECTORIES)
			return oh_fail(err, OH_E_NOT_FOUND,
				"more than %d directories here and no end; name a configuration "
				"with -c FILE",
				MOST_DIRECTORIES);
		if (!look_into(&s, s.waiting.items[i], below, &gone) && i == 0) {
			*err = gone;
			return false;
		}
	}
	oh_slices_sort(&place->configs);
	return true;
}

/* The nearest directory above that has a configuration of its own. */
static bool search_above(struct oh_place *place, struct oh_arena *arena, struct oh_error *err)
{
	for (int up = 0; up < DEEPEST && !place->configs.count; up++) {
		place->root = up ? oh_slice_printf(arena, "../" OH_FMT, OH_ARG(place->root))
				 : OH_SLICE("..");
		if (access(oh_slice_str(arena, place->root), R_OK) != 0)
			break;
		if (!search(place, arena, false, err))
			return false;
	}
	return true;
}

static const char *from_environment(void)
{
	for (const struct oh_adapter *const *a = oh_adapters(); *a; a++)
		if ((*a)->config_variable && getenv((*a)->config_variable))
			return getenv((*a)->config_variable);
	return NULL;
}

/* A path outside the working directory is looked at from the directory it is in. */
static void take_named(struct oh_place *place, struct oh_arena *arena, struct oh_slice path)
{
	if (path.ptr[0] == '/' || oh_slice_has_prefix(path, OH_SLICE(".."))) {
		place->root = oh_path_directory(path);
		path = oh_path_name(path);
	}
	OH_PUSH(arena, &place->configs, oh_path_join(arena, OH_SLICE(""), path));
}

bool oh_place_find(struct oh_place *place, struct oh_arena *arena,
	const struct oh_place_request *request, struct oh_error *err)
{
	const struct oh_slice named =
		request->config.len ? request->config : oh_slice_of(from_environment());

	*place = (struct oh_place){.root = OH_SLICE(".")};
	if (named.len) {
		take_named(place, arena, named);
		if (access(oh_slice_str(arena, named), R_OK) != 0)
			return oh_fail_errno(err, "reading " OH_FMT, OH_ARG(named));
		return true;
	}
	if (request->nearest && !search(place, arena, false, err))
		return false;
	if (!place->configs.count && !search(place, arena, true, err))
		return false;
	if (!place->configs.count && !search_above(place, arena, err))
		return false;
	return place->configs.count ||
	       oh_fail(err, OH_E_NOT_FOUND,
		       "no configuration here, below or above (%s); name one with -c FILE",
		       (*oh_adapters())->config_words);
}

#include "repo/git_source.h"

#include <string.h>

/* As Linux: more symlinks than this on one path are a loop. */
#define MOST_LINKS 40
/* A tree made of few objects can unfold to more files than memory holds. */
#define MOST_ENTRIES 2000000u
/* How many entries may be passed over between two reads that still count as reading in order. */
#define GAP 8
#define MOST_AHEAD 256

/* Where a path leads once every symlink in it has been followed. */
struct place {
	enum oh_entry_kind kind; /* OH_SYMLINK: it leaves the source or leads nowhere */
	bool exists;
	struct oh_slice path; /* without symlinks */
	const struct oh_git_entry *entry; /* NULL for the root */
	const struct oh_git_directory *in;
};

void oh_git_directory_reserve(
	struct oh_arena *arena, struct oh_git_directory *directory, size_t count)
{
	directory->items = oh_arena_alloc(arena, count * sizeof(*directory->items));
	directory->capacity = count;
}

void oh_git_directory_add(
	struct oh_arena *arena, struct oh_git_directory *directory, struct oh_git_entry entry)
{
	OH_PUSH(arena, directory, entry);
	if (directory->names)
		return;
	directory->names = oh_arena_alloc(arena, sizeof(*directory->names));
	directory->names->by_name.arena = arena;
}

struct oh_git_entry *oh_git_directory_find(
	const struct oh_git_directory *directory, struct oh_slice name)
{
	struct oh_git_names *names = directory->names;
	const size_t *at;

	if (!names)
		return NULL;
	oh_map_reserve(&names->by_name, directory->count);
	for (; names->count < directory->count; names->count++)
		*oh_map_put(&names->by_name, directory->items[names->count].name) =
			names->count + 1;
	at = oh_map_get(&names->by_name, name);
	return at ? &directory->items[*at - 1] : NULL;
}

bool oh_git_source_object(struct oh_git_source *source, struct oh_arena *arena, struct oh_slice id,
	struct oh_object *out, struct oh_error *err)
{
	if (oh_objects_read(source->objects, arena, id, out, err))
		return true;
	/* A file that is listed and whose object is missing is not a file that is missing. */
	if (err && err->code == OH_E_NOT_FOUND)
		err->code = OH_E_GIT;
	return false;
}

static const struct oh_git_directory *directory_at(struct oh_git_source *s, struct oh_slice path,
	const struct oh_git_entry *at, struct oh_error *err)
{
	const size_t *known = oh_map_get(&s->by_path, path);
	struct oh_git_directory *d;

	if (known)
		return s->directories.items[*known - 1];
	d = oh_arena_alloc(s->arena, sizeof(*d));
	d->path = oh_slice_dup(s->arena, path);
	if (!s->load(s, at, d, err))
		return NULL;
	OH_PUSH(s->arena, &s->directories, d);
	*oh_map_put(&s->by_path, d->path) = s->directories.count;
	return d;
}

static enum oh_entry_kind kind_of(unsigned int mode)
{
	if (mode == OH_MODE_DIRECTORY)
		return OH_DIRECTORY;
	if (mode == OH_MODE_SYMLINK)
		return OH_SYMLINK;
	return mode == OH_MODE_SUBMODULE ? OH_OTHER : OH_FILE;
}

static struct oh_slice path_in(
	struct oh_arena *arena, struct oh_slice directory, struct oh_slice name)
{
	if (!directory.len)
		return oh_slice_dup(arena, name);
	return oh_path_below(arena, directory, name);
}

/* A walk along a path: DONE is resolved and is a directory of the source, REST is to come. */
struct walk {
	struct oh_git_source *source;
	struct oh_arena *arena;
	struct oh_slice done, rest;
	const struct oh_git_entry *entry; /* of DONE; NULL where it has been loaded already */
	int links;
};

static struct oh_slice extended(const struct walk *w, struct oh_slice name)
{
	/* Most paths have no symlink: then DONE grows along the path itself. */
	if (w->done.len && w->done.ptr + w->done.len + 1 == name.ptr)
		return (struct oh_slice){w->done.ptr, w->done.len + 1 + name.len};
	return w->done.len ? path_in(w->arena, w->done, name) : name;
}

static bool go_up(struct walk *w)
{
	if (!w->done.len)
		return false;
	w->done = oh_path_directory(w->done);
	w->entry = NULL;
	return true;
}

static bool follow(struct walk *w, const struct oh_git_entry *e, bool *going, struct oh_error *err)
{
	struct oh_object link;

	if (!oh_git_source_object(w->source, w->arena, e->id, &link, err))
		return false;
	if (++w->links > MOST_LINKS || !link.bytes.len || link.bytes.ptr[0] == '/') {
		*going = false;
		return true;
	}
	w->rest = oh_slice_printf(w->arena, OH_FMT "/" OH_FMT, OH_ARG(link.bytes), OH_ARG(w->rest));
	return true;
}

/* What NAME is in the directory DONE. */
static bool enter(
	struct walk *w, struct oh_slice name, struct place *out, bool *going, struct oh_error *err)
{
	const struct oh_git_directory *d = directory_at(w->source, w->done, w->entry, err);
	const struct oh_git_entry *e = d ? oh_git_directory_find(d, name) : NULL;

	if (!d)
		return false;
	if (e && e->mode == OH_MODE_SYMLINK)
		return follow(w, e, going, err);
	*going = e && e->mode == OH_MODE_DIRECTORY;
	if (!e)
		return true;
	w->done = extended(w, name);
	w->entry = e;
	if (!*going && !w->rest.len)
		*out = (struct place){kind_of(e->mode), true, w->done, e, d};
	return true;
}

static bool locate(struct oh_git_source *s, struct oh_arena *arena, struct oh_slice path,
	struct place *out, struct oh_error *err)
{
	struct walk w = {.source = s, .arena = arena, .rest = path};
	struct oh_slice name;

	*out = (struct place){.kind = OH_SYMLINK};
	while (oh_slice_next(&w.rest, '/', &name)) {
		bool going = true;

		if (!name.len || oh_slice_eq(name, OH_SLICE(".")))
			continue;
		if (oh_slice_eq(name, OH_SLICE("..")))
			going = go_up(&w);
		else if (!enter(&w, name, out, &going, err))
			return false;
		if (!going)
			return true;
	}
	*out = (struct place){OH_DIRECTORY, true, w.done, w.entry, NULL};
	return true;
}

/* A listing under way: directories still to be looked into, by the names they were reached by. */
struct listing {
	struct oh_git_source *source;
	struct oh_arena *arena;
	bool recursive;
	struct oh_entries *out;
	struct {
		struct pending {
			struct oh_slice path; /* real */
			struct oh_slice shown;
			const struct oh_git_entry *entry;
		} * items;
		size_t count, capacity;
	} todo;
};

/* What a symlink names: a directory is listed but not entered, as os.walk does it. */
static bool list_link(struct listing *l, const struct pending *in, struct oh_entry *entry,
	struct oh_slice name, struct oh_error *err)
{
	struct place place;

	if (!locate(l->source, l->arena, path_in(l->arena, in->path, name), &place, err))
		return false;
	entry->kind = place.kind;
	if (place.exists && place.entry)
		entry->content = place.entry->id;
	OH_PUSH(l->arena, l->out, *entry);
	return true;
}

static bool list_entry(struct listing *l, const struct pending *in, const struct oh_git_entry *e,
	struct oh_error *err)
{
	struct oh_entry entry = {path_in(l->arena, in->shown, e->name), kind_of(e->mode), e->id};

	if (l->out->count >= MOST_ENTRIES)
		return oh_fail(err, OH_E_FORMAT, "more than %u files", MOST_ENTRIES);
	if (entry.kind == OH_SYMLINK)
		return list_link(l, in, &entry, e->name, err);
	if (entry.kind == OH_DIRECTORY && l->recursive) {
		const struct pending sub = {path_in(l->arena, in->path, e->name), entry.path, e};

		OH_PUSH(l->arena, &l->todo, sub);
		return l->todo.count < MOST_ENTRIES ||
		       oh_fail(err, OH_E_FORMAT, "more than %u directories", MOST_ENTRIES);
	}
	OH_PUSH(l->arena, l->out, entry);
	return true;
}

static bool list(struct oh_source *base, struct oh_arena *arena, struct oh_slice directory,
	bool recursive, struct oh_entries *out, struct oh_error *err)
{
	struct oh_git_source *s = (struct oh_git_source *)base;
	struct listing l = {s, arena, recursive, out, {0}};
	struct place place;

	*out = (struct oh_entries){0};
	while (directory.len && directory.ptr[directory.len - 1] == '/')
		directory.len--;
	if (!locate(s, arena, directory, &place, err))
		return false;
	if (!place.exists || place.kind != OH_DIRECTORY)
		return true;
	OH_PUSH(arena, &l.todo, (struct pending){place.path, directory, place.entry});
	while (l.todo.count) {
		const struct pending next = l.todo.items[--l.todo.count];
		const struct oh_git_directory *d = directory_at(s, next.path, next.entry, err);

		if (!d)
			return false;
		for (size_t i = 0; i < d->count; i++)
			if (!list_entry(&l, &next, &d->items[i], err))
				return false;
	}
	return true;
}

static bool same_extension(struct oh_slice a, struct oh_slice b)
{
	return oh_slice_eq(oh_slice_sub(a, oh_slice_rfind_byte(a, '.'), a.len),
		oh_slice_sub(b, oh_slice_rfind_byte(b, '.'), b.len));
}

/*
 * Entry AT of D is about to be read. Where the last reads went along the directory, asks for the
 * next ones too: twice as many each time, as an operating system reads a file ahead.
 */
static void read_ahead(struct oh_git_source *s, const struct oh_git_directory *d, size_t at)
{
	struct oh_slice ids[MOST_AHEAD];
	size_t count = 0, i;

	if (s->ahead.directory != d || at <= s->ahead.last || at - s->ahead.last > GAP) {
		s->ahead.directory = d;
		s->ahead.window = 0;
		s->ahead.asked = at + 1;
	} else {
		s->ahead.window = s->ahead.window ? s->ahead.window * 2 : 4;
		if (s->ahead.window > MOST_AHEAD)
			s->ahead.window = MOST_AHEAD;
	}
	s->ahead.last = at;
	/* Half a window may run dry before it is filled again: few, large writes. */
	if (s->ahead.asked > at + 1 + s->ahead.window / 2)
		return;
	i = s->ahead.asked > at ? s->ahead.asked : at;
	for (; i < d->count && i <= at + s->ahead.window && count < MOST_AHEAD; i++)
		if (kind_of(d->items[i].mode) == OH_FILE &&
			same_extension(d->items[i].name, d->items[at].name))
			ids[count++] = d->items[i].id;
	s->ahead.asked = i;
	if (count)
		oh_objects_expect(s->objects, ids, count);
}

static bool read_file(struct oh_source *base, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *out, struct oh_error *err)
{
	struct oh_git_source *s = (struct oh_git_source *)base;
	struct oh_object object;
	struct place place;

	if (!locate(s, arena, path, &place, err))
		return false;
	if (!place.exists || place.kind != OH_FILE)
		return oh_fail(err, OH_E_NOT_FOUND, "no such file: " OH_FMT, OH_ARG(path));
	if (!oh_git_source_object(s, arena, place.entry->id, &object, err))
		return oh_wrap(err, "reading " OH_FMT, OH_ARG(path));
	if (object.kind != OH_BLOB)
		return oh_fail(err, OH_E_FORMAT, OH_FMT " is not a blob", OH_ARG(path));
	read_ahead(s, place.in, (size_t)(place.entry - place.in->items));
	*out = object.bytes;
	return true;
}

static const struct oh_source_ops OPS = {.list = list, .read = read_file};

void oh_git_source_init(
	struct oh_git_source *source, struct oh_arena *arena, struct oh_objects *objects)
{
	source->base.ops = &OPS;
	source->arena = arena;
	source->objects = objects;
	source->by_path.arena = arena;
}

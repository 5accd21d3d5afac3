#include "flow/load.h"

#include "flow/read_files.h"

#include "model/lock.h"

#include <stdlib.h>

static bool discover_one(struct oh_loader *l, struct oh_source *source, struct oh_slice config,
	struct oh_locations *out, struct oh_unreadables *unreadables, struct oh_error *err)
{
	for (const struct oh_adapter *const *a = oh_adapters(); *a; a++)
		if (!(*a)->discover(l->arena, source, l->root, config, out, unreadables, err))
			return oh_wrap(err, "reading " OH_FMT, OH_ARG(config));
	return true;
}

static int by_directory(const void *a, const void *b)
{
	const struct oh_location *x = a, *y = b;
	const int c = oh_slice_cmp(x->directory, y->directory);

	return c ? c : oh_slice_cmp(x->config, y->config);
}

/* Two configuration files may name the same directory: the first by path counts. */
static void drop_repeated(struct oh_locations *locations)
{
	size_t kept = 0;

	for (size_t i = 0; i < locations->count; i++)
		if (!kept || !oh_slice_eq(locations->items[kept - 1].directory,
				     locations->items[i].directory))
			locations->items[kept++] = locations->items[i];
	locations->count = kept;
}

bool oh_load_locations(struct oh_loader *l, struct oh_source *source, struct oh_locations *out,
	struct oh_unreadables *unreadables, struct oh_error *err)
{
	for (size_t i = 0; i < l->configs.count; i++) {
		struct oh_error gone = {0};

		if (!discover_one(l, source, l->configs.items[i], out, unreadables, &gone)) {
			if (gone.code == OH_E_NOT_FOUND)
				continue; /* this tree has no such configuration */
			*err = gone;
			return false;
		}
	}
	if (out->count > 1)
		qsort(out->items, out->count, sizeof(*out->items), by_directory);
	drop_repeated(out);
	return true;
}

static void add_unreadable(struct oh_arena *arena, struct oh_unreadables *list,
	struct oh_slice path, struct oh_slice why)
{
	OH_PUSH(arena, list, (struct oh_unreadable){.path = oh_slice_dup(arena, path), .why = why});
}

/* Those of ENTRIES that are migration files to be read; what can't be one is said. */
static struct oh_entries choose(
	struct oh_loader *l, struct oh_snapshot *s, const struct oh_entries *entries)
{
	const struct oh_adapter *adapter = oh_adapter_named(s->location.system);
	struct oh_entries files = {0};

	files.items = oh_arena_alloc(l->arena, (entries->count + 1) * sizeof(*files.items));
	files.capacity = entries->count + 1;
	for (size_t i = 0; i < entries->count; i++) {
		const struct oh_entry *e = &entries->items[i];

		if (!adapter->is_migration(&s->location, e->path) || e->kind == OH_DIRECTORY)
			continue;
		if (e->kind == OH_FILE)
			OH_PUSH(l->arena, &files, *e);
		else
			add_unreadable(l->arena, &s->unreadables, e->path,
				e->kind == OH_SYMLINK
					? OH_SLICE("a symlink that leaves the repository")
					: OH_SLICE("not a regular file"));
	}
	return files;
}

/* Room for so many more: growing by doubling would leave as much again behind in the arena. */
static void reserve(struct oh_arena *arena, struct oh_snapshot *s, size_t more)
{
	struct oh_migrations *m = &s->migrations;

	if (m->capacity - m->count >= more)
		return;
	m->items = oh_arena_grow(arena, m->items, m->count * sizeof(*m->items),
		(m->count + more) * sizeof(*m->items));
	m->capacity = m->count + more;
}

static bool load_files(struct oh_loader *l, struct oh_tree *tree, struct oh_snapshot *s,
	const struct oh_entries *files, struct oh_error *err)
{
	const struct oh_reading reading = {.source = tree->source,
		.adapter = oh_adapter_named(s->location.system),
		.files = files,
		.out = oh_arena_alloc(l->arena, (files->count + 1) * sizeof(struct oh_parsed))};

	if (!oh_read_files(l, &reading, err))
		return false;
	reserve(l->arena, s, files->count);
	for (size_t i = 0; i < files->count; i++) {
		const struct oh_parsed *p = &reading.out[i];

		if (p->is_migration)
			OH_PUSH(l->arena, &s->migrations, p->migration);
		for (size_t k = 0; k < p->unreadables.count; k++)
			OH_PUSH(l->arena, &s->unreadables, p->unreadables.items[k]);
	}
	return true;
}

static int by_path_and_line(const void *a, const void *b)
{
	const struct oh_unreadable *x = a, *y = b;
	const int c = oh_slice_cmp(x->path, y->path);

	return c ? c : (x->line > y->line) - (x->line < y->line);
}

/* A directory gives its files in any order: what is said of them stands in one. */
static void sort_unreadables(struct oh_unreadables *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), by_path_and_line);
}

static bool read_lock(
	struct oh_loader *l, struct oh_tree *tree, struct oh_snapshot *s, struct oh_error *err)
{
	struct oh_error gone = {0};

	s->lock = OH_SLICE("");
	s->lock_path = oh_path_join(l->arena, s->location.directory, OH_SLICE(OH_LOCK_NAME));
	if (l->without_locks)
		return true;
	s->has_lock = oh_source_read(tree->source, l->arena, s->lock_path, &s->lock, &gone);
	if (s->has_lock || gone.code == OH_E_NOT_FOUND)
		return true;
	*err = gone;
	return false;
}

static bool load_snapshot(struct oh_loader *l, struct oh_tree *tree,
	const struct oh_location *location, struct oh_snapshot *s, struct oh_error *err)
{
	*s = (struct oh_snapshot){.location = *location};
	for (size_t v = 0; v < location->versions.count; v++) {
		struct oh_entries entries = {0};

		if (!oh_source_list(tree->source, l->arena, location->versions.items[v],
			    location->recursive, &entries, err))
			return false;
		entries = choose(l, s, &entries);
		if (!load_files(l, tree, s, &entries, err))
			return false;
	}
	if (!read_lock(l, tree, s, err))
		return false;
	sort_unreadables(&s->unreadables);
	oh_graph_build(&s->graph, l->arena, &s->migrations);
	return true;
}

bool oh_load_tree(
	struct oh_loader *l, struct oh_source *source, struct oh_tree *tree, struct oh_error *err)
{
	struct oh_locations locations = {0};

	*tree = (struct oh_tree){.source = source};
	if (!oh_load_locations(l, source, &locations, &tree->unreadables, err))
		return false;
	tree->items = oh_arena_alloc(l->arena, (locations.count + 1) * sizeof(*tree->items));
	tree->capacity = locations.count + 1;
	for (size_t i = 0; i < locations.count; i++)
		if (!load_snapshot(l, tree, &locations.items[i], &tree->items[tree->count++], err))
			return false;
	return true;
}

bool oh_load_bodies(struct oh_loader *l, const struct oh_tree *tree, struct oh_snapshot *s,
	const struct oh_snapshot *base, struct oh_error *err)
{
	const struct oh_adapter *adapter = oh_adapter_named(s->location.system);

	for (size_t i = 0; i < s->migrations.count; i++) {
		struct oh_migration *m = &s->migrations.items[i];
		struct oh_file file = {.path = m->path, .content = m->content};
		struct oh_migrations again = {0};
		struct oh_unreadables ignored = {0};
		struct oh_arena scratch = {0};
		bool ok;

		if (m->body.digest.len || oh_graph_find(&base->graph, m->id) != OH_NO_NODE)
			continue;
		ok = oh_source_read(tree->source, &scratch, m->path, &file.bytes, err);
		if (ok)
			adapter->parse(l->arena, &file, OH_READ_BODY, &again, &ignored);
		oh_arena_drop(&scratch);
		if (!ok)
			return oh_wrap(err, "reading " OH_FMT, OH_ARG(m->path));
		if (again.count)
			m->body = again.items[0].body;
	}
	return true;
}

static struct oh_snapshot *empty_snapshot(struct oh_arena *arena, const struct oh_snapshot *like)
{
	struct oh_snapshot *s = oh_arena_alloc(arena, sizeof(*s));

	s->location = like->location;
	s->lock_path = like->lock_path;
	s->lock = OH_SLICE("");
	oh_graph_build(&s->graph, arena, &s->migrations);
	return s;
}

struct oh_snapshot *oh_tree_match(
	struct oh_arena *arena, const struct oh_tree *tree, const struct oh_snapshot *like)
{
	for (size_t i = 0; i < tree->count; i++)
		if (oh_slice_eq(tree->items[i].location.directory, like->location.directory))
			return &tree->items[i];
	/* A script directory that was moved keeps its configuration file. */
	for (size_t i = 0; i < tree->count; i++)
		if (oh_slice_eq(tree->items[i].location.config, like->location.config))
			return &tree->items[i];
	return empty_snapshot(arena, like);
}

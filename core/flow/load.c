#include "flow/load.h"

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

static struct oh_slice seen_key(struct oh_arena *arena, const struct oh_entry *entry)
{
	return oh_slice_printf(
		arena, OH_FMT " " OH_FMT, OH_ARG(entry->content), OH_ARG(entry->path));
}

/* Parses one file, or finds what it gave when another tree had it. */
static bool parse_entry(struct oh_loader *l, const struct oh_adapter *adapter,
	struct oh_source *source, const struct oh_entry *entry, struct oh_parsed *out,
	struct oh_error *err)
{
	struct oh_file file = {.path = entry->path, .content = entry->content};
	struct oh_migrations migrations = {0};
	struct oh_arena scratch = {0};
	size_t *slot = NULL;
	bool ok;

	if (entry->content.len) {
		l->seen.arena = l->arena;
		slot = oh_map_put(&l->seen, seen_key(l->arena, entry));
		if (*slot) {
			*out = l->parsed.items[*slot - 1];
			return true;
		}
	}
	*out = (struct oh_parsed){0};
	ok = oh_source_read(source, &scratch, entry->path, &file.bytes, err);
	if (ok) {
		adapter->parse(l->arena, &file, l->depth, &migrations, &out->unreadables);
		out->is_migration = migrations.count > 0;
		if (migrations.count)
			out->migration = migrations.items[0];
	}
	oh_arena_drop(&scratch);
	if (ok && slot) {
		OH_PUSH(l->arena, &l->parsed, *out);
		*slot = l->parsed.count;
	}
	return ok;
}

static bool add_entry(struct oh_loader *l, struct oh_tree *tree, struct oh_snapshot *s,
	const struct oh_entry *entry, struct oh_error *err)
{
	const struct oh_adapter *adapter = oh_adapter_named(s->location.system);
	struct oh_error problem = {0};
	struct oh_parsed parsed;

	if (!adapter->is_migration(&s->location, entry->path) || entry->kind == OH_DIRECTORY)
		return true;
	if (entry->kind != OH_FILE) {
		add_unreadable(l->arena, &s->unreadables, entry->path,
			entry->kind == OH_SYMLINK ? OH_SLICE("a symlink that leaves the repository")
						  : OH_SLICE("not a regular file"));
		return true;
	}
	if (!parse_entry(l, adapter, tree->source, entry, &parsed, &problem)) {
		if (problem.code == OH_E_IO) {
			add_unreadable(l->arena, &s->unreadables, entry->path,
				oh_slice_dup(l->arena, oh_slice_of(problem.message)));
			return true;
		}
		*err = problem;
		return oh_wrap(err, "reading " OH_FMT, OH_ARG(entry->path));
	}
	if (parsed.is_migration)
		OH_PUSH(l->arena, &s->migrations, parsed.migration);
	for (size_t i = 0; i < parsed.unreadables.count; i++)
		OH_PUSH(l->arena, &s->unreadables, parsed.unreadables.items[i]);
	return true;
}

static int by_path(const void *a, const void *b)
{
	const struct oh_entry *x = a, *y = b;

	return oh_slice_cmp(x->path, y->path);
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
		if (entries.count)
			qsort(entries.items, entries.count, sizeof(*entries.items), by_path);
		for (size_t i = 0; i < entries.count; i++)
			if (!add_entry(l, tree, s, &entries.items[i], err))
				return false;
	}
	if (!read_lock(l, tree, s, err))
		return false;
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

#include "flow/seen.h"

#include "base/buf.h"
#include "base/digest.h"
#include "repo/disk.h"

#define BLOBS_AT_ONCE 1000

struct seeing {
	struct oh_flow *flow;
	struct oh_arena *arena;
	const struct oh_seen_request *request;
	struct oh_slice path, key; /* of what is remembered */
	struct oh_seen_store store;
	struct oh_map commits; /* index into store.commits, plus one */
	struct oh_slices tips; /* commits of request->others, "" where there is none */
	bool changed;
};

static struct oh_slice directories_of(struct oh_arena *arena, const struct oh_location *location)
{
	const struct oh_slice list = oh_slices_join(arena, &location->versions, "\n");

	return oh_slice_printf(arena, OH_FMT "\n" OH_FMT "\n" OH_FMT, OH_ARG(location->system),
		OH_ARG(location->directory), OH_ARG(list));
}

static bool open_store(struct seeing *s, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(s->flow->repo, err);
	const struct oh_slice graph = directories_of(s->arena, s->request->location);
	const struct oh_slice cuts = oh_repo_cuts(s->flow->repo, s->arena);
	struct oh_buf all = {.arena = s->arena};
	struct oh_slice bytes;

	if (!paths)
		return false;
	oh_buf_addf(
		&all, OH_FMT "%c" OH_FMT "%c", OH_ARG(graph), 0, OH_ARG(s->request->context), 0);
	oh_buf_add(&all, cuts);
	oh_buf_add(&all, OH_SLICE(OH_ADAPTERS_DIGEST));
	s->key = oh_digest_sha256(s->arena, oh_buf_slice(&all));
	s->path = oh_slice_printf(s->arena, OH_FMT "/onehead/seen-%.12s", OH_ARG(paths->common_dir),
		oh_digest_sha256(s->arena, graph).ptr);
	if (oh_disk_read(s->arena, s->path, &bytes, NULL))
		oh_seen_store_parse(s->arena, bytes, s->key, &s->store);
	return true;
}

static void save_store(struct seeing *s)
{
	const struct oh_slice bytes = oh_seen_store_format(s->arena, &s->store, s->key);
	bool made;

	if (oh_disk_make_directory(s->arena, oh_path_directory(s->path), &made, NULL))
		oh_disk_write(s->arena, s->path, bytes, 0666, NULL);
}

static struct oh_slices ids_of(struct oh_arena *arena, const struct oh_refs *refs)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < refs->count; i++)
		if (!oh_slices_contain(&ids, refs->items[i].id))
			OH_PUSH(arena, &ids, refs->items[i].id);
	return ids;
}

static struct oh_slice name_of(const struct oh_refs *refs, struct oh_slice id)
{
	for (size_t i = 0; i < refs->count; i++)
		if (oh_slice_eq(refs->items[i].id, id))
			return refs->items[i].name;
	return OH_SLICE("");
}

static bool is_migration(const struct seeing *s, struct oh_slice path)
{
	const struct oh_location *location = s->request->location;

	return oh_adapter_named(location->system)->is_migration(location, path);
}

static void add_file(struct seeing *s, struct oh_seen_files *list, struct oh_slice ref,
	const struct oh_past_file *file)
{
	OH_PUSH(s->arena, list,
		(struct oh_seen_file){
			.ref = ref, .blob = file->blob, .path = file->path, .id = OH_SLICE("")});
}

static bool read_history(struct seeing *s, const struct oh_slices *tips,
	const struct oh_slices *without, struct oh_history *out, struct oh_error *err)
{
	const struct oh_history_request request = {tips, without, &s->request->location->versions};

	return oh_repo_history(s->flow->repo, s->arena, &request, out, err);
}

/* The files of HISTORY that are not in the store yet. */
static void add_shared(struct seeing *s, const struct oh_history *history)
{
	struct oh_map known = {.arena = s->arena};
	struct oh_slice key[2];
	const struct oh_slices both = {key, 2, 2};

	for (size_t i = 0; i < s->store.shared.count; i++) {
		key[0] = s->store.shared.items[i].blob;
		key[1] = s->store.shared.items[i].path;
		*oh_map_put(&known, oh_slices_join(s->arena, &both, " ")) = 1;
	}
	for (size_t c = 0; c < history->commits.count; c++) {
		const struct oh_past_commit *commit = &history->commits.items[c];
		const struct oh_slice ref = name_of(s->request->shared, commit->tip);

		for (size_t i = 0; i < commit->count; i++) {
			const struct oh_past_file *f = &history->files.items[commit->first + i];

			key[0] = f->blob;
			key[1] = f->path;
			if (is_migration(s, f->path) &&
				!(*oh_map_put(&known, oh_slices_join(s->arena, &both, " ")))++)
				add_file(s, &s->store.shared, ref, f);
		}
	}
}

/* An anchor may be gone by now (main was overwritten, then git gc): from the beginning, then. */
static bool look_at_shared(struct seeing *s, struct oh_error *err)
{
	const struct oh_slices now = ids_of(s->arena, s->request->shared);
	struct oh_slices fresh = {0};
	struct oh_history history;

	for (size_t i = 0; i < now.count; i++)
		if (!oh_slices_contain(&s->store.anchors, now.items[i]))
			OH_PUSH(s->arena, &fresh, now.items[i]);
	if (!fresh.count)
		return true;
	if (!s->store.anchors.count ||
		!read_history(s, &fresh, &s->store.anchors, &history, NULL)) {
		const struct oh_slices none = {0};

		if (!read_history(s, &now, &none, &history, err))
			return false;
	}
	add_shared(s, &history);
	s->store.anchors = now;
	s->changed = true;
	return true;
}

static bool is_branch(struct oh_slice ref)
{
	return oh_slice_has_prefix(ref, OH_SLICE("refs/remotes/")) ||
	       oh_slice_has_prefix(ref, OH_SLICE("refs/heads/"));
}

/* Fills in s->tips; those that were never looked at go to FRESH, those that were to KNOWN. */
static bool sort_tips(
	struct seeing *s, struct oh_slices *fresh, struct oh_slices *known, struct oh_error *err)
{
	const struct oh_refs *refs = s->request->others;
	struct oh_map by_id = {.arena = s->arena};
	struct oh_slices unclear = {0}, commits;
	size_t at = 0;

	for (size_t i = 0; i < s->store.tips.count; i++)
		*oh_map_put(&by_id, s->store.tips.items[i].id) = i + 1;
	for (size_t i = 0; i < refs->count; i++)
		if (!oh_map_get(&by_id, refs->items[i].id) && !is_branch(refs->items[i].name))
			OH_PUSH(s->arena, &unclear, refs->items[i].id);
	if (!oh_repo_peel(s->flow->repo, s->arena, &unclear, &commits, err))
		return false;
	for (size_t i = 0; i < refs->count; i++) {
		const size_t *tip = oh_map_get(&by_id, refs->items[i].id);
		struct oh_slice commit = refs->items[i].id;

		if (tip)
			commit = s->store.tips.items[*tip - 1].commit;
		else if (!is_branch(refs->items[i].name))
			commit = commits.items[at++];
		OH_PUSH(s->arena, &s->tips, commit);
		if (commit.len)
			OH_PUSH(s->arena, tip ? known : fresh, commit);
	}
	return true;
}

static void add_commits(struct seeing *s, const struct oh_history *history)
{
	for (size_t c = 0; c < history->commits.count; c++) {
		const struct oh_past_commit *commit = &history->commits.items[c];
		const size_t first = s->store.files.count;
		size_t *slot = oh_map_put(&s->commits, commit->id);

		if (*slot)
			continue;
		for (size_t i = 0; i < commit->count; i++) {
			const struct oh_past_file *f = &history->files.items[commit->first + i];

			if (is_migration(s, f->path))
				add_file(s, &s->store.files, OH_SLICE(""), f);
		}
		OH_PUSH(s->arena, &s->store.commits,
			(struct oh_seen_commit){commit->id,
				oh_slices_join(s->arena, &commit->parents, " "), first,
				s->store.files.count - first});
		*slot = s->store.commits.count;
	}
}

static void remember_tips(struct seeing *s)
{
	const struct oh_refs *refs = s->request->others;

	s->store.tips.count = 0;
	for (size_t i = 0; i < refs->count; i++)
		OH_PUSH(s->arena, &s->store.tips,
			(struct oh_seen_tip){refs->items[i].id, s->tips.items[i]});
	s->changed = true;
}

static bool look_at_others(struct seeing *s, struct oh_error *err)
{
	struct oh_slices fresh = {0}, known = {0}, without;
	struct oh_history history;

	for (size_t i = 0; i < s->store.commits.count; i++)
		*oh_map_put(&s->commits, s->store.commits.items[i].id) = i + 1;
	if (!sort_tips(s, &fresh, &known, err))
		return false;
	if (!fresh.count)
		return true;
	without = ids_of(s->arena, s->request->shared);
	for (size_t i = 0; i < known.count; i++)
		OH_PUSH(s->arena, &without, known.items[i]);
	if (!read_history(s, &fresh, &without, &history, err))
		return false;
	add_commits(s, &history);
	s->changed = true;
	return true;
}

/* Gives each commit that TIP leads to, and no tip before it, its ref. */
static void visit(struct seeing *s, size_t tip, unsigned char *done, struct oh_seen_files *out)
{
	struct oh_slices todo = {0};

	OH_PUSH(s->arena, &todo, s->tips.items[tip]);
	while (todo.count) {
		const size_t *at = oh_map_get(&s->commits, todo.items[--todo.count]);
		struct oh_slice parents, parent;
		const struct oh_seen_commit *c;

		if (!at || done[*at - 1])
			continue;
		done[*at - 1] = 1;
		c = &s->store.commits.items[*at - 1];
		for (size_t i = 0; i < c->count; i++) {
			struct oh_seen_file file = s->store.files.items[c->first + i];

			file.ref = s->request->others->items[tip].name;
			OH_PUSH(s->arena, out, file);
		}
		parents = c->parents;
		while (oh_slice_next(&parents, ' ', &parent))
			OH_PUSH(s->arena, &todo, parent);
	}
}

/* What no ref leads to any more is forgotten. */
static void drop_unvisited(struct seeing *s, const unsigned char *done)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->store.commits.count; i++)
		if (done[i])
			s->store.commits.items[kept++] = s->store.commits.items[i];
	s->store.commits.count = kept;
}

/* The id of a file that another tree of this command has. */
static bool recall(struct seeing *s, struct oh_seen_file *file)
{
	const struct oh_loader *l = s->request->loader;
	const struct oh_slices both = {(struct oh_slice[]){file->blob, file->path}, 2, 2};
	const size_t *at = l->seen.capacity
				   ? oh_map_get(&l->seen, oh_slices_join(s->arena, &both, " "))
				   : NULL;

	if (!at || !*at || !l->parsed.items[*at - 1].is_migration)
		return false;
	file->id = l->parsed.items[*at - 1].migration.id;
	file->state = OH_SEEN_READ;
	return true;
}

static void parse(struct seeing *s, const struct oh_past_blob *blob, struct oh_seen_file *file)
{
	const struct oh_adapter *adapter = oh_adapter_named(s->request->location->system);
	const struct oh_file bytes = {file->path, blob->bytes, file->blob};
	struct oh_migrations migrations = {0};
	struct oh_unreadables ignored = {0};

	file->state = OH_SEEN_MISSING;
	if (!blob->is_here)
		return;
	adapter->parse(s->arena, &bytes, OH_READ_GRAPH, &migrations, &ignored);
	file->state = migrations.count ? OH_SEEN_READ : OH_SEEN_UNREADABLE;
	if (migrations.count)
		file->id = migrations.items[0].id;
}

struct unread {
	struct oh_seen_file **items;
	size_t count, capacity;
};

static bool parse_some(
	struct seeing *s, struct oh_seen_file **files, size_t count, struct oh_error *err)
{
	struct oh_arena scratch = {0};
	struct oh_past_blob *blobs = oh_arena_alloc(&scratch, count * sizeof(*blobs));
	bool ok;

	for (size_t i = 0; i < count; i++)
		blobs[i].id = files[i]->blob;
	ok = oh_repo_blobs(s->flow->repo, &scratch, blobs, count, err);
	for (size_t i = 0; ok && i < count; i++)
		parse(s, &blobs[i], files[i]);
	oh_arena_drop(&scratch);
	return ok;
}

static void collect(struct seeing *s, struct oh_seen_files *list, struct unread *unread)
{
	for (size_t i = 0; i < list->count; i++) {
		struct oh_seen_file *f = &list->items[i];

		if (!f->blob.len)
			f->state = OH_SEEN_UNREADABLE;
		else if ((f->state == OH_SEEN_UNREAD || f->state == OH_SEEN_MISSING) &&
			 !recall(s, f))
			OH_PUSH(s->arena, unread, f);
	}
}

/* What was missing before is tried again with the rest. */
static bool read_ids(struct seeing *s, struct oh_error *err)
{
	struct unread unread = {0};

	collect(s, &s->store.shared, &unread);
	collect(s, &s->store.files, &unread);
	for (size_t i = 0; i < unread.count; i += BLOBS_AT_ONCE) {
		const size_t left = unread.count - i;

		if (!parse_some(
			    s, unread.items + i, left < BLOBS_AT_ONCE ? left : BLOBS_AT_ONCE, err))
			return false;
	}
	return true;
}

static void list_files(struct seeing *s, struct oh_seen_files *out)
{
	unsigned char *done = oh_arena_alloc(s->arena, s->store.commits.count + 1);

	*out = (struct oh_seen_files){0};
	for (size_t i = 0; i < s->tips.count; i++)
		if (s->tips.items[i].len)
			visit(s, i, done, out);
	for (size_t i = 0; i < s->store.shared.count; i++)
		OH_PUSH(s->arena, out, s->store.shared.items[i]);
	if (s->changed) {
		drop_unvisited(s, done);
		remember_tips(s);
		save_store(s);
	}
}

bool oh_seen_find(struct oh_flow *flow, const struct oh_seen_request *request,
	struct oh_seen_files *out, struct oh_error *err)
{
	struct seeing s = {.flow = flow, .arena = flow->arena, .request = request};

	s.commits.arena = s.arena;
	if (!open_store(&s, err) || !look_at_shared(&s, err) || !look_at_others(&s, err) ||
		(s.changed && !read_ids(&s, err)))
		return false;
	list_files(&s, out);
	return true;
}

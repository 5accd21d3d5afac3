/*
 * Everything is made in memory, named by its own bytes, and written by git. A signed commit is made
 * by git itself, which wants what it names to be there: what has been made before it is written
 * first.
 */
#include "repo/rebuild.h"

#include "base/buf.h"
#include "repo/disk.h"
#include "repo/real_objects.h"
#include "repo/tree_editor.h"

#define WORTH_A_GIT 524288 /* bytes that are written while more are made */

/* A commit as git reads it: a tree, parents, and the rest. */
struct part {
	struct oh_commit old;
	struct oh_slice rest;
	struct oh_slice tree; /* of the new commit */
	struct oh_slice id; /* of the new commit, once it has been made */
	bool is_changed;
};

/* Edits as the trees take them: commits in a row often share them. */
struct edits {
	const struct oh_rebuild_edit *source;
	struct oh_tree_edit *items;
	size_t count;
	struct oh_tree_memo memo;
};

struct rebuilding {
	struct oh_repo *repo;
	struct oh_arena *arena;
	const struct oh_rebuilt *commits;
	struct part *parts;
	size_t count;
	struct oh_map by_id; /* index + 1 */
	struct oh_real_objects objects;
	struct oh_pack pack;
	struct edits edits; /* those of the last commit that had any */
};

static bool is_id(const struct oh_repo *repo, struct oh_slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!(id.ptr[i] >= '0' && id.ptr[i] <= '9') &&
			!(id.ptr[i] >= 'a' && id.ptr[i] <= 'f'))
			return false;
	return id.len == repo->id_length;
}

static bool cut_id(
	const struct oh_repo *repo, struct oh_slice *rest, struct oh_slice key, struct oh_slice *id)
{
	struct oh_slice after = *rest;

	if (!oh_slice_cut_prefix(&after, key) || !oh_slice_next(&after, '\n', id) ||
		!is_id(repo, *id))
		return false;
	*rest = after;
	return true;
}

static bool split(struct rebuilding *r, struct part *p, struct oh_error *err)
{
	struct oh_slice parent;

	oh_commit_parse(r->arena, &p->old);
	p->old.parents = (struct oh_slices){0};
	p->rest = p->old.raw;
	if (!cut_id(r->repo, &p->rest, OH_SLICE("tree "), &p->old.tree))
		return oh_fail(err, OH_E_FORMAT, "commit " OH_FMT " is damaged", OH_ARG(p->old.id));
	while (cut_id(r->repo, &p->rest, OH_SLICE("parent "), &parent))
		OH_PUSH(r->arena, &p->old.parents, parent);
	return true;
}

static bool index_commits(struct rebuilding *r, struct oh_error *err)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct oh_slice id = r->commits[i].id;
		size_t *at = oh_map_put(&r->by_id, id);

		if (!is_id(r->repo, id))
			return oh_fail(
				err, OH_E_NOT_FOUND, "no such commit: '" OH_FMT "'", OH_ARG(id));
		if (*at)
			return oh_fail(
				err, OH_E_USAGE, "commit " OH_FMT " comes twice", OH_ARG(id));
		*at = i + 1;
		r->parts[i].old.id = id;
	}
	return true;
}

/* NULL for a commit that is not among those to be rebuilt. */
static struct part *part_of(struct rebuilding *r, struct oh_slice id)
{
	const size_t *at = oh_map_get(&r->by_id, id);

	return at ? &r->parts[*at - 1] : NULL;
}

static bool check_order(struct rebuilding *r, const struct part *p, struct oh_error *err)
{
	for (size_t i = 0; i < p->old.parents.count; i++) {
		const struct part *parent = part_of(r, p->old.parents.items[i]);

		if (parent && parent >= p)
			return oh_fail(err, OH_E_USAGE, "commit " OH_FMT " comes before its parent",
				OH_ARG(p->old.id));
	}
	return true;
}

static bool read_commits(struct rebuilding *r, struct oh_error *err)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < r->count; i++)
		OH_PUSH(r->arena, &ids, r->commits[i].id);
	if (!oh_real_objects_fetch(&r->objects, ids.items, ids.count, err))
		return false;
	for (size_t i = 0; i < r->count; i++) {
		struct part *p = &r->parts[i];

		if (!oh_real_objects_read(&r->objects, p->old.id, OH_COMMIT, &p->old.raw, err) ||
			!split(r, p, err) || !check_order(r, p, err))
			return false;
	}
	return true;
}

static bool read_tree(
	void *from, struct oh_slice tree, struct oh_slice *bytes, struct oh_error *err)
{
	return oh_real_objects_read(from, tree, OH_TREE, bytes, err);
}

static void take_edits(struct rebuilding *r, const struct oh_rebuilt *commit)
{
	struct edits *e = &r->edits;

	if (e->count == commit->edits.count && e->source == commit->edits.items)
		return;
	*e = (struct edits){.source = commit->edits.items, .count = commit->edits.count};
	e->items = oh_arena_alloc(r->arena, (e->count + 1) * sizeof(*e->items));
	for (size_t i = 0; i < e->count; i++) {
		const struct oh_rebuild_edit *edit = &e->source[i];

		e->items[i].path = edit->path;
		if (!edit->is_removed)
			e->items[i].id = oh_pack_add(&r->pack, OH_BLOB, edit->bytes);
	}
}

/* Is what git has not written, as it was there before, what it should be? */
static bool check_all(struct rebuilding *r, enum oh_pack_state state, struct oh_error *err)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < r->pack.objects.count; i++)
		if (r->pack.states.items[i] == state)
			OH_PUSH(r->arena, &ids, r->pack.objects.items[i].id);
	if (!oh_real_objects_fetch(&r->objects, ids.items, ids.count, err))
		return false;
	for (size_t i = 0; i < r->pack.objects.count; i++) {
		const struct oh_object *wanted = &r->pack.objects.items[i];
		struct oh_slice bytes;

		if (r->pack.states.items[i] != state)
			continue;
		if (!oh_real_objects_read(&r->objects, wanted->id, wanted->kind, &bytes, err))
			return false;
		if (!oh_slice_eq(bytes, wanted->bytes))
			return oh_fail(
				err, OH_E_GIT, "git has another " OH_FMT, OH_ARG(wanted->id));
	}
	return true;
}

/* While the next objects are made, git writes those that are. */
static bool write_ahead(struct rebuilding *r, struct oh_error *err)
{
	return r->pack.waiting < WORTH_A_GIT || oh_pack_start(&r->pack, err);
}

static bool make_tree(
	struct rebuilding *r, const struct oh_rebuilt *commit, struct part *p, struct oh_error *err)
{
	struct oh_tree_editor editor = {r->arena, read_tree, &r->objects, &r->pack, &r->edits.memo};

	take_edits(r, commit);
	if (oh_tree_edit(&editor, p->old.tree, r->edits.items, r->edits.count, &p->tree, err))
		return true;
	/* What a commit names and is not there is not a commit that is not there. */
	if (err && err->code == OH_E_NOT_FOUND)
		err->code = OH_E_GIT;
	return oh_wrap(err, "commit " OH_FMT, OH_ARG(oh_slice_sub(p->old.id, 0, 12)));
}

static bool make_trees(struct rebuilding *r, struct oh_error *err)
{
	struct oh_slices trees = {0};

	for (size_t i = 0; i < r->count; i++) {
		r->parts[i].tree = r->parts[i].old.tree;
		if (r->commits[i].edits.count)
			OH_PUSH(r->arena, &trees, r->parts[i].tree);
	}
	/* All at once; one that is missing is told of where it is needed. */
	oh_real_objects_fetch(&r->objects, trees.items, trees.count, NULL);
	for (size_t i = 0; i < r->count; i++)
		if (r->commits[i].edits.count &&
			(!make_tree(r, &r->commits[i], &r->parts[i], err) || !write_ahead(r, err)))
			return false;
	return true;
}

static void find_changed(struct rebuilding *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct part *p = &r->parts[i];

		p->is_changed = !oh_slice_eq(p->tree, p->old.tree);
		for (size_t k = 0; k < p->old.parents.count; k++) {
			const struct part *parent = part_of(r, p->old.parents.items[k]);

			p->is_changed = p->is_changed || (parent && parent->is_changed);
		}
	}
}

static bool fail_cut_off(const struct part *p, struct oh_error *err)
{
	return oh_fail(err, OH_E_UNSUPPORTED, "commit " OH_FMT " has a parent that is not here",
		OH_ARG(oh_slice_sub(p->old.id, 0, 12)));
}

/*
 * git forgives a missing parent only to the commits that `shallow` lists, and the new one would
 * not be among them. That file is asked first: a partial clone goes and fetches what is missing.
 */
static bool check_shallow(struct rebuilding *r, struct oh_error *err)
{
	const struct oh_slice path =
		oh_path_below(r->arena, r->repo->paths.common_dir, OH_SLICE("shallow"));
	struct oh_slice bytes, line;

	if (!oh_disk_read(r->arena, path, &bytes, NULL))
		return true;
	while (oh_slice_next_line(&bytes, &line)) {
		const struct part *p = part_of(r, line);

		if (p && p->is_changed)
			return fail_cut_off(p, err);
	}
	return true;
}

static bool check_parents(struct rebuilding *r, const struct part *p, struct oh_error *err)
{
	struct oh_slice bytes;

	for (size_t i = 0; i < p->old.parents.count; i++)
		if (!oh_real_objects_read(
			    &r->objects, p->old.parents.items[i], OH_COMMIT, &bytes, err))
			return err && err->code == OH_E_NOT_FOUND ? fail_cut_off(p, err) : false;
	return true;
}

static bool check_all_parents(struct rebuilding *r, struct oh_error *err)
{
	struct oh_slices parents = {0};

	if (!check_shallow(r, err))
		return false;
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; r->parts[i].is_changed && k < r->parts[i].old.parents.count; k++)
			OH_PUSH(r->arena, &parents, r->parts[i].old.parents.items[k]);
	/* All at once; one that is missing is told of below. */
	oh_real_objects_fetch(&r->objects, parents.items, parents.count, NULL);
	for (size_t i = 0; i < r->count; i++)
		if (r->parts[i].is_changed && !check_parents(r, &r->parts[i], err))
			return false;
	return true;
}

/* The new commit, with the signature of the old one. */
static struct oh_commit with_parents(struct rebuilding *r, const struct part *p)
{
	struct oh_commit commit = p->old;
	struct oh_buf raw = {.arena = r->arena};

	commit.parents = (struct oh_slices){0};
	oh_buf_addf(&raw, "tree " OH_FMT "\n", OH_ARG(p->tree));
	for (size_t i = 0; i < p->old.parents.count; i++) {
		const struct part *parent = part_of(r, p->old.parents.items[i]);
		const struct oh_slice id = parent ? parent->id : p->old.parents.items[i];

		OH_PUSH(r->arena, &commit.parents, id);
		oh_buf_addf(&raw, "parent " OH_FMT "\n", OH_ARG(id));
	}
	oh_buf_add(&raw, p->rest);
	commit.raw = oh_buf_slice(&raw);
	return commit;
}

static bool make_commit(struct rebuilding *r, struct part *p, struct oh_error *err)
{
	struct oh_commit commit;

	p->id = p->old.id;
	if (!p->is_changed)
		return true;
	commit = with_parents(r, p);
	if (p->old.is_signed)
		return oh_pack_write(&r->pack, err) &&
		       oh_repo_recommit(r->repo, r->arena, &commit, p->tree, &p->id, err);
	p->id = oh_pack_add(&r->pack, OH_COMMIT, commit.raw);
	return true;
}

static bool make_commits(struct rebuilding *r, struct oh_error *err)
{
	for (size_t i = 0; i < r->count; i++)
		if (!make_commit(r, &r->parts[i], err))
			return false;
	return oh_pack_start(&r->pack, err) && check_all(r, OH_IS_THERE, err) &&
	       oh_pack_finish(&r->pack, err) && check_all(r, OH_MAY_BE_THERE, err);
}

static bool rebuild(struct rebuilding *r, struct oh_error *err)
{
	r->parts = oh_arena_alloc(r->arena, (r->count + 1) * sizeof(*r->parts));
	r->by_id.arena = r->objects.arena = r->arena;
	r->objects.repo = r->repo;
	oh_pack_init(&r->pack, r->arena, r->repo);
	if (!index_commits(r, err) || !read_commits(r, err) || !make_trees(r, err))
		return false;
	find_changed(r);
	return check_all_parents(r, err) && make_commits(r, err);
}

bool oh_repo_rebuild(struct oh_repo *repo, struct oh_arena *arena, struct oh_rebuilt *commits,
	size_t count, struct oh_error *err)
{
	struct oh_arena scratch = {0};
	struct rebuilding r = {.repo = repo, .arena = &scratch, .commits = commits, .count = count};
	const bool ok = oh_repo_paths(repo, err) && rebuild(&r, err);

	for (size_t i = 0; ok && i < count; i++)
		commits[i].new_id = oh_slice_dup(arena, r.parts[i].id);
	oh_pack_finish(&r.pack, NULL);
	oh_real_objects_close(&r.objects);
	oh_arena_drop(&scratch);
	return ok;
}

#include "flow/numbers.h"

#include "flow/standing.h"
#include "repo/disk.h"

struct looking {
	struct oh_flow *flow;
	struct oh_arena *arena;
	const struct oh_numbers_request *request;
	struct oh_numbers *out;
	struct oh_loader loader;
	struct oh_tree index, before, upstream, worktree;
};

static bool load_commit(
	struct looking *l, struct oh_slice commit, struct oh_tree *tree, struct oh_error *err)
{
	struct oh_source *source;

	return oh_repo_tree(l->flow->repo, commit, &source, err) &&
	       oh_load_tree(&l->loader, source, tree, err);
}

/* Where HEAD and the target parted; "" where it is not known. */
static struct oh_slice fork_point(struct looking *l, struct oh_slice head)
{
	struct oh_slices bases = {0};

	if (!head.len || !l->out->target.commit.len ||
		!oh_repo_merge_bases(
			l->flow->repo, l->arena, head, l->out->target.commit, &bases, NULL) ||
		!bases.count)
		return OH_SLICE("");
	return bases.items[0];
}

static bool load_all(struct looking *l, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(l->flow->repo, err);
	struct oh_slice head = OH_SLICE("");
	struct oh_source *index;

	if (!paths || !oh_find_configs(l->flow->repo, l->arena, NULL, &l->loader.configs, err))
		return false;
	oh_repo_resolve(l->flow->repo, l->arena,
		l->request->amends ? OH_SLICE("HEAD^") : OH_SLICE("HEAD"), &head, NULL);
	oh_loader_for_repo(&l->loader, l->flow->repo);
	if (!load_commit(l, l->out->target.commit, &l->upstream, err))
		return false;
	if (l->request->committed)
		return load_commit(l, head, &l->index, err) &&
		       load_commit(l, fork_point(l, head), &l->before, err);
	return oh_repo_index(l->flow->repo, &index, err) &&
	       oh_load_tree(&l->loader, index, &l->index, err) &&
	       load_commit(l, head, &l->before, err);
}

/* Read when it is needed: numbers change, or files that git does not know count. */
static bool load_worktree(struct looking *l, struct oh_error *err)
{
	const struct oh_slice top = oh_repo_paths(l->flow->repo, NULL)->top;

	if (l->worktree.source)
		return true;
	l->loader.root = top;
	return oh_load_tree(&l->loader, oh_directory_source(l->arena, top), &l->worktree, err);
}

/* One script directory. */
struct place {
	struct looking *l;
	struct oh_numbered *n;
	struct oh_snapshot *index, *before, *upstream, *worktree;
	struct oh_snapshot snapshot; /* the index, and what git does not know where that counts */
	struct oh_migrations beside;
	struct oh_slices fixed;
};

/* What lies in the worktree and is not in the index. */
static struct oh_migrations list_beside(struct place *p)
{
	struct oh_migrations list = {0};

	for (size_t i = 0; i < p->worktree->migrations.count; i++)
		if (!oh_snapshot_at(p->index, p->worktree->migrations.items[i].path))
			OH_PUSH(p->l->arena, &list, p->worktree->migrations.items[i]);
	return list;
}

static bool look_into_worktree(struct place *p, struct oh_error *err)
{
	struct looking *l = p->l;

	if (!load_worktree(l, err))
		return false;
	p->worktree = oh_tree_match(l->arena, &l->worktree, p->index);
	return !l->request->untracked ||
	       oh_load_bodies(&l->loader, &l->worktree, p->worktree, p->before, err);
}

static bool begin(struct place *p, struct oh_error *err)
{
	struct looking *l = p->l;
	struct oh_migrations beside;

	if (!oh_load_bodies(&l->loader, &l->index, p->index, p->before, err) ||
		!oh_load_bodies(&l->loader, &l->upstream, p->upstream, p->before, err))
		return false;
	p->snapshot = *p->index;
	if (!l->request->untracked)
		return true;
	if (!look_into_worktree(p, err))
		return false;
	beside = list_beside(p);
	p->snapshot.migrations = (struct oh_migrations){0};
	for (size_t i = 0; i < p->index->migrations.count; i++)
		OH_PUSH(l->arena, &p->snapshot.migrations, p->index->migrations.items[i]);
	for (size_t i = 0; i < beside.count; i++)
		OH_PUSH(l->arena, &p->snapshot.migrations, beside.items[i]);
	oh_graph_build(&p->snapshot.graph, l->arena, &p->snapshot.migrations);
	return true;
}

static void decide(struct place *p)
{
	const struct oh_renumber_request request = {.snapshot = &p->snapshot,
		.before = p->before,
		.upstream = p->upstream,
		.beside = &p->beside,
		.fixed = &p->fixed,
		.rising = p->l->request->rising};

	oh_renumber_decide(&p->n->renumbering, p->l->arena, &request);
}

/* Somebody else's file of the same name, by its date, is no sign that it is this one. */
static struct oh_snapshot under_new_names(struct place *p)
{
	struct oh_snapshot s = p->snapshot;
	struct oh_arena *arena = p->l->arena;

	s.migrations = (struct oh_migrations){0};
	for (size_t i = 0; i < p->snapshot.migrations.count; i++) {
		struct oh_migration m = p->snapshot.migrations.items[i];
		const struct oh_migration *theirs = oh_snapshot_at(p->upstream, m.path);

		if (theirs && !oh_renumber_is_same(&m, theirs))
			m.path = oh_slice_printf(arena, OH_FMT "+", OH_ARG(m.path));
		OH_PUSH(arena, &s.migrations, m);
	}
	oh_graph_build(&s.graph, arena, &s.migrations);
	return s;
}

static bool find_standings(struct place *p, struct oh_standings *out, struct oh_error *err)
{
	const struct oh_snapshot renamed = under_new_names(p);
	struct oh_slices ids = {0};
	struct oh_slice head = OH_SLICE("");
	struct oh_standing_request request = {.loader = &p->l->loader,
		.branch = oh_repo_branch(p->l->flow->repo, p->l->arena),
		.snapshot = &renamed,
		.candidates = &ids};

	for (size_t i = 0; i < p->n->renumbering.added.count; i++)
		OH_PUSH(p->l->arena, &ids, p->n->renumbering.added.items[i]->id);
	oh_repo_resolve(p->l->flow->repo, p->l->arena, OH_SLICE("HEAD"), &head, NULL);
	request.commit = head;
	return oh_standings_find(p->l->flow, &request, out, err);
}

static void keep(struct place *p, struct oh_slice id, struct oh_slice why)
{
	if (!p->n->kept.len)
		p->n->kept = oh_slice_printable(p->l->arena,
			oh_slice_printf(p->l->arena, OH_FMT " keeps its number: " OH_FMT,
				OH_ARG(id), OH_ARG(why)));
}

/* Only what nobody has seen gets another number. */
static bool fix_what_was_seen(struct place *p, struct oh_error *err)
{
	struct oh_standings standings;

	if (!find_standings(p, &standings, err))
		return false;
	for (size_t i = 0; i < standings.count; i++) {
		const struct oh_standing_of *s = &standings.items[i];

		if (s->standing == OH_MOVABLE)
			continue;
		for (size_t k = 0; k < p->n->renumbering.list.count; k++)
			if (oh_slice_eq(p->n->renumbering.list.items[k].migration->id, s->id))
				keep(p, s->id, s->why);
		OH_PUSH(p->l->arena, &p->fixed, s->id);
	}
	return true;
}

/* What names an id that changes, and would not be rewritten with it. */
static bool is_left_behind(const struct place *p, const struct oh_migration *m)
{
	const struct oh_migration *staged = oh_snapshot_at(&p->snapshot, m->path);

	return oh_renumber_follows(&p->n->renumbering, m) &&
	       !(staged && oh_renumber_follows(&p->n->renumbering, staged));
}

static void refuse(struct place *p, struct oh_slice path, const char *what)
{
	p->n->refused = oh_slice_printable(
		p->l->arena, oh_slice_printf(p->l->arena, OH_FMT " %s", OH_ARG(path), what));
}

/* Files that are staged and gone from the worktree, other than by a sparse checkout. */
static bool find_deleted(struct place *p, struct oh_error *err)
{
	static const char *const argv[] = {
		"git", "diff-files", "--name-only", "--diff-filter=D", "-z", "--", NULL};
	struct oh_slice list, path;

	if (!oh_repo_git(p->l->flow->repo, p->l->arena, argv, OH_SLICE(""), &list, err))
		return false;
	while (oh_slice_next(&list, '\0', &path))
		for (size_t i = 0; i < p->n->steps.count; i++)
			if (oh_slice_eq(p->n->steps.items[i].path, path))
				refuse(p, path,
					"is deleted in the worktree, and that is not staged");
	return true;
}

static bool look_for_obstacles(struct place *p, struct oh_error *err)
{
	for (size_t i = 0; i < p->worktree->migrations.count; i++)
		if (is_left_behind(p, &p->worktree->migrations.items[i]))
			refuse(p, p->worktree->migrations.items[i].path,
				"names it, and is not part of this commit: git add it");
	return find_deleted(p, err);
}

static bool read_either(void *context, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *bytes, struct oh_error *err)
{
	const struct place *p = context;
	struct oh_source *source =
		oh_snapshot_at(p->index, path) ? p->l->index.source : p->l->worktree.source;

	return oh_source_read(source, arena, path, bytes, err);
}

/* An added file is git's where the removed one before it is. */
static void share_out(struct place *p, const struct oh_steps *steps)
{
	bool is_known = true;

	for (size_t i = 0; i < steps->count; i++) {
		if (steps->items[i].kind != OH_STEP_ADD)
			is_known = oh_snapshot_at(p->index, steps->items[i].path) != NULL;
		if (is_known)
			OH_PUSH(p->l->arena, &p->n->steps, steps->items[i]);
		else
			OH_PUSH(p->l->arena, &p->n->untracked, steps->items[i]);
	}
}

/* The index alone, for its lock. */
static struct oh_snapshot *without_untracked(struct place *p, const struct oh_snapshot *all)
{
	struct oh_snapshot *s = oh_arena_alloc(p->l->arena, sizeof(*s));

	*s = *p->index;
	s->migrations = (struct oh_migrations){0};
	for (size_t i = 0; i < all->migrations.count; i++)
		if (oh_snapshot_at(p->index, p->snapshot.migrations.items[i].path))
			OH_PUSH(p->l->arena, &s->migrations, all->migrations.items[i]);
	oh_graph_build(&s->graph, p->l->arena, &s->migrations);
	return s;
}

static void drop(struct place *p)
{
	p->n->renumbering.list.count = p->n->renumbering.renames.count = 0;
	p->n->steps.count = p->n->untracked.count = 0;
	p->n->after = NULL;
}

static bool plan_steps(struct place *p, struct oh_error *err)
{
	struct oh_snapshot after;
	struct oh_steps steps = {0};
	struct oh_error why = {0};

	if (!oh_renumber_steps(
		    p->l->arena, &p->n->renumbering, read_either, p, &steps, &after, &why)) {
		if (why.code != OH_E_UNSUPPORTED) {
			*err = why;
			return false;
		}
		keep(p, p->n->renumbering.list.items[0].migration->id,
			oh_slice_printf(p->l->arena, "%s", why.message));
		drop(p);
		return true;
	}
	share_out(p, &steps);
	p->n->after = without_untracked(p, &after);
	return look_for_obstacles(p, err);
}

/* One that somebody has seen, and that names an id which is to change. */
static const struct oh_migration *find_seen_follower(const struct place *p)
{
	const struct oh_renumbering *r = &p->n->renumbering;

	for (size_t i = 0; i < r->added.count; i++)
		if (oh_renumber_follows(r, r->added.items[i]) &&
			oh_slices_contain(&p->fixed, r->added.items[i]->id))
			return r->added.items[i];
	return NULL;
}

static bool change(struct place *p, struct oh_error *err)
{
	const struct oh_migration *follower;

	if (!fix_what_was_seen(p, err))
		return false;
	if (p->l->request->committed) {
		decide(p);
		return true;
	}
	if (!look_into_worktree(p, err))
		return false;
	if (!p->l->request->untracked)
		p->beside = list_beside(p);
	decide(p);
	follower = find_seen_follower(p);
	if (follower) {
		keep(p, p->n->renumbering.list.items[0].migration->id,
			oh_slice_printf(p->l->arena, OH_FMT " names it, and may not change",
				OH_ARG(follower->id)));
		drop(p);
	}
	return !p->n->renumbering.list.count || plan_steps(p, err);
}

static bool look_at(struct looking *l, struct oh_snapshot *index, struct oh_error *err)
{
	struct oh_numbered *n = oh_arena_alloc(l->arena, sizeof(*n));
	struct place *p = oh_arena_alloc(l->arena, sizeof(*p));

	*n = (struct oh_numbered){.kept = OH_SLICE(""), .refused = OH_SLICE("")};
	*p = (struct place){.l = l, .n = n, .index = index};
	p->before = oh_tree_match(l->arena, &l->before, index);
	p->upstream = oh_tree_match(l->arena, &l->upstream, index);
	if (!begin(p, err))
		return false;
	n->snapshot = &p->snapshot;
	n->graph_count = l->index.count;
	if (!oh_renumber_is_due(l->arena, &p->snapshot, p->before))
		return true;
	decide(p);
	n->parents = oh_renumber_taken_parents(l->arena, &n->renumbering);
	if (n->renumbering.list.count && !change(p, err))
		return false;
	OH_PUSH(l->arena, l->out, *n);
	return true;
}

bool oh_numbers_find(struct oh_flow *flow, const struct oh_numbers_request *request,
	struct oh_numbers *out, struct oh_error *err)
{
	struct looking *l = oh_arena_alloc(flow->arena, sizeof(*l));

	*out = (struct oh_numbers){.amends = request->amends};
	*l = (struct looking){.flow = flow,
		.arena = flow->arena,
		.request = request,
		.out = out,
		.loader = {.arena = flow->arena, .depth = OH_READ_TEXT}};
	if (!oh_target_find(flow, &out->target, err))
		return false;
	if (!out->target.commit.len && !request->rising)
		return true;
	if (!load_all(l, err))
		return false;
	for (size_t i = 0; i < l->index.count; i++)
		if (!look_at(l, &l->index.items[i], err))
			return false;
	return true;
}

bool oh_numbers_change_anything(const struct oh_numbers *numbers)
{
	for (size_t i = 0; i < numbers->count; i++)
		if (numbers->items[i].renumbering.list.count)
			return true;
	return false;
}

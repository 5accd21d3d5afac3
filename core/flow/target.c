#include "flow/target.h"

#include "flow/shared_branch.h"

#include <sys/stat.h>
#include <time.h>

/* "origin/main" for refs/remotes/origin/main. */
static struct oh_slice short_name(struct oh_slice ref)
{
	if (!oh_slice_cut_prefix(&ref, OH_SLICE("refs/remotes/")))
		oh_slice_cut_prefix(&ref, OH_SLICE("refs/heads/"));
	return ref;
}

/* A symbolic ref's own. */
static const struct oh_ref *real_ref(const struct oh_refs *refs, struct oh_slice name)
{
	const struct oh_ref *ref = oh_refs_find(refs, name);

	return ref && ref->symbolic.len ? oh_refs_find(refs, ref->symbolic) : ref;
}

/* The branch of a remote that git means by NAME. */
static const struct oh_ref *ref_called(
	struct oh_arena *arena, const struct oh_refs *refs, struct oh_slice name)
{
	static const char *const forms[][2] = {
		{"", ""}, {"refs/", ""}, {"refs/remotes/", ""}, {"refs/remotes/", "/HEAD"}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const struct oh_slice full = oh_slice_printf(
			arena, "%s" OH_FMT "%s", forms[i][0], OH_ARG(name), forms[i][1]);
		const struct oh_ref *ref = real_ref(refs, full);

		if (ref && oh_slice_has_prefix(ref->name, OH_SLICE("refs/remotes/")))
			return ref;
	}
	return NULL;
}

static bool take(struct oh_flow *flow, struct oh_target *t, struct oh_slice name, const char *from)
{
	struct oh_error none = {0};

	if (!name.len || !oh_repo_resolve(flow->repo, flow->arena, name, &t->commit, &none))
		return false;
	t->name = name;
	t->from = from;
	return true;
}

/* As configured, for a branch without "refs/heads/". */
static struct oh_slice branch_config(struct oh_flow *flow, struct oh_slice branch, const char *key)
{
	return oh_repo_config(flow->repo,
		oh_slice_printf(flow->arena, "branch." OH_FMT ".%s", OH_ARG(branch), key).ptr);
}

/* Of its own name; or where it is pushed to, unless that belongs to everybody. */
static bool is_own_counterpart(
	struct oh_flow *flow, const struct oh_refs *refs, const struct oh_ref *own)
{
	const struct oh_slices remotes = oh_repo_remotes(flow->repo, flow->arena);
	const struct oh_slice name = short_name(own->name);

	if (oh_slice_eq(branch_config(flow, name, "remote"), OH_SLICE(".")))
		return false;
	return oh_slice_eq(branch_config(flow, name, "merge"), own->name) ||
	       (oh_slice_eq(own->push, own->upstream) &&
		       !oh_is_shared_ref(&remotes, refs, own->push));
}

static bool take_upstream(
	struct oh_flow *flow, const struct oh_target_request *r, struct oh_target *t)
{
	const struct oh_ref *own = oh_refs_find(r->refs, r->branch);
	const struct oh_slice upstream = own ? own->upstream : OH_SLICE("");

	if (!upstream.len || is_own_counterpart(flow, r->refs, own) ||
		!take(flow, t, upstream, "this branch's upstream"))
		return false;
	t->name = short_name(upstream);
	if (oh_refs_find(r->refs, upstream))
		t->ref = upstream;
	return true;
}

struct candidate {
	const struct oh_ref *ref;
	const char *from;
};

struct candidates {
	struct candidate *items;
	size_t count, capacity;
};

static void add_candidate(
	struct oh_arena *arena, struct candidates *list, const struct oh_ref *ref, const char *from)
{
	for (size_t i = 0; i < list->count; i++)
		if (oh_slice_eq(list->items[i].ref->id, ref->id))
			return;
	OH_PUSH(arena, list, (struct candidate){ref, from});
}

static void add_default(struct oh_arena *arena, struct candidates *list, const struct oh_refs *refs,
	struct oh_slice remote)
{
	static const char *const names[] = {"HEAD", "main", "master"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct oh_ref *ref =
			real_ref(refs, oh_slice_printf(arena, "refs/remotes/" OH_FMT "/%s",
					       OH_ARG(remote), names[i]));

		if (!ref)
			continue;
		add_candidate(arena, list, ref,
			i ? "its name"
			  : oh_slice_printf(arena, OH_FMT "/HEAD", OH_ARG(remote)).ptr);
		return;
	}
}

static void add_remote(struct oh_arena *arena, struct oh_slices *list, struct oh_slice name)
{
	if (name.len && !oh_slices_contain(list, name))
		OH_PUSH(arena, list, name);
}

/* In a fork "origin" is the fork, "upstream" what everybody merges into. */
static struct oh_slices likely_remotes(
	struct oh_flow *flow, const struct oh_slices *all, struct oh_slice branch)
{
	const struct oh_slice upstream = OH_SLICE("upstream");
	struct oh_slices some = {0};

	if (oh_slices_contain(all, upstream))
		add_remote(flow->arena, &some, upstream);
	add_remote(flow->arena, &some, OH_SLICE("origin"));
	add_remote(flow->arena, &some, branch_config(flow, short_name(branch), "remote"));
	if (all->count == 1)
		add_remote(flow->arena, &some, all->items[0]);
	return some;
}

/* Default branches first: of two that are as near the first counts. */
static struct candidates find_candidates(
	struct oh_flow *flow, const struct oh_refs *refs, struct oh_slice branch)
{
	const struct oh_slices all = oh_repo_remotes(flow->repo, flow->arena);
	const struct oh_slices remotes = likely_remotes(flow, &all, branch);
	struct candidates list = {0};

	for (size_t i = 0; i < remotes.count; i++)
		add_default(flow->arena, &list, refs, remotes.items[i]);
	for (size_t i = 0; i < refs->count; i++) {
		const struct oh_ref *ref = &refs->items[i];
		const struct oh_remote_branch b = oh_remote_branch_of(&all, ref->name);

		if (!ref->symbolic.len && oh_is_release_branch(b.name) &&
			oh_slices_contain(&remotes, b.remote))
			add_candidate(flow->arena, &list, ref, "the nearest release branch");
	}
	return list;
}

static void ask(struct oh_arena *arena, struct oh_ahead *question, struct oh_slice commit,
	const struct candidate *of, size_t count)
{
	question->commit = commit;
	for (size_t i = 0; i < count; i++)
		OH_PUSH(arena, &question->without, of[i].ref->id);
}

/*
 * The index of the nearest. Two questions decide in most clones: where the first candidate has all
 * of this branch's commits that any has, it is the nearest. It is, too, where there is no commit.
 */
static size_t find_nearest(
	struct oh_flow *flow, struct oh_slice commit, const struct candidates *list)
{
	struct oh_ahead *q = oh_arena_alloc(flow->arena, (list->count + 1) * sizeof(*q));
	struct oh_error none = {0};
	size_t found = 0;

	if (list->count < 2 || !commit.len)
		return 0;
	ask(flow->arena, &q[0], commit, list->items, 1);
	ask(flow->arena, &q[1], commit, list->items, list->count);
	if (!oh_repo_count_ahead(flow->repo, flow->arena, q, 2, &none) || q[0].count == q[1].count)
		return 0;
	for (size_t i = 1; i < list->count; i++) {
		q[i] = (struct oh_ahead){0};
		ask(flow->arena, &q[i], commit, &list->items[i], 1);
	}
	if (!oh_repo_count_ahead(flow->repo, flow->arena, q + 1, list->count - 1, &none))
		return 0;
	for (size_t i = 1; i < list->count; i++)
		if (q[i].count < q[found].count)
			found = i;
	return found;
}

static void take_nearest(
	struct oh_flow *flow, const struct oh_target_request *r, struct oh_target *t)
{
	const struct candidates list = find_candidates(flow, r->refs, r->branch);
	const struct candidate *nearest;

	if (!list.count)
		return;
	nearest = &list.items[find_nearest(flow, r->commit, &list)];
	t->ref = nearest->ref->name;
	t->name = short_name(t->ref);
	t->commit = nearest->ref->id;
	t->from = nearest->from;
}

static long seconds_since(struct oh_arena *arena, struct oh_slice directory)
{
	struct stat st;

	if (stat(oh_slice_printf(arena, OH_FMT "/FETCH_HEAD", OH_ARG(directory)).ptr, &st) < 0)
		return -1;
	return (long)(time(NULL) - st.st_mtime);
}

/* Each worktree notes its own. */
static long seconds_since_fetch(struct oh_flow *flow)
{
	const struct oh_repo_paths *paths = oh_repo_paths(flow->repo, NULL);
	long here, common;

	if (!paths)
		return -1;
	here = seconds_since(flow->arena, paths->git_dir);
	common = seconds_since(flow->arena, paths->common_dir);
	return common < 0 || (here >= 0 && here < common) ? here : common;
}

bool oh_target_of(struct oh_flow *flow, const struct oh_target_request *r, struct oh_target *t,
	struct oh_error *err)
{
	const struct oh_slice set = oh_repo_config(flow->repo, "onehead.target");
	const struct oh_ref *ref;

	*t = (struct oh_target){.name = OH_SLICE(""),
		.ref = OH_SLICE(""),
		.commit = OH_SLICE(""),
		.from = "",
		.fetched = seconds_since_fetch(flow)};
	if (!set.len) {
		if (!take_upstream(flow, r, t))
			take_nearest(flow, r, t);
		return true;
	}
	if (!take(flow, t, set, "onehead.target"))
		return oh_fail(err, OH_E_NOT_FOUND,
			"onehead.target names " OH_FMT
			", which is not here; git fetch, or correct it",
			OH_ARG(set));
	ref = ref_called(flow->arena, r->refs, set);
	if (ref)
		t->ref = ref->name;
	return true;
}

bool oh_target_find(struct oh_flow *flow, struct oh_target *t, struct oh_error *err)
{
	const struct oh_slice branch = oh_repo_branch(flow->repo, flow->arena);
	struct oh_slice patterns[] = {OH_SLICE("refs/remotes"), branch};
	const struct oh_slices wanted = {patterns, branch.len ? 2 : 1, 2};
	struct oh_refs refs;
	const struct oh_target_request r = {branch, OH_SLICE("HEAD"), &refs};

	return oh_repo_refs(flow->repo, flow->arena, &wanted, &refs, err) &&
	       oh_target_of(flow, &r, t, err);
}

struct oh_slice oh_age(struct oh_arena *arena, long seconds)
{
	static const struct {
		long size;
		const char *name;
	} units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}};

	for (size_t i = 0; i < 3; i++) {
		const long n = seconds / units[i].size;

		if (n > 0)
			return oh_slice_printf(
				arena, "%ld %s%s ago", n, units[i].name, n == 1 ? "" : "s");
	}
	return OH_SLICE("just now");
}

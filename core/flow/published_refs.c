#include "flow/published_refs.h"

#include "base/buf.h"
#include "flow/shared_branch.h"

static const char REMOTES[] = "refs/remotes/", TAGS[] = "refs/tags/", HEADS[] = "refs/heads/",
		  REPLACED[] = "refs/replace/";

struct finding {
	struct oh_flow *flow;
	struct oh_arena *arena;
	struct oh_slice branch;
	struct oh_slices remotes;
	struct oh_refs named; /* by onehead.published */
	struct oh_slices own; /* names of the line's own counterparts */
	struct oh_published_refs *out;
};

static bool is_below(struct oh_slice ref, const char *directory)
{
	return oh_slice_has_prefix(ref, oh_slice_of(directory));
}

struct oh_slice oh_ref_for_people(struct oh_arena *arena, struct oh_slice ref)
{
	if (oh_slice_cut_prefix(&ref, oh_slice_of(TAGS)))
		ref = oh_slice_printf(arena, "tag " OH_FMT, OH_ARG(ref));
	else if (!oh_slice_cut_prefix(&ref, oh_slice_of(REMOTES)))
		oh_slice_cut_prefix(&ref, oh_slice_of(HEADS));
	return oh_slice_printable(arena, ref);
}

static bool list_refs(struct finding *f, struct oh_error *err)
{
	struct oh_slice patterns[] = {OH_SLICE("refs/remotes"), OH_SLICE("refs/tags"),
		OH_SLICE("refs/replace"), f->branch};
	const struct oh_slices usual = {patterns, f->branch.len ? 4 : 3, 4};
	const struct oh_slices named =
		oh_repo_config_all(f->flow->repo, f->arena, "onehead.published");

	return oh_repo_refs(f->flow->repo, f->arena, &usual, &f->out->all, err) &&
	       oh_repo_refs(f->flow->repo, f->arena, &named, &f->named, err);
}

static struct oh_slice branch_config(struct finding *f, struct oh_slice name, const char *key)
{
	return oh_repo_config(f->flow->repo,
		oh_slice_printf(f->arena, "branch." OH_FMT ".%s", OH_ARG(name), key).ptr);
}

/* Where git would push the branch to. */
static struct oh_slice push_remote(struct finding *f, const struct oh_ref *ref)
{
	struct oh_slice name = f->branch, remote;

	oh_slice_cut_prefix(&name, oh_slice_of(HEADS));
	remote = ref ? ref->push_remote : OH_SLICE("");
	if (!remote.len)
		remote = branch_config(f, name, "remote");
	if (!remote.len || oh_slice_eq(remote, OH_SLICE(".")))
		remote = f->remotes.count == 1 ? f->remotes.items[0] : OH_SLICE("origin");
	return remote;
}

static bool is_shared(const struct finding *f, struct oh_slice ref)
{
	const struct oh_slice set = oh_repo_config(f->flow->repo, "onehead.target");

	return oh_is_shared_ref(&f->remotes, &f->out->all, ref) ||
	       (set.len && ref.len && oh_slice_eq(f->out->target.ref, ref));
}

static bool is_counted(const struct finding *f, struct oh_slice ref)
{
	return !oh_slices_contain(&f->own, ref) || oh_slice_eq(f->out->target.ref, ref) ||
	       is_shared(f, ref) || oh_refs_find(&f->named, ref);
}

static void find_own(struct finding *f)
{
	const struct oh_ref *ref = oh_refs_find(&f->out->all, f->branch);
	struct oh_slice name = f->branch;

	if (!oh_slice_cut_prefix(&name, oh_slice_of(HEADS)))
		return;
	if (ref && is_below(ref->push, REMOTES))
		OH_PUSH(f->arena, &f->own, ref->push);
	OH_PUSH(f->arena, &f->own,
		oh_slice_printf(f->arena, "%s" OH_FMT "/" OH_FMT, REMOTES,
			OH_ARG(push_remote(f, ref)), OH_ARG(name)));
}

/* A target that is no branch of a remote; the line itself is none. */
static void add_local_target(struct finding *f)
{
	const struct oh_target *t = &f->out->target;
	struct oh_slice own = f->branch;

	if (!t->name.len || t->ref.len || oh_slice_eq(t->name, own) ||
		(oh_slice_cut_prefix(&own, oh_slice_of(HEADS)) && oh_slice_eq(t->name, own)))
		return;
	OH_PUSH(f->arena, &f->out->others, (struct oh_ref){.name = t->name, .id = t->commit});
}

static void sort_refs(struct finding *f)
{
	struct oh_published_refs *out = f->out;

	add_local_target(f);
	for (size_t i = 0; i < out->all.count; i++) {
		const struct oh_ref *ref = &out->all.items[i];
		const bool remote = is_below(ref->name, REMOTES);

		if (ref->symbolic.len || (!remote && !is_below(ref->name, TAGS)) ||
			(remote && !is_counted(f, ref->name)))
			continue;
		if (is_shared(f, ref->name))
			OH_PUSH(f->arena, &out->shared, *ref);
		else
			OH_PUSH(f->arena, &out->others, *ref);
	}
	for (size_t i = 0; i < f->named.count; i++)
		if (!is_below(f->named.items[i].name, REMOTES) &&
			!is_below(f->named.items[i].name, TAGS))
			OH_PUSH(f->arena, &out->others, f->named.items[i]);
}

/* Our own push alone does not tell what else the remote has. */
static bool is_fetched(const struct finding *f, struct oh_slice remote)
{
	for (size_t i = 0; i < f->out->all.count; i++) {
		const struct oh_ref *ref = &f->out->all.items[i];

		if (oh_slice_eq(oh_remote_branch_of(&f->remotes, ref->name).remote, remote) &&
			(ref->symbolic.len || is_counted(f, ref->name)))
			return true;
	}
	return false;
}

static void find_doubt(struct finding *f)
{
	struct oh_published_refs *out = f->out;

	for (size_t i = 0; i < f->remotes.count && !out->doubt.len; i++)
		if (!is_fetched(f, f->remotes.items[i]))
			out->doubt = oh_slice_printf(f->arena, OH_FMT " was never fetched",
				OH_ARG(oh_slice_printable(f->arena, f->remotes.items[i])));
	if (!out->doubt.len && f->remotes.count && !out->target.name.len)
		out->doubt = OH_SLICE("it is not known which branch this one is bound for");
}

/* Commits that stand in for others make another history. */
static struct oh_slice context_of(struct finding *f)
{
	struct oh_buf text = {.arena = f->arena};
	const struct oh_refs *all = &f->out->all;

	oh_buf_addf(&text, OH_FMT "\n", OH_ARG(oh_repo_config(f->flow->repo, "onehead.target")));
	for (size_t i = 0; i < all->count; i++)
		if (is_below(all->items[i].name, REPLACED))
			oh_buf_addf(&text, OH_FMT " " OH_FMT "\n", OH_ARG(all->items[i].name),
				OH_ARG(all->items[i].id));
	return oh_buf_slice(&text);
}

bool oh_published_refs_find(struct oh_flow *flow, struct oh_slice branch, struct oh_slice commit,
	struct oh_published_refs *out, struct oh_error *err)
{
	struct finding f = {.flow = flow, .arena = flow->arena, .branch = branch, .out = out};
	const struct oh_target_request line = {branch, commit, &out->all};
	struct oh_error none = {0};

	*out = (struct oh_published_refs){.doubt = OH_SLICE("")};
	if (!list_refs(&f, err))
		return false;
	if (!oh_target_of(flow, &line, &out->target, &none))
		out->doubt = oh_slice_dup(f.arena, oh_slice_of(none.message));
	f.remotes = oh_repo_remotes(flow->repo, f.arena);
	find_own(&f);
	sort_refs(&f);
	find_doubt(&f);
	out->context = context_of(&f);
	return true;
}

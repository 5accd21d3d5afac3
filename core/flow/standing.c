#include "flow/standing.h"

#include "flow/ledger.h"
#include "flow/published_refs.h"
#include "flow/seen.h"

#include <stdlib.h>

/* A date that a file says is of whatever place it was written in: up to so far ahead of UTC. */
#define MOST_AHEAD (14 * 3600L)

/* One candidate, and what is known of it so far. */
struct candidate {
	struct oh_slice id;
	struct oh_migrations as; /* as the line has it: more than one where the id is twice */
	const struct oh_seen_file *seen; /* the best that was found */
	int rank; /* of it: less is better */
	struct oh_slice doubt, deployed;
};

struct judging {
	struct oh_flow *flow;
	struct oh_arena *arena;
	const struct oh_standing_request *request;
	const struct oh_adapter *adapter;
	struct oh_published_refs refs;
	struct {
		struct candidate *items;
		size_t count, capacity;
	} candidates; /* sorted by id */
	struct oh_seen_files seen;
	struct oh_map by_id, by_path; /* index of the candidate, plus one */
	struct oh_map digests; /* of blobs: index into `bodies`, plus one */
	struct oh_slices bodies;
	struct oh_slice doubt; /* of all that is not found */
	bool is_cut;
	long long cut; /* when the newest commit without its parents was made */
};

static void doubt(struct judging *j, struct oh_slice why)
{
	if (!j->doubt.len)
		j->doubt = why;
}

static void list_candidates(struct judging *j)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < j->request->candidates->count; i++)
		OH_PUSH(j->arena, &ids, j->request->candidates->items[i]);
	oh_slices_sort(&ids);
	for (size_t i = 0; i < ids.count; i++) {
		size_t *slot = oh_map_put(&j->by_id, ids.items[i]);

		if (*slot)
			continue;
		OH_PUSH(j->arena, &j->candidates,
			(struct candidate){.id = ids.items[i],
				.doubt = OH_SLICE(""),
				.deployed = OH_SLICE("")});
		*slot = j->candidates.count;
	}
}

static void find_migrations(struct judging *j)
{
	const struct oh_migrations *all = &j->request->snapshot->migrations;

	for (size_t i = 0; i < all->count; i++) {
		const size_t *at = oh_map_get(&j->by_id, all->items[i].id);

		if (!at)
			continue;
		OH_PUSH(j->arena, &j->candidates.items[*at - 1].as, all->items[i]);
		*oh_map_put(&j->by_path, all->items[i].path) = *at;
	}
	for (size_t i = 0; i < j->candidates.count; i++)
		if (!j->candidates.items[i].as.count)
			j->candidates.items[i].doubt = OH_SLICE("it is not in this line");
}

/* git follows no symlink: the history of what lies behind one is somewhere else. */
static void look_for_symlinks(struct judging *j)
{
	const struct oh_slices *directories = &j->request->snapshot->location.versions;

	for (size_t i = 0; i < directories->count; i++)
		if (oh_repo_is_blocked(
			    j->flow->repo, j->arena, j->request->commit, directories->items[i]))
			doubt(j, oh_slice_printf(j->arena,
					 "the history of " OH_FMT
					 " is not known: it is behind a symlink",
					 OH_ARG(oh_slice_printable(
						 j->arena, directories->items[i]))));
}

/* The body's digest of what lies in BLOB; "" where it can't be had. */
static struct oh_slice digest_of(struct judging *j, const struct oh_seen_file *seen)
{
	struct oh_past_blob blob = {.id = seen->blob};
	struct oh_migrations found = {0};
	struct oh_unreadables ignored = {0};
	size_t *slot = oh_map_put(&j->digests, seen->blob);

	if (*slot)
		return j->bodies.items[*slot - 1];
	if (oh_repo_blobs(j->flow->repo, j->arena, &blob, 1, NULL) && blob.is_here) {
		const struct oh_file file = {seen->path, blob.bytes, seen->blob};

		j->adapter->parse(j->arena, &file, OH_READ_BODY, &found, &ignored);
	}
	OH_PUSH(j->arena, &j->bodies, found.count ? found.items[0].body.digest : OH_SLICE(""));
	*slot = j->bodies.count;
	return j->bodies.items[*slot - 1];
}

static int rank_of(const struct judging *j, struct oh_slice ref)
{
	if (oh_slice_eq(ref, j->refs.target.ref) || oh_slice_eq(ref, j->refs.target.name))
		return 0;
	if (oh_refs_find(&j->refs.shared, ref))
		return 1;
	return oh_slice_has_prefix(ref, OH_SLICE("refs/tags/")) ? 3 : 2;
}

static void take_seen(struct judging *j, struct candidate *c, const struct oh_seen_file *seen)
{
	const int rank = rank_of(j, seen->ref);

	if (c->seen &&
		(c->rank < rank || (c->rank == rank && oh_slice_cmp(c->seen->ref, seen->ref) <= 0)))
		return;
	c->seen = seen;
	c->rank = rank;
}

/* Is SEEN, which has the id, one of C's migrations? */
static void compare(struct judging *j, struct candidate *c, const struct oh_seen_file *seen)
{
	for (size_t i = 0; i < c->as.count; i++) {
		const struct oh_migration *m = &c->as.items[i];
		struct oh_slice digest = OH_SLICE("");
		bool same = oh_slice_eq(m->path, seen->path) || oh_slice_eq(m->content, seen->blob);

		if (!same)
			digest = digest_of(j, seen);
		if (same || (digest.len && oh_slice_eq(digest, m->body.digest)))
			take_seen(j, c, seen);
		else if (!digest.len || !m->body.digest.len)
			c->doubt = OH_SLICE("another file of its id can't be compared with it");
	}
}

static bool holds(struct oh_slice path, struct oh_slice id)
{
	const struct oh_slice name = oh_path_name(path);

	return oh_slice_find(name, id, 0) < name.len;
}

/* SEEN is not in this clone: by its name it may be C, or by C's name nothing can be said. */
static void compare_names(struct candidate *c, const struct oh_seen_file *seen)
{
	for (size_t i = 0; i < c->as.count; i++)
		if (holds(seen->path, c->id) || !holds(c->as.items[i].path, c->id))
			c->doubt = OH_SLICE("a file that may be it is not in this partial clone");
}

/* SEEN lay where C does, and its id is not known. */
static void compare_paths(struct judging *j, struct candidate *c, const struct oh_seen_file *seen)
{
	c->doubt = oh_slice_printf(j->arena, "what " OH_FMT " had at its path %s",
		OH_ARG(oh_ref_for_people(j->arena, seen->ref)),
		seen->state == OH_SEEN_MISSING ? "is not in this partial clone" : "can't be read");
}

static void compare_all(struct judging *j)
{
	for (size_t i = 0; i < j->seen.count; i++) {
		const struct oh_seen_file *f = &j->seen.items[i];
		const bool known = f->state == OH_SEEN_READ;
		const size_t *at =
			oh_map_get(known ? &j->by_id : &j->by_path, known ? f->id : f->path);

		for (size_t k = 0; f->state == OH_SEEN_MISSING && k < j->candidates.count; k++)
			compare_names(&j->candidates.items[k], f);
		if (at && known)
			compare(j, &j->candidates.items[*at - 1], f);
		else if (at)
			compare_paths(j, &j->candidates.items[*at - 1], f);
	}
}

static bool find_seen(struct judging *j)
{
	const struct oh_seen_request request = {j->request->loader, &j->request->snapshot->location,
		&j->refs.shared, &j->refs.others, j->refs.context};
	struct oh_error err = {0};

	if (!oh_seen_find(j->flow, &request, &j->seen, &err)) {
		doubt(j, oh_slice_printf(j->arena, "its history can't be read: %s", err.message));
		return false;
	}
	compare_all(j);
	j->is_cut = oh_repo_is_cut(j->flow->repo, j->arena, &j->cut);
	return true;
}

static void find_deployed(struct judging *j)
{
	struct oh_ledger_rows rows;
	struct oh_error err = {0};

	if (!oh_ledger_applied(j->flow, j->arena, &rows, &err)) {
		doubt(j, oh_slice_printf(j->arena, "%s", err.message));
		return;
	}
	for (size_t i = 0; i < rows.count; i++) {
		const size_t *at = oh_map_get(&j->by_id, rows.items[i].id);
		struct candidate *c = at ? &j->candidates.items[*at - 1] : NULL;

		if (c && !c->deployed.len)
			c->deployed = oh_slice_printf(j->arena, "applied to " OH_FMT,
				OH_ARG(oh_slice_printable(j->arena, rows.items[i].database)));
	}
}

/* Does COMMIT have the migration where it was seen? All that ever lay there was seen. */
static bool stands_in(struct judging *j, struct oh_slice commit, const struct oh_seen_file *seen)
{
	const struct oh_slice blob = oh_repo_id_at(j->flow->repo, j->arena, commit, seen->path);

	for (size_t i = 0; blob.len && i < j->seen.count; i++)
		if (oh_slice_eq(j->seen.items[i].blob, blob) &&
			oh_slice_eq(j->seen.items[i].path, seen->path))
			return oh_slice_eq(j->seen.items[i].id, seen->id);
	return false;
}

static struct oh_slice commit_of(const struct judging *j, struct oh_slice ref)
{
	const struct oh_refs *lists[] = {&j->refs.shared, &j->refs.others};

	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l]->count; i++)
			if (oh_slice_eq(lists[l]->items[i].name, ref))
				return lists[l]->items[i].id;
	return OH_SLICE("");
}

static struct oh_slice where_seen(struct judging *j, const struct oh_seen_file *seen)
{
	const struct oh_target *t = &j->refs.target;
	const struct oh_slice tip = commit_of(j, seen->ref);

	if (t->name.len && stands_in(j, t->commit, seen))
		return oh_slice_printf(
			j->arena, "in " OH_FMT, OH_ARG(oh_slice_printable(j->arena, t->name)));
	return oh_slice_printf(j->arena, "in %s" OH_FMT,
		tip.len && stands_in(j, tip, seen) ? "" : "the history of ",
		OH_ARG(oh_ref_for_people(j->arena, seen->ref)));
}

static bool take_number(struct oh_slice *rest, size_t digits, long long *out)
{
	*out = 0;
	for (size_t i = 0; i < digits; i++) {
		if (i >= rest->len || rest->ptr[i] < '0' || rest->ptr[i] > '9')
			return false;
		*out = *out * 10 + (rest->ptr[i] - '0');
	}
	*rest = oh_slice_sub(*rest, digits + 1, rest->len);
	return true;
}

/* "2024-05-06 07:08:09…" as if it were UTC; false where it is no such date. */
static bool parse_date(struct oh_slice text, long long *seconds)
{
	static const short before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	long long part[6], years, days;

	for (size_t i = 0; i < 6; i++)
		if (!take_number(&text, i ? 2 : 4, &part[i]))
			return false;
	if (part[1] < 1 || part[1] > 12)
		return false;
	years = part[0] - (part[1] < 3); /* whose leap days are over */
	days = (part[0] - 1970) * 365 + before[part[1] - 1] + part[2] - 1;
	days += years / 4 - years / 100 + years / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
	*seconds = days * 86400 + part[3] * 3600 + part[4] * 60 + part[5];
	return true;
}

/* What is cut off is older than the cut: it can't have held what was made later. */
static bool may_be_cut_off(const struct judging *j, const struct candidate *c)
{
	for (size_t i = 0; j->is_cut && i < c->as.count; i++) {
		long long made;

		if (!parse_date(c->as.items[i].date, &made) || made - MOST_AHEAD <= j->cut)
			return true;
	}
	return false;
}

static struct oh_standing_of standing_of(struct judging *j, const struct candidate *c)
{
	struct oh_standing_of s = {.id = c->id, .why = OH_SLICE("")};

	if (c->seen) {
		s.standing = OH_PUBLISHED;
		s.why = where_seen(j, c->seen);
		return s;
	}
	s.standing = c->deployed.len ? OH_DEPLOYED : OH_DOUBTFUL;
	if (c->deployed.len)
		s.why = c->deployed;
	else if (c->doubt.len)
		s.why = c->doubt;
	else if (j->doubt.len)
		s.why = j->doubt;
	else if (may_be_cut_off(j, c))
		s.why = OH_SLICE("history is cut off here (git fetch --unshallow)");
	else
		s.standing = OH_MOVABLE;
	return s;
}

bool oh_standings_find(struct oh_flow *flow, const struct oh_standing_request *request,
	struct oh_standings *out, struct oh_error *err)
{
	struct judging j = {.flow = flow, .arena = flow->arena, .request = request};

	*out = (struct oh_standings){0};
	if (!request->candidates->count)
		return true;
	j.adapter = oh_adapter_named(request->snapshot->location.system);
	j.by_id.arena = j.by_path.arena = j.digests.arena = j.arena;
	j.doubt = OH_SLICE("");
	list_candidates(&j);
	find_migrations(&j);
	if (!oh_published_refs_find(flow, request->branch, request->commit, &j.refs, err))
		return false;
	doubt(&j, j.refs.doubt);
	look_for_symlinks(&j);
	find_seen(&j);
	find_deployed(&j);
	for (size_t i = 0; i < j.candidates.count; i++)
		OH_PUSH(j.arena, out, standing_of(&j, &j.candidates.items[i]));
	return true;
}

bool oh_fork_policy(struct oh_flow *flow, enum oh_fork_policy *policy, struct oh_error *err)
{
	static const char *const names[] = {"auto", "merge", "linear", "ask"};
	const struct oh_slice set = oh_repo_config(flow->repo, "onehead.fork");

	*policy = OH_FORK_AUTO;
	if (!set.len)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (oh_slice_eq(set, oh_slice_of(names[i]))) {
			*policy = (enum oh_fork_policy)i;
			return true;
		}
	return oh_fail(err, OH_E_USAGE,
		"onehead.fork is \"" OH_FMT "\"; it can be auto, merge, linear or ask",
		OH_ARG(set));
}

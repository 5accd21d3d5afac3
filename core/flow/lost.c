#include "flow/judge.h"

#include <string.h>

/* The lost migration as the line that still has it says it. */
static const struct oh_migration *find_lost(const struct oh_verdict *v, struct oh_slice id)
{
	for (size_t s = 0; s < v->meeting.side_count; s++) {
		const struct oh_migration *m = oh_snapshot_find(v->meeting.sides[s], id);

		if (m)
			return m;
	}
	return NULL;
}

static const struct oh_migration *find_twin(
	const struct oh_snapshot *result, const struct oh_migration *lost)
{
	for (size_t i = 0; lost->body.digest.len && i < result->migrations.count; i++) {
		const struct oh_migration *m = &result->migrations.items[i];

		if (oh_slice_eq(m->body.digest, lost->body.digest) && !lost->body.does_nothing)
			return m;
	}
	return NULL;
}

/* The commit of one of the lines that deleted (or renamed) the file. */
static bool who_deleted(struct oh_flow *flow, const struct oh_verdicts *vs, const char **side,
	struct oh_slice path, struct oh_commit *out)
{
	for (size_t s = 0; s < vs->lines.count; s++) {
		const struct oh_slice from = vs->bases.count ? vs->bases.items[0] : OH_SLICE("");
		struct oh_slice range = vs->lines.sides[s];
		struct oh_error none = {0};

		if (!range.len)
			continue;
		if (from.len)
			range = oh_slice_printf(
				flow->arena, OH_FMT ".." OH_FMT, OH_ARG(from), OH_ARG(range));
		*side = vs->lines.names[s];
		if (oh_repo_who(flow->repo, flow->arena, range, 'D', path, out, &none))
			return true;
	}
	return false;
}

/* The commit that brought the parent of what was picked: it was not picked along. */
static void explain_backport(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_migration *lost, struct oh_finding *f)
{
	struct oh_arena *arena = flow->arena;
	const struct oh_slice range = oh_slice_printf(
		arena, OH_FMT ".." OH_FMT, OH_ARG(vs->lines.sides[0]), OH_ARG(vs->lines.sides[1]));
	struct oh_commit commit;
	struct oh_error none = {0};

	if (!oh_repo_who(flow->repo, arena, range, 'A', lost->path, &commit, &none))
		return;
	OH_PUSH(arena, &f->details,
		oh_slice_printf(arena,
			OH_FMT " came with %.7s (" OH_FMT "), which is not on this branch: " OH_FMT,
			OH_ARG(oh_slice_printable(arena, lost->id)), commit.id.ptr,
			OH_ARG(oh_slice_printable(arena, commit.author)),
			OH_ARG(oh_slice_printable(arena, commit.subject))));
	f->fix = oh_slice_printf(arena,
		"go back (below), then git cherry-pick %.7s before this one; or name a parent that "
		"is here in " OH_FMT ", git add it, onehead resolve",
		commit.id.ptr, OH_ARG(oh_slice_printable(arena, f->path)));
}

/* What was picked (a revert, as a rule) takes the parent of another away. */
static void explain_removed(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_migration *lost, struct oh_finding *f)
{
	struct oh_arena *arena = flow->arena;
	const struct oh_slice child = oh_slice_printable(arena, f->ids.items[0]);
	const struct oh_slice parent = oh_slice_printable(arena, lost->id);
	struct oh_slice first = OH_SLICE("what brought it");
	struct oh_commit commit;

	OH_PUSH(arena, &f->details,
		oh_slice_printf(arena,
			"this takes " OH_FMT " away (" OH_FMT "), and " OH_FMT
			" stands on it (" OH_FMT ":%u)",
			OH_ARG(parent), OH_ARG(oh_slice_printable(arena, lost->path)),
			OH_ARG(child), OH_ARG(oh_slice_printable(arena, f->path)), f->line));
	if (oh_repo_who(flow->repo, arena, vs->lines.sides[0], 'A', f->path, &commit, NULL))
		first = oh_slice_printf(arena, "%.7s, which brought it,", commit.id.ptr);
	f->fix = oh_slice_printf(arena,
		"go back (below); then git revert " OH_FMT " first, or keep " OH_FMT
		" and add a migration that undoes it",
		OH_ARG(first), OH_ARG(parent));
}

/* What a revert brings back stands on what was taken away after it. */
static bool explain_taken(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_migration *lost, struct oh_finding *f)
{
	struct oh_arena *arena = flow->arena;
	struct oh_commit commit;

	if (!oh_repo_who(flow->repo, arena, vs->lines.sides[0], 'D', lost->path, &commit, NULL))
		return false;
	OH_PUSH(arena, &f->details,
		oh_slice_printf(arena, OH_FMT " was taken away in %.7s (" OH_FMT "): " OH_FMT,
			OH_ARG(oh_slice_printable(arena, lost->id)), commit.id.ptr,
			OH_ARG(oh_slice_printable(arena, commit.author)),
			OH_ARG(oh_slice_printable(arena, commit.subject))));
	f->fix = oh_slice_printf(
		arena, "go back (below), then git revert %.7s before this one", commit.id.ptr);
	return true;
}

static void explain_picked(struct oh_flow *flow, const struct oh_verdicts *vs,
	const struct oh_verdict *v, const struct oh_migration *lost, struct oh_finding *f)
{
	if (oh_snapshot_find(v->meeting.sides[0], lost->id))
		explain_removed(flow, vs, lost, f);
	else if (!explain_taken(flow, vs, lost, f))
		explain_backport(flow, vs, lost, f);
}

static void explain(struct oh_flow *flow, const struct oh_verdicts *vs, const struct oh_verdict *v,
	struct oh_finding *f)
{
	struct oh_arena *arena = flow->arena;
	const struct oh_migration *lost = find_lost(v, f->ids.items[1]), *twin;
	struct oh_commit commit = {0};
	const char *side = "";

	if (!lost)
		return;
	if (vs->lines.picked && !find_twin(v->meeting.result, lost)) {
		explain_picked(flow, vs, v, lost, f);
		return;
	}
	if (who_deleted(flow, vs, &side, lost->path, &commit))
		OH_PUSH(arena, &f->details,
			oh_slice_printf(arena, "%s took it away in %.10s (" OH_FMT "): " OH_FMT,
				side, commit.id.ptr,
				OH_ARG(oh_slice_printable(arena, commit.author)),
				OH_ARG(oh_slice_printable(arena, commit.subject))));
	twin = find_twin(v->meeting.result, lost);
	if (twin) {
		OH_PUSH(arena, &f->details,
			oh_slice_printf(arena,
				"the same migration is here as " OH_FMT " (" OH_FMT ")",
				OH_ARG(oh_slice_printable(arena, twin->id)),
				OH_ARG(oh_slice_printable(arena, oh_path_name(twin->path)))));
		f->fix = oh_slice_printf(arena,
			"name " OH_FMT " as the parent in " OH_FMT
			", git add it, onehead resolve && git commit",
			OH_ARG(oh_slice_printable(arena, twin->id)),
			OH_ARG(oh_slice_printable(arena, f->path)));
	} else if (commit.id.len) {
		f->fix = oh_slice_printf(arena,
			"git merge --abort && git revert %.10s, then merge again", commit.id.ptr);
	}
}

void oh_explain_lost(
	struct oh_flow *flow, const struct oh_verdicts *verdicts, struct oh_verdict *verdict)
{
	for (size_t i = 0; i < verdict->worse.count; i++)
		if (strcmp(verdict->worse.items[i].rule, "missing-parent") == 0)
			explain(flow, verdicts, verdict, &verdict->worse.items[i]);
}

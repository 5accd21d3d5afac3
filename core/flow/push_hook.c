#include "flow/flow.h"

#include "flow/judge.h"
#include "flow/target.h"
#include "flow/touch.h"

#include <string.h>

/* One line of what git writes to pre-push. */
struct push {
	struct oh_slice local_ref, local_id, remote_ref, remote_id;
};

static bool is_zero(struct oh_slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.ptr[i] != '0')
			return false;
	return true;
}

static bool next_push(struct oh_arena *arena, struct oh_slice *rest, struct push *out)
{
	struct oh_slice line;
	struct oh_slices words;

	while (oh_slice_next_line(rest, &line)) {
		words = oh_slice_words(arena, line);
		if (words.count != 4)
			continue;
		*out = (struct push){
			words.items[0], words.items[1], words.items[2], words.items[3]};
		return true;
	}
	return false;
}

static struct oh_slice who(struct oh_flow *flow, const struct push *p, const struct oh_migration *m)
{
	const struct oh_slice mine = oh_repo_config(flow->repo, "user.email");
	struct oh_commit commit;
	struct oh_error none = {0};

	if (!oh_repo_who(flow->repo, flow->arena, p->local_id, 'A', m->path, &commit, &none))
		return OH_SLICE("nobody yet");
	if (mine.len && oh_slice_eq(mine, commit.email))
		return OH_SLICE("you");
	return oh_slice_printable(flow->arena, commit.author);
}

static struct oh_slice branch_of(struct oh_flow *flow, const struct push *p)
{
	struct oh_slice branch = p->remote_ref;

	oh_slice_cut_prefix(&branch, OH_SLICE("refs/heads/"));
	return oh_slice_printable(flow->arena, branch);
}

static void reject_heads(struct oh_flow *flow, const struct push *p, const struct oh_tree *tree,
	const struct oh_snapshot *s, const struct oh_finding *f)
{
	struct oh_slices heads = {0};

	for (size_t i = 0; i < f->ids.count; i++)
		OH_PUSH(flow->arena, &heads,
			oh_slice_printf(flow->arena, OH_FMT " (" OH_FMT ")",
				OH_ARG(oh_slice_printable(flow->arena, f->ids.items[i])),
				OH_ARG(who(flow, p, oh_snapshot_find(s, f->ids.items[i])))));
	oh_say(&flow->report, OH_FMT "REJECTED: " OH_FMT " would get %zu heads, " OH_FMT,
		OH_ARG(oh_graph_prefix(flow->arena, s, tree->count)), OH_ARG(branch_of(flow, p)),
		f->ids.count, OH_ARG(oh_slices_join(flow->arena, &heads, " and ")));
	oh_say(&flow->report, "  fix: onehead merge && git push");
	flow->report.status = OH_FINDINGS;
}

/* One of the two hides the other, and with it maybe a head. */
static void reject_duplicate(struct oh_flow *flow, const struct push *p, const struct oh_tree *tree,
	const struct oh_snapshot *s, const struct oh_finding *f)
{
	oh_say(&flow->report, OH_FMT "REJECTED: " OH_FMT " would get two files with the id " OH_FMT,
		OH_ARG(oh_graph_prefix(flow->arena, s, tree->count)), OH_ARG(branch_of(flow, p)),
		OH_ARG(oh_slice_printable(flow->arena, f->ids.items[0])));
	for (size_t i = 0; i < f->details.count; i++)
		oh_say(&flow->report, "  " OH_FMT, OH_ARG(f->details.items[i]));
	oh_say(&flow->report, "  fix: " OH_FMT ", git commit, git push", OH_ARG(f->fix));
	flow->report.status = OH_FINDINGS;
}

/* What the other side has by now: the branch itself or, where that is new, its target. "" where it
 * is not known. */
static struct oh_slice commit_there(struct oh_flow *flow, const struct push *p)
{
	struct oh_commit commit;
	struct oh_target target;
	struct oh_error unknown = {0};

	if (!is_zero(p->remote_id) &&
		oh_repo_commit(flow->repo, flow->arena, p->remote_id, &commit, &unknown))
		return p->remote_id;
	return oh_target_find(flow, &target, &unknown) ? target.commit : OH_SLICE("");
}

/* Is F of S there already, and this push brings nothing new? */
static bool is_there(struct oh_flow *flow, struct oh_loader *loader, const struct push *p,
	const struct oh_snapshot *s, const struct oh_finding *f)
{
	const struct oh_findings one = {(struct oh_finding *)f, 1, 1};
	struct oh_meeting there = {0};
	struct oh_findings before = {0};
	struct oh_error unknown = {0};
	struct oh_source *source;
	struct oh_tree tree;

	if (!oh_repo_tree(flow->repo, commit_there(flow, p), &source, &unknown) ||
		!oh_load_tree(loader, source, &tree, &unknown))
		return false;
	there.result = oh_tree_match(flow->arena, &tree, s);
	oh_rules_run(flow->arena, &there, &flow->skip, &before);
	return !oh_findings_worse(flow->arena, &before, &one).count;
}

/* Anything else that is wrong with what is pushed was let in by a commit: said, not rejected. */
static void warn(struct oh_flow *flow, const struct oh_tree *tree, const struct oh_snapshot *s,
	const struct oh_finding *f)
{
	oh_say(&flow->report, OH_FMT "warning: " OH_FMT " (" OH_FMT ")",
		OH_ARG(oh_graph_prefix(flow->arena, s, tree->count)), OH_ARG(f->message),
		OH_ARG(oh_slice_printable(flow->arena, f->path)));
}

static bool is_of(const struct oh_finding *f, const char *rule)
{
	return strcmp(f->rule, rule) == 0;
}

static void look_at(struct oh_flow *flow, struct oh_loader *loader, const struct push *p,
	const struct oh_tree *tree, const struct oh_snapshot *s)
{
	const struct oh_meeting alone = {.result = s};
	struct oh_findings findings = {0};

	oh_rules_run(flow->arena, &alone, &flow->skip, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		const struct oh_finding *f = &findings.items[i];

		if (is_of(f, "multiple-heads"))
			reject_heads(flow, p, tree, s, f);
		else if (is_of(f, "duplicate-id") && !is_there(flow, loader, p, s, f))
			reject_duplicate(flow, p, tree, s, f);
		else if (f->severity == OH_ERROR)
			warn(flow, tree, s, f);
	}
}

static bool judge_push(
	struct oh_flow *flow, struct oh_loader *loader, const struct push *p, struct oh_error *err)
{
	struct oh_source *source;
	struct oh_tree tree;

	if (!oh_repo_tree(flow->repo, p->local_id, &source, err) ||
		!oh_load_tree(loader, source, &tree, err))
		return oh_wrap(err, "looking at " OH_FMT, OH_ARG(p->local_ref));
	for (size_t i = 0; i < tree.count; i++)
		look_at(flow, loader, p, &tree, &tree.items[i]);
	return true;
}

/* What the other side has already is not judged again: none of it comes with this push. */
static bool brings_nothing(struct oh_flow *flow, const struct push *p)
{
	struct oh_error unknown = {0}; /* a commit that was never fetched */
	bool touched;

	return !is_zero(p->remote_id) &&
	       oh_touch_between(flow, p->remote_id, p->local_id, &touched, &unknown) && !touched;
}

bool oh_flow_pre_push(
	struct oh_flow *flow, struct oh_slice remote, struct oh_slice input, struct oh_error *err)
{
	struct oh_loader loader = {.arena = flow->arena, .depth = OH_READ_GRAPH};
	struct oh_slice rest = input;
	struct push p;

	(void)remote;
	while (next_push(flow->arena, &rest, &p)) {
		if (is_zero(p.local_id) ||
			!oh_slice_has_prefix(p.remote_ref, OH_SLICE("refs/heads/")))
			continue; /* a deletion, a tag */
		if (brings_nothing(flow, &p))
			continue;
		if (!loader.configs.count &&
			!oh_find_configs(flow->repo, flow->arena, NULL, &loader.configs, err))
			return false;
		if (!judge_push(flow, &loader, &p, err))
			return false;
	}
	return true;
}

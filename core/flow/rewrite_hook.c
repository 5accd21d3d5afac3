/*
 * After a rebase: where the migrations of the rewritten commits have forked from those of the new
 * base, the commits are rebuilt so that each of them has them on top.
 */
#include "flow/flow.h"

#include "apply/apply.h"
#include "apply/operation.h"
#include "base/buf.h"
#include "flow/lines.h"
#include "flow/made.h"
#include "flow/touch.h"

#include <stdlib.h>
#include <string.h>

struct rewriting {
	struct oh_flow *flow;
	const char *state; /* directory of git's own notes on this rebase */
	struct oh_slice orig_head, head_name;
	struct oh_made made;
};

static struct oh_slice note(const struct rewriting *r, const char *name)
{
	struct oh_arena *arena = r->flow->arena;

	return oh_slice_trim(oh_repo_state(
		r->flow->repo, arena, oh_slice_printf(arena, "%s/%s", r->state, name).ptr));
}

/* The new commits of "OLD NEW" lines. */
static struct oh_slices new_commits(struct oh_arena *arena, struct oh_slice pairs)
{
	struct oh_slices ids = {0};
	struct oh_slice line, old, new;

	while (oh_slice_next_line(&pairs, &line))
		if (oh_slice_next(&line, ' ', &old) && oh_slice_next(&line, ' ', &new))
			OH_PUSH(arena, &ids, new);
	return ids;
}

/* The branch that HEAD has come to last, as its reflog says. */
static struct oh_slice branch_gone_to(struct rewriting *r)
{
	static const char *const argv[] = {"git", "log", "-g", "-1", "--format=%gs",
		"--extended-regexp",
		"--grep-reflog=^(checkout: moving from|Branch: renamed|rebase .*: returning to) ",
		"HEAD", "--", NULL};
	struct oh_arena *arena = r->flow->arena;
	struct oh_slice said, name;

	if (!oh_repo_git(r->flow->repo, arena, argv, OH_SLICE(""), &said, NULL))
		return OH_SLICE("");
	said = oh_slice_trim(said);
	name = oh_slice_sub(said, oh_slice_rfind_byte(said, ' ') + 1, said.len);
	oh_slice_cut_prefix(&name, OH_SLICE("refs/heads/"));
	return oh_slice_printf(arena, "refs/heads/" OH_FMT, OH_ARG(name));
}

/* The branch that is still where the rebase began; git moves it after this hook. Of several the one
 * that was checked out. */
static struct oh_slice branch_at(struct rewriting *r, struct oh_slice commit)
{
	const char *const argv[] = {"git", "for-each-ref", "--format=%(refname)", "--points-at",
		oh_slice_str(r->flow->arena, commit), "refs/heads/", NULL};
	struct oh_slice list, name;
	struct oh_slices names = {0};

	if (!oh_repo_git(r->flow->repo, r->flow->arena, argv, OH_SLICE(""), &list, NULL))
		return OH_SLICE("");
	while (oh_slice_next_line(&list, &name))
		OH_PUSH(r->flow->arena, &names, name);
	if (names.count == 1)
		return names.items[0];
	name = names.count ? branch_gone_to(r) : OH_SLICE("");
	return oh_slices_contain(&names, name) ? name : OH_SLICE("");
}

/* The apply backend leaves no notes: the new base is below the commits that git says it has made.
 */
static bool find_applied(struct rewriting *r, struct oh_slice pairs)
{
	struct oh_arena *arena = r->flow->arena;
	const struct oh_slices made = new_commits(arena, pairs);
	struct oh_commit commit = {.id = r->made.head};
	struct oh_error none = {0};

	while (oh_slices_contain(&made, commit.id)) {
		if (!oh_repo_commit(r->flow->repo, arena, commit.id, &commit, &none) ||
			commit.parents.count != 1)
			return false;
		commit.id = commit.parents.items[0];
	}
	r->made.onto = commit.id;
	r->head_name = OH_SLICE("");
	if (oh_slice_eq(r->made.onto, r->made.head) ||
		!oh_repo_resolve(r->flow->repo, arena, OH_SLICE("ORIG_HEAD"), &r->orig_head, &none))
		return false;
	r->head_name = branch_at(r, r->orig_head);
	return true;
}

/* False where this is no rebase that can be looked at. */
static bool find_rebase(struct rewriting *r, struct oh_slice pairs)
{
	static const char *const states[] = {"rebase-merge", "rebase-apply"};

	for (size_t i = 0; i < 2; i++) {
		r->state = states[i];
		if (!oh_repo_has_state(r->flow->repo, states[i]))
			continue;
		r->made.onto = note(r, "onto");
		r->orig_head = note(r, "orig-head");
		r->head_name = note(r, "head-name");
		return (r->made.onto.len && r->orig_head.len) || find_applied(r, pairs);
	}
	return false;
}

/* Other branches that this rebase takes along are written after this hook, from a list of git's:
 * three lines each, the name of the ref, its commit until now, its commit from now on. */
static bool take_update_refs(
	const struct rewriting *r, struct oh_operation *op, struct oh_error *err)
{
	struct oh_arena *arena = r->flow->arena;
	const struct oh_repo_paths *paths = oh_repo_paths(r->flow->repo, err);
	struct oh_slice rest = oh_repo_state(r->flow->repo, arena, "rebase-merge/update-refs");
	struct oh_operation_ref ref = {.by_git = true};
	struct oh_buf list = {.arena = arena};

	if (!paths)
		return false;
	op->list.before = rest;
	while (oh_slice_next_line(&rest, &ref.name) && oh_slice_next_line(&rest, &ref.before) &&
		oh_slice_next_line(&rest, &ref.old_id)) {
		ref.new_id = oh_made_new_id(&r->made, ref.old_id);
		oh_buf_addf(&list, OH_FMT "\n" OH_FMT "\n" OH_FMT "\n", OH_ARG(ref.name),
			OH_ARG(ref.before), OH_ARG(ref.new_id));
		/* One that git did not come to has no commit to go to. */
		if (strspn(oh_slice_str(arena, ref.new_id), "0") < ref.new_id.len)
			OH_PUSH(arena, &op->refs, ref);
	}
	op->list.after = oh_buf_slice(&list);
	op->list.path = op->refs.count > 1
				? oh_slice_printf(arena, OH_FMT "/rebase-merge/update-refs",
					  OH_ARG(paths->git_dir))
				: OH_SLICE("");
	return true;
}

/* git copies no notes but those that it is told of. */
static bool has_notes(const struct rewriting *r)
{
	return getenv("GIT_NOTES_REWRITE_REF") ||
	       oh_repo_config(r->flow->repo, "notes.rewriteref").len;
}

/* Notes that git has copied to the rewritten commits go on to the rebuilt ones. */
static void copy_notes(struct rewriting *r)
{
	static const char *const argv[] = {
		"git", "notes", "copy", "--for-rewrite=rebase", "--stdin", NULL};
	struct oh_buf pairs = {.arena = r->flow->arena};
	struct oh_error none = {0};

	for (size_t i = 0; i < r->made.count; i++)
		if (!oh_slice_eq(r->made.commits[i].id, r->made.commits[i].new_id))
			oh_buf_addf(&pairs, OH_FMT " " OH_FMT "\n", OH_ARG(r->made.commits[i].id),
				OH_ARG(r->made.commits[i].new_id));
	oh_repo_git(r->flow->repo, r->flow->arena, argv, oh_buf_slice(&pairs), NULL, &none);
}

/* HEAD goes along with its branch; where git itself will put the branch there, HEAD alone. */
static bool move_head(struct rewriting *r, struct oh_error *err)
{
	struct oh_arena *arena = r->flow->arena;
	const bool detached = !oh_repo_branch(r->flow->repo, arena).len;
	struct oh_slice name = r->head_name;
	struct oh_operation op = {.command = OH_SLICE("rebase"),
		.message = OH_SLICE("onehead: rebase"),
		.as_one_move = true};
	struct oh_error none = {0};

	oh_slice_cut_prefix(&name, OH_SLICE("refs/heads/"));
	op.title = name.len ? oh_slice_printf(arena, "the rebase of " OH_FMT, OH_ARG(name))
			    : OH_SLICE("a rebase");
	op.branch_later = detached && oh_slice_has_prefix(r->head_name, OH_SLICE("refs/heads/"))
				  ? r->head_name
				  : OH_SLICE("");
	OH_PUSH(arena, &op.refs,
		((struct oh_operation_ref){.name = OH_SLICE("HEAD"),
			.old_id = r->made.head,
			.new_id = oh_made_new_id(&r->made, r->made.head),
			.before = r->orig_head}));
	oh_repo_reflog_message(r->flow->repo, arena, OH_SLICE("HEAD"), &op.message, &none);
	return take_update_refs(r, &op, err) && oh_apply_move(r->flow->repo, arena, &op, err);
}

/* Of commits before the tip: they have moved in them, or it can't be done. */
static void tell_earlier(const struct rewriting *r)
{
	const struct oh_made *made = &r->made;

	if (made->alone)
		oh_say(&r->flow->report,
			"onehead: %zu earlier commit%s of this rebase made one head by %s",
			made->alone, made->alone == 1 ? "" : "s",
			made->alone == 1 ? "itself" : "themselves");
	if (made->left)
		oh_say(&r->flow->report,
			"onehead: %zu earlier commit%s of this rebase left with several heads; the "
			"last one is sound",
			made->left, made->left == 1 ? "" : "s");
}

static bool rebuild(struct rewriting *r, struct oh_error *err)
{
	const bool is_needed = oh_verdicts_steps(r->flow->arena, &r->made.verdicts).count > 0;
	bool rebuilt;

	if (!oh_made_list(&r->made, r->orig_head, err))
		return false;
	if (!oh_made_has_head(&r->made)) {
		if (is_needed)
			oh_say(&r->flow->report,
				"onehead: several heads after this rebase, in commits that it did not "
				"make; join them: onehead merge");
		return true;
	}
	if (!oh_made_plan(&r->made, &rebuilt, err))
		return oh_wrap(err, "the commits of this rebase could not be looked at");
	if (rebuilt && (!oh_made_rebuild(&r->made, err) || !move_head(r, err)))
		return oh_wrap(err, "the rebase has several heads and could not be rebuilt "
				    "(join them with `onehead merge`)");
	if (rebuilt && has_notes(r))
		copy_notes(r);
	oh_tell_joined(
		r->flow, &r->made.verdicts, is_needed ? "in the commits of this rebase" : "");
	tell_earlier(r);
	return true;
}

/* Where nothing is to be moved a commit in between may still have forked, or have a lock of other
 * lines. */
static bool look_and_rebuild(struct rewriting *r, struct oh_error *err)
{
	const struct oh_lines lines = oh_lines_of_rebase(r->made.onto, r->orig_head, r->head_name);
	struct oh_source *tree;

	if (!oh_repo_tree(r->flow->repo, r->made.head, &tree, err) ||
		!oh_judge(r->flow, &lines, tree, &r->made.verdicts, err))
		return false;
	if (oh_verdicts_stop(&r->made.verdicts)) {
		oh_tell_stopped(r->flow, &r->made.verdicts, "the rebase is left as git made it");
		oh_say(&r->flow->report, "  go back: git reset --merge ORIG_HEAD");
		return true;
	}
	return rebuild(r, err);
}

/* What one commit adds and a later one takes away has forked in between. */
static bool touches(struct rewriting *r, struct oh_slice pairs, bool *touched, struct oh_error *err)
{
	const struct oh_slices made = new_commits(r->flow->arena, pairs);

	return oh_touch_between(r->flow, r->made.onto, r->made.head, touched, err) &&
	       (*touched || oh_touch_any(r->flow, &made, touched, err));
}

bool oh_flow_post_rewrite(
	struct oh_flow *flow, struct oh_slice command, struct oh_slice pairs, struct oh_error *err)
{
	struct rewriting r = {.flow = flow, .made = {.flow = flow}};
	bool touched;

	if (!oh_slice_eq(command, OH_SLICE("rebase")))
		return true;
	if (!oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &r.made.head, err))
		return false;
	if (!find_rebase(&r, pairs))
		return true;
	oh_repo_prefetch_merge_bases(flow->repo, r.made.onto, r.orig_head);
	oh_made_list_early(&r.made, r.orig_head);
	if (!touches(&r, pairs, &touched, err))
		return false;
	return !touched || look_and_rebuild(&r, err);
}

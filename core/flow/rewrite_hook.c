/*
 * After a rebase: where the migrations of the rewritten commits have forked from those of the new
 * base, the commits are rebuilt so that each of them has them on top.
 */
#include "flow/flow.h"

#include "apply/apply.h"
#include "apply/operation.h"
#include "base/buf.h"
#include "flow/judge.h"
#include "flow/touch.h"
#include "repo/disk.h"
#include "repo/rebuild.h"

#include <string.h>

struct rewriting {
	struct oh_flow *flow;
	const char *state; /* directory of git's own notes on this rebase */
	struct oh_slice onto, orig_head, head_name, head;
	struct oh_verdicts verdicts;
	struct oh_loader loader;
	struct oh_rebuilt *commits;
	size_t count;
	/* The last commit that was looked at: one that has the same directories needs no look. */
	struct oh_slice seen;
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

/* The one branch that is still where the rebase began; git moves it after this hook. */
static struct oh_slice branch_at(struct rewriting *r, struct oh_slice commit)
{
	const char *const argv[] = {"git", "for-each-ref", "--format=%(refname)", "--points-at",
		oh_slice_str(r->flow->arena, commit), "refs/heads/", NULL};
	struct oh_slice list, first;

	if (!oh_repo_git(r->flow->repo, r->flow->arena, argv, OH_SLICE(""), &list, NULL) ||
		!oh_slice_next_line(&list, &first) || list.len)
		return OH_SLICE("");
	return first;
}

/* The apply backend leaves no notes: the new base is below the commits that git says it has made.
 */
static bool find_applied(struct rewriting *r, struct oh_slice pairs)
{
	struct oh_arena *arena = r->flow->arena;
	const struct oh_slices made = new_commits(arena, pairs);
	struct oh_commit commit = {.id = r->head};
	struct oh_error none = {0};

	while (oh_slices_contain(&made, commit.id)) {
		if (!oh_repo_commit(r->flow->repo, arena, commit.id, &commit, &none) ||
			commit.parents.count != 1)
			return false;
		commit.id = commit.parents.items[0];
	}
	r->onto = commit.id;
	r->head_name = OH_SLICE("");
	if (oh_slice_eq(r->onto, r->head) ||
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
		r->onto = note(r, "onto");
		r->orig_head = note(r, "orig-head");
		r->head_name = note(r, "head-name");
		return (r->onto.len && r->orig_head.len) || find_applied(r, pairs);
	}
	return false;
}

/* Commits that this rebase has made, parents first. */
static bool list_commits(struct rewriting *r, struct oh_error *err)
{
	struct oh_arena *arena = r->flow->arena;
	const char *const argv[] = {"git", "rev-list", "--reverse", "--topo-order",
		oh_slice_str(arena, r->head), "--not", oh_slice_str(arena, r->onto),
		oh_slice_str(arena, r->orig_head), "--remotes", "--tags", NULL};
	struct oh_slice list, line;
	struct oh_slices ids = {0};

	if (!oh_repo_git(r->flow->repo, arena, argv, OH_SLICE(""), &list, err))
		return false;
	while (oh_slice_next_line(&list, &line))
		OH_PUSH(arena, &ids, line);
	r->count = ids.count;
	r->commits = oh_arena_alloc(arena, (r->count + 1) * sizeof(*r->commits));
	for (size_t i = 0; i < r->count; i++)
		r->commits[i].id = ids.items[i];
	return true;
}

/* The names of all that matters in COMMIT: configuration files and directories of migrations. */
static struct oh_slice look_at(struct rewriting *r, struct oh_slice commit)
{
	struct oh_arena *arena = r->flow->arena;
	struct oh_buf names = {.arena = arena};

	for (size_t i = 0; i < r->verdicts.count; i++) {
		const struct oh_location *l = &r->verdicts.items[i].meeting.result->location;
		struct oh_slices paths = {0};

		OH_PUSH(arena, &paths, l->config);
		OH_PUSH(arena, &paths, l->directory);
		for (size_t k = 0; k < l->versions.count; k++)
			OH_PUSH(arena, &paths, l->versions.items[k]);
		for (size_t k = 0; k < paths.count; k++) {
			struct oh_slice id = OH_SLICE("-");
			struct oh_error none = {0};

			oh_repo_object_id(r->flow->repo, arena,
				oh_slice_printf(arena, OH_FMT ":" OH_FMT, OH_ARG(commit),
					OH_ARG(paths.items[k])),
				&id, &none);
			oh_buf_addf(&names, OH_FMT " ", OH_ARG(id));
		}
	}
	return oh_buf_slice(&names);
}

static bool read_source(void *context, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *bytes, struct oh_error *err)
{
	return oh_source_read(context, arena, path, bytes, err);
}

static void take_edits(
	struct oh_arena *arena, const struct oh_steps *steps, struct oh_rebuilt *commit)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct oh_step *s = &steps->items[i];

		OH_PUSH(arena, &commit->edits,
			((struct oh_rebuild_edit){.path = s->path,
				.is_removed = s->kind == OH_STEP_REMOVE,
				.bytes = s->bytes}));
	}
}

/* What is decided for the tip, carried out on an earlier commit. */
static bool plan_commit(struct rewriting *r, struct oh_rebuilt *commit, struct oh_error *err)
{
	struct oh_arena *arena = r->flow->arena;
	struct oh_source *source;
	struct oh_tree tree;

	if (!oh_repo_tree(r->flow->repo, commit->id, &source, err) ||
		!oh_load_tree(&r->loader, source, &tree, err))
		return false;
	for (size_t i = 0; i < r->verdicts.count; i++) {
		const struct oh_verdict *v = &r->verdicts.items[i];
		const struct oh_snapshot *s = oh_tree_match(arena, &tree, v->meeting.result);
		struct oh_snapshot after;
		struct oh_steps steps = {0};

		if (!v->moves.list.count)
			oh_lock_plan(arena, s, &steps);
		else if (!oh_move_steps(
				 arena, &v->moves, s, read_source, source, &steps, &after, err))
			return false;
		take_edits(arena, &steps, commit);
	}
	return true;
}

static bool plan_commits(struct rewriting *r, struct oh_error *err)
{
	const struct oh_steps last = oh_verdicts_steps(r->flow->arena, &r->verdicts);

	oh_loader_for_repo(&r->loader, r->flow->repo);
	if (!oh_find_configs(r->flow->repo, r->flow->arena, NULL, &r->loader.configs, err))
		return false;
	for (size_t i = 0; i < r->count; i++) {
		struct oh_rebuilt *commit = &r->commits[i];
		const struct oh_slice seen = look_at(r, commit->id);

		if (oh_slice_eq(commit->id, r->head))
			take_edits(r->flow->arena, &last, commit);
		else if (i && oh_slice_eq(seen, r->seen))
			commit->edits = r->commits[i - 1].edits;
		else if (!plan_commit(r, commit, err))
			return false;
		r->seen = seen;
	}
	return true;
}

static struct oh_slice new_id_of(const struct rewriting *r, struct oh_slice id)
{
	for (size_t i = 0; i < r->count; i++)
		if (oh_slice_eq(r->commits[i].id, id))
			return r->commits[i].new_id;
	return id;
}

/* Other branches that this rebase takes along are written after this hook, from a list of git's:
 * three lines each, the name of the ref, its commit until now, its commit from now on. */
static bool mend_update_refs(struct rewriting *r, struct oh_error *err)
{
	struct oh_arena *arena = r->flow->arena;
	const struct oh_repo_paths *paths = oh_repo_paths(r->flow->repo, err);
	struct oh_slice rest = oh_repo_state(r->flow->repo, arena, "rebase-merge/update-refs");
	struct oh_buf list = {.arena = arena};
	struct oh_slice line;
	size_t n = 0;

	if (!rest.len)
		return true;
	while (oh_slice_next_line(&rest, &line)) {
		if (n++ % 3 == 2)
			line = new_id_of(r, line);
		oh_buf_addf(&list, OH_FMT "\n", OH_ARG(line));
	}
	return paths && oh_disk_write(arena,
				oh_slice_printf(arena, OH_FMT "/rebase-merge/update-refs",
					OH_ARG(paths->git_dir)),
				oh_buf_slice(&list), 0666, err);
}

/* Notes that git has copied to the rewritten commits go on to the rebuilt ones. */
static void copy_notes(struct rewriting *r)
{
	static const char *const argv[] = {
		"git", "notes", "copy", "--for-rewrite=rebase", "--stdin", NULL};
	struct oh_buf pairs = {.arena = r->flow->arena};
	struct oh_error none = {0};

	for (size_t i = 0; i < r->count; i++)
		if (!oh_slice_eq(r->commits[i].id, r->commits[i].new_id))
			oh_buf_addf(&pairs, OH_FMT " " OH_FMT "\n", OH_ARG(r->commits[i].id),
				OH_ARG(r->commits[i].new_id));
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
	op.title = oh_slice_printf(arena, "the rebase of " OH_FMT, OH_ARG(name));
	op.branch_later = detached && oh_slice_has_prefix(r->head_name, OH_SLICE("refs/heads/"))
				  ? r->head_name
				  : OH_SLICE("");
	OH_PUSH(arena, &op.refs,
		((struct oh_operation_ref){.name = OH_SLICE("HEAD"),
			.old_id = r->head,
			.new_id = new_id_of(r, r->head),
			.before = r->orig_head}));
	oh_repo_reflog_message(r->flow->repo, arena, OH_SLICE("HEAD"), &op.message, &none);
	return oh_apply_move(r->flow->repo, arena, &op, err);
}

static bool rebuild(struct rewriting *r, struct oh_error *err)
{
	if (!list_commits(r, err))
		return false;
	if (!r->count || !oh_slice_eq(r->commits[r->count - 1].id, r->head)) {
		oh_say(&r->flow->report,
			"onehead: several heads after this rebase, in commits that it did not make; "
			"join them: onehead merge");
		return true;
	}
	if (!plan_commits(r, err) ||
		!oh_repo_rebuild(r->flow->repo, r->flow->arena, r->commits, r->count, err) ||
		!move_head(r, err) || !mend_update_refs(r, err))
		return oh_wrap(err, "the rebase has several heads and could not be rebuilt (join "
				    "them with `onehead merge`)");
	copy_notes(r);
	oh_tell_joined(r->flow, &r->verdicts, "in the commits of this rebase");
	return true;
}

/* Where nothing is to be moved a commit in between may still have a lock of other lines. */
static bool look_and_rebuild(struct rewriting *r, struct oh_error *err)
{
	struct oh_lines lines = {.sides = {r->onto, r->orig_head},
		.names = {"ours", "theirs"},
		.count = 2,
		.rebased = r->head_name.len ? r->head_name : OH_SLICE("HEAD")};
	struct oh_source *tree;

	lines.branches[0] = lines.branches[1] = OH_SLICE("");
	if (!oh_repo_tree(r->flow->repo, r->head, &tree, err) ||
		!oh_judge(r->flow, &lines, tree, &r->verdicts, err))
		return false;
	if (oh_verdicts_stop(&r->verdicts)) {
		oh_tell_stopped(r->flow, &r->verdicts, "the rebase is left as git made it");
		oh_say(&r->flow->report, "  go back: git reset --merge ORIG_HEAD");
		return true;
	}
	if (!oh_verdicts_steps(r->flow->arena, &r->verdicts).count) {
		oh_tell_joined(r->flow, &r->verdicts, "");
		return true;
	}
	return rebuild(r, err);
}

bool oh_flow_post_rewrite(
	struct oh_flow *flow, struct oh_slice command, struct oh_slice pairs, struct oh_error *err)
{
	struct rewriting r = {
		.flow = flow, .loader = {.arena = flow->arena, .depth = OH_READ_TEXT}};
	bool touched;

	if (!oh_slice_eq(command, OH_SLICE("rebase")))
		return true;
	if (!oh_repo_resolve(flow->repo, flow->arena, OH_SLICE("HEAD"), &r.head, err))
		return false;
	if (!find_rebase(&r, pairs))
		return true;
	if (!oh_touch_between(flow, r.onto, r.head, &touched, err))
		return false;
	return !touched || look_and_rebuild(&r, err);
}

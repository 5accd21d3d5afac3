#include "flow/flow.h"

#include "apply/apply.h"
#include "apply/operation.h"

static struct oh_slice short_name(struct oh_slice name)
{
	oh_slice_cut_prefix(&name, OH_SLICE("refs/heads/"));
	return name;
}

static struct oh_slice before(const struct oh_operation_ref *ref)
{
	const struct oh_slice id = ref->before.len ? ref->before : ref->old_id;

	return id.len ? oh_slice_sub(id, 0, 7) : OH_SLICE("none");
}

static void tell_files(struct oh_flow *flow, const struct oh_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		oh_say(&flow->report, "would %s " OH_FMT,
			changes->items[i].status == 'D'	  ? "remove"
			: changes->items[i].status == 'A' ? "add"
							  : "write",
			OH_ARG(oh_slice_printable(flow->arena, changes->items[i].path)));
}

/* "main is at 1a2b3c4 again", or what would be so. */
static struct oh_slice outcome(
	struct oh_flow *flow, const struct oh_operation_ref *ref, bool dry_run)
{
	return oh_slice_printf(flow->arena, OH_FMT " %s at " OH_FMT " again",
		OH_ARG(oh_slice_printable(flow->arena, short_name(ref->name))),
		dry_run ? "would be" : "is", OH_ARG(before(ref)));
}

/* One of which undo leaves what was staged for it. */
static bool is_commit(const struct oh_operation *op)
{
	return op->paths.count && op->refs.count &&
	       !oh_slice_eq(op->refs.items[0].old_id, op->refs.items[0].new_id);
}

static void tell(struct oh_flow *flow, const struct oh_undone *undone, bool dry_run)
{
	const struct oh_operation *op = &undone->operation;
	const struct oh_slice title = oh_slice_printable(flow->arena, op->title);
	const char *did = dry_run ? "would take back" : "took back";

	if (is_commit(op)) {
		oh_say(&flow->report, "onehead: %s " OH_FMT ": " OH_FMT, did, OH_ARG(title),
			OH_ARG(outcome(flow, &op->refs.items[0], dry_run)));
		oh_say(&flow->report, "  what is staged, and %zu file%s, %s as before git commit",
			undone->changes.count, undone->changes.count == 1 ? "" : "s",
			dry_run ? "would be" : "are");
		return;
	}
	if (op->paths.count || !op->refs.count) {
		oh_say(&flow->report, "onehead: %s " OH_FMT ": %zu file%s %s as before", did,
			OH_ARG(title), undone->changes.count, undone->changes.count == 1 ? "" : "s",
			dry_run			     ? "would be"
			: undone->changes.count == 1 ? "is"
						     : "are");
		return;
	}
	oh_say(&flow->report, "onehead: %s " OH_FMT ": " OH_FMT, did, OH_ARG(title),
		OH_ARG(outcome(flow, &op->refs.items[0], dry_run)));
	for (size_t i = 1; i < op->refs.count; i++)
		oh_say(&flow->report, "  " OH_FMT,
			OH_ARG(outcome(flow, &op->refs.items[i], dry_run)));
	if (!dry_run && op->moves_head)
		oh_say(&flow->report, "  %.7s is kept; to go there again: git reset --keep %.7s",
			op->refs.items[0].new_id.ptr, op->refs.items[0].new_id.ptr);
}

/* Where others have it already, it comes back with the next pull. */
static void tell_pushed(struct oh_flow *flow, struct oh_slice id)
{
	const char *argv[] = {"git", "for-each-ref", "--count=1", "--format=%(refname:short)",
		"--contains", oh_slice_str(flow->arena, id), "refs/remotes", NULL};
	struct oh_slice name;

	if (oh_repo_git(flow->repo, flow->arena, argv, OH_SLICE(""), &name, NULL) && name.len)
		oh_say(&flow->report, "  it has been pushed: " OH_FMT " has it still",
			OH_ARG(oh_slice_printable(flow->arena, oh_slice_trim(name))));
}

bool oh_flow_undo(struct oh_flow *flow, bool dry_run, struct oh_error *err)
{
	const size_t last = oh_apply_last_undo(flow->repo, flow->arena);
	size_t now;
	struct oh_undone undone;
	struct oh_slice did;

	if (!oh_apply_recover(flow->repo, flow->arena, &did, err))
		return false;
	if (did.len)
		oh_say(&flow->report, "onehead: " OH_FMT, OH_ARG(did));
	/* An undo that was interrupted, and is asked for again, is done once. */
	now = oh_apply_last_undo(flow->repo, flow->arena);
	if (did.len && now && now != last)
		return true;
	if (!oh_apply_undo(flow->repo, flow->arena, dry_run, &undone, err))
		return false;
	tell(flow, &undone, dry_run);
	if (undone.operation.moves_head &&
		(!undone.operation.paths.count || is_commit(&undone.operation)))
		tell_pushed(flow, undone.operation.refs.items[0].new_id);
	if (dry_run)
		tell_files(flow, &undone.changes);
	return true;
}

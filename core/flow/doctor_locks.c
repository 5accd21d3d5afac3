#include "flow/setup.h"

#include "model/lock.h"
#include "repo/disk.h"

#define MOST_NAMED 3

/* "0013_add_z (Ana)": who committed a migration that the lock does not list. */
static struct oh_slice with_author(struct oh_setup *setup, const struct oh_migration *m)
{
	struct oh_commit commit;

	if (!oh_repo_who(
		    setup->flow->repo, setup->arena, OH_SLICE("HEAD"), 'A', m->path, &commit, NULL))
		return oh_slice_printf(setup->arena, OH_FMT " (not committed)", OH_ARG(m->id));
	return oh_slice_printf(
		setup->arena, OH_FMT " (" OH_FMT ")", OH_ARG(m->id), OH_ARG(commit.author));
}

static const struct oh_lock_entry *find_entry(const struct oh_lock *lock, struct oh_slice id)
{
	for (size_t i = 0; i < lock->entries.count; i++)
		if (oh_slice_eq(lock->entries.items[i].id, id))
			return &lock->entries.items[i];
	return NULL;
}

static void push_some(struct oh_arena *arena, struct oh_slices *list, struct oh_slice text)
{
	if (list->count < MOST_NAMED)
		OH_PUSH(arena, list, text);
	else if (list->count == MOST_NAMED)
		OH_PUSH(arena, list, OH_SLICE("…"));
}

/* What is wrong with a lock that can be read, for people. */
static struct oh_slice describe(struct oh_setup *setup, const struct oh_snapshot *s,
	const struct oh_lock *is, const struct oh_lock *should)
{
	struct oh_slices unlisted = {0}, gone = {0};

	for (size_t i = 0; i < should->entries.count; i++)
		if (!find_entry(is, should->entries.items[i].id))
			push_some(setup->arena, &unlisted,
				with_author(
					setup, oh_snapshot_find(s, should->entries.items[i].id)));
	for (size_t i = 0; i < is->entries.count; i++)
		if (!find_entry(should, is->entries.items[i].id))
			push_some(setup->arena, &gone, is->entries.items[i].id);
	if (unlisted.count)
		return oh_slice_printf(setup->arena,
			OH_FMT " %s not listed: committed without hooks",
			OH_ARG(oh_slices_join(setup->arena, &unlisted, ", ")),
			unlisted.count == 1 ? "is" : "are");
	if (gone.count)
		return oh_slice_printf(setup->arena, "lists " OH_FMT ", which %s not there",
			OH_ARG(oh_slices_join(setup->arena, &gone, ", ")),
			gone.count == 1 ? "is" : "are");
	return OH_SLICE("names other parents or heads than the migrations do");
}

static bool is_true(struct oh_arena *arena, const struct oh_lock *is, const struct oh_lock *should)
{
	return oh_slice_eq(oh_lock_format(arena, is), oh_lock_format(arena, should));
}

static void look_inside(struct oh_setup *setup, const struct oh_snapshot *s, struct oh_slice name)
{
	const struct oh_lock should = oh_lock_of(setup->arena, &s->graph);
	struct oh_error problem = {0};
	struct oh_lock is;

	if (!oh_lock_parse(&is, setup->arena, s->lock, &problem))
		oh_doctor_wrong(setup,
			problem.code == OH_E_VERSION ? "install the newest onehead"
						     : "onehead check --fix",
			"lock    " OH_FMT ": %s", OH_ARG(name), problem.message);
	else if (!is_true(setup->arena, &is, &should))
		oh_doctor_wrong(setup, "onehead check --fix", "lock    " OH_FMT ": " OH_FMT,
			OH_ARG(name), OH_ARG(describe(setup, s, &is, &should)));
	else
		oh_say(&setup->flow->report, "lock    " OH_FMT ": true, %zu migration%s",
			OH_ARG(oh_slice_printable(setup->arena, name)), s->graph.count,
			s->graph.count == 1 ? "" : "s");
}

static bool look_at_attributes(struct oh_setup *setup, const struct oh_snapshot *s,
	struct oh_slice name, struct oh_error *err)
{
	struct oh_slice merge;

	if (!oh_setup_attribute(setup, "merge", s->lock_path, &merge, err))
		return false;
	if (!oh_slice_eq(merge, OH_SLICE("onehead")))
		oh_doctor_wrong(setup, "onehead install",
			"lock    " OH_FMT
			": .gitattributes does not give it the merge driver (merge=" OH_FMT ")",
			OH_ARG(name), OH_ARG(merge));
	return true;
}

static void look_for_none(struct oh_setup *setup, struct oh_slice name)
{
	if (setup->record.no_lock)
		oh_say(&setup->flow->report, "lock    " OH_FMT ": none, as you chose (--no-lock)",
			OH_ARG(oh_slice_printable(setup->arena, name)));
	else
		oh_doctor_wrong(setup, "onehead install",
			"lock    " OH_FMT ": none, so a hosting site does not see a fork",
			OH_ARG(name));
}

static bool look_at(struct oh_setup *setup, const struct oh_snapshot *s,
	const struct oh_slices *unmerged, struct oh_error *err)
{
	const struct oh_slice name =
		s->location.directory.len ? s->location.directory : OH_SLICE(".");
	const struct oh_slice path = oh_setup_full_path(setup, s->lock_path);

	OH_PUSH(setup->arena, &setup->locks, s->lock_path);
	if (oh_slices_contain(unmerged, s->lock_path))
		oh_doctor_wrong(setup, "onehead resolve && git commit",
			"lock    " OH_FMT ": in conflict", OH_ARG(name));
	else if (s->has_lock)
		look_inside(setup, s, name);
	else if (oh_disk_exists(setup->arena, path))
		oh_doctor_wrong(setup, oh_slice_str(setup->arena, oh_setup_commit_command(setup)),
			"lock    " OH_FMT ": written and not committed", OH_ARG(name));
	else {
		look_for_none(setup, name);
		return true;
	}
	return look_at_attributes(setup, s, name, err);
}

/* As the index has them: what the next commit will say. */
bool oh_doctor_locks(struct oh_setup *setup, struct oh_error *err)
{
	struct oh_loader loader = {
		.arena = setup->arena, .configs = setup->configs, .root = setup->paths->top};
	struct oh_slices unmerged = {0};
	struct oh_source *index;
	struct oh_tree tree;

	if (!setup->configs.count)
		return true;
	if (!oh_repo_index(setup->flow->repo, &index, err) ||
		!oh_repo_unmerged(setup->flow->repo, setup->arena, &unmerged, err) ||
		!oh_load_tree(&loader, index, &tree, err))
		return false;
	for (size_t i = 0; i < tree.count; i++)
		if (!look_at(setup, &tree.items[i], &unmerged, err))
			return false;
	return true;
}

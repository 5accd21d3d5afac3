#include "apply/put_back.h"

#include "repo/disk.h"

struct putting_back {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct oh_slice top;
	struct oh_slice to;
};

/* Is what stands there a beginning of what git was writing: nothing, a part, all of it? */
static bool is_gits(const struct putting_back *p, const struct oh_change *c, struct oh_slice full)
{
	const char *argv[] = {"git", "cat-file", "--filters",
		oh_slice_printf(p->arena, OH_FMT ":" OH_FMT, OH_ARG(p->to), OH_ARG(c->path)).ptr,
		NULL};
	struct oh_slice there, wanted;
	struct oh_error err = {0};

	if (!oh_disk_exists(p->arena, full))
		return c->status != 'A';
	return oh_disk_read(p->arena, full, &there, &err) &&
	       oh_repo_git(p->repo, p->arena, argv, OH_SLICE(""), &wanted, &err) &&
	       oh_slice_has_prefix(wanted, there);
}

static void put_back(const struct putting_back *p, const struct oh_change *c)
{
	const char *argv[] = {"git", "checkout-index", "-q", "-f", "-u", "--",
		oh_slice_str(p->arena, c->path), NULL};
	const struct oh_slice full = oh_path_join(p->arena, p->top, c->path);
	struct oh_error ignored = {0};

	if (!oh_path_is_below(oh_disk_real(p->arena, oh_path_directory(full)), p->top) ||
		!is_gits(p, c, full))
		return;
	if (c->status == 'A')
		oh_disk_remove(p->arena, full, &ignored);
	else
		oh_repo_git(p->repo, p->arena, argv, OH_SLICE(""), NULL, &ignored);
}

void oh_put_back(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice from, struct oh_slice to)
{
	struct oh_error ignored = {0};
	const struct oh_repo_paths *paths = oh_repo_paths(repo, &ignored);
	struct oh_changes changes = {0};
	struct putting_back p = {.repo = repo, .arena = arena, .to = to};

	if (!paths || !oh_repo_diff(repo, arena, from, to, &changes, &ignored))
		return;
	p.top = paths->top;
	/* What was added goes first: it may have filled the disk. */
	for (size_t i = 0; i < changes.count; i++)
		if (changes.items[i].status == 'A')
			put_back(&p, &changes.items[i]);
	for (size_t i = 0; i < changes.count; i++)
		if (changes.items[i].status != 'A')
			put_back(&p, &changes.items[i]);
}

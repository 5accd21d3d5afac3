#include "apply/put_back.h"

#include "base/buf.h"
#include "base/map.h"
#include "repo/disk.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct putting_back {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct oh_slice top;
	struct oh_slice to;
	struct oh_map differing; /* paths whose file is not as the index has it */
	struct oh_buf restored; /* paths for git checkout-index */
	bool ok;
};

/* What lies at FULL: a symlink is where it points to. False for what is no file, or none. */
static bool look(
	struct oh_arena *arena, struct oh_slice full, struct oh_slice *bytes, bool *is_there)
{
	char *target;
	struct stat st;
	ssize_t n;

	*is_there = lstat(full.ptr, &st) == 0;
	if (!*is_there || !S_ISLNK(st.st_mode))
		return *is_there && S_ISREG(st.st_mode) && oh_disk_read(arena, full, bytes, NULL);
	target = oh_arena_alloc(arena, 4097);
	n = readlink(full.ptr, target, 4096);
	*bytes = (struct oh_slice){target, n < 0 ? 0 : (size_t)n};
	return n >= 0;
}

/* Is what stands there a beginning of what git was writing: nothing, a part, all of it? */
static bool is_gits(const struct putting_back *p, const struct oh_change *c, struct oh_slice full)
{
	const char *argv[] = {"git", "cat-file", "--filters",
		oh_slice_printf(p->arena, OH_FMT ":" OH_FMT, OH_ARG(p->to), OH_ARG(c->path)).ptr,
		NULL};
	struct oh_slice there, wanted;
	struct oh_error err = {0};
	bool is_there;

	if (!look(p->arena, full, &there, &is_there))
		return !is_there && c->status != 'A';
	return oh_repo_git(p->repo, p->arena, argv, OH_SLICE(""), &wanted, &err) &&
	       oh_slice_has_prefix(wanted, there);
}

/* Git has made them for what it was to add; what is not empty stays. */
static void remove_directories(const struct putting_back *p, struct oh_slice directory)
{
	while (directory.len > p->top.len) {
		oh_disk_remove_directory(p->arena, directory);
		directory = oh_path_directory(directory);
	}
}

static void put_back(struct putting_back *p, const struct oh_change *c)
{
	const struct oh_slice full =
		oh_slice_dup(p->arena, oh_path_join(p->arena, p->top, c->path));
	bool gits;

	if (!oh_path_is_below(oh_disk_real(p->arena, oh_path_directory(full)), p->top))
		return;
	gits = is_gits(p, c, full);
	if (c->status == 'A') {
		p->ok = (!gits || oh_disk_remove(p->arena, full, NULL)) && p->ok;
		remove_directories(p, oh_path_directory(full));
	} else if (gits) {
		oh_buf_add(&p->restored, c->path);
		oh_buf_add(&p->restored, (struct oh_slice){"", 1}); /* a NUL ends each path */
	}
}

static bool find_differing(struct putting_back *p)
{
	static const char *const argv[] = {
		"git", "diff-files", "--name-only", "-z", "--ignore-submodules=all", NULL};
	struct oh_slice list, path;

	if (!oh_repo_git(p->repo, p->arena, argv, OH_SLICE(""), &list, NULL))
		return false;
	while (oh_slice_next(&list, '\0', &path))
		*oh_map_put(&p->differing, path) = 1;
	return true;
}

static bool restore(struct putting_back *p)
{
	static const char *const argv[] = {
		"git", "checkout-index", "-q", "-f", "-u", "-z", "--stdin", NULL};

	return !p->restored.count ||
	       oh_repo_git(p->repo, p->arena, argv, oh_buf_slice(&p->restored), NULL, NULL);
}

bool oh_put_back(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice from, struct oh_slice to)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, NULL);
	struct oh_changes changes = {0};
	struct putting_back p = {.repo = repo,
		.arena = arena,
		.to = to,
		.differing.arena = arena,
		.restored.arena = arena,
		.ok = true};

	if (!paths || !oh_repo_diff(repo, arena, from, to, &changes, NULL) || !find_differing(&p))
		return false;
	p.top = paths->top;
	/* What was added goes first: it may have filled the disk. */
	for (size_t i = 0; i < changes.count; i++)
		if (changes.items[i].status == 'A')
			put_back(&p, &changes.items[i]);
	for (size_t i = 0; i < changes.count; i++)
		if (changes.items[i].status != 'A' &&
			oh_map_get(&p.differing, changes.items[i].path))
			put_back(&p, &changes.items[i]);
	return restore(&p) && p.ok;
}

bool oh_worktree_is_writable(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_changes *changes, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);
	struct oh_slice last = OH_SLICE("/");

	for (size_t i = 0; i < changes->count && paths; i++) {
		const struct oh_slice directory = oh_path_directory(changes->items[i].path);
		const char *full = oh_slice_str(arena, oh_path_join(arena, paths->top, directory));

		if (oh_slice_eq(directory, last))
			continue;
		last = directory;
		/* One that is not there yet is git's to make. */
		if (access(full, W_OK | X_OK) < 0 && errno != ENOENT && errno != ENOTDIR)
			return oh_fail_errno(err, "writing to %s", full);
	}
	return paths != NULL;
}

#include "driver.h"

#include "base/buf.h"
#include "plan/lock_merge.h"
#include "repo/caller.h"
#include "repo/hooks.h"
#include "repo/recall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int oh_driver_usage(void)
{
	fputs("usage: onehead-merge-driver %O %A %B %L %P (git calls it; see `onehead explain "
	      "lock`)\n",
		stderr);
	return 2;
}

static bool read_file(
	struct oh_arena *arena, const char *path, struct oh_slice *bytes, struct oh_error *err)
{
	struct oh_buf buf = {.arena = arena};
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return oh_fail_errno(err, "reading %s", path);
	do {
		oh_buf_reserve(&buf, 65536);
		n = fread(buf.items + buf.count, 1, buf.capacity - buf.count, f);
		buf.count += n;
	} while (n);
	*bytes = oh_buf_slice(&buf);
	if (ferror(f)) {
		fclose(f);
		return oh_fail_errno(err, "reading %s", path);
	}
	fclose(f);
	return true;
}

static bool write_file(const char *path, struct oh_slice bytes, struct oh_error *err)
{
	FILE *f = fopen(path, "we");
	bool ok;

	if (!f)
		return oh_fail_errno(err, "writing %s", path);
	ok = fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;
	if (fclose(f) != 0 || !ok)
		return oh_fail_errno(err, "writing %s", path);
	return true;
}

/* Only `git merge` (and pull) names the heads in the environment. */
static bool is_git_merge(void)
{
	for (char **e = environ; *e; e++)
		if (strncmp(*e, "GITHEAD_", 8) == 0)
			return true;
	return false;
}

static bool is_rebase(struct oh_repo *repo)
{
	return oh_repo_has_state(repo, "rebase-merge") ||
	       oh_repo_has_state(repo, "rebase-apply/rebasing");
}

/* What --no-commit says of a row is known to its first command alone. */
static bool makes_no_commits(struct oh_arena *arena, struct oh_repo *repo)
{
	const struct oh_slice options = oh_repo_state(repo, arena, "sequencer/opts");

	return oh_slice_find(options, OH_SLICE("no-commit"), 0) < options.len;
}

/* The hooks that see what comes of a merge in this git; NULL where there are none: in a stash, a
 * checkout, merge-tree, or in a git that does not show what it does. pre-commit is for what stops
 * on the way. */
static const char *const *finishing_hooks(struct oh_arena *arena, struct oh_repo *repo)
{
	static const char *const in_merge[] = {
		"pre-merge-commit", "post-merge", "pre-commit", NULL};
	static const char *const in_rebase[] = {"post-rewrite", "pre-commit", NULL};
	static const char *const in_pick[] = {"post-commit", "pre-commit", NULL};
	static const char *const in_am[] = {"post-applypatch", "pre-commit", NULL};

	if (is_git_merge())
		return in_merge;
	if (is_rebase(repo))
		return in_rebase;
	switch (oh_caller_replays(arena)) {
	case OH_REPLAYS_PICK:
	case OH_REPLAYS_REVERT:
		return makes_no_commits(arena, repo) ? NULL : in_pick;
	case OH_REPLAYS_AM:
		return in_am;
	case OH_REPLAYS_NOTHING:
		break;
	}
	return NULL;
}

static bool will_be_finished(struct oh_arena *arena, struct oh_repo *repo)
{
	const char *const *hooks = finishing_hooks(arena, repo);

	if (!hooks || !oh_hooks_live(repo, arena, hooks))
		return false;
	oh_repo_remember_row(repo);
	return true;
}

/* Merge bases that are merged among themselves get longer markers; the result is never committed.
 */
static bool is_virtual_base(const char *marker_size)
{
	return atoi(marker_size) > 7;
}

static int leave_conflict(char **argv, const char *reason)
{
	char *size = NULL;

	fprintf(stderr, "onehead: %s: %s\n  next: onehead resolve%s\n", argv[5], reason,
		is_git_merge() ? " && git commit" : "");
	if (asprintf(&size, "--marker-size=%d", atoi(argv[4]) > 0 ? atoi(argv[4]) : 7) < 0)
		return 1;
	execlp("git", "git", "merge-file", "-q", size, "-L", "ours", "-L", "base", "-L", "theirs",
		argv[2], argv[1], argv[3], (char *)NULL);
	return 1;
}

static const char *printable(struct oh_arena *arena, struct oh_slice text)
{
	return oh_slice_str(arena, oh_slice_printable(arena, text));
}

int oh_driver_run(char **argv)
{
	struct oh_arena arena = {0};
	struct oh_repo *repo = NULL;
	struct oh_lock_sides in;
	struct oh_lock_merge merge;
	struct oh_error err = {0};
	const char *why = NULL;

	if (!read_file(&arena, argv[1], &in.base, &err) ||
		!read_file(&arena, argv[2], &in.ours, &err) ||
		!read_file(&arena, argv[3], &in.theirs, &err))
		return leave_conflict(argv, err.message);
	if (!is_virtual_base(argv[4]))
		oh_repo_open_in_row(
			&repo, &arena, NULL); /* what it asks git is answered meanwhile */
	oh_lock_merge(&arena, &in, &merge);
	argv[5] = (char *)(uintptr_t)printable(&arena, oh_slice_of(argv[5]));
	if (merge.kind == OH_LOCK_CONFLICT)
		why = printable(&arena, merge.reason);
	else if (merge.kind == OH_LOCK_FORKED && !is_virtual_base(argv[4]) &&
		 !(repo && will_be_finished(&arena, repo)))
		why = "both branches added migrations, and no hook of onehead will join them here";
	else if (!write_file(argv[2], merge.bytes, &err))
		why = err.message;
	oh_repo_close(repo);
	return why ? leave_conflict(argv, why) : 0;
}

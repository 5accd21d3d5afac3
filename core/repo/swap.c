/*
 * The new file is written in the git directory, where nobody sees what a kill leaves, and changes
 * places with the old one in one call. What has come out is looked at only then: so there is no
 * moment in which something new could get lost.
 */
#include "repo/swap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define PREFIX ".onehead-"
#define TWO_WEEKS (14L * 24 * 60 * 60) /* as long as git keeps its own */

bool oh_swap_look(struct oh_swap *s, struct oh_error *err)
{
	s->was_there = fstatat(s->directory, s->name, &s->before, AT_SYMLINK_NOFOLLOW) == 0;
	if (!s->was_there)
		return errno == ENOENT || oh_fail_errno(err, "looking at " OH_FMT, OH_ARG(s->path));
	return S_ISREG(s->before.st_mode) ||
	       oh_fail(err, OH_E_CHANGED, OH_FMT " is not an ordinary file in the worktree",
		       OH_ARG(s->path));
}

/* Not by the inode: an overlay gives a file another one when it is first touched. */
static bool is_still(int directory, const char *name, const struct stat *known)
{
	struct stat st;

	return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_mode == known->st_mode && st.st_size == known->st_size &&
	       st.st_mtim.tv_sec == known->st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == known->st_mtim.tv_nsec;
}

static bool write_all(int fd, struct oh_slice bytes)
{
	while (bytes.len) {
		const ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = oh_slice_sub(bytes, (size_t)n, bytes.len);
	}
	return true;
}

/* Do files that are made in these directories get the same access list? */
static bool give_same_access(int a, int b)
{
	char x[4096], y[4096];
	const ssize_t n = fgetxattr(a, "system.posix_acl_default", x, sizeof(x));
	const ssize_t m = fgetxattr(b, "system.posix_acl_default", y, sizeof(y));

	return n == m && (n <= 0 || memcmp(x, y, (size_t)n) == 0);
}

/* Has the new file the group and the access list that it would have if it had been made in its
 * place? */
static bool is_at_home(const struct oh_swap *s, int fd)
{
	struct stat directory, file;

	if (fstat(s->directory, &directory) < 0 || fstat(fd, &file) < 0)
		return false;
	if (give_same_access(s->directory, s->workshop) &&
		(!(directory.st_mode & S_ISGID) || directory.st_gid == file.st_gid))
		return true;
	errno = EXDEV;
	return false;
}

static bool write_new(struct oh_swap *s, struct oh_slice bytes)
{
	const int fd =
		openat(s->workshop, s->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, s->mode);
	bool ok;
	int why;

	if (fd < 0)
		return false;
	ok = (s->is_beside || is_at_home(s, fd)) && write_all(fd, bytes);
	ok = close(fd) == 0 && ok &&
	     fstatat(s->workshop, s->temporary, &s->ours, AT_SYMLINK_NOFOLLOW) == 0;
	why = errno;
	if (!ok)
		unlinkat(s->workshop, s->temporary, 0);
	errno = why;
	return ok;
}

/* What kills have left, of long ago: its name says when it was made. */
static void sweep(int workshop)
{
	const int fd = openat(workshop, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!directory && fd >= 0)
		close(fd);
	while (directory && (entry = readdir(directory)))
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
			strtoll(entry->d_name + strlen(PREFIX), NULL, 10) < time(NULL) - TWO_WEEKS)
			unlinkat(workshop, entry->d_name, 0);
	if (directory)
		closedir(directory);
}

static bool open_workshop(struct oh_swap *s)
{
	const char *path = oh_slice_printf(s->arena, OH_FMT "/onehead", OH_ARG(s->git_dir)).ptr;

	if (s->is_beside) {
		s->workshop = fcntl(s->directory, F_DUPFD_CLOEXEC, 0);
		return s->workshop >= 0;
	}
	mkdir(path, 0777);
	s->workshop = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->workshop >= 0)
		sweep(s->workshop);
	return s->workshop >= 0;
}

static void choose_name(struct oh_swap *s)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	s->temporary = oh_slice_printf(s->arena, PREFIX "%lld.%09ld-%ld.tmp", (long long)now.tv_sec,
		now.tv_nsec, (long)getpid())
			       .ptr;
	s->copy = NULL;
	s->is_plain = false;
}

static bool move(int from, const char *a, int to, const char *b)
{
	return renameat2(from, a, to, b, RENAME_NOREPLACE) == 0;
}

static bool exchange(struct oh_swap *s)
{
	return renameat2(s->workshop, s->temporary, s->directory, s->name, RENAME_EXCHANGE) == 0;
}

/* Changes places; what is not EXPECTED to come out goes back in. */
static bool exchange_for(struct oh_swap *s, const struct stat *expected)
{
	if (!exchange(s))
		return false;
	if (is_still(s->workshop, s->temporary, expected))
		return true;
	if (!exchange(s))
		move(s->workshop, s->temporary, s->directory, s->name);
	errno = EEXIST;
	return false;
}

static bool put(struct oh_swap *s)
{
	if (s->was_there)
		return exchange_for(s, &s->before);
	return move(s->workshop, s->temporary, s->directory, s->name);
}

static bool copy_bytes(int from, int to)
{
	char bytes[16384];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) != 0)
		if (n < 0 ? errno != EINTR : !write_all(to, (struct oh_slice){bytes, (size_t)n}))
			return false;
	return true;
}

/* The old file, to be put back. */
static bool make_copy(struct oh_swap *s)
{
	const struct timespec times[] = {s->before.st_atim, s->before.st_mtim};
	const int from =
		openat(s->directory, s->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int to = -1;
	bool ok;

	s->copy = oh_slice_printf(s->arena, "%s.old", s->temporary).ptr;
	if (from >= 0)
		to = openat(s->workshop, s->copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ok = to >= 0 && copy_bytes(from, to) && fchmod(to, s->before.st_mode & 07777) == 0 &&
	     futimens(to, times) == 0;
	if (from >= 0)
		close(from);
	if (to >= 0 && close(to) < 0)
		ok = false;
	return ok;
}

static bool is_free(const struct oh_swap *s)
{
	struct stat st;

	if (fstatat(s->directory, s->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT;
	errno = EEXIST;
	return false;
}

static bool is_unchanged(const struct oh_swap *s)
{
	if (is_still(s->directory, s->name, &s->before))
		return true;
	errno = EEXIST;
	return false;
}

/* For file systems where two files can't change places: as near to it as they allow. */
static bool put_plainly(struct oh_swap *s)
{
	s->is_plain = true;
	if (s->was_there)
		return make_copy(s) && is_unchanged(s) &&
		       renameat(s->workshop, s->temporary, s->directory, s->name) == 0;
	if (linkat(s->workshop, s->temporary, s->directory, s->name, 0) == 0)
		return unlinkat(s->workshop, s->temporary, 0) == 0;
	return errno != EEXIST && is_free(s) &&
	       renameat(s->workshop, s->temporary, s->directory, s->name) == 0;
}

static bool put_somehow(struct oh_swap *s)
{
	return put(s) || ((errno == EINVAL || errno == ENOSYS) && put_plainly(s));
}

/* errno as an error: what is missing or there against expectation is somebody else's doing. */
static bool fail(const struct oh_swap *s, struct oh_error *err)
{
	if (errno == EEXIST || errno == ENOENT || errno == EISDIR || errno == ELOOP)
		return oh_fail(err, OH_E_CHANGED, OH_FMT " was changed by somebody else just now",
			OH_ARG(s->path));
	return oh_fail_errno(err, "writing " OH_FMT, OH_ARG(s->path));
}

static bool swap_in(struct oh_swap *s, struct oh_slice bytes, struct oh_error *err)
{
	choose_name(s);
	if (!open_workshop(s))
		return oh_fail_errno(err, "writing " OH_FMT, OH_ARG(s->path));
	if (write_new(s, bytes) && put_somehow(s))
		return true;
	fail(s, err);
	oh_swap_end(s);
	return false;
}

/* A git directory can be on another file system, or not ours to write in. */
bool oh_swap_in(struct oh_swap *s, struct oh_slice bytes, struct oh_error *err)
{
	struct oh_error first = {0};

	s->is_beside = false;
	if (swap_in(s, bytes, &first))
		return true;
	s->is_beside = true;
	if (first.code != OH_E_CHANGED)
		return swap_in(s, bytes, err);
	if (err)
		*err = first;
	return false;
}

/* What is not EXPECTED to come out goes back in. False where nothing can come out so. */
static bool take_out(struct oh_swap *s, const struct stat *expected)
{
	if (!move(s->directory, s->name, s->workshop, s->temporary))
		return false;
	if (!is_still(s->workshop, s->temporary, expected))
		move(s->workshop, s->temporary, s->directory, s->name);
	return true;
}

static void back_plainly(struct oh_swap *s)
{
	if (!is_still(s->directory, s->name, &s->ours))
		return;
	if (s->was_there)
		renameat(s->workshop, s->copy, s->directory, s->name);
	else
		unlinkat(s->directory, s->name, 0);
}

void oh_swap_back(struct oh_swap *s)
{
	if (s->is_plain)
		back_plainly(s);
	else if (s->was_there)
		exchange_for(s, &s->ours);
	else
		take_out(s, &s->ours);
}

/* What is neither the old file nor the new one is not ours to remove. */
void oh_swap_end(struct oh_swap *s)
{
	if (is_still(s->workshop, s->temporary, &s->ours) ||
		is_still(s->workshop, s->temporary, &s->before))
		unlinkat(s->workshop, s->temporary, 0);
	if (s->copy)
		unlinkat(s->workshop, s->copy, 0);
	close(s->workshop);
}

void oh_swap_out(struct oh_swap *s)
{
	s->is_beside = false;
	choose_name(s);
	if (open_workshop(s)) {
		const bool ok = take_out(s, &s->before);

		oh_swap_end(s);
		if (ok)
			return;
	}
	if (is_unchanged(s))
		unlinkat(s->directory, s->name, 0);
}

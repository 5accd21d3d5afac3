#include "apply/journal.h"

#include "repo/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_of(struct oh_arena *arena, struct oh_slice git_dir, const char *name)
{
	return oh_slice_printf(arena, OH_FMT "/onehead/%s", OH_ARG(git_dir), name).ptr;
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

static bool sync_directory(const char *path)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool make_directory(const char *path, struct oh_error *err)
{
	return mkdir(path, 0777) == 0 || errno == EEXIST || oh_fail_errno(err, "making %s", path);
}

/* Held as long as the file is open here, and released by a kill. Some file systems know no locks.
 */
static bool lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* A file on its way to a name: without one where that can be, so that a kill leaves none. */
struct nameless {
	const char *directory, *path; /* PATH "" where it has no name yet */
	int fd;
};

static bool open_nameless(struct nameless *n, struct oh_arena *arena, struct oh_error *err)
{
	n->path = "";
	n->fd = open(n->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	if (n->fd >= 0 && access("/proc/self/fd", X_OK) == 0)
		return true;
	if (n->fd >= 0)
		close(n->fd);
	n->path = oh_slice_printf(arena, "%sjournal.%ld", n->directory, (long)getpid()).ptr;
	unlink(n->path); /* of a process that had our number and was killed */
	n->fd = open(n->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	return n->fd >= 0 || oh_fail_errno(err, "writing %s", n->path);
}

/* link() refuses where another process was faster; rename() would not. */
static bool give_name(const struct nameless *n, const char *name)
{
	char self[64];

	if (*n->path)
		return link(n->path, name) == 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", n->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* Why there is a journal already. */
static bool fail_taken(const char *path, struct oh_error *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const bool is_dead = fd >= 0 && lock(fd);

	if (fd >= 0)
		close(fd);
	if (is_dead)
		return oh_fail(err, OH_E_CHANGED,
			"an operation of onehead was interrupted here; finish it first: onehead "
			"resolve");
	return oh_fail(err, OH_E_CHANGED, "another onehead is at work here; try again");
}

/* Locked, flushed to disk, then named: whoever finds it finds all of it. */
static bool put_in_place(
	const struct nameless *file, const char *name, struct oh_slice text, struct oh_error *err)
{
	if (!lock(file->fd) || !write_all(file->fd, text) || fsync(file->fd) < 0)
		return oh_fail_errno(err, "writing %s", name);
	if (!give_name(file, name))
		return errno == EEXIST ? fail_taken(name, err)
				       : oh_fail_errno(err, "writing %s", name);
	if (sync_directory(file->directory))
		return true;
	oh_fail_errno(err, "writing %s", name);
	unlink(name);
	return false;
}

bool oh_journal_begin(struct oh_journal *journal, struct oh_arena *arena, struct oh_slice git_dir,
	const struct oh_operation *op, struct oh_error *err)
{
	const char *name = path_of(arena, git_dir, "journal");
	struct nameless file = {.directory = path_of(arena, git_dir, ""), .fd = -1};
	bool ok;

	*journal = (struct oh_journal){git_dir, -1};
	if (!make_directory(file.directory, err) ||
		!make_directory(path_of(arena, git_dir, "operations"), err))
		return false;
	if (access(name, F_OK) == 0)
		return fail_taken(name, err);
	if (!open_nameless(&file, arena, err))
		return false;
	ok = put_in_place(&file, name, oh_operation_format(arena, op), err);
	if (*file.path)
		unlink(file.path);
	if (ok)
		journal->fd = file.fd;
	else
		close(file.fd);
	return ok;
}

/* The journal that the name belongs to now, locked. */
static bool open_locked(const char *path, int *fd, bool *found, struct oh_error *err)
{
	struct stat ours, named;

	*found = false;
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return errno == ENOENT || errno == ENOTDIR ||
		       oh_fail_errno(err, "reading %s", path);
	if (!lock(*fd)) {
		close(*fd);
		return oh_fail(err, OH_E_CHANGED, "another onehead is at work here; try again");
	}
	/* Its owner may have finished since it was opened. */
	*found = fstat(*fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
		 ours.st_dev == named.st_dev;
	if (!*found)
		close(*fd);
	return true;
}

bool oh_journal_take(struct oh_journal *journal, struct oh_arena *arena, struct oh_slice git_dir,
	struct oh_operation *op, bool *found, struct oh_error *err)
{
	const char *path = path_of(arena, git_dir, "journal");
	struct oh_slice bytes;

	*journal = (struct oh_journal){git_dir, -1};
	if (!open_locked(path, &journal->fd, found, err))
		return false;
	if (!*found)
		return true;
	if (oh_disk_read(arena, oh_slice_of(path), &bytes, err)) {
		if (oh_operation_parse(arena, bytes, op))
			return true;
		oh_fail(err, OH_E_FORMAT,
			"%s is no journal that this version knows; look at it, then delete it",
			path);
	}
	oh_journal_leave(journal);
	return false;
}

void oh_journal_leave(struct oh_journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = -1;
}

void oh_journal_drop(struct oh_journal *journal, struct oh_arena *arena)
{
	unlink(path_of(arena, journal->git_dir, "journal"));
	oh_journal_leave(journal);
}

static const char *record_path(struct oh_arena *arena, struct oh_slice git_dir, size_t number)
{
	return oh_slice_printf(arena, OH_FMT "/onehead/operations/%zu", OH_ARG(git_dir), number)
		.ptr;
}

void oh_journal_keep(struct oh_journal *journal, struct oh_arena *arena, size_t number)
{
	const char *path = path_of(arena, journal->git_dir, "journal");

	/* One of the first form was begun when there was no such directory. */
	mkdir(path_of(arena, journal->git_dir, "operations"), 0777);
	if (rename(path, record_path(arena, journal->git_dir, number)) < 0)
		unlink(path);
	oh_journal_leave(journal);
}

bool oh_journal_exists(struct oh_arena *arena, struct oh_slice git_dir)
{
	return access(path_of(arena, git_dir, "journal"), F_OK) == 0;
}

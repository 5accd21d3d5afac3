#include "repo/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(struct oh_arena *arena, int fd, struct oh_slice *bytes)
{
	struct stat st;
	size_t room, at = 0;
	char *text;

	if (fstat(fd, &st) < 0)
		return false;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return false;
	}
	room = (size_t)st.st_size + 1;
	text = oh_arena_alloc(arena, room);
	for (;;) {
		const ssize_t n = read(fd, text + at, room - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			*bytes = (struct oh_slice){text, at};
			return n == 0;
		}
		at += (size_t)n;
		if (at == room) {
			text = oh_arena_grow(arena, text, room, room * 2);
			room *= 2;
		}
	}
}

bool oh_disk_read(
	struct oh_arena *arena, struct oh_slice path, struct oh_slice *bytes, struct oh_error *err)
{
	const char *name = oh_slice_str(arena, path);
	const int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return oh_fail(err, OH_E_NOT_FOUND, "%s is not there", name);
	ok = fd >= 0 && read_all(arena, fd, bytes);
	if (!ok)
		oh_fail_errno(err, "reading %s", name);
	if (fd >= 0)
		close(fd);
	return ok;
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
	return fsync(fd) == 0;
}

/* A file that is being written: renamed to NAME at the end, or gone. */
struct pending {
	const char *temporary, *name;
	int fd;
};

static bool begin(struct pending *p, mode_t mode, struct oh_error *err)
{
	p->fd = open(p->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	return p->fd >= 0 || oh_fail_errno(err, "writing %s", p->name);
}

static bool finish(struct pending *p, bool ok, struct oh_slice bytes, struct oh_error *err)
{
	if (ok && !write_all(p->fd, bytes))
		ok = oh_fail_errno(err, "writing %s", p->name);
	close(p->fd);
	if (ok && rename(p->temporary, p->name) < 0)
		ok = oh_fail_errno(err, "writing %s", p->name);
	if (!ok)
		unlink(p->temporary);
	return ok;
}

bool oh_disk_write(struct oh_arena *arena, struct oh_slice path, struct oh_slice bytes, mode_t mode,
	struct oh_error *err)
{
	struct pending p = {.name = oh_slice_str(arena, path)};

	p.temporary = oh_slice_printf(arena, "%s" OH_NEW_SUFFIX, p.name).ptr;
	unlink(p.temporary); /* one that a kill left behind */
	return begin(&p, mode, err) && finish(&p, true, bytes, err);
}

bool oh_disk_replace_locked(struct oh_arena *arena, struct oh_slice path, struct oh_slice expected,
	struct oh_slice bytes, struct oh_error *err)
{
	struct pending p = {.name = oh_slice_str(arena, path)};
	struct oh_slice now;
	struct stat st;
	bool ok;

	p.temporary = oh_slice_printf(arena, "%s.lock", p.name).ptr;
	if (stat(p.name, &st) < 0)
		return oh_fail_errno(err, "writing %s", p.name);
	if (!begin(&p, st.st_mode & 07777, err))
		return false;
	ok = oh_disk_read(arena, path, &now, err);
	if (ok && !oh_slice_eq(now, expected))
		ok = oh_fail(err, OH_E_CHANGED, "%s was changed by somebody else just now", p.name);
	return finish(&p, ok, bytes, err);
}

bool oh_disk_link(
	struct oh_arena *arena, struct oh_slice from, struct oh_slice to, struct oh_error *err)
{
	if (linkat(AT_FDCWD, oh_slice_str(arena, from), AT_FDCWD, oh_slice_str(arena, to), 0) == 0)
		return true;
	return oh_disk_rename(arena, from, to, err);
}

bool oh_disk_rename(
	struct oh_arena *arena, struct oh_slice from, struct oh_slice to, struct oh_error *err)
{
	const char *a = oh_slice_str(arena, from), *b = oh_slice_str(arena, to);

	return rename(a, b) == 0 || oh_fail_errno(err, "renaming %s to %s", a, b);
}

bool oh_disk_remove(struct oh_arena *arena, struct oh_slice path, struct oh_error *err)
{
	const char *name = oh_slice_str(arena, path);

	return unlink(name) == 0 || errno == ENOENT || errno == ENOTDIR ||
	       oh_fail_errno(err, "removing %s", name);
}

void oh_disk_remove_directory(struct oh_arena *arena, struct oh_slice path)
{
	rmdir(oh_slice_str(arena, path));
}

bool oh_disk_make_directory(
	struct oh_arena *arena, struct oh_slice path, bool *made, struct oh_error *err)
{
	const char *name = oh_slice_str(arena, path);

	*made = mkdir(name, 0777) == 0;
	return *made || errno == EEXIST || oh_fail_errno(err, "making %s", name);
}

bool oh_disk_exists(struct oh_arena *arena, struct oh_slice path)
{
	struct stat st;

	return lstat(oh_slice_str(arena, path), &st) == 0;
}

bool oh_disk_is_same(struct oh_arena *arena, struct oh_slice a, struct oh_slice b)
{
	struct stat x, y;

	return lstat(oh_slice_str(arena, a), &x) == 0 && lstat(oh_slice_str(arena, b), &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool oh_disk_is_directory(struct oh_arena *arena, struct oh_slice path)
{
	struct stat st;

	return stat(oh_slice_str(arena, path), &st) == 0 && S_ISDIR(st.st_mode);
}

bool oh_disk_is_program(struct oh_arena *arena, struct oh_slice path)
{
	const char *name = oh_slice_str(arena, path);
	struct stat st;

	return stat(name, &st) == 0 && S_ISREG(st.st_mode) && access(name, X_OK) == 0;
}

struct oh_slice oh_disk_find_program(struct oh_arena *arena, const char *name)
{
	struct oh_slice rest = oh_slice_of(getenv("PATH")), directory;

	while (oh_slice_next(&rest, ':', &directory)) {
		const struct oh_slice path =
			oh_slice_printf(arena, OH_FMT "/%s", OH_ARG(directory), name);

		if (directory.len && oh_disk_is_program(arena, path))
			return path;
	}
	return OH_SLICE("");
}

struct oh_slice oh_disk_real(struct oh_arena *arena, struct oh_slice path)
{
	const struct oh_slice parent = oh_path_directory(path);
	char real[PATH_MAX];

	if (realpath(oh_slice_str(arena, path), real))
		return oh_slice_dup(arena, oh_slice_of(real));
	if (!parent.len || parent.len == path.len)
		return path;
	return oh_path_join(arena, oh_disk_real(arena, parent), oh_path_name(path));
}

bool oh_path_is_below(struct oh_slice path, struct oh_slice directory)
{
	if (!directory.len || !oh_slice_cut_prefix(&path, directory))
		return false;
	return !path.len || path.ptr[0] == '/' || directory.ptr[directory.len - 1] == '/';
}

bool oh_disk_own_directory(struct oh_arena *arena, struct oh_slice *out, struct oh_error *err)
{
	char path[PATH_MAX];
	const ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	if (n <= 0 || (size_t)n == sizeof(path))
		return oh_fail_errno(err, "finding the program's own directory");
	*out = oh_slice_dup(arena, oh_path_directory((struct oh_slice){path, (size_t)n}));
	return true;
}

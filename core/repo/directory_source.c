/*
 * A directory on disk. The kernel keeps us inside it (openat2, RESOLVE_BENEATH); where it can't,
 * real paths are compared. A file costs open, read and close: one buffer takes most files whole.
 */
#include "model/source.h"
#include "repo/repo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CHUNK 32768

struct directory_source {
	struct oh_source base;
	const char *root;
	int fd; /* of the root; -1 until it is needed */
	bool no_openat2;
	/* The directory that was read from last: files come in runs, and each of them opened from
	 * there costs one step of the path and not all. */
	int last;
	size_t last_len;
	char last_path[PATH_MAX];
	char chunk[CHUNK];
};

static bool open_root(struct directory_source *s, struct oh_error *err)
{
	if (s->fd < 0)
		s->fd = open(s->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->fd >= 0 || oh_fail_errno(err, "opening %s", s->root);
}

/* Without openat2: PATH must really lie below the root. */
static int open_checked(const struct directory_source *s, const char *path, int flags)
{
	char root[PATH_MAX], real[PATH_MAX], joined[PATH_MAX];
	size_t n;

	if (path[0] == '/' || !realpath(s->root, root))
		return errno = EXDEV, -1;
	if ((size_t)snprintf(joined, sizeof(joined), "%s/%s", root, path) >= sizeof(joined))
		return errno = ENAMETOOLONG, -1;
	if (!realpath(joined, real))
		return -1;
	n = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (strncmp(real, root, n) != 0 || (real[n] != '/' && real[n] != '\0'))
		return errno = EXDEV, -1;
	return open(real, flags | O_NOFOLLOW);
}

/* openat2 takes nothing beside O_PATH that means nothing there. */
static int all_flags(int flags)
{
	return flags & O_PATH ? flags | O_CLOEXEC : flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
}

/* Opens what PATH leads to, symlinks followed as long as they stay inside. errno as open's. */
static int open_below(struct directory_source *s, struct oh_slice path, int flags)
{
	const struct open_how how = {.flags = (unsigned long long)all_flags(flags),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	char name[PATH_MAX];
	long fd;

	if (path.len >= sizeof(name))
		return errno = ENAMETOOLONG, -1;
	if (memchr(path.ptr, '\0', path.len))
		return errno = ENOENT, -1;
	memcpy(name, path.len ? path.ptr : ".", path.len ? path.len : 1);
	name[path.len ? path.len : 1] = '\0';
	if (!s->no_openat2) {
		/* EAGAIN: something was renamed meanwhile, and the kernel wants us to try again. */
		do
			fd = syscall(SYS_openat2, s->fd, name, &how, sizeof(how));
		while (fd < 0 && (errno == EAGAIN || errno == EINTR));
		if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
			return (int)fd;
		s->no_openat2 = true;
	}
	return open_checked(s, name, all_flags(flags));
}

static enum oh_entry_kind kind_of_mode(mode_t mode)
{
	if (S_ISREG(mode))
		return OH_FILE;
	if (S_ISDIR(mode))
		return OH_DIRECTORY;
	return S_ISLNK(mode) ? OH_SYMLINK : OH_OTHER;
}

/* What a symlink leads to; OH_SYMLINK where that is outside or nowhere. */
static enum oh_entry_kind follow(struct directory_source *s, struct oh_slice path)
{
	const int fd = open_below(s, path, O_PATH);
	struct stat st;
	enum oh_entry_kind kind = OH_SYMLINK;

	if (fd < 0)
		return kind;
	if (fstat(fd, &st) == 0)
		kind = kind_of_mode(st.st_mode);
	close(fd);
	return kind;
}

static enum oh_entry_kind kind_of_entry(int directory, const struct dirent *e)
{
	struct stat st;

	switch (e->d_type) {
	case DT_REG:
		return OH_FILE;
	case DT_DIR:
		return OH_DIRECTORY;
	case DT_LNK:
		return OH_SYMLINK;
	case DT_UNKNOWN:
		if (fstatat(directory, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return kind_of_mode(st.st_mode);
		return OH_OTHER;
	default:
		return OH_OTHER;
	}
}

struct listing {
	struct directory_source *source;
	struct oh_arena *arena;
	bool recursive;
	struct oh_entries *out;
	struct oh_slices todo;
};

static void list_entry(
	struct listing *l, DIR *dir, struct oh_slice directory, const struct dirent *e)
{
	const struct oh_slice name = oh_slice_of(e->d_name);
	struct oh_entry entry = {.kind = kind_of_entry(dirfd(dir), e)};

	entry.path = oh_path_below(l->arena, directory, name);
	if (entry.kind == OH_DIRECTORY && l->recursive) {
		OH_PUSH(l->arena, &l->todo, entry.path);
		return;
	}
	/* A directory behind a symlink is listed but not entered, as os.walk does it. */
	if (entry.kind == OH_SYMLINK)
		entry.kind = follow(l->source, entry.path);
	OH_PUSH(l->arena, l->out, entry);
}

static bool list_one(struct listing *l, struct oh_slice directory, struct oh_error *err)
{
	const int fd = open_below(l->source, directory, O_RDONLY | O_DIRECTORY);
	const struct dirent *e;
	DIR *dir;
	int number;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EXDEV || errno == ELOOP))
		return true;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		oh_fail_errno(err, "listing %s/" OH_FMT, l->source->root, OH_ARG(directory));
		if (fd >= 0)
			close(fd);
		return false;
	}
	while ((errno = 0, e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			list_entry(l, dir, directory, e);
	number = errno;
	closedir(dir);
	errno = number;
	return !number ||
	       oh_fail_errno(err, "listing %s/" OH_FMT, l->source->root, OH_ARG(directory));
}

static bool list(struct oh_source *base, struct oh_arena *arena, struct oh_slice directory,
	bool recursive, struct oh_entries *out, struct oh_error *err)
{
	struct directory_source *s = (struct directory_source *)base;
	struct listing l = {s, arena, recursive, out, {0}};

	*out = (struct oh_entries){0};
	while (directory.len && directory.ptr[directory.len - 1] == '/')
		directory.len--;
	if (!open_root(s, err))
		return false;
	OH_PUSH(arena, &l.todo, directory);
	while (l.todo.count)
		if (!list_one(&l, l.todo.items[--l.todo.count], err))
			return false;
	return true;
}

/* Appends to TEXT until the end of the file: for what does not fit the first buffer. */
static bool read_rest(struct directory_source *s, struct oh_arena *arena, int fd, size_t got,
	struct oh_slice *out)
{
	struct {
		char *items;
		size_t count, capacity;
	} text = {0};
	ssize_t n = (ssize_t)got;

	while (n > 0) {
		if (text.capacity - text.count < (size_t)n + 1) {
			const size_t wanted = 2 * (text.capacity + (size_t)n + 1);

			text.items = oh_arena_grow(arena, text.items, text.capacity, wanted);
			text.capacity = wanted;
		}
		memcpy(text.items + text.count, s->chunk, (size_t)n);
		text.count += (size_t)n;
		do
			n = read(fd, s->chunk, sizeof(s->chunk));
		while (n < 0 && errno == EINTR);
	}
	*out = (struct oh_slice){text.items, text.count};
	return n == 0;
}

static bool read_open(struct directory_source *s, struct oh_arena *arena, int fd,
	struct oh_slice path, struct oh_slice *out, struct oh_error *err)
{
	struct stat st;
	ssize_t n;

	do
		n = read(fd, s->chunk, sizeof(s->chunk));
	while (n < 0 && errno == EINTR);
	/* Empty and endless are what a pipe and a device look like. */
	if (n <= 0 || (size_t)n == sizeof(s->chunk)) {
		const int number = errno;

		if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
			return oh_fail(err, OH_E_NOT_FOUND, OH_FMT " is not a file", OH_ARG(path));
		errno = number;
	}
	if (n >= 0 && (size_t)n < sizeof(s->chunk)) {
		*out = oh_slice_dup(arena, (struct oh_slice){s->chunk, (size_t)n});
		return true;
	}
	return (n > 0 && read_rest(s, arena, fd, (size_t)n, out)) ||
	       oh_fail_errno(err, "reading " OH_FMT, OH_ARG(path));
}

/* Opens the directory of PATH, or finds it open. */
static bool enter(struct directory_source *s, struct oh_slice directory)
{
	if (s->last >= 0 && s->last_len == directory.len &&
		memcmp(s->last_path, directory.ptr, directory.len) == 0)
		return true;
	if (s->last >= 0)
		close(s->last);
	s->last = directory.len && directory.len < sizeof(s->last_path)
			  ? open_below(s, directory, O_PATH | O_DIRECTORY)
			  : -1;
	if (s->last < 0)
		return false;
	memcpy(s->last_path, directory.ptr, directory.len);
	s->last_len = directory.len;
	return true;
}

/* A name without a slash, and no symlink: it can't lead out of the directory it is in. */
static int open_file(struct directory_source *s, struct oh_slice path)
{
	const struct oh_slice name = oh_path_name(path);
	char text[NAME_MAX + 1];
	int fd;

	if (name.len && name.len < sizeof(text) && !memchr(name.ptr, '\0', name.len) &&
		enter(s, oh_path_directory(path))) {
		memcpy(text, name.ptr, name.len);
		text[name.len] = '\0';
		fd = openat(s->last, text, all_flags(O_RDONLY) | O_NOFOLLOW);
		if (fd >= 0 && strcmp(text, "..") != 0)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return open_below(s, path, O_RDONLY);
}

static bool read_file(struct oh_source *base, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *out, struct oh_error *err)
{
	struct directory_source *s = (struct directory_source *)base;
	bool ok;
	int fd;

	if (!open_root(s, err))
		return false;
	fd = open_file(s, path);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return oh_fail(err, OH_E_NOT_FOUND, "no such file: " OH_FMT, OH_ARG(path));
	if (fd < 0 && (errno == EXDEV || errno == ELOOP))
		return oh_fail(
			err, OH_E_NOT_FOUND, OH_FMT " leads out of %s", OH_ARG(path), s->root);
	if (fd < 0)
		return oh_fail_errno(err, "reading " OH_FMT, OH_ARG(path));
	ok = read_open(s, arena, fd, path, out, err);
	close(fd);
	return ok;
}

static struct oh_source *again(struct oh_source *source, struct oh_arena *arena)
{
	return oh_directory_source(arena, oh_slice_of(((struct directory_source *)source)->root));
}

static const struct oh_source_ops OPS = {.list = list, .read = read_file, .again = again};

struct oh_source *oh_directory_source(struct oh_arena *arena, struct oh_slice root)
{
	struct directory_source *s = oh_arena_alloc(arena, sizeof(*s));

	s->base.ops = &OPS;
	s->root = root.len ? oh_slice_str(arena, root) : ".";
	s->fd = s->last = -1;
	return &s->base;
}

#include "apply/journal.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_LINE "onehead journal 1\n"
#define LAST_LINE "end\n"

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

static struct oh_slice format(struct oh_arena *arena, const struct oh_journal *j)
{
	return oh_slice_printf(arena,
		FIRST_LINE "ref " OH_FMT "\nold " OH_FMT "\nnew " OH_FMT "\nmessage " OH_FMT
			   "\n" LAST_LINE,
		OH_ARG(j->ref), OH_ARG(j->old_id), OH_ARG(j->new_id), OH_ARG(j->message));
}

bool oh_journal_write(struct oh_arena *arena, struct oh_slice git_dir,
	const struct oh_journal *journal, struct oh_error *err)
{
	const char *directory = path_of(arena, git_dir, "");
	const char *temporary = path_of(arena, git_dir, "journal.new");
	const char *final = path_of(arena, git_dir, "journal");
	bool ok;
	int fd;

	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return oh_fail_errno(err, "making %s", directory);
	if (access(final, F_OK) == 0)
		return oh_fail(
			err, OH_E_CHANGED, "another onehead is at work here (%s is there)", final);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return oh_fail_errno(err, "writing %s", temporary);
	ok = write_all(fd, format(arena, journal)) && fsync(fd) == 0;
	if (close(fd) < 0 || !ok) {
		oh_fail_errno(err, "writing %s", temporary);
		unlink(temporary);
		return false;
	}
	/* link() refuses where another process was faster; rename() would not. */
	ok = link(temporary, final) == 0 && sync_directory(directory);
	if (!ok)
		oh_fail_errno(err, "writing %s", final);
	unlink(temporary);
	return ok;
}

static bool take(struct oh_slice *rest, const char *key, struct oh_slice *value)
{
	struct oh_slice line;

	if (!oh_slice_next(rest, '\n', &line) || !oh_slice_cut_prefix(&line, oh_slice_of(key)))
		return false;
	*value = line;
	return true;
}

bool oh_journal_parse(struct oh_slice bytes, struct oh_journal *j)
{
	return oh_slice_cut_prefix(&bytes, OH_SLICE(FIRST_LINE)) && take(&bytes, "ref ", &j->ref) &&
	       take(&bytes, "old ", &j->old_id) && take(&bytes, "new ", &j->new_id) &&
	       take(&bytes, "message ", &j->message) && oh_slice_eq(bytes, OH_SLICE(LAST_LINE));
}

bool oh_journal_read(struct oh_arena *arena, struct oh_slice git_dir, struct oh_journal *journal,
	bool *found, struct oh_error *err)
{
	const char *path = path_of(arena, git_dir, "journal");
	struct oh_buf bytes = {.arena = arena};
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*found = false;
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ||
		       oh_fail_errno(err, "reading %s", path);
	do {
		oh_buf_reserve(&bytes, 4096);
		n = read(fd, bytes.items + bytes.count, bytes.capacity - bytes.count);
		if (n > 0)
			bytes.count += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	close(fd);
	if (n < 0)
		return oh_fail_errno(err, "reading %s", path);
	if (!oh_journal_parse(oh_buf_slice(&bytes), journal))
		return oh_fail(err, OH_E_FORMAT,
			"%s is no journal that this version knows; look at it, then delete it",
			path);
	*found = true;
	return true;
}

bool oh_journal_remove(struct oh_arena *arena, struct oh_slice git_dir, struct oh_error *err)
{
	const char *path = path_of(arena, git_dir, "journal");

	return unlink(path) == 0 || errno == ENOENT || oh_fail_errno(err, "removing %s", path);
}

bool oh_journal_exists(struct oh_arena *arena, struct oh_slice git_dir)
{
	return access(path_of(arena, git_dir, "journal"), F_OK) == 0;
}

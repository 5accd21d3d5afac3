#include "apply/journal.h"

#include "repo/disk.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *path_of(struct oh_arena *arena, struct oh_slice git_dir, size_t number)
{
	return oh_slice_printf(arena, OH_FMT "/onehead/operations/%zu", OH_ARG(git_dir), number)
		.ptr;
}

static int by_number(const void *a, const void *b)
{
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

struct oh_records oh_records_list(struct oh_arena *arena, struct oh_slice git_dir)
{
	struct oh_records records = {0};
	DIR *directory =
		opendir(oh_slice_printf(arena, OH_FMT "/onehead/operations", OH_ARG(git_dir)).ptr);
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		const size_t n = strspn(entry->d_name, "0123456789");

		if (n && n < 10 && !entry->d_name[n])
			OH_PUSH(arena, &records, (size_t)atol(entry->d_name));
	}
	if (directory)
		closedir(directory);
	if (records.count)
		qsort(records.items, records.count, sizeof(*records.items), by_number);
	return records;
}

bool oh_record_read(struct oh_arena *arena, struct oh_slice git_dir, size_t number,
	struct oh_operation *op, struct oh_error *err)
{
	const char *path = path_of(arena, git_dir, number);
	struct oh_slice bytes;

	return oh_disk_read(arena, oh_slice_of(path), &bytes, err) &&
	       (oh_operation_parse(arena, bytes, op) ||
		       oh_fail(err, OH_E_FORMAT,
			       "%s is no record that this version knows; look at it, then delete it",
			       path));
}

void oh_record_remove(struct oh_arena *arena, struct oh_slice git_dir, size_t number)
{
	unlink(path_of(arena, git_dir, number));
}

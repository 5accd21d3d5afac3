/* The tracked files: .gitattributes and the locks. Written for the user to commit. */
#include "flow/setup.h"

#include "base/digest.h"
#include "repo/disk.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool write_one(
	struct oh_setup *setup, const struct oh_setup_file *file, struct oh_error *err)
{
	const struct oh_slice path = oh_setup_full_path(setup, file->path);

	oh_say_changed(&setup->flow->report, "lock    " OH_FMT ": %s", OH_ARG(file->path),
		file->made ? "made" : "one line added");
	return setup->dry_run || oh_disk_write(setup->arena, path, file->bytes, 0666, err);
}

/* The record first: whatever happens afterwards can be taken back. */
static bool record_all(struct oh_setup *setup, struct oh_error *err)
{
	for (size_t i = 0; i < setup->files.count; i++) {
		const struct oh_setup_file *file = &setup->files.items[i];
		const struct oh_record_file entry = {
			.kind = file->kind,
			.made = file->made,
			.added = file->added,
			.digest = oh_digest_sha256(setup->arena, file->bytes),
			.path = file->path,
		};
		struct oh_record_file *old = oh_record_find(&setup->record, entry.path);

		if (old)
			*old = entry;
		else
			OH_PUSH(setup->arena, &setup->record.files, entry);
	}
	return setup->dry_run || oh_record_save(setup, err);
}

bool oh_setup_write_files(struct oh_setup *setup, struct oh_error *err)
{
	if (!record_all(setup, err))
		return false;
	for (size_t i = 0; i < setup->files.count; i++)
		if (!write_one(setup, &setup->files.items[i], err))
			return false;
	return true;
}

static bool git_reads(struct oh_setup *setup, struct oh_slice object, struct oh_slice *bytes)
{
	const char *argv[] = {"git", "cat-file", "blob", oh_slice_str(setup->arena, object), NULL};

	return oh_repo_git(setup->flow->repo, setup->arena, argv, OH_SLICE(""), bytes, NULL);
}

static struct oh_slice named(struct oh_setup *setup, const char *where, struct oh_slice path)
{
	return oh_slice_printf(setup->arena, "%s:" OH_FMT, where, OH_ARG(path));
}

/* Takes a file that was staged and never committed out of the index. */
static bool unstage(struct oh_setup *setup, struct oh_slice path, struct oh_error *err)
{
	const char *argv[] = {"git", "update-index", "--force-remove", "--",
		oh_slice_str(setup->arena, path), NULL};

	return oh_repo_git(setup->flow->repo, setup->arena, argv, OH_SLICE(""), NULL, err);
}

static bool stage(struct oh_setup *setup, struct oh_slice path, struct oh_error *err)
{
	const char *argv[] = {"git", "update-index", "--", oh_slice_str(setup->arena, path), NULL};

	return oh_repo_git(setup->flow->repo, setup->arena, argv, OH_SLICE(""), NULL, err);
}

static void say_stays(struct oh_setup *setup, const struct oh_record_file *file, const char *why)
{
	const struct oh_slice path = file->path;

	oh_say(&setup->flow->report, "        " OH_FMT " %s and stays; %s",
		OH_ARG(oh_slice_printable(setup->arena, path)), why,
		file->kind == OH_RECORD_LOCK ? "to be rid of it: git rm it"
					     : "to be rid of it: take the line onehead.lock out");
}

/* A file that we made and that is as we made it. */
static bool remove_made(
	struct oh_setup *setup, const struct oh_record_file *file, struct oh_error *err)
{
	const struct oh_slice path = file->path;
	struct oh_slice committed, staged;

	if (git_reads(setup, named(setup, "HEAD", path), &committed)) {
		say_stays(setup, file, "is committed");
		return true;
	}
	oh_say_changed(&setup->flow->report, "files   " OH_FMT ": removed", OH_ARG(path));
	if (setup->dry_run)
		return true;
	if (git_reads(setup, named(setup, ":0", path), &staged) && !unstage(setup, path, err))
		return false;
	return oh_disk_remove(setup->arena, oh_setup_full_path(setup, path), err);
}

#define LINE_START "onehead.lock"
#define LINE LINE_START " text eol=lf merge=onehead"

/* TEXT without our line: the ADDED bytes at its end, else the line wherever it stands now. */
static struct oh_slice without_line(struct oh_arena *arena, struct oh_slice text, size_t added)
{
	const struct oh_slice tail =
		oh_slice_sub(text, text.len < added ? text.len : text.len - added, text.len);
	size_t at = oh_slice_find(text, OH_SLICE(LINE), 0), end;

	if (oh_slice_eq(oh_slice_trim(tail), OH_SLICE(LINE)))
		return oh_slice_sub(text, 0, text.len - added);
	while (at < text.len && at && text.ptr[at - 1] != '\n')
		at = oh_slice_find(text, OH_SLICE(LINE), at + 1);
	if (at == text.len)
		return text;
	end = oh_slice_find_byte(text, '\n', at);
	return oh_slice_printf(arena, OH_FMT OH_FMT, OH_ARG(oh_slice_sub(text, 0, at)),
		OH_ARG(oh_slice_sub(text, end + 1, text.len)));
}

static bool remove_line(struct oh_setup *setup, const struct oh_record_file *file,
	struct oh_slice now, struct oh_error *err)
{
	const struct oh_slice path = file->path;
	const struct oh_slice wanted = without_line(setup->arena, now, file->added);
	struct oh_slice other;

	if (oh_slice_eq(wanted, now))
		return true;
	if (git_reads(setup, named(setup, "HEAD", path), &other) &&
		oh_slice_find(other, OH_SLICE(LINE), 0) < other.len) {
		say_stays(setup, file, "has our line committed");
		return true;
	}
	oh_say_changed(&setup->flow->report, "files   " OH_FMT ": our line is gone", OH_ARG(path));
	if (setup->dry_run)
		return true;
	if (!oh_disk_write(setup->arena, oh_setup_full_path(setup, path), wanted, 0666, err))
		return false;
	if (git_reads(setup, named(setup, ":0", path), &other) &&
		oh_slice_find(other, OH_SLICE(LINE), 0) < other.len)
		return stage(setup, path, err);
	return true;
}

static bool remove_file(
	struct oh_setup *setup, const struct oh_record_file *file, struct oh_error *err)
{
	const struct oh_slice path = oh_setup_full_path(setup, file->path);
	struct oh_slice now;

	if (!setup->dry_run &&
		!oh_disk_remove(setup->arena,
			oh_slice_printf(setup->arena, OH_FMT OH_NEW_SUFFIX, OH_ARG(path)), err))
		return false;
	if (file->kind == OH_RECORD_SCRIPT)
		return oh_setup_remove_lines(setup, file, err);
	if (!oh_disk_read(setup->arena, path, &now, NULL))
		return true;
	if (file->made && oh_slice_eq(file->digest, oh_digest_sha256(setup->arena, now)))
		return remove_made(setup, file, err);
	if (file->kind == OH_RECORD_ATTRIBUTES)
		return remove_line(setup, file, now, err);
	say_stays(setup, file, "has changed since");
	return true;
}

bool oh_setup_remove_files(struct oh_setup *setup, struct oh_error *err)
{
	for (size_t i = 0; i < setup->record.files.count; i++)
		if (!remove_file(setup, &setup->record.files.items[i], err))
			return false;
	return true;
}

bool oh_setup_attribute(struct oh_setup *setup, const char *attribute, struct oh_slice path,
	struct oh_slice *value, struct oh_error *err)
{
	const char *argv[] = {
		"git", "check-attr", "-z", attribute, "--", oh_slice_str(setup->arena, path), NULL};
	struct oh_slice rest;

	if (!oh_repo_git(setup->flow->repo, setup->arena, argv, OH_SLICE(""), &rest, err))
		return false;
	*value = OH_SLICE("unspecified");
	for (int i = 0; i < 3; i++) /* path, attribute, value */
		oh_slice_next(&rest, '\0', value);
	return true;
}

static bool is_effective(struct oh_setup *setup, bool *yes, struct oh_error *err)
{
	struct oh_slice merge, eol;

	*yes = true;
	for (size_t i = 0; i < setup->locks.count && *yes; i++) {
		if (!oh_setup_attribute(setup, "merge", setup->locks.items[i], &merge, err) ||
			!oh_setup_attribute(setup, "eol", setup->locks.items[i], &eol, err))
			return false;
		*yes = oh_slice_eq(merge, OH_SLICE("onehead")) && oh_slice_eq(eol, OH_SLICE("lf"));
	}
	return true;
}

/* The number of the line that speaks of onehead.lock and is not ours; 0 where there is none. */
static size_t find_other_line(struct oh_slice text, bool *has_ours)
{
	struct oh_slice line;
	size_t number = 0, other = 0;

	*has_ours = false;
	while (oh_slice_next_line(&text, &line)) {
		number++;
		line = oh_slice_trim(line);
		if (oh_slice_eq(line, OH_SLICE(LINE)))
			*has_ours = true;
		else if (oh_slice_has_prefix(line, OH_SLICE(LINE_START " ")) ||
			 oh_slice_find(line, OH_SLICE("/" LINE_START " "), 0) < line.len)
			other = number;
	}
	return other;
}

static void plan_line(struct oh_setup *setup, struct oh_slice path, struct oh_slice text, bool made)
{
	const bool crlf = oh_slice_find(text, OH_SLICE("\r\n"), 0) < text.len;
	const char *end = crlf ? "\r\n" : "\n";
	const bool open = text.len && text.ptr[text.len - 1] != '\n';
	const struct oh_slice bytes = oh_slice_printf(
		setup->arena, OH_FMT "%s" LINE "%s", OH_ARG(text), open ? end : "", end);

	OH_PUSH(setup->arena, &setup->files,
		(struct oh_setup_file){.kind = OH_RECORD_ATTRIBUTES,
			.path = path,
			.bytes = bytes,
			.made = made,
			.added = bytes.len - text.len});
}

bool oh_setup_plan_attributes(struct oh_setup *setup, struct oh_error *err)
{
	const struct oh_slice path = OH_SLICE(".gitattributes");
	const struct oh_slice full = oh_setup_full_path(setup, path);
	struct oh_slice text = OH_SLICE(""), staged;
	struct oh_error gone = {0};
	bool effective, has_ours;
	size_t other;

	if (!is_effective(setup, &effective, err))
		return false;
	if (effective)
		return true;
	if (!oh_disk_read(setup->arena, full, &text, &gone) && gone.code != OH_E_NOT_FOUND) {
		*err = gone;
		return false;
	}
	if (gone.code == OH_E_NOT_FOUND && git_reads(setup, named(setup, ":0", path), &staged)) {
		oh_say_wrong(&setup->flow->report,
			"lock    .gitattributes is tracked and not in the worktree; add this line "
			"to it: " LINE);
		return true;
	}
	other = find_other_line(text, &has_ours);
	if (other)
		oh_say_wrong(&setup->flow->report,
			"lock    .gitattributes:%zu says something else of onehead.lock; it should "
			"say: " LINE,
			other);
	else if (has_ours)
		oh_say_wrong(&setup->flow->report,
			"lock    another line overrides " LINE_START
			" in .gitattributes; see: git check-attr -a " OH_FMT,
			OH_ARG(setup->locks.items[0]));
	else
		plan_line(setup, path, text, gone.code == OH_E_NOT_FOUND);
	return true;
}

/*
 * A file written into the worktree and then into the index. A kill in between leaves a worktree
 * that is ahead of the index: staging again finds its own bytes there and goes on. (The other way
 * round the index would have a file that the worktree lacks, and `git commit -a` would delete it.)
 */
#include "base/buf.h"
#include "repo/git_source.h"
#include "repo/private.h"
#include "repo/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct staging {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct oh_slice path, bytes;
	const char *file; /* PATH as a string */
	struct oh_slice id; /* the blob */
	/* what the index has now: */
	struct oh_slice old_id; /* of stage 0; "" where there is none */
	bool is_known, is_executable, is_unmerged, is_skipped;
	bool replace; /* whatever lies there is to go */
	/* the worktree: */
	int directory; /* that PATH is in; -1 where it is to be left alone */
	size_t made; /* directories made for it, from the right */
	struct oh_swap swap;
};

static bool check_path(const struct staging *s, struct oh_error *err)
{
	struct oh_slice rest = s->path, name;

	if (s->path.len && s->path.ptr[s->path.len - 1] != '/' &&
		oh_slice_find_byte(s->path, '\0', 0) == s->path.len) {
		while (oh_slice_next(&rest, '/', &name) && oh_git_is_component(name))
			if (!rest.len)
				return true;
	}
	return oh_fail(
		err, OH_E_FORMAT, "'" OH_FMT "' can't be a path in a repository", OH_ARG(s->path));
}

/* "TAG MODE ID STAGE" TAB PATH NUL: what the index says of PATH. */
static bool look_into_index(struct staging *s, struct oh_error *err)
{
	const char *const argv[] = {
		"git", "ls-files", "-s", "-t", "-z", "--full-name", "--", s->file, NULL};
	const struct oh_git_call call = {.argv = argv, .at_top = true};
	struct oh_slice list, line;

	if (!oh_git_read(s->repo, s->arena, &call, &list, err))
		return false;
	while (oh_slice_next(&list, '\0', &line)) {
		const size_t tab = oh_slice_find_byte(line, '\t', 0);
		struct oh_slice words = oh_slice_sub(line, 0, tab), tag, mode, id;

		if (!oh_slice_eq(oh_slice_sub(line, tab + 1, line.len), s->path))
			return oh_fail(
				err, OH_E_CHANGED, OH_FMT " is a directory", OH_ARG(s->path));
		oh_slice_next(&words, ' ', &tag);
		oh_slice_next(&words, ' ', &mode);
		oh_slice_next(&words, ' ', &id);
		s->is_known = true;
		s->is_executable |= oh_slice_eq(mode, OH_SLICE("100755"));
		s->is_skipped = oh_slice_eq(tag, OH_SLICE("S"));
		if (!oh_slice_eq(words, OH_SLICE("0")))
			s->is_unmerged = true;
		else
			s->old_id = id;
	}
	return true;
}

static bool is_sparse(struct oh_repo *repo)
{
	const struct oh_slice on = oh_repo_config(repo, "core.sparsecheckout");

	return oh_slice_eq(on, OH_SLICE("true")) || oh_slice_eq(on, OH_SLICE("1")) ||
	       oh_slice_eq(on, OH_SLICE("yes")) || oh_slice_eq(on, OH_SLICE("on"));
}

/* git before 2.41 can't be asked: then as everything else in the nearest directory is. */
static bool neighbours_are_skipped(struct staging *s, struct oh_slice directory)
{
	const char *const argv[] = {"git", "ls-files", "-t", "-z", "--full-name", "--",
		oh_slice_str(s->arena, directory), NULL};
	const struct oh_git_call call = {.argv = argv, .at_top = true};
	struct oh_slice list, line;
	bool any = false;

	if (!directory.len || !oh_git_read(s->repo, s->arena, &call, &list, NULL))
		return false;
	while (oh_slice_next(&list, '\0', &line)) {
		any = true;
		if (!oh_slice_has_prefix(line, OH_SLICE("S ")))
			return false;
	}
	return any || neighbours_are_skipped(s, oh_path_directory(directory));
}

/* Is a new file at PATH none that this sparse checkout shows? */
static bool is_outside_cone(struct staging *s)
{
	static const char *const argv[] = {"git", "sparse-checkout", "check-rules", "-z", NULL};
	const struct oh_git_call call = {.argv = argv,
		.at_top = true,
		.input = oh_slice_printf(s->arena, "%s%c", s->file, '\0')};
	struct oh_slice inside;

	if (oh_git_read(s->repo, s->arena, &call, &inside, NULL))
		return !inside.len;
	return neighbours_are_skipped(s, oh_path_directory(s->path));
}

static bool enter(struct staging *s, struct oh_slice name, bool make, struct oh_error *err)
{
	const char *part = oh_slice_str(s->arena, name);
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(s->directory, part, flags);

	if (fd < 0 && errno == ENOENT && make && mkdirat(s->directory, part, 0777) == 0) {
		s->made++;
		fd = openat(s->directory, part, flags);
	}
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return oh_fail(err, OH_E_CHANGED, OH_FMT ": '%s' on the way is a symlink or a file",
			OH_ARG(s->path), part);
	if (fd < 0)
		return oh_fail_errno(err, "writing " OH_FMT, OH_ARG(s->path));
	close(s->directory);
	s->directory = fd;
	return true;
}

/* Opens the directory of PATH, step by step from the top: no symlink is followed. */
static bool open_directory(struct staging *s, bool make, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(s->repo, err);
	struct oh_slice rest = oh_path_directory(s->path), name;

	if (!paths)
		return false;
	if (!paths->top.len)
		return oh_fail(err, OH_E_UNSUPPORTED, "there is no working tree here");
	s->directory = open(oh_slice_str(s->arena, paths->top), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->directory < 0)
		return oh_fail_errno(err, "opening " OH_FMT, OH_ARG(paths->top));
	while (oh_slice_next(&rest, '/', &name))
		if (!enter(s, name, make, err))
			return false;
	return true;
}

/* Takes away the directories that were made for a file that did not come. */
static void remove_made(struct staging *s)
{
	const struct oh_repo_paths *paths = oh_repo_paths(s->repo, NULL);
	struct oh_slice directory = oh_path_directory(s->path);

	for (; s->made; s->made--, directory = oh_path_directory(directory))
		rmdir(oh_slice_str(s->arena, oh_path_join(s->arena, paths->top, directory)));
}

/* The blob of the file that lies there now, as `git add` would make it. */
static bool worktree_id(struct staging *s, struct oh_slice *id, struct oh_error *err)
{
	const char *const argv[] = {"git", "hash-object", "--", s->file, NULL};
	const struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};

	return oh_git_read_line(s->repo, s->arena, &call, id, err);
}

/* The user's own work is not ours to overwrite. */
static bool check_worktree(struct staging *s, struct oh_error *err)
{
	struct oh_slice id;

	s->swap = (struct oh_swap){.arena = s->arena,
		.git_dir = oh_repo_paths(s->repo, NULL)->git_dir,
		.path = s->path,
		.directory = s->directory,
		.name = oh_slice_str(s->arena, oh_path_name(s->path)),
		.mode = s->is_executable ? 0777 : 0666};
	if (!oh_swap_look(&s->swap, err))
		return false;
	if (!s->swap.was_there)
		return true;
	if (s->is_unmerged || s->replace)
		return true;
	if (!worktree_id(s, &id, err))
		return false;
	if (oh_slice_eq(id, s->old_id) || oh_slice_eq(id, s->id))
		return true;
	return oh_fail(err, OH_E_CHANGED, OH_FMT " has %s in the worktree", OH_ARG(s->path),
		s->old_id.len ? "changes that are not staged" : "an untracked file");
}

static bool write_object(struct staging *s, struct oh_error *err)
{
	static const char *const argv[] = {
		"git", "hash-object", "-w", "--stdin", "--no-filters", NULL};
	const struct oh_git_call call = {.argv = argv, .input = s->bytes, .writes = true};

	return oh_git_read_line(s->repo, s->arena, &call, &s->id, err);
}

/* What belongs into the worktree: line ends, filters and encodings applied. */
static bool smudge(struct staging *s, struct oh_slice *out, struct oh_error *err)
{
	const char *path = oh_slice_printf(s->arena, "--path=%s", s->file).ptr;
	const char *const argv[] = {
		"git", "cat-file", "--filters", path, oh_slice_str(s->arena, s->id), NULL};
	const struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};

	return oh_git_read(s->repo, s->arena, &call, out, err);
}

static bool write_index(struct staging *s, const char *const *argv, struct oh_error *err)
{
	const struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};

	oh_index_forget(s->repo);
	return oh_git_read(s->repo, s->arena, &call, NULL, err);
}

/* As --cacheinfo takes it. */
static const char *entry_of(const struct staging *s)
{
	return oh_slice_printf(s->arena, "%s," OH_FMT ",%s", s->is_executable ? "100755" : "100644",
		OH_ARG(s->id), s->file)
		.ptr;
}

static bool put_into_index(struct staging *s, struct oh_error *err)
{
	const char *const argv[] = {
		"git", "update-index", "--add", "--cacheinfo", entry_of(s), NULL};

	return write_index(s, argv, err);
}

/* The index takes note of the file's times: git status need not read it again. Not by
 * `git update-index --add`, which would stage what somebody has changed since. */
static void refresh(struct staging *s)
{
	const char *const argv[] = {"git", "add", "--refresh", "--", s->file, NULL};

	write_index(s, argv, NULL);
}

/* Outside a sparse checkout there is no file, and git is not to miss it for a moment. */
static bool put_out_of_sight(struct staging *s, struct oh_error *err)
{
	const char *const argv[] = {"git", "update-index", "--add", "--cacheinfo", entry_of(s),
		"--skip-worktree", "--", s->file, NULL};

	return write_index(s, argv, err);
}

static bool put_into_place(struct staging *s, struct oh_slice content, struct oh_error *err)
{
	bool ok;

	if (!oh_swap_in(&s->swap, content, err))
		return false;
	ok = put_into_index(s, err);
	if (!ok)
		oh_swap_back(&s->swap);
	oh_swap_end(&s->swap);
	if (!ok)
		return false;
	s->made = 0;
	refresh(s);
	return true;
}

static bool stage_file(struct staging *s, struct oh_error *err)
{
	struct oh_slice content;
	bool ok;

	ok = open_directory(s, true, err) && check_worktree(s, err) && smudge(s, &content, err) &&
	     put_into_place(s, content, err);
	if (s->directory >= 0)
		close(s->directory);
	remove_made(s);
	return ok;
}

static bool exists(struct staging *s)
{
	struct stat st;
	const struct oh_repo_paths *paths = oh_repo_paths(s->repo, NULL);

	return paths &&
	       lstat(oh_slice_str(s->arena, oh_path_join(s->arena, paths->top, s->path)), &st) == 0;
}

bool oh_repo_stage(struct oh_repo *repo, struct oh_slice path, struct oh_slice bytes, bool replace,
	struct oh_error *err)
{
	struct oh_arena arena = {0};
	struct staging s = {.repo = repo,
		.arena = &arena,
		.path = path,
		.bytes = bytes,
		.replace = replace,
		.directory = -1};
	bool ok, hidden;

	s.file = oh_slice_str(&arena, path);
	ok = check_path(&s, err) && oh_repo_paths(repo, err) && look_into_index(&s, err) &&
	     write_object(&s, err);
	hidden = ok && is_sparse(repo) && !exists(&s) &&
		 (s.is_known ? s.is_skipped : is_outside_cone(&s));
	if (ok)
		ok = hidden ? put_out_of_sight(&s, err) : stage_file(&s, err);
	oh_arena_drop(&arena);
	return ok;
}

/*
 * Files written into the worktree and then into the index. A kill in between leaves a worktree
 * that is ahead of the index: staging again finds its own bytes there and goes on. (The other way
 * round the index would have a file that the worktree lacks, and `git commit -a` would delete it.)
 */
#include "repo/stage.h"

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
	enum { IN_SIGHT, OUT_OF_SIGHT, REMOVED } kind; /* the second: of a sparse checkout */
	/* the worktree: */
	int directory; /* that PATH is in; -1 where it is to be left alone */
	size_t made; /* directories made for it, from the right */
	struct oh_swap swap;
	bool is_placed; /* the new file is there; REMOVED: the old one */
};

struct words {
	const char **items;
	size_t count, capacity;
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
	if (s->replace || (s->is_unmerged && s->kind == IN_SIGHT))
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

static bool exists(struct staging *s)
{
	struct stat st;
	const struct oh_repo_paths *paths = oh_repo_paths(s->repo, NULL);

	return paths &&
	       lstat(oh_slice_str(s->arena, oh_path_join(s->arena, paths->top, s->path)), &st) == 0;
}

static bool is_hidden(struct staging *s)
{
	return is_sparse(s->repo) && !exists(s) &&
	       (s->is_known ? s->is_skipped : is_outside_cone(s));
}

static bool prepare(struct staging *s, struct oh_error *err)
{
	if (!check_path(s, err) || !oh_repo_paths(s->repo, err) || !look_into_index(s, err))
		return false;
	if (s->kind == IN_SIGHT && is_hidden(s))
		s->kind = OUT_OF_SIGHT;
	return write_object(s, err);
}

static bool place(struct staging *s, struct oh_error *err)
{
	struct oh_slice content;

	if (s->kind == OUT_OF_SIGHT || (s->kind == REMOVED && !exists(s)))
		return true;
	s->is_placed = open_directory(s, s->kind == IN_SIGHT, err) && check_worktree(s, err) &&
		       (s->kind == REMOVED ||
			       (smudge(s, &content, err) && oh_swap_in(&s->swap, content, err)));
	return s->is_placed;
}

static void finish(struct staging *s, bool keep)
{
	if (s->is_placed && s->kind == REMOVED) {
		if (keep)
			oh_swap_out(&s->swap);
	} else if (s->is_placed) {
		if (!keep)
			oh_swap_back(&s->swap);
		oh_swap_end(&s->swap);
	}
	if (s->directory >= 0)
		close(s->directory);
	if (!keep)
		remove_made(s);
}

static bool write_index(
	struct oh_repo *repo, struct oh_arena *arena, struct words *argv, struct oh_error *err)
{
	struct oh_git_call call = {.writes = true, .at_top = true};

	OH_PUSH(arena, argv, NULL);
	call.argv = argv->items;
	oh_index_forget(repo);
	return oh_git_read(repo, arena, &call, NULL, err);
}

static void push(struct oh_arena *arena, struct words *argv, const char *const *words)
{
	for (; *words; words++)
		OH_PUSH(arena, argv, *words);
}

/* The files of one kind; true where there is any. */
static bool push_files(
	struct words *argv, const struct staging *all, size_t count, int kind, const char *prefix)
{
	const size_t before = argv->count;

	for (size_t i = 0; i < count; i++)
		if ((int)all[i].kind == kind)
			OH_PUSH(all->arena, argv,
				oh_slice_printf(all->arena, "%s%s", prefix, all[i].file).ptr);
	return argv->count > before;
}

static const char *entry_of(const struct staging *s)
{
	return oh_slice_printf(s->arena, "%s," OH_FMT ",%s", s->is_executable ? "100755" : "100644",
		OH_ARG(s->id), s->file)
		.ptr;
}

/* In one write: outside a sparse checkout git is not to miss a file for a moment. */
static bool put_into_index(const struct staging *all, size_t count, struct oh_error *err)
{
	static const char *const command[] = {
		"git", "update-index", "--add", "--force-remove", NULL};
	static const char *const hiding[] = {"--skip-worktree", "--", NULL};
	struct words argv = {0};

	push(all->arena, &argv, command);
	push_files(&argv, all, count, REMOVED, "./"); /* before further options */
	for (size_t i = 0; i < count; i++)
		if (all[i].kind != REMOVED) {
			OH_PUSH(all->arena, &argv, "--cacheinfo");
			OH_PUSH(all->arena, &argv, entry_of(&all[i]));
		}
	push(all->arena, &argv, hiding);
	push_files(&argv, all, count, OUT_OF_SIGHT, "");
	return write_index(all->repo, all->arena, &argv, err);
}

static void note_times(const struct staging *all, size_t count)
{
	struct words files = {0};
	const bool any = push_files(&files, all, count, IN_SIGHT, "");

	OH_PUSH(all->arena, &files, NULL);
	if (!any)
		return;
	oh_index_note_times(all->repo, files.items);
	oh_index_forget(all->repo); /* git may go on with this very index: not behind its back */
}

static bool stage(struct staging *all, size_t count, struct oh_error *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++)
		ok = (prepare(&all[i], err) && place(&all[i], err)) ||
		     oh_wrap(err, "staging " OH_FMT, OH_ARG(all[i].path));
	ok = ok && put_into_index(all, count, err);
	for (size_t i = count; i-- > 0;)
		finish(&all[i], ok);
	if (ok)
		note_times(all, count);
	return ok;
}

bool oh_repo_stage_files(struct oh_repo *repo, const struct oh_staged_file *files, size_t count,
	struct oh_error *err)
{
	struct oh_arena arena = {0};
	struct staging *all;
	bool ok;

	if (!count)
		return true;
	all = oh_arena_alloc(&arena, count * sizeof(*all));
	for (size_t i = 0; i < count; i++)
		all[i] = (struct staging){.repo = repo,
			.arena = &arena,
			.path = files[i].path,
			.bytes = files[i].bytes,
			.replace = files[i].replace,
			.kind = files[i].remove ? REMOVED : IN_SIGHT,
			.file = oh_slice_str(&arena, files[i].path),
			.directory = -1};
	ok = stage(all, count, err);
	oh_arena_drop(&arena);
	return ok;
}

bool oh_repo_stage(struct oh_repo *repo, struct oh_slice path, struct oh_slice bytes, bool replace,
	struct oh_error *err)
{
	const struct oh_staged_file file = {.path = path, .bytes = bytes, .replace = replace};

	return oh_repo_stage_files(repo, &file, 1, err);
}

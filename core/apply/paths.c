#include "apply/paths.h"

#include "base/buf.h"
#include "base/map.h"
#include "repo/disk.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define AT_ONCE 500 /* paths on one command line */

struct looking {
	struct oh_repo *repo;
	struct oh_arena *arena;
	const struct oh_operation_path *paths;
	size_t count;
	bool own_index;
};

static bool ask_index(const struct looking *l, struct oh_slice *list, struct oh_error *err)
{
	static const char *const words[] = {"git", "ls-files", "-s", "-z", "--full-name", "--"};
	const char **argv = oh_arena_alloc(l->arena, (l->count + 7) * sizeof(*argv));
	size_t n = 0;

	for (; n < sizeof(words) / sizeof(*words); n++)
		argv[n] = words[n];
	for (size_t i = 0; i < l->count; i++)
		argv[n++] = oh_slice_str(l->arena, l->paths[i].path);
	return l->own_index ? oh_repo_git_own_index(l->repo, l->arena, argv, list, err)
			    : oh_repo_git(l->repo, l->arena, argv, OH_SLICE(""), list, err);
}

/* The entries of each of the paths. */
static bool look_into_index(
	const struct looking *l, struct oh_slices *entries, struct oh_error *err)
{
	struct oh_map at = {.arena = l->arena};
	struct oh_slice list, line, entry;
	const size_t *found;

	if (!ask_index(l, &list, err))
		return false;
	for (size_t i = 0; i < l->count; i++)
		*oh_map_put(&at, l->paths[i].path) = i + 1;
	while (oh_slice_next(&list, '\0', &line)) {
		/* What is below a directory of this name is listed, too. */
		if (!oh_slice_next(&line, '\t', &entry) || !(found = oh_map_get(&at, line)))
			continue;
		OH_PUSH(l->arena, &entries[*found - 1], entry);
	}
	return true;
}

static struct oh_slices *look_at_all(struct looking *l, size_t count, struct oh_error *err)
{
	struct oh_slices *entries = oh_arena_alloc(l->arena, (count + 1) * sizeof(*entries));
	const struct oh_operation_path *first = l->paths;

	for (size_t done = 0; done < count; done += l->count) {
		l->paths = first + done;
		l->count = count - done < AT_ONCE ? count - done : AT_ONCE;
		if (!look_into_index(l, entries + done, err))
			return NULL;
	}
	return entries;
}

/* Where PATH is on disk; "" with ERR set where a symlink leads elsewhere. */
static struct oh_slice place(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);
	struct oh_slice full, directory;

	if (!paths)
		return OH_SLICE("");
	full = oh_slice_dup(arena, oh_path_join(arena, paths->top, path));
	directory = oh_path_directory(full);
	if (oh_slice_eq(oh_disk_real(arena, directory), directory))
		return full;
	oh_fail(err, OH_E_CHANGED, OH_FMT " is behind a symlink", OH_ARG(path));
	return OH_SLICE("");
}

static bool look_at_file(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *file, struct oh_error *err)
{
	static const char *const argv[] = {"git", "hash-object", "-w", "--stdin", NULL};
	const struct oh_slice full = place(repo, arena, path, err);
	struct oh_slice bytes, id;
	struct stat st;

	*file = OH_SLICE("");
	if (!full.len)
		return false;
	if (lstat(full.ptr, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ||
		       oh_fail_errno(err, "looking at " OH_FMT, OH_ARG(path));
	if (!S_ISREG(st.st_mode))
		return oh_fail(err, OH_E_CHANGED, OH_FMT " is not an ordinary file in the worktree",
			OH_ARG(path));
	if (!oh_disk_read(arena, full, &bytes, err) ||
		!oh_repo_git(repo, arena, argv, bytes, &id, err))
		return false;
	*file = oh_slice_printf(arena, "%s " OH_FMT, st.st_mode & S_IXUSR ? "100755" : "100644",
		OH_ARG(oh_slice_trim(id)));
	return true;
}

bool oh_path_look(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice path,
	struct oh_path_state *state, struct oh_error *err)
{
	const struct oh_operation_path p = {.path = path};
	const struct looking l = {.repo = repo, .arena = arena, .paths = &p, .count = 1};

	*state = (struct oh_path_state){.file = OH_SLICE("")};
	return look_into_index(&l, &state->entries, err) &&
	       look_at_file(repo, arena, path, &state->file, err);
}

bool oh_paths_look(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	bool own_index, struct oh_path_state *states, struct oh_error *err)
{
	struct looking l = {
		.repo = repo, .arena = arena, .paths = op->paths.items, .own_index = own_index};
	const struct oh_slices *entries = look_at_all(&l, op->paths.count, err);

	for (size_t i = 0; entries && i < op->paths.count; i++) {
		const struct oh_operation_path *p = &op->paths.items[i];

		states[i] = (struct oh_path_state){entries[i], OH_SLICE("")};
		if (!p->index_only && !look_at_file(repo, arena, p->path, &states[i].file, err))
			return false;
	}
	return entries != NULL;
}

static bool same_entries(const struct oh_slices *a, const struct oh_slices *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (!oh_slice_eq(a->items[i], b->items[i]))
			return false;
	return a->count == b->count;
}

/* By content: not every file system has a run bit. */
static bool same_file(struct oh_slice a, struct oh_slice b)
{
	return oh_slice_eq(
		oh_slice_sub(a, a.len ? 7 : 0, a.len), oh_slice_sub(b, b.len ? 7 : 0, b.len));
}

bool oh_path_state_eq(const struct oh_path_state *a, const struct oh_path_state *b)
{
	return same_entries(&a->entries, &b->entries) && same_file(a->file, b->file);
}

bool oh_paths_are(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	bool new, bool *yes, struct oh_error *err)
{
	struct oh_path_state *now = oh_arena_alloc(arena, (op->paths.count + 1) * sizeof(*now));

	if (!oh_paths_look(repo, arena, op, false, now, err))
		return false;
	*yes = true;
	for (size_t i = 0; i < op->paths.count && *yes; i++) {
		const struct oh_operation_path *p = &op->paths.items[i];

		*yes = oh_path_state_eq(&now[i], new ? &p->new_state : &p->old_state);
	}
	return true;
}

/* By way of the git directory, where nobody minds what a kill leaves. */
static bool write_file(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice full,
	struct oh_slice file, struct oh_error *err)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, err);
	const char *argv[] = {"git", "cat-file", "blob",
		oh_slice_str(arena, oh_slice_sub(file, 7, file.len)), NULL};
	const mode_t mode = oh_slice_has_prefix(file, OH_SLICE("100755")) ? 0777 : 0666;
	struct oh_slice bytes, workshop;
	bool made;

	if (!paths || !oh_repo_git(repo, arena, argv, OH_SLICE(""), &bytes, err))
		return false;
	workshop = oh_slice_printf(arena, OH_FMT "/onehead/file", OH_ARG(paths->git_dir));
	oh_disk_make_directory(arena, oh_path_directory(full), &made, NULL);
	if (oh_disk_write(arena, workshop, bytes, mode, NULL) &&
		oh_disk_rename(arena, workshop, full, NULL))
		return true;
	oh_disk_remove(arena, workshop, NULL);
	return oh_disk_write(arena, full, bytes, mode, err); /* on another file system */
}

static bool put_file(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_operation_path *p, struct oh_slice to, struct oh_error *err)
{
	const struct oh_slice full = place(repo, arena, p->path, err);
	struct oh_slice now;

	if (!full.len || !look_at_file(repo, arena, p->path, &now, err))
		return false;
	if (same_file(now, to) ||
		(!same_file(now, p->old_state.file) && !same_file(now, p->new_state.file)))
		return true;
	if (to.len)
		return write_file(repo, arena, full, to, err);
	if (!oh_disk_remove(arena, full, err))
		return false;
	oh_disk_remove_directory(arena, oh_path_directory(full));
	return true;
}

static bool is_only_marked(const struct oh_slices *entries)
{
	return entries->count && oh_slice_has_prefix(entries->items[0], OH_SLICE("000000 "));
}

/* The lines for git update-index --index-info that make PATH's entries these. */
static void add_entries(
	struct oh_buf *lines, struct oh_slice path, const struct oh_slices *entries, size_t id_len)
{
	oh_buf_addf(lines, "0 %0*d\t" OH_FMT "%c", (int)id_len, 0, OH_ARG(path), 0);
	for (size_t i = 0; i < entries->count && !is_only_marked(entries); i++)
		oh_buf_addf(
			lines, OH_FMT "\t" OH_FMT "%c", OH_ARG(entries->items[i]), OH_ARG(path), 0);
}

static size_t id_length(const struct oh_operation_path *p)
{
	const struct oh_path_state *states[] = {&p->old_state, &p->new_state};

	for (size_t i = 0; i < 2; i++) {
		if (states[i]->file.len)
			return states[i]->file.len - 7;
		if (states[i]->entries.count)
			return states[i]->entries.items[0].len - 9;
	}
	return 40;
}

static bool put_index(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	bool new, struct oh_error *err)
{
	static const char *const argv[] = {"git", "update-index", "-z", "--index-info", NULL};
	static const char *const refresh[] = {"git", "update-index", "-q", "--refresh", NULL};
	static const char *const mark[] = {
		"git", "add", "-N", "-f", "--pathspec-from-file=-", "--pathspec-file-nul", NULL};
	struct looking l = {.repo = repo, .arena = arena, .paths = op->paths.items};
	const struct oh_slices *now = look_at_all(&l, op->paths.count, err);
	struct oh_buf lines = {.arena = arena}, marked = {.arena = arena};

	for (size_t i = 0; now && i < op->paths.count; i++) {
		const struct oh_operation_path *p = &op->paths.items[i];
		const struct oh_slices *to = new ? &p->new_state.entries : &p->old_state.entries;

		if (same_entries(&now[i], to) ||
			(!same_entries(&now[i], &p->old_state.entries) &&
				!same_entries(&now[i], &p->new_state.entries)))
			continue;
		add_entries(&lines, p->path, to, id_length(p));
		if (is_only_marked(to))
			oh_buf_addf(&marked, OH_FMT "%c", OH_ARG(p->path), 0);
	}
	if (!now ||
		(lines.count && !oh_repo_git(repo, arena, argv, oh_buf_slice(&lines), NULL, err)))
		return false;
	if (marked.count)
		oh_repo_git(repo, arena, mark, oh_buf_slice(&marked), NULL, NULL);
	oh_repo_git(repo, arena, refresh, OH_SLICE(""), NULL, NULL);
	return true;
}

bool oh_paths_put(struct oh_repo *repo, struct oh_arena *arena, const struct oh_operation *op,
	bool new, struct oh_error *err)
{
	for (size_t i = 0; i < op->paths.count; i++) {
		const struct oh_operation_path *p = &op->paths.items[i];

		if (!p->index_only &&
			!put_file(repo, arena, p, new ? p->new_state.file : p->old_state.file, err))
			return false;
	}
	return put_index(repo, arena, op, new, err);
}

/*
 * Index and worktree from one tree to another. Where some files are added or changed and nothing
 * stands in the way, they are written one by one; git's read-tree, which looks up every object that
 * the index names, does whatever else there is, and says what is in the way. Both write the
 * worktree first and the index last.
 */
#include "base/buf.h"
#include "repo/git_source.h"
#include "repo/private.h"
#include "repo/swap.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MOST_FILES 16

struct file {
	struct oh_slice path, old_id, id; /* OLD_ID "" for a new file */
	unsigned int mode;
	struct oh_slice content;
	struct oh_swap swap;
	bool is_in; /* swapped in */
};

struct switching {
	struct oh_repo *repo;
	struct oh_arena *arena;
	struct oh_slice from;
	struct file files[MOST_FILES];
	size_t count;
};

/* What git finds to be changed may only have been touched: it looks at content only here. */
static void refresh(struct oh_repo *repo, struct oh_arena *arena)
{
	static const char *const argv[] = {"git", "update-index", "-q", "--refresh", NULL};
	const struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};

	oh_git_read(repo, arena, &call, NULL, NULL);
}

static bool read_tree(
	struct oh_repo *repo, struct oh_slice from, struct oh_slice to, struct oh_error *err)
{
	const char *const argv[] = {"git", "read-tree", "-m", "-u",
		oh_slice_str(&repo->arena, from), oh_slice_str(&repo->arena, to), NULL};
	const struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};
	struct oh_error first = {0};

	if (oh_git_read(repo, &repo->arena, &call, NULL, &first))
		return true;
	if (first.code == OH_E_CHANGED) {
		refresh(repo, &repo->arena);
		return oh_git_read(repo, &repo->arena, &call, NULL, err);
	}
	if (err)
		*err = first;
	return false;
}

static bool read_directory(struct switching *s, struct oh_slice tree, struct oh_object *object)
{
	return oh_objects_read(
		s->repo->objects, s->arena, oh_rev_peeled(s->arena, tree, "tree"), object, NULL);
}

/* The length of the entry at AT of a tree's bytes; 0 where there is none. */
static size_t entry_length(const struct oh_object *tree, size_t at)
{
	const size_t name_end = oh_slice_find_byte(tree->bytes, '\0', at);
	const size_t end = name_end + 1 + tree->id.len / 2;

	return end <= tree->bytes.len ? end - at : 0;
}

/* The first entry of TREE at or behind AT. */
static size_t entry_from(const struct oh_object *tree, size_t at)
{
	size_t begin = 0, length;

	while (begin < at && (length = entry_length(tree, begin)))
		begin += length;
	return begin < at ? tree->bytes.len : begin;
}

static void cut(struct oh_object *tree, size_t from, size_t to)
{
	tree->bytes = oh_slice_sub(tree->bytes, from, to);
}

/* Takes away the entries that both begin and end with: where one of a thousand is new, that is
 * nearly all. */
static void cut_common(struct oh_object *a, struct oh_object *b)
{
	size_t n, same = 0, ends = 0;

	while ((n = entry_length(a, same)) && same + n <= b->bytes.len &&
		memcmp(a->bytes.ptr + same, b->bytes.ptr + same, n) == 0)
		same += n;
	cut(a, same, a->bytes.len);
	cut(b, same, b->bytes.len);
	n = a->bytes.len < b->bytes.len ? a->bytes.len : b->bytes.len;
	while (ends < n &&
		a->bytes.ptr[a->bytes.len - 1 - ends] == b->bytes.ptr[b->bytes.len - 1 - ends])
		ends++;
	ends = a->bytes.len - entry_from(a, a->bytes.len - ends);
	if (entry_from(b, b->bytes.len - ends) != b->bytes.len - ends)
		return;
	cut(a, 0, a->bytes.len - ends);
	cut(b, 0, b->bytes.len - ends);
}

/* The entries that differ between two trees, and maybe some more that are in both. */
static bool load(struct switching *s, struct oh_slice from, struct oh_slice to,
	struct oh_git_directory *old, struct oh_git_directory *new)
{
	struct oh_object a, b;

	if (!read_directory(s, from, &a) || !read_directory(s, to, &b))
		return false;
	cut_common(&a, &b);
	return oh_git_directory_parse(s->arena, &a, old, NULL) &&
	       oh_git_directory_parse(s->arena, &b, new, NULL);
}

static bool is_file(unsigned int mode)
{
	return mode == 0100644 || mode == 0100755;
}

static bool add_file(struct switching *s, struct oh_slice path, const struct oh_git_entry *old,
	const struct oh_git_entry *new)
{
	if (s->count == MOST_FILES || !is_file(new->mode) || (old && old->mode != new->mode))
		return false;
	s->files[s->count++] = (struct file){.path = path,
		.old_id = old ? old->id : OH_SLICE(""),
		.id = new->id,
		.mode = new->mode};
	return true;
}

static bool compare(
	struct switching *s, struct oh_slice from, struct oh_slice to, struct oh_slice path);

static bool compare_entry(struct switching *s, struct oh_slice directory,
	const struct oh_git_entry *old, const struct oh_git_entry *new)
{
	struct oh_slice path;

	if (old && old->mode == new->mode &&oh_slice_eq(old->id, new->id))
		return true;
	path = oh_path_join(s->arena, directory, new->name);
	if (old && old->mode == OH_MODE_DIRECTORY && new->mode == OH_MODE_DIRECTORY)
		return compare(s, old->id, new->id, path);
	return add_file(s, path, old, new);
}

/* False where it is not only about files that are added or changed. */
static bool compare(
	struct switching *s, struct oh_slice from, struct oh_slice to, struct oh_slice path)
{
	struct oh_git_directory old = {0}, new = {0};
	size_t in_both = 0;

	if (!load(s, from, to, &old, &new))
		return false;
	for (size_t i = 0; i < new.count; i++) {
		const struct oh_git_entry *there = oh_git_directory_find(&old, new.items[i].name);

		in_both += there != NULL;
		if (!compare_entry(s, path, there, &new.items[i]))
			return false;
	}
	return in_both == old.count; /* nothing is taken away */
}

/* Index and worktree have these files as FROM has them, and nothing else where new ones go. */
static bool start_check(struct switching *s, struct oh_process *check)
{
	const char **argv = oh_arena_alloc(s->arena, (s->count + 7) * sizeof(*argv));
	const struct oh_git_call call = {.argv = argv, .at_top = true};
	size_t n = 0;

	argv[n++] = "git";
	argv[n++] = "diff-index";
	argv[n++] = "--raw";
	argv[n++] = "-z";
	argv[n++] = oh_slice_str(s->arena, s->from);
	argv[n++] = "--";
	for (size_t i = 0; i < s->count; i++)
		argv[n++] = oh_slice_str(s->arena, s->files[i].path);
	return oh_git_prepare(s->repo, s->arena, &call, check, NULL) &&
	       oh_process_start(s->arena, check, NULL);
}

/* What belongs into the worktree: line ends, filters and encodings applied. */
static bool start_smudge(struct switching *s, struct oh_process *smudge)
{
	static const char *const argv[] = {"git", "cat-file", "--batch", "--filters", NULL};
	struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};
	struct oh_buf wanted = {.arena = s->arena};

	for (size_t i = 0; i < s->count; i++) {
		if (oh_slice_find_byte(s->files[i].path, '\n', 0) < s->files[i].path.len)
			return false;
		oh_buf_addf(&wanted, OH_FMT " " OH_FMT "\n", OH_ARG(s->files[i].id),
			OH_ARG(s->files[i].path));
	}
	call.input = oh_buf_slice(&wanted);
	return oh_git_prepare(s->repo, s->arena, &call, smudge, NULL) &&
	       oh_process_start(s->arena, smudge, NULL);
}

static size_t number(struct oh_slice digits)
{
	size_t n = 0;

	for (size_t i = 0; i < digits.len && digits.ptr[i] >= '0' && digits.ptr[i] <= '9'; i++)
		n = n * 10 + (size_t)(digits.ptr[i] - '0');
	return n;
}

/* "ID blob SIZE" newline, the bytes, a newline. */
static bool take_contents(struct switching *s, struct oh_slice answer)
{
	for (size_t i = 0; i < s->count; i++) {
		struct oh_slice line, id, kind;
		size_t size;

		if (!oh_slice_next(&answer, '\n', &line) || !oh_slice_next(&line, ' ', &id) ||
			!oh_slice_eq(id, s->files[i].id) || !oh_slice_next(&line, ' ', &kind) ||
			!oh_slice_eq(kind, OH_SLICE("blob")))
			return false;
		size = number(line);
		if (answer.len < size + 1 || answer.ptr[size] != '\n')
			return false;
		s->files[i].content = oh_slice_sub(answer, 0, size);
		answer = oh_slice_sub(answer, size + 1, answer.len);
	}
	return !answer.len;
}

/* Both ask git at the same time. */
static bool check_and_smudge(struct switching *s)
{
	struct oh_process check, smudge;
	bool ok, smudged = false;

	if (!start_check(s, &check))
		return false;
	ok = start_smudge(s, &smudge);
	if (ok)
		smudged = oh_process_finish(s->arena, &smudge, NULL) && !smudge.status;
	ok = oh_process_finish(s->arena, &check, NULL) && ok && smudged;
	return ok && !check.status && !check.output.len && take_contents(s, smudge.output);
}

/* The directory that PATH is in, without following a symlink; -1 where it is not there. */
static int open_directory(struct switching *s, struct oh_slice path)
{
	const struct oh_repo_paths *paths = oh_repo_paths(s->repo, NULL);
	struct oh_slice rest = oh_path_directory(path), name;
	int fd = open(oh_slice_str(s->arena, paths->top), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && oh_slice_next(&rest, '/', &name)) {
		const int next = openat(fd, oh_slice_str(s->arena, name),
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		close(fd);
		fd = next;
	}
	return fd;
}

static bool look(struct switching *s, struct file *f)
{
	f->swap = (struct oh_swap){.arena = s->arena,
		.git_dir = oh_repo_paths(s->repo, NULL)->git_dir,
		.path = f->path,
		.directory = open_directory(s, f->path),
		.name = oh_slice_str(s->arena, oh_path_name(f->path)),
		.mode = f->mode == 0100755 ? 0777 : 0666};
	return f->swap.directory >= 0 && oh_swap_look(&f->swap, NULL) &&
	       f->swap.was_there == (f->old_id.len > 0);
}

static void note_times(struct switching *s)
{
	const char **files = oh_arena_alloc(s->arena, (s->count + 1) * sizeof(*files));

	for (size_t i = 0; i < s->count; i++)
		files[i] = oh_slice_str(s->arena, s->files[i].path);
	oh_index_note_times(s->repo, files);
}

/* The index last. */
static bool put_into_index(struct switching *s)
{
	const char **argv = oh_arena_alloc(s->arena, (2 * s->count + 5) * sizeof(*argv));
	const struct oh_git_call call = {.argv = argv, .writes = true, .at_top = true};
	size_t n = 0;

	argv[n++] = "git";
	argv[n++] = "update-index";
	argv[n++] = "-q";
	argv[n++] = "--add";
	for (size_t i = 0; i < s->count; i++) {
		argv[n++] = "--cacheinfo";
		argv[n++] = oh_slice_printf(s->arena, "%o," OH_FMT "," OH_FMT, s->files[i].mode,
			OH_ARG(s->files[i].id), OH_ARG(s->files[i].path))
				    .ptr;
	}
	return oh_git_read(s->repo, s->arena, &call, NULL, NULL);
}

/* Whole, or not at all. */
static bool put_into_place(struct switching *s)
{
	bool ok = true;

	for (size_t i = 0; i < s->count && ok; i++)
		ok = s->files[i].is_in = oh_swap_in(&s->files[i].swap, s->files[i].content, NULL);
	ok = ok && put_into_index(s);
	for (size_t i = s->count; i-- > 0;) {
		struct file *f = &s->files[i];

		if (f->is_in && !ok)
			oh_swap_back(&f->swap);
		if (f->is_in)
			oh_swap_end(&f->swap);
	}
	if (ok)
		note_times(s);
	return ok;
}

/* False, and nothing has happened, where this is nothing for the short way. */
static bool switch_files(struct switching *s, struct oh_slice to)
{
	const struct oh_repo_paths *paths = oh_repo_paths(s->repo, NULL);
	bool ok;

	ok = paths && paths->top.len && !oh_repo_config(s->repo, "core.sparsecheckout").len &&
	     compare(s, s->from, to, OH_SLICE("")) && s->count && check_and_smudge(s);
	for (size_t i = 0; i < s->count; i++)
		s->files[i].swap.directory = -1;
	for (size_t i = 0; i < s->count && ok; i++)
		ok = look(s, &s->files[i]);
	ok = ok && put_into_place(s);
	for (size_t i = 0; i < s->count; i++)
		if (s->files[i].swap.directory >= 0)
			close(s->files[i].swap.directory);
	return ok;
}

bool oh_repo_switch_tree_early(
	struct oh_repo *repo, struct oh_slice from, struct oh_slice to, struct oh_error *err)
{
	struct oh_arena arena = {0};
	struct switching s = {.repo = repo, .arena = &arena, .from = from};
	bool done;

	if (!oh_rev_check(from, err) || !oh_rev_check(to, err))
		return false;
	oh_index_forget(repo);
	done = switch_files(&s, to);
	oh_arena_drop(&arena);
	return done || read_tree(repo, from, to, err);
}

bool oh_repo_switch_tree(
	struct oh_repo *repo, struct oh_slice from, struct oh_slice to, struct oh_error *err)
{
	const bool done = oh_repo_switch_tree_early(repo, from, to, err);

	oh_repo_settle(repo);
	return done;
}

void oh_repo_settle(struct oh_repo *repo)
{
	oh_index_forget(repo);
}

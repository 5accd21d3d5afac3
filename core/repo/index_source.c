/*
 * The index as git lists it: sparse and split ones come out whole, GIT_INDEX_FILE counts. One
 * process a command; what is staged is read through the objects.
 */
#include "repo/git_source.h"
#include "repo/private.h"

#include <stdlib.h>
#include <sys/stat.h>

struct index_source {
	struct oh_git_source git;
	const struct oh_index_entry *entries;
	size_t count;
};

/* "MODE ID STAGE" TAB PATH */
static bool parse_entry(struct oh_slice line, struct oh_index_entry *out)
{
	struct oh_slice mode, stage;

	if (!oh_slice_next(&line, ' ', &mode) || !oh_slice_next(&line, ' ', &out->id) ||
		!oh_slice_next(&line, '\t', &stage) || !stage.len || !line.len)
		return false;
	out->mode = (unsigned int)strtoul(mode.ptr, NULL, 8);
	out->stage = stage.ptr[0] - '0';
	out->path = line;
	return true;
}

bool oh_index_load(struct oh_repo *repo, struct oh_error *err)
{
	static const char *const argv[] = {"git", "ls-files", "-s", "-z", "--full-name", NULL};
	const struct oh_git_call call = {.argv = argv, .at_top = true};
	struct oh_slice list, line;

	if (repo->has_index)
		return true;
	if (!oh_git_read(repo, &repo->arena, &call, &list, err))
		return oh_wrap(err, "reading the index");
	repo->index.items = NULL;
	repo->index.count = repo->index.capacity = 0;
	while (oh_slice_next(&list, '\0', &line)) {
		struct oh_index_entry entry;

		if (!parse_entry(line, &entry))
			return oh_fail(err, OH_E_FORMAT, "git's list of the index can't be read");
		OH_PUSH(&repo->arena, &repo->index, entry);
	}
	repo->has_index = true;
	return true;
}

void oh_index_forget(struct oh_repo *repo)
{
	repo->has_index = false;
	oh_early_finish(repo, &repo->index_tree, NULL);
	oh_early_finish(repo, &repo->times, NULL);
}

void oh_index_note_times(struct oh_repo *repo, const char *const *files)
{
	struct {
		const char **items;
		size_t count, capacity;
	} argv = {0};
	struct oh_git_call call = {.writes = true, .at_top = true};

	OH_PUSH(&repo->arena, &argv, "git");
	OH_PUSH(&repo->arena, &argv, "add");
	OH_PUSH(&repo->arena, &argv, "--refresh");
	OH_PUSH(&repo->arena, &argv, "--");
	for (; *files; files++)
		OH_PUSH(&repo->arena, &argv, oh_slice_dup(&repo->arena, oh_slice_of(*files)).ptr);
	OH_PUSH(&repo->arena, &argv, NULL);
	call.argv = argv.items;
	oh_index_forget(repo);
	oh_early_start(repo, &repo->times, &call);
}

/* The first entry whose path is not before PATH. */
static size_t lower_bound(const struct index_source *s, struct oh_slice path)
{
	size_t from = 0, to = s->count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (oh_slice_cmp(s->entries[middle].path, path) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool load(struct oh_git_source *source, const struct oh_git_entry *at,
	struct oh_git_directory *d, struct oh_error *err)
{
	struct index_source *s = (struct index_source *)source;
	const struct oh_slice prefix =
		d->path.len ? oh_slice_printf(source->arena, OH_FMT "/", OH_ARG(d->path))
			    : OH_SLICE("");
	struct oh_slice last = {0};

	(void)at;
	(void)err;
	for (size_t i = lower_bound(s, prefix); i < s->count; i++) {
		struct oh_slice name = s->entries[i].path;
		size_t slash;

		if (!oh_slice_cut_prefix(&name, prefix))
			break;
		if (s->entries[i].stage)
			continue;
		slash = oh_slice_find_byte(name, '/', 0);
		if (slash == name.len) {
			oh_git_directory_add(source->arena, d,
				(struct oh_git_entry){name, s->entries[i].mode, s->entries[i].id});
			continue;
		}
		name = oh_slice_sub(name, 0, slash);
		if (last.ptr && oh_slice_eq(last, name))
			continue;
		last = name;
		oh_git_directory_add(source->arena, d,
			(struct oh_git_entry){name, OH_MODE_DIRECTORY, OH_SLICE("")});
	}
	return true;
}

static struct oh_source *source_of(
	struct oh_repo *repo, const struct oh_index_entry *entries, size_t count)
{
	struct index_source *s = oh_arena_alloc(&repo->arena, sizeof(*s));

	oh_git_source_init(&s->git, &repo->arena, repo->objects);
	s->git.load = load;
	s->entries = entries;
	s->count = count;
	return &s->git.base;
}

bool oh_repo_index(struct oh_repo *repo, struct oh_source **out, struct oh_error *err)
{
	if (!oh_index_load(repo, err))
		return false;
	*out = source_of(repo, repo->index.items, repo->index.count);
	return true;
}

static int by_path(const void *a, const void *b)
{
	const struct oh_index_entry *x = a, *y = b;

	return oh_slice_cmp(x->path, y->path);
}

static bool is_placed(const struct oh_placed_files *files, struct oh_slice path)
{
	for (size_t i = 0; i < files->count; i++)
		if (oh_slice_eq(files->items[i].path, path))
			return true;
	return false;
}

bool oh_repo_index_with(struct oh_repo *repo, const struct oh_placed_files *files,
	struct oh_source **out, struct oh_error *err)
{
	struct {
		struct oh_index_entry *items;
		size_t count, capacity;
	} entries = {0};

	if (!oh_index_load(repo, err))
		return false;
	for (size_t i = 0; i < repo->index.count; i++)
		if (!repo->index.items[i].stage && !is_placed(files, repo->index.items[i].path))
			OH_PUSH(&repo->arena, &entries, repo->index.items[i]);
	for (size_t i = 0; i < files->count; i++)
		OH_PUSH(&repo->arena, &entries,
			((struct oh_index_entry){.path = files->items[i].path,
				.id = files->items[i].id,
				.mode = S_IFREG | 0644}));
	if (entries.count)
		qsort(entries.items, entries.count, sizeof(*entries.items), by_path);
	*out = source_of(repo, entries.items, entries.count);
	return true;
}

#include "repo/history.h"

#include "base/buf.h"
#include "repo/disk.h"
#include "repo/private.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* git log: \1 and what the format gives, then the raw lines, NUL between all. Configuration must
 * not say otherwise. */
#define COMMIT '\1'
static const char *const LOG[] = {"git", "log", "-z", "--raw", "-c", "--root", "--full-history",
	"--sparse", "--no-renames", "--no-abbrev", "--no-follow", "--no-relative",
	"--no-show-signature", "--no-color", "--format=%x01%H %S %P", "--stdin", "--", NULL};

/* In a clone that lacks objects git would fetch each of them. Versions that don't know the first
 * variable find no way to do it. */
#define NO_FETCH "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none"

struct words {
	const char **items;
	size_t count, capacity;
};

static size_t number(struct oh_slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
		n = n * 10 + (size_t)(s.ptr[i] - '0');
	return n;
}

static const char *const *command(
	struct oh_arena *arena, const char *const *begin, const struct oh_slices *rest)
{
	struct words words = {0};

	for (const char *const *w = begin; *w; w++)
		OH_PUSH(arena, &words, *w);
	for (size_t i = 0; i < rest->count; i++)
		OH_PUSH(arena, &words,
			rest->items[i].len ? oh_slice_str(arena, rest->items[i]) : ".");
	OH_PUSH(arena, &words, NULL);
	return words.items;
}

static bool parse_ref(struct oh_slice line, struct oh_ref *out)
{
	struct oh_slice *const fields[] = {&out->name, &out->id, &out->symbolic, &out->upstream,
		&out->push, &out->push_remote};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		*fields[i] = OH_SLICE("");
		if (i < 2 && !line.len)
			return false;
		oh_slice_next(&line, '\0', fields[i]);
	}
	return true;
}

bool oh_repo_refs(struct oh_repo *repo, struct oh_arena *arena, const struct oh_slices *patterns,
	struct oh_refs *out, struct oh_error *err)
{
	static const char *const begin[] = {"git", "for-each-ref",
		"--format=%(refname)%00%(objectname)%00%(symref)%00%(upstream)%00%(push)%00"
		"%(push:remotename)",
		"--", NULL};
	const struct oh_git_call call = {.argv = command(arena, begin, patterns)};
	struct oh_slice output, line;

	*out = (struct oh_refs){0};
	if (!patterns->count)
		return true;
	if (!oh_git_read(repo, arena, &call, &output, err))
		return false;
	while (oh_slice_next(&output, '\n', &line)) {
		struct oh_ref ref;

		if (!parse_ref(line, &ref))
			return oh_fail(err, OH_E_FORMAT, "git's list of refs can't be read");
		OH_PUSH(arena, out, ref);
	}
	return true;
}

const struct oh_ref *oh_refs_find(const struct oh_refs *refs, struct oh_slice name)
{
	size_t from = 0, to = refs->count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;
		const int c = oh_slice_cmp(refs->items[middle].name, name);

		if (!c)
			return &refs->items[middle];
		if (c < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

bool oh_repo_peel(struct oh_repo *repo, struct oh_arena *arena, const struct oh_slices *ids,
	struct oh_slices *commits, struct oh_error *err)
{
	static const char *const argv[] = {
		"git", "cat-file", "--batch-check=%(objecttype) %(objectname)", NULL};
	struct oh_git_call call = {.argv = argv, .set = {NO_FETCH}};
	struct oh_buf names = {.arena = arena};
	struct oh_slice output, line;

	*commits = (struct oh_slices){0};
	for (size_t i = 0; i < ids->count; i++)
		oh_buf_addf(&names, OH_FMT "^{commit}\n", OH_ARG(ids->items[i]));
	call.input = oh_buf_slice(&names);
	if (!ids->count)
		return true;
	if (!oh_git_read(repo, arena, &call, &output, err))
		return false;
	while (oh_slice_next(&output, '\n', &line))
		OH_PUSH(arena, commits,
			oh_slice_cut_prefix(&line, OH_SLICE("commit ")) ? line : OH_SLICE(""));
	return commits->count == ids->count ||
	       oh_fail(err, OH_E_FORMAT, "git's objects can't be read");
}

static struct oh_slice hex(struct oh_arena *arena, struct oh_slice bytes)
{
	struct oh_buf text = {.arena = arena};

	for (size_t i = 0; i < bytes.len; i++)
		oh_buf_addf(&text, "%02x", (unsigned)(unsigned char)bytes.ptr[i]);
	return oh_buf_slice(&text);
}

static bool read_directory(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice commit,
	struct oh_slice path, struct oh_object *out)
{
	return oh_objects_read(repo->objects, arena,
		       oh_slice_printf(arena, OH_FMT ":" OH_FMT, OH_ARG(commit), OH_ARG(path)), out,
		       NULL) &&
	       out->kind == OH_TREE;
}

/* An entry of a tree: "MODE NAME" NUL binary id. */
struct oh_slice oh_repo_id_at(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice commit, struct oh_slice path)
{
	const struct oh_slice name = oh_path_name(path);
	struct oh_slice rest, mode, entry;
	struct oh_object tree;

	if (!oh_rev_check(commit, NULL) ||
		!read_directory(repo, arena, commit, oh_path_directory(path), &tree))
		return OH_SLICE("");
	rest = tree.bytes;
	while (oh_slice_next(&rest, ' ', &mode) && oh_slice_next(&rest, '\0', &entry)) {
		if (oh_slice_eq(entry, name) && rest.len >= tree.id.len / 2 &&
			oh_slice_has_prefix(mode, OH_SLICE("100")))
			return hex(arena, oh_slice_sub(rest, 0, tree.id.len / 2));
		rest = oh_slice_sub(rest, tree.id.len / 2, rest.len);
	}
	return OH_SLICE("");
}

bool oh_repo_is_blocked(
	struct oh_repo *repo, struct oh_arena *arena, struct oh_slice commit, struct oh_slice path)
{
	const struct oh_slice name =
		oh_slice_printf(arena, OH_FMT ":" OH_FMT, OH_ARG(commit), OH_ARG(path));
	struct oh_object there;

	if (!commit.len || !path.len)
		return false;
	if (!oh_rev_check(name, NULL))
		return true;
	if (oh_objects_read(repo->objects, arena, name, &there, NULL))
		return there.kind != OH_TREE;
	return oh_repo_is_blocked(repo, arena, commit, oh_path_directory(path));
}

struct oh_slices oh_repo_remotes(struct oh_repo *repo, struct oh_arena *arena)
{
	const struct oh_slice end = OH_SLICE(".url");
	struct oh_slices names = {0};

	oh_repo_config(repo, ""); /* has them loaded */
	for (size_t i = 0; i < repo->settings.count; i++) {
		struct oh_slice name = repo->settings.items[i].key;

		if (!oh_slice_cut_prefix(&name, OH_SLICE("remote.")) ||
			!oh_slice_has_suffix(name, end))
			continue;
		name = oh_slice_sub(name, 0, name.len - end.len);
		if (name.len && !oh_slices_contain(&names, name))
			OH_PUSH(arena, &names, name);
	}
	return names;
}

#define AT_ONCE 4

static bool start_count(struct oh_repo *repo, struct oh_arena *arena, const struct oh_ahead *ask,
	struct oh_process *p, struct oh_error *err)
{
	const char *const begin[] = {"git", "rev-list", "--count", oh_slice_str(arena, ask->commit),
		ask->without.count ? "--not" : NULL, NULL};
	const struct oh_git_call call = {
		.argv = command(arena, begin, &ask->without), .set = {NO_FETCH}};

	return oh_git_prepare(repo, arena, &call, p, err) && oh_process_start(arena, p, err);
}

static bool count_some(struct oh_repo *repo, struct oh_arena *arena, struct oh_ahead *questions,
	size_t count, struct oh_error *err)
{
	struct oh_process p[AT_ONCE];
	size_t started = 0;
	bool ok = true;

	while (started < count && start_count(repo, arena, &questions[started], &p[started], err))
		started++;
	ok = started == count;
	for (size_t i = 0; i < started; i++) {
		if (!oh_process_finish(arena, &p[i], ok ? err : NULL))
			ok = false;
		else if (p[i].status)
			ok = ok && oh_git_fail(&p[i], err);
		else
			questions[i].count = number(p[i].output);
	}
	return ok;
}

bool oh_repo_count_ahead(struct oh_repo *repo, struct oh_arena *arena, struct oh_ahead *questions,
	size_t count, struct oh_error *err)
{
	for (size_t i = 0; i < count; i += AT_ONCE)
		if (!count_some(repo, arena, questions + i,
			    count - i < AT_ONCE ? count - i : AT_ONCE, err))
			return false;
	return true;
}

/* "ID TIP PARENT…" */
static bool add_commit(struct oh_arena *arena, struct oh_slice says, struct oh_history *out)
{
	struct oh_past_commit c = {.first = out->files.count};
	struct oh_slice parent;

	if (!oh_slice_next(&says, ' ', &c.id) || !oh_slice_next(&says, ' ', &c.tip))
		return false;
	while (oh_slice_next(&says, ' ', &parent))
		OH_PUSH(arena, &c.parents, parent);
	OH_PUSH(arena, &out->commits, c);
	return true;
}

/* ":OLDMODE… NEWMODE OLDID… NEWID STATUS", a colon and an old one for each parent. */
static bool add_file(
	struct oh_arena *arena, struct oh_slice says, struct oh_slice path, struct oh_history *out)
{
	struct oh_slice mode = {0}, id = {0};
	size_t parents = 0;

	while (parents < says.len && says.ptr[parents] == ':')
		parents++;
	says = oh_slice_sub(says, parents, says.len);
	for (size_t i = 0; i <= parents; i++)
		if (!oh_slice_next(&says, ' ', &mode))
			return false;
	for (size_t i = 0; i <= parents; i++)
		if (!oh_slice_next(&says, ' ', &id))
			return false;
	if (!out->commits.count || !path.len)
		return false;
	if (oh_id_is_zero(id) || oh_slice_eq(mode, OH_SLICE("160000")))
		return true;
	if (oh_slice_eq(mode, OH_SLICE("120000")))
		id = OH_SLICE("");
	OH_PUSH(arena, &out->files, (struct oh_past_file){.path = path, .blob = id});
	out->commits.items[out->commits.count - 1].count++;
	return true;
}

static bool parse_history(
	struct oh_arena *arena, struct oh_slice log, struct oh_history *out, struct oh_error *err)
{
	struct oh_slice part, path;
	bool ok = true;

	*out = (struct oh_history){0};
	while (ok && oh_slice_next(&log, '\0', &part)) {
		while (part.len && part.ptr[0] == '\n')
			part = oh_slice_sub(part, 1, part.len);
		if (part.len && part.ptr[0] == COMMIT)
			ok = add_commit(arena, oh_slice_sub(part, 1, part.len), out);
		else if (part.len)
			ok = part.ptr[0] == ':' && oh_slice_next(&log, '\0', &path) &&
			     add_file(arena, part, path, out);
	}
	return ok || oh_fail(err, OH_E_FORMAT, "git's log can't be read");
}

bool oh_repo_history(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_history_request *request, struct oh_history *out, struct oh_error *err)
{
	struct oh_git_call call = {
		.argv = command(arena, LOG, request->paths), .set = {NO_FETCH}, .at_top = true};
	struct oh_buf revs = {.arena = arena};
	struct oh_slice log;

	*out = (struct oh_history){0};
	if (!request->tips->count)
		return true;
	for (size_t i = 0; i < request->tips->count; i++)
		oh_buf_addf(&revs, OH_FMT "\n", OH_ARG(request->tips->items[i]));
	for (size_t i = 0; i < request->without->count; i++)
		oh_buf_addf(&revs, "^" OH_FMT "\n", OH_ARG(request->without->items[i]));
	call.input = oh_buf_slice(&revs);
	return oh_git_read(repo, arena, &call, &log, err) && parse_history(arena, log, out, err);
}

/* Packs that a partial clone got bear a mark: other objects may be missing. */
static bool is_partial(struct oh_repo *repo, struct oh_arena *arena)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, NULL);
	bool found = false;
	struct dirent *entry;
	DIR *packs;

	if (!paths)
		return false;
	packs = opendir(
		oh_slice_printf(arena, OH_FMT "/objects/pack", OH_ARG(paths->common_dir)).ptr);
	while (packs && !found && (entry = readdir(packs)))
		found = oh_slice_has_suffix(oh_slice_of(entry->d_name), OH_SLICE(".promisor"));
	if (packs)
		closedir(packs);
	return found;
}

static struct oh_slice ids_of(
	struct oh_arena *arena, const struct oh_past_blob *blobs, size_t count)
{
	struct oh_buf ids = {.arena = arena};

	for (size_t i = 0; i < count; i++)
		if (blobs[i].is_here)
			oh_buf_addf(&ids, OH_FMT "\n", OH_ARG(blobs[i].id));
	return oh_buf_slice(&ids);
}

/* Asking cat-file for what is not there would make older versions of git try to fetch it, one by
 * one. */
static bool leave_out_missing(struct oh_repo *repo, struct oh_arena *arena,
	struct oh_past_blob *blobs, size_t count, struct oh_error *err)
{
	static const char *const argv[] = {"git", "rev-list", "--no-walk=unsorted", "--objects",
		"--ignore-missing", "--missing=allow-any", "--no-object-names", "--stdin", NULL};
	const struct oh_git_call call = {
		.argv = argv, .input = ids_of(arena, blobs, count), .set = {NO_FETCH}};
	struct oh_map here = {.arena = arena};
	struct oh_slice output, line;

	if (!oh_git_read(repo, arena, &call, &output, err))
		return false;
	while (oh_slice_next(&output, '\n', &line))
		*oh_map_put(&here, line) = 1;
	for (size_t i = 0; i < count; i++)
		blobs[i].is_here = oh_map_get(&here, blobs[i].id) != NULL;
	return true;
}

/* "ID blob SIZE" LF bytes LF, or "ID missing" LF. */
static bool take_blob(struct oh_slice *rest, struct oh_past_blob *blob)
{
	struct oh_slice line;
	size_t size;

	if (!oh_slice_next(rest, '\n', &line) || !oh_slice_cut_prefix(&line, blob->id))
		return false;
	blob->is_here = oh_slice_cut_prefix(&line, OH_SLICE(" blob "));
	if (!blob->is_here)
		return oh_slice_eq(line, OH_SLICE(" missing"));
	size = number(line);
	if (rest->len <= size)
		return false;
	blob->bytes = oh_slice_sub(*rest, 0, size);
	*rest = oh_slice_sub(*rest, size + 1, rest->len);
	return true;
}

bool oh_repo_blobs(struct oh_repo *repo, struct oh_arena *arena, struct oh_past_blob *blobs,
	size_t count, struct oh_error *err)
{
	static const char *const argv[] = {"git", "cat-file", "--batch", NULL};
	struct oh_git_call call = {.argv = argv, .set = {NO_FETCH}};
	struct oh_slice output;

	for (size_t i = 0; i < count; i++)
		blobs[i].is_here = true;
	if (is_partial(repo, arena) && !leave_out_missing(repo, arena, blobs, count, err))
		return false;
	call.input = ids_of(arena, blobs, count);
	if (!call.input.len)
		return true;
	if (!oh_git_read(repo, arena, &call, &output, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (blobs[i].is_here && !take_blob(&output, &blobs[i]))
			return oh_fail(err, OH_E_FORMAT, "git's objects can't be read");
	return true;
}

static struct oh_slice common_file(struct oh_repo *repo, struct oh_arena *arena, const char *name)
{
	const struct oh_repo_paths *paths = oh_repo_paths(repo, NULL);
	struct oh_slice bytes;

	if (!paths || !oh_disk_read(arena,
			      oh_slice_printf(arena, OH_FMT "/%s", OH_ARG(paths->common_dir), name),
			      &bytes, NULL))
		return OH_SLICE("");
	return bytes;
}

struct oh_slice oh_repo_cuts(struct oh_repo *repo, struct oh_arena *arena)
{
	const struct oh_slice shallow = common_file(repo, arena, "shallow");
	const struct oh_slice grafts = common_file(repo, arena, "info/grafts");

	return oh_slice_printf(arena, OH_FMT "%c" OH_FMT, OH_ARG(shallow), 0, OH_ARG(grafts));
}

bool oh_repo_is_cut(struct oh_repo *repo, struct oh_arena *arena, long long *newest)
{
	static const char *const argv[] = {"git", "log", "--no-walk=unsorted", "--ignore-missing",
		"--no-show-signature", "--format=%ct", "--stdin", NULL};
	const struct oh_git_call call = {
		.argv = argv, .input = common_file(repo, arena, "shallow"), .set = {NO_FETCH}};
	struct oh_slice dates, date;

	*newest = 0;
	if (!call.input.len)
		return false;
	if (!oh_git_read(repo, arena, &call, &dates, NULL) || !dates.len) {
		*newest = (long long)1 << 62; /* it can't be told: newer than anything */
		return true;
	}
	while (oh_slice_next(&dates, '\n', &date)) {
		const long long seconds = (long long)number(date);

		*newest = seconds > *newest ? seconds : *newest;
	}
	return true;
}

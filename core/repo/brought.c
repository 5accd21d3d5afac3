#include "repo/brought.h"

#include "base/process.h"

/* One commit of the log: \1, then what the format gave, then the paths, NUL between all. */
#define RECORD '\1'

struct argv {
	const char **items;
	size_t count, capacity;
};

struct log {
	const char *directory; /* that git starts in */
	const char *const *options;
	const struct oh_slices *revs, *paths;
};

static const char *const by_author[] = {
	"--no-merges", "--full-history", "--format=%x01%an%x02%ae", NULL};
static const char *const by_author_here[] = {
	"--no-merges", "--full-history", "--relative", "--format=%x01%an%x02%ae", NULL};
static const char *const by_merge_here[] = {
	"--first-parent", "--merges", "-m", "--relative", "--format=%x01%an%x02%s", NULL};

static const char *const *log_command(struct oh_arena *arena, const struct log *log)
{
	static const char *const begin[] = {"git", "-C", NULL};
	static const char *const all[] = {"-z", "--name-only", "--no-renames", "--diff-filter=A",
		"--root", "--no-show-signature", NULL};
	struct argv argv = {0};

	for (const char *const *a = begin; *a; a++)
		OH_PUSH(arena, &argv, *a);
	OH_PUSH(arena, &argv, log->directory);
	OH_PUSH(arena, &argv, "--literal-pathspecs");
	OH_PUSH(arena, &argv, "log");
	for (const char *const *a = all; *a; a++)
		OH_PUSH(arena, &argv, *a);
	for (const char *const *a = log->options; *a; a++)
		OH_PUSH(arena, &argv, *a);
	for (size_t i = 0; i < log->revs->count; i++)
		OH_PUSH(arena, &argv, oh_slice_str(arena, log->revs->items[i]));
	OH_PUSH(arena, &argv, "--");
	for (size_t i = 0; i < log->paths->count; i++)
		OH_PUSH(arena, &argv, oh_slice_str(arena, log->paths->items[i]));
	OH_PUSH(arena, &argv, NULL);
	return argv.items;
}

/* The branch's name in a merge's subject, as git and the hosting sites write it. */
static struct oh_slice branch_of(struct oh_slice subject)
{
	const size_t quote = oh_slice_find_byte(subject, '\'', 0);
	const size_t end = oh_slice_find_byte(subject, '\'', quote + 1);
	const size_t from = oh_slice_find(subject, OH_SLICE(" from "), 0);

	if (end < subject.len) /* of several branches nobody knows which one it was */
		return oh_slice_find_byte(subject, '\'', end + 1) < subject.len
			       ? OH_SLICE("")
			       : oh_slice_sub(subject, quote + 1, end);
	return from < subject.len ? oh_slice_sub(subject, from + 6, subject.len) : OH_SLICE("");
}

static struct oh_bringer *bringer_of(struct oh_bringers *out, struct oh_slice path)
{
	size_t *at = oh_map_put(&out->by_path, path);

	if (!*at) {
		OH_PUSH(out->by_path.arena, out,
			(struct oh_bringer){OH_SLICE(""), OH_SLICE(""), OH_SLICE("")});
		*at = out->count;
	}
	return &out->items[*at - 1];
}

/* SAYS is author, \2, subject. A file that no other commit added was made by the merge itself. */
static void take_merge(struct oh_bringer *b, struct oh_slice says)
{
	const size_t gap = oh_slice_find_byte(says, '\2', 0);

	if (b->author.len)
		b->branch = branch_of(oh_slice_sub(says, gap + 1, says.len));
	else
		b->author = oh_slice_sub(says, 0, gap);
}

/* SAYS is author, \2, address. */
static void take_commit(struct oh_bringer *b, struct oh_slice says)
{
	const size_t gap = oh_slice_find_byte(says, '\2', 0);

	b->author = oh_slice_sub(says, 0, gap);
	b->email = oh_slice_sub(says, gap + 1, says.len);
}

/* Newest first: the oldest commit that added a path is the last to say so. */
static void take(struct oh_bringers *out, struct oh_slice log, bool merges)
{
	struct oh_slice part, says = OH_SLICE("");

	while (oh_slice_next(&log, '\0', &part)) {
		while (part.len && part.ptr[0] == '\n')
			part = oh_slice_sub(part, 1, part.len);
		if (part.len && part.ptr[0] == RECORD)
			says = oh_slice_sub(part, 1, part.len);
		else if (part.len && merges)
			take_merge(bringer_of(out, part), says);
		else if (part.len)
			take_commit(bringer_of(out, part), says);
	}
}

bool oh_repo_brought(struct oh_arena *arena, struct oh_slice root,
	const struct oh_slices *directories, struct oh_bringers *out, struct oh_error *err)
{
	struct oh_slice head[] = {OH_SLICE("HEAD")};
	const struct oh_slices revs = {head, 1, 1};
	const char *from = oh_slice_str(arena, root);
	const struct log authors = {from, by_author_here, &revs, directories};
	const struct log merges = {from, by_merge_here, &revs, directories};
	struct oh_process p = {.argv = log_command(arena, &authors)};
	struct oh_process q = {.argv = log_command(arena, &merges)};

	*out = (struct oh_bringers){.by_path = {.arena = arena}};
	if (!oh_process_start(arena, &p, err))
		return false;
	if (!oh_process_start(arena, &q, err)) {
		oh_process_finish(arena, &p, NULL);
		return false;
	}
	if (!oh_process_finish(arena, &p, err) || !oh_process_finish(arena, &q, err))
		return false;
	if (p.status || q.status)
		return oh_fail(err, OH_E_GIT, "git log failed: " OH_FMT, OH_ARG(p.errors));
	take(out, p.output, false);
	take(out, q.output, true);
	return true;
}

bool oh_repo_ask_added_by(struct oh_arena *arena, struct oh_slice top, const struct oh_slices *revs,
	const struct oh_slices *paths, struct oh_asked *asked, struct oh_error *err)
{
	const struct log log = {oh_slice_str(arena, top), by_author, revs, paths};

	asked->process = (struct oh_process){.argv = log_command(arena, &log)};
	return oh_process_start(arena, &asked->process, err);
}

bool oh_repo_added_by(struct oh_arena *arena, struct oh_asked *asked, struct oh_bringers *out,
	struct oh_error *err)
{
	struct oh_process *p = &asked->process;

	*out = (struct oh_bringers){.by_path = {.arena = arena}};
	if (!oh_process_finish(arena, p, err))
		return false;
	if (p->status)
		return oh_fail(err, OH_E_GIT, "git log failed: " OH_FMT, OH_ARG(p->errors));
	take(out, p->output, false);
	return true;
}

#include "repo/brought.h"

#include "base/process.h"

/* One commit of the log: \1, then what FORMAT gave, then the paths, NUL between all. */
#define RECORD '\1'

static const char *const *log_command(
	struct oh_arena *arena, const char *root, const struct oh_slices *directories, bool merges)
{
	static const char *const by_author[] = {"log", "--no-merges", "--format=%x01%an", NULL};
	static const char *const by_merge[] = {
		"log", "--first-parent", "--merges", "-m", "--format=%x01%an%x02%s", NULL};
	struct {
		const char **items;
		size_t count, capacity;
	} argv = {0};

	OH_PUSH(arena, &argv, "git");
	OH_PUSH(arena, &argv, "-C");
	OH_PUSH(arena, &argv, root);
	OH_PUSH(arena, &argv, "--literal-pathspecs");
	for (const char *const *a = merges ? by_merge : by_author; *a; a++)
		OH_PUSH(arena, &argv, *a);
	OH_PUSH(arena, &argv, "-z");
	OH_PUSH(arena, &argv, "--name-only");
	OH_PUSH(arena, &argv, "--no-renames");
	OH_PUSH(arena, &argv, "--diff-filter=A");
	OH_PUSH(arena, &argv, "--relative");
	OH_PUSH(arena, &argv, "HEAD");
	OH_PUSH(arena, &argv, "--");
	for (size_t i = 0; i < directories->count; i++)
		OH_PUSH(arena, &argv, oh_slice_str(arena, directories->items[i]));
	OH_PUSH(arena, &argv, NULL);
	return argv.items;
}

/* The branch's name in a merge's subject, as git and the hosting sites write it. */
static struct oh_slice branch_of(struct oh_slice subject)
{
	size_t quote = oh_slice_find_byte(subject, '\'', 0), from;

	if (quote < subject.len)
		return oh_slice_sub(
			subject, quote + 1, oh_slice_find_byte(subject, '\'', quote + 1));
	from = oh_slice_find(subject, OH_SLICE(" from "), 0);
	return from < subject.len ? oh_slice_sub(subject, from + 6, subject.len) : OH_SLICE("");
}

static struct oh_bringer *bringer_of(struct oh_bringers *out, struct oh_slice path)
{
	size_t *at = oh_map_put(&out->by_path, path);

	if (!*at) {
		OH_PUSH(out->by_path.arena, out, (struct oh_bringer){OH_SLICE(""), OH_SLICE("")});
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
			bringer_of(out, part)->author = says;
	}
}

bool oh_repo_brought(struct oh_arena *arena, struct oh_slice root,
	const struct oh_slices *directories, struct oh_bringers *out, struct oh_error *err)
{
	const char *from = oh_slice_str(arena, root);
	struct oh_process by_author = {.argv = log_command(arena, from, directories, false)};
	struct oh_process by_merge = {.argv = log_command(arena, from, directories, true)};

	*out = (struct oh_bringers){.by_path = {.arena = arena}};
	if (!oh_process_start(arena, &by_author, err))
		return false;
	if (!oh_process_start(arena, &by_merge, err)) {
		oh_process_finish(arena, &by_author, NULL);
		return false;
	}
	if (!oh_process_finish(arena, &by_author, err) || !oh_process_finish(arena, &by_merge, err))
		return false;
	if (by_author.status || by_merge.status)
		return oh_fail(err, OH_E_GIT, "git log failed: " OH_FMT, OH_ARG(by_author.errors));
	take(out, by_author.output, false);
	take(out, by_merge.output, true);
	return true;
}

#include "repo/caller.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_ANCESTORS 10

static bool read_proc(struct oh_arena *arena, long pid, const char *name, struct oh_slice *bytes)
{
	const char *path = oh_slice_printf(arena, "/proc/%ld/%s", pid, name).ptr;
	struct oh_buf buf = {.arena = arena};
	FILE *f = fopen(path, "re");
	char block[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		oh_buf_add(&buf, (struct oh_slice){block, n});
	fclose(f);
	*bytes = oh_buf_slice(&buf);
	return buf.count > 0;
}

/* Of what the kernel says of a process: "PID (NAME) STATE PARENT …". proc(5) counts from 1. */
enum { STATE = 3, PARENT = 4, STARTED = 22 };

/* "" where it is not known. */
static struct oh_slice stat_of(struct oh_arena *arena, long pid, int field)
{
	struct oh_slice stat, word = OH_SLICE("");

	if (!read_proc(arena, pid, "stat", &stat))
		return word;
	stat = oh_slice_sub(stat, oh_slice_rfind_byte(stat, ')') + 2, stat.len);
	for (int i = STATE; i <= field; i++)
		if (!oh_slice_next(&stat, ' ', &word))
			return OH_SLICE("");
	return word;
}

/* 0 where it is not known. */
static long parent_of(struct oh_arena *arena, long pid)
{
	return strtol(oh_slice_str(arena, stat_of(arena, pid, PARENT)), NULL, 10);
}

/* Of git's own options, those before the command. */
static bool takes_next(struct oh_slice word)
{
	static const char *const options[] = {"-C", "-c", "--git-dir", "--work-tree", "--namespace",
		"--super-prefix", "--config-env", "--attr-source"};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (oh_slice_eq(word, oh_slice_of(options[i])))
			return true;
	return false;
}

/* `git [OPTION...] COMMAND`, or `git-COMMAND`. */
static bool read_command(struct oh_slice *words, struct oh_slice *command)
{
	struct oh_slice word;

	if (!oh_slice_next(words, '\0', &word))
		return false;
	*command = oh_path_name(word);
	if (oh_slice_cut_prefix(command, OH_SLICE("git-")))
		return true;
	if (!oh_slice_eq(*command, OH_SLICE("git")))
		return false;
	while (oh_slice_next(words, '\0', command) && command->len && command->ptr[0] == '-')
		if (takes_next(*command))
			oh_slice_next(words, '\0', &word);
	return true;
}

static bool look_at(struct oh_arena *arena, long pid, struct oh_caller *out)
{
	struct oh_slice words, word;

	*out = (struct oh_caller){.pid = pid, .command = OH_SLICE(""), .started = OH_SLICE("")};
	if (!read_proc(arena, pid, "cmdline", &words) || !read_command(&words, &out->command))
		return false;
	while (oh_slice_next(&words, '\0', &word))
		OH_PUSH(arena, &out->args, word);
	return true;
}

bool oh_caller_find(struct oh_arena *arena, struct oh_caller *out)
{
	long pid = getppid();

	for (size_t i = 0; i < MOST_ANCESTORS && pid > 1; i++) {
		if (look_at(arena, pid, out)) {
			out->started = stat_of(arena, pid, STARTED);
			return true;
		}
		pid = parent_of(arena, pid);
	}
	return false;
}

/* -n, -xn, but not -Xpatience; --no-commit, or what may be short for it. */
static bool is_no_commit(struct oh_slice word)
{
	if (word.len > 2 && oh_slice_has_prefix(word, OH_SLICE("--")))
		return oh_slice_has_prefix(OH_SLICE("--no-commit"), word);
	for (size_t i = 1; i < word.len && word.ptr[0] == '-'; i++)
		if (word.ptr[i] == 'n')
			return true;
		else if (strchr("mXS", word.ptr[i]))
			return false;
	return false;
}

static enum oh_replaying replays(const struct oh_caller *caller)
{
	if (oh_slice_eq(caller->command, OH_SLICE("am")))
		return OH_REPLAYS_AM;
	for (size_t i = 0; i < caller->args.count; i++)
		if (is_no_commit(caller->args.items[i]))
			return OH_REPLAYS_NOTHING;
	return oh_slice_eq(caller->command, OH_SLICE("cherry-pick")) ? OH_REPLAYS_PICK
	       : oh_slice_eq(caller->command, OH_SLICE("revert"))    ? OH_REPLAYS_REVERT
								     : OH_REPLAYS_NOTHING;
}

enum oh_replaying oh_caller_replays(struct oh_arena *arena)
{
	struct oh_caller caller, above;

	if (!oh_caller_find(arena, &caller))
		return OH_REPLAYS_NOTHING;
	/* For a message that is edited, or is to be signed off by hand. */
	if (oh_slice_eq(caller.command, OH_SLICE("commit")) &&
		look_at(arena, parent_of(arena, caller.pid), &above))
		caller = above;
	return replays(&caller);
}

#include "flow/amending.h"

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

/* "PID (NAME) STATE PARENT …"; 0 where it is not known. */
static long parent_of(struct oh_arena *arena, long pid)
{
	struct oh_slice stat, word;

	if (!read_proc(arena, pid, "stat", &stat))
		return 0;
	stat = oh_slice_sub(stat, oh_slice_rfind_byte(stat, ')') + 2, stat.len);
	if (!oh_slice_next(&stat, ' ', &word) || !oh_slice_next(&stat, ' ', &word))
		return 0;
	return strtol(oh_slice_str(arena, word), NULL, 10);
}

/* Does the next word belong to this one? */
static bool takes_next(struct oh_slice word)
{
	static const char *const options[] = {"--message", "--file", "--author", "--date",
		"--reuse-message", "--reedit-message", "--template", "--trailer", "--cleanup",
		"--fixup", "--squash", "--pathspec-from-file"};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (oh_slice_eq(word, oh_slice_of(options[i])))
			return true;
	/* -m TEXT, -am TEXT, but not -mTEXT */
	return word.len > 1 && word.ptr[0] == '-' && word.ptr[1] != '-' &&
	       strcspn(oh_slice_sub(word, 1, word.len).ptr, "mFCct") == word.len - 2;
}

static bool is_amend(struct oh_slice word)
{
	return word.len >= sizeof("--am") - 1 && oh_slice_has_prefix(OH_SLICE("--amend"), word);
}

static bool is_git(struct oh_slice words)
{
	struct oh_slice word;

	return oh_slice_next(&words, '\0', &word) &&
	       oh_slice_eq(oh_path_name(word), OH_SLICE("git"));
}

/* `git … commit … --amend`? */
static bool says_amend(struct oh_slice words)
{
	struct oh_slice word;
	bool amends = false;

	do
		if (!oh_slice_next(&words, '\0', &word))
			return false;
	while (!oh_slice_eq(word, OH_SLICE("commit")));
	while (oh_slice_next(&words, '\0', &word) && !oh_slice_eq(word, OH_SLICE("--")))
		if (is_amend(word))
			amends = true;
		else if (oh_slice_eq(word, OH_SLICE("--no-amend")))
			amends = false;
		else if (takes_next(word))
			oh_slice_next(&words, '\0', &word);
	return amends;
}

bool oh_is_amending(struct oh_flow *flow)
{
	struct oh_commit head;
	struct oh_slice words;
	long pid = getppid();

	for (size_t i = 0; i < MOST_ANCESTORS && pid > 1; i++) {
		if (!read_proc(flow->arena, pid, "cmdline", &words))
			return false;
		if (is_git(words))
			return says_amend(words) &&
			       oh_repo_commit(
				       flow->repo, flow->arena, OH_SLICE("HEAD"), &head, NULL) &&
			       head.parents.count == 1;
		pid = parent_of(flow->arena, pid);
	}
	return false;
}

/*
 * For rebuild.py: commits to be rebuilt on stdin, parents first, in the repository that we are in.
 *
 *	commit ID
 *	edit HEX-OF-PATH HEX-OF-BYTES
 *	remove HEX-OF-PATH
 *	as-before		the very edits of the commit before
 *
 * "ID NEW-ID" for each, or "error CODE MESSAGE".
 */
#include "base/buf.h"
#include "repo/rebuild.h"

#include <stdio.h>

struct commits {
	struct oh_rebuilt *items;
	size_t count, capacity;
};

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static struct oh_slice from_hex(struct oh_arena *arena, struct oh_slice hex)
{
	char *bytes = oh_arena_alloc(arena, hex.len / 2 + 1);

	for (size_t i = 0; i + 1 < hex.len; i += 2)
		bytes[i / 2] = (char)(digit(hex.ptr[i]) << 4 | digit(hex.ptr[i + 1]));
	return (struct oh_slice){bytes, hex.len / 2};
}

static struct oh_slice read_input(struct oh_arena *arena)
{
	struct oh_buf text = {.arena = arena};
	char buffer[4096];
	size_t n;

	while ((n = fread(buffer, 1, sizeof(buffer), stdin)) > 0)
		oh_buf_add(&text, (struct oh_slice){buffer, n});
	return oh_buf_slice(&text);
}

static struct commits parse(struct oh_arena *arena, struct oh_slice text)
{
	struct commits commits = {0};
	struct oh_slice line;

	while (oh_slice_next_line(&text, &line)) {
		struct oh_rebuild_edit edit = {0};
		struct oh_slice word, path = OH_SLICE("");

		oh_slice_next(&line, ' ', &word);
		oh_slice_next(&line, ' ', &path);
		if (oh_slice_eq(word, OH_SLICE("commit"))) {
			OH_PUSH(arena, &commits, (struct oh_rebuilt){.id = path});
			continue;
		}
		if (oh_slice_eq(word, OH_SLICE("as-before"))) {
			struct oh_rebuilt *last = &commits.items[commits.count - 1];

			last->edits = last[-1].edits;
			continue;
		}
		edit.path = from_hex(arena, path);
		edit.is_removed = oh_slice_eq(word, OH_SLICE("remove"));
		edit.bytes = from_hex(arena, line);
		OH_PUSH(arena, &commits.items[commits.count - 1].edits, edit);
	}
	return commits;
}

int main(void)
{
	struct oh_arena arena = {0};
	struct oh_error err = {0};
	struct commits commits = parse(&arena, read_input(&arena));
	struct oh_repo *repo;

	if (!oh_repo_open(&repo, &arena, &err))
		return 2;
	if (oh_repo_rebuild(repo, &arena, commits.items, commits.count, &err))
		for (size_t i = 0; i < commits.count; i++)
			printf(OH_FMT " " OH_FMT "\n", OH_ARG(commits.items[i].id),
				OH_ARG(commits.items[i].new_id));
	else
		printf("error %d %s\n", (int)err.code, err.message);
	oh_repo_close(repo);
	oh_arena_drop(&arena);
	return 0;
}

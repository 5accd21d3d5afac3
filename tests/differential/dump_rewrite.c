/*
 * Rewrites and renames migrations for a judge in Python.
 *
 *	dump_rewrite < requests
 *
 * A request is lines of words in hex ("-" is the empty word), ended by one that asks:
 *
 *	file PATH BYTES			what is to be rewritten
 *	id ID
 *	parents ID…			without the line they stay
 *	rename FROM TO
 *	rewrite				answer: ok BYTES, or refused MESSAGE
 *
 *	taken ID PATH PARENT…		a migration that stays
 *	moved ID PATH DIGEST		one that gets another number or id
 *	sequential			answer: 1 or 0, of those that stay
 *	number				answer: ID PATH of each that is moved, on one line
 *	renamed				likewise, for each on its own
 */
#include "adapters/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	struct oh_arena *arena;
	struct oh_file file;
	struct oh_rewrite want;
	struct oh_slices parents;
	struct oh_renames renames;
	struct oh_migrations taken;
	struct oh_migrations moved;
};

static struct oh_slice from_hex(struct oh_arena *arena, struct oh_slice hex)
{
	char *out = oh_arena_alloc(arena, hex.len / 2 + 1);
	char pair[3] = {0};

	if (oh_slice_eq(hex, OH_SLICE("-")))
		return OH_SLICE("");
	for (size_t i = 0; i + 1 < hex.len; i += 2) {
		memcpy(pair, hex.ptr + i, 2);
		out[i / 2] = (char)strtol(pair, NULL, 16);
	}
	return (struct oh_slice){out, hex.len / 2};
}

static void print_hex(struct oh_slice s, char end)
{
	if (!s.len)
		putchar('-');
	for (size_t i = 0; i < s.len; i++)
		printf("%02x", (unsigned char)s.ptr[i]);
	putchar(end);
}

static bool take_file(struct request *r, struct oh_slice word, const struct oh_slices *rest)
{
	if (oh_slice_eq(word, OH_SLICE("file")) && rest->count == 2) {
		r->file.path = rest->items[0];
		r->file.bytes = rest->items[1];
	} else if (oh_slice_eq(word, OH_SLICE("id")) && rest->count == 1) {
		r->want.id = rest->items[0];
	} else if (oh_slice_eq(word, OH_SLICE("parents"))) {
		r->parents = *rest;
		r->want.parents = &r->parents;
	} else if (oh_slice_eq(word, OH_SLICE("rename")) && rest->count == 2) {
		OH_PUSH(r->arena, &r->renames, (struct oh_rename){rest->items[0], rest->items[1]});
		r->want.renames = &r->renames;
	} else {
		return false;
	}
	return true;
}

static bool take_migration(struct request *r, struct oh_slice word, const struct oh_slices *rest)
{
	struct oh_migration m = {0};

	if (rest->count < 2)
		return false;
	m.id = rest->items[0];
	m.path = rest->items[1];
	if (oh_slice_eq(word, OH_SLICE("taken"))) {
		for (size_t i = 2; i < rest->count; i++)
			OH_PUSH(r->arena, &m.parents, rest->items[i]);
		OH_PUSH(r->arena, &r->taken, m);
	} else if (oh_slice_eq(word, OH_SLICE("moved")) && rest->count == 3) {
		m.body.digest = rest->items[2];
		OH_PUSH(r->arena, &r->moved, m);
	} else {
		return false;
	}
	return true;
}

static void answer_rewrite(struct request *r)
{
	struct oh_slice bytes;
	struct oh_error err = {0};

	if (oh_adapter_alembic.rewrite(r->arena, &r->file, &r->want, &bytes, &err)) {
		printf("ok ");
		print_hex(bytes, '\n');
	} else {
		printf("%s ", err.code == OH_E_UNSUPPORTED ? "refused" : "failed");
		print_hex(oh_slice_of(err.message), '\n');
	}
}

static void answer_names(struct request *r, bool by_number)
{
	const struct oh_location location = {.directory = OH_SLICE("db")};
	const size_t count = r->moved.count;
	struct oh_new_name *names = oh_arena_alloc(r->arena, (count + 1) * sizeof(*names));
	const struct oh_migration **moved =
		oh_arena_alloc(r->arena, (count + 1) * sizeof(struct oh_migration *));

	for (size_t i = 0; i < count; i++) {
		moved[i] = &r->moved.items[i];
		if (!by_number)
			names[i] =
				oh_adapter_alembic.rename(r->arena, &location, &r->taken, moved[i]);
	}
	if (by_number)
		oh_adapter_alembic.number(r->arena, &location, &r->taken, moved, count, names);
	for (size_t i = 0; i < count; i++) {
		print_hex(names[i].id, ' ');
		print_hex(names[i].path, ' ');
	}
	putchar('\n');
}

static bool answer(struct request *r, struct oh_slice word)
{
	if (oh_slice_eq(word, OH_SLICE("rewrite")))
		answer_rewrite(r);
	else if (oh_slice_eq(word, OH_SLICE("sequential")))
		printf("%d\n", oh_adapter_alembic.is_sequential(r->arena, &r->taken));
	else if (oh_slice_eq(word, OH_SLICE("number")))
		answer_names(r, true);
	else if (oh_slice_eq(word, OH_SLICE("renamed")))
		answer_names(r, false);
	else
		return false;
	fflush(stdout);
	return true;
}

/* False where LINE is nothing that is known. */
static bool take(struct request *r, struct oh_slice line)
{
	const struct oh_slices words = oh_slice_words(r->arena, oh_slice_dup(r->arena, line));
	struct oh_slices rest = {0};

	for (size_t i = 1; i < words.count; i++)
		OH_PUSH(r->arena, &rest, from_hex(r->arena, words.items[i]));
	if (!words.count)
		return false;
	if (take_file(r, words.items[0], &rest) || take_migration(r, words.items[0], &rest))
		return true;
	if (!answer(r, words.items[0]))
		return false;
	oh_arena_drop(r->arena);
	*r = (struct request){.arena = r->arena};
	return true;
}

int main(void)
{
	struct oh_arena arena = {0};
	struct request r = {.arena = &arena};
	char *line = NULL;
	size_t size = 0;
	bool ok = true;
	ssize_t n;

	while (ok && (n = getline(&line, &size, stdin)) > 0)
		ok = take(&r, oh_slice_trim((struct oh_slice){line, (size_t)n}));
	free(line);
	oh_arena_drop(&arena);
	return ok ? 0 : 1;
}

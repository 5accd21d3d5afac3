/*
 * Makes merge revisions for a judge in Python.
 *
 *	dump_merge < requests
 *
 * A request is lines of words in hex ("-" is the empty word), and a line `go`:
 *
 *	location DIRECTORY FILE_TEMPLATE SLUG_LENGTH RECURSIVE VERSIONS…
 *	parent ID TITLE DATE PATH
 *
 * SLUG_LENGTH and RECURSIVE are plain numbers. The answer is a line: ID PATH BYTES, in hex.
 * A request `read` with a word instead of `go` parses that file and prints ID TITLE PARENTS… .
 */
#include "adapters/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	struct oh_arena *arena;
	struct oh_location location;
	struct {
		struct oh_migration *items;
		size_t count, capacity;
	} parents;
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

static size_t number(struct oh_arena *arena, struct oh_slice word)
{
	return (size_t)strtoul(oh_slice_str(arena, word), NULL, 10);
}

static void take_location(struct request *r, const struct oh_slices *words)
{
	struct oh_location *l = &r->location;

	l->directory = from_hex(r->arena, words->items[1]);
	l->file_template = from_hex(r->arena, words->items[2]);
	l->slug_length = number(r->arena, words->items[3]);
	l->recursive = number(r->arena, words->items[4]) != 0;
	for (size_t i = 5; i < words->count; i++)
		OH_PUSH(r->arena, &l->versions, from_hex(r->arena, words->items[i]));
}

static void take_parent(struct request *r, const struct oh_slices *words)
{
	OH_PUSH(r->arena, &r->parents,
		(struct oh_migration){.id = from_hex(r->arena, words->items[1]),
			.title = from_hex(r->arena, words->items[2]),
			.date = from_hex(r->arena, words->items[3]),
			.path = from_hex(r->arena, words->items[4])});
}

static void answer(const struct request *r)
{
	const struct oh_migration **parents =
		oh_arena_alloc(r->arena, (r->parents.count + 1) * sizeof(struct oh_migration *));
	struct oh_new_file file;

	for (size_t i = 0; i < r->parents.count; i++)
		parents[i] = &r->parents.items[i];
	file = oh_adapter_alembic.merge_revision(r->arena, &r->location, parents, r->parents.count);
	print_hex(file.id, ' ');
	print_hex(file.path, ' ');
	print_hex(file.bytes, '\n');
	fflush(stdout);
}

static void read_back(struct oh_arena *arena, struct oh_slice bytes)
{
	const struct oh_file file = {OH_SLICE("x.py"), bytes, OH_SLICE("")};
	struct oh_migrations migrations = {0};
	struct oh_unreadables unreadable = {0};

	oh_adapter_alembic.parse(arena, &file, OH_READ_BODY, &migrations, &unreadable);
	for (size_t i = 0; i < migrations.count; i++) {
		const struct oh_migration *m = &migrations.items[i];

		print_hex(m->id, ' ');
		print_hex(m->title, ' ');
		printf("%d", m->body.does_nothing);
		for (size_t k = 0; k < m->parents.count; k++) {
			putchar(' ');
			print_hex(m->parents.items[k], k + 1 < m->parents.count ? ' ' : '\n');
		}
	}
	if (!migrations.count)
		puts("unreadable");
	fflush(stdout);
}

int main(void)
{
	struct oh_arena arena = {0};
	struct request r = {.arena = &arena};
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		const struct oh_slice text = oh_slice_trim((struct oh_slice){line, (size_t)n});
		const struct oh_slices words = oh_slice_words(&arena, oh_slice_dup(&arena, text));
		const struct oh_slice first = words.count ? words.items[0] : OH_SLICE("");

		if (oh_slice_eq(first, OH_SLICE("location")) && words.count >= 5) {
			take_location(&r, &words);
		} else if (oh_slice_eq(first, OH_SLICE("parent")) && words.count == 5) {
			take_parent(&r, &words);
		} else if (oh_slice_eq(first, OH_SLICE("read")) && words.count == 2) {
			read_back(&arena, from_hex(&arena, words.items[1]));
		} else if (oh_slice_eq(first, OH_SLICE("go"))) {
			answer(&r);
			oh_arena_drop(&arena);
			r = (struct request){.arena = &arena};
		}
	}
	free(line);
	oh_arena_drop(&arena);
	return 0;
}

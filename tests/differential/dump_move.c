/*
 * Moves one line on top of another for a judge in Python.
 *
 *	dump_move < requests
 *
 * A request is lines of words in hex ("-" is the empty word), and a line `go`:
 *
 *	base PATH BYTES		a migration file, and so for `stays` and `moves`
 *	result PATH BYTES	where git would not simply unite them
 *
 * The answer: `refused WHY`, or `file PATH BYTES` for each file of the result as it will be and
 * `mend APPLIED COMMANDS…`; then `end`.
 */
#include "../unit/move_text.h"

#include <stdio.h>
#include <stdlib.h>

enum { BASE, STAYS, MOVES, RESULT, TREES };

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

static void print_hex(struct oh_slice s)
{
	putchar(' ');
	if (!s.len)
		putchar('-');
	for (size_t i = 0; i < s.len; i++)
		printf("%02x", (unsigned char)s.ptr[i]);
}

static struct oh_standings all_movable(struct oh_arena *arena, const struct move_tree *moves)
{
	const struct oh_graph *graph = &moves->snapshot.graph;
	struct oh_standings standings = {0};

	for (size_t i = 0; i < graph->count; i++)
		OH_PUSH(arena, &standings,
			(struct oh_standing_of){
				graph->nodes[i].migration->id, OH_MOVABLE, OH_SLICE("")});
	return standings;
}

static void print_files(const struct move_tree *tree)
{
	for (size_t i = 0; i < tree->files.files.count; i++) {
		printf("file");
		print_hex(tree->files.files.items[i].path);
		print_hex(tree->files.files.items[i].bytes);
		putchar('\n');
	}
}

static void print_mendings(const struct oh_mendings *mendings)
{
	for (size_t i = 0; i < mendings->count; i++) {
		const struct oh_mending *m = &mendings->items[i];

		printf("mend");
		print_hex(m->applied);
		for (size_t k = 0; k < m->commands.count; k++)
			print_hex(m->commands.items[k]);
		putchar('\n');
	}
}

static bool answer(struct oh_arena *arena, struct move_tree *const *trees, struct oh_error *err)
{
	const struct oh_standings standings = all_movable(arena, trees[MOVES]);
	const struct oh_meeting meeting = {.base = &trees[BASE]->snapshot,
		.sides = {&trees[STAYS]->snapshot, &trees[MOVES]->snapshot},
		.side_names = {"stays", "moves"},
		.side_count = 2,
		.result = &trees[RESULT]->snapshot};
	const struct oh_move_request request = {.meeting = &meeting,
		.stays = 0,
		.moves = 1,
		.standings = &standings,
		.renumber = true};
	struct oh_mendings mendings;
	struct oh_steps steps = {0};
	struct oh_snapshot after;
	struct oh_moves moves;

	if (!oh_move_decide(&moves, arena, &request, err) ||
		!oh_move_steps(arena, &moves, &trees[RESULT]->snapshot, move_read, trees[RESULT],
			&steps, &after, err))
		return false;
	mendings = oh_move_mendings(arena, &moves, &after, &oh_adapter_alembic);
	print_files(move_apply(arena, trees[RESULT], &steps));
	print_mendings(&mendings);
	return true;
}

static void go(struct oh_arena *arena, struct move_tree **trees)
{
	struct oh_error err = {0};

	for (int i = 0; i < TREES; i++)
		move_tree_read(arena, trees[i]);
	if (!trees[RESULT]->files.files.count)
		trees[RESULT] = move_merge(arena, trees[BASE], trees[STAYS], trees[MOVES]);
	if (!answer(arena, trees, &err)) {
		printf("refused");
		print_hex(oh_slice_of(err.message));
		putchar('\n');
	}
	puts("end");
	fflush(stdout);
}

static void start(struct oh_arena *arena, struct move_tree **trees)
{
	for (int i = 0; i < TREES; i++) {
		trees[i] = oh_arena_alloc(arena, sizeof(*trees[i]));
		trees[i]->files = memory_source(arena);
	}
}

int main(void)
{
	static const char *const names[TREES] = {"base", "stays", "moves", "result"};
	struct move_tree *trees[TREES];
	struct oh_arena arena = {0};
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	start(&arena, trees);
	while ((n = getline(&line, &size, stdin)) > 0) {
		const struct oh_slice text = oh_slice_trim((struct oh_slice){line, (size_t)n});
		const struct oh_slices words = oh_slice_words(&arena, oh_slice_dup(&arena, text));

		for (int i = 0; i < TREES && words.count == 3; i++)
			if (oh_slice_eq(words.items[0], oh_slice_of(names[i])))
				OH_PUSH(&arena, &trees[i]->files.files,
					(struct memory_file){from_hex(&arena, words.items[1]),
						from_hex(&arena, words.items[2])});
		if (words.count == 1) {
			go(&arena, trees);
			oh_arena_drop(&arena);
			start(&arena, trees);
		}
	}
	free(line);
	oh_arena_drop(&arena);
	return 0;
}

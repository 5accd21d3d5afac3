/*
 * Migrations from a line of text, for tests:
 *
 *	"a; b < a; m < a b : label other ! needed @ versions/m.py"
 *
 * `<` parents, `:` labels, `!` depends_on, `@` path (versions/ID.py where it is not said).
 */
#ifndef GRAPH_TEXT_H
#define GRAPH_TEXT_H

#include "model/graph.h"

#include <stdint.h>
#include <string.h>

static inline void graph_text_word(
	struct oh_arena *arena, struct oh_migration *m, char kind, struct oh_slice word)
{
	if (kind == '<')
		OH_PUSH(arena, &m->parents, word);
	else if (kind == ':')
		OH_PUSH(arena, &m->labels, word);
	else if (kind == '!')
		OH_PUSH(arena, &m->depends_on, word);
	else if (kind == '@')
		m->path = word;
	else
		m->id = word;
}

static inline struct oh_migrations graph_text(struct oh_arena *arena, const char *text)
{
	struct oh_slice rest = oh_slice_of(text), part;
	struct oh_migrations all = {0};

	while (oh_slice_next(&rest, ';', &part)) {
		struct oh_slices words = oh_slice_words(arena, part);
		struct oh_migration m = {.line = 1, .parents_line = 1};
		char kind = 0;

		for (size_t i = 0; i < words.count; i++)
			if (words.items[i].len == 1 && strchr("<:!@", words.items[i].ptr[0]))
				kind = words.items[i].ptr[0];
			else
				graph_text_word(arena, &m, kind, words.items[i]);
		if (!m.path.ptr)
			m.path = oh_slice_printf(arena, "versions/" OH_FMT ".py", OH_ARG(m.id));
		OH_PUSH(arena, &all, m);
	}
	return all;
}

/* The graph of TEXT. */
static inline struct oh_graph graph_of_text(struct oh_arena *arena, const char *text)
{
	struct oh_migrations *all = oh_arena_alloc(arena, sizeof(*all));
	struct oh_graph graph;

	*all = graph_text(arena, text);
	oh_graph_build(&graph, arena, all);
	return graph;
}

/* The ids of NODES with blanks between. */
static inline const char *graph_ids(
	struct oh_arena *arena, const struct oh_graph *graph, const struct oh_indices *nodes)
{
	struct oh_slices ids = {0};

	for (size_t i = 0; i < nodes->count; i++)
		OH_PUSH(arena, &ids, graph->nodes[nodes->items[i]].migration->id);
	return oh_slices_join(arena, &ids, " ").ptr;
}

/* The same numbers on every run and machine. */
static inline uint32_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

static inline size_t random_below(uint64_t *state, size_t n)
{
	return random_next(state) % n;
}

#endif

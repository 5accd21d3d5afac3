/*
 * For revision_map.py: reads graphs from stdin and prints what oh_graph_build makes of each.
 *
 * A line a migration: id, parents, labels, depends_on, separated by tabs, lists by blanks. A line
 * `?`, tab, id asks for the ancestors of one. A line with a dot alone ends a graph.
 */
#include "base/buf.h"
#include "model/graph.h"

#include <stdio.h>
#include <string.h>

static void print_name(struct oh_slice name)
{
	printf("\t" OH_FMT, OH_ARG(name));
}

static void print_node(const struct oh_graph *g, size_t node)
{
	print_name(g->nodes[node].migration->id);
}

static void print_nodes(const struct oh_graph *g, const char *title, const struct oh_indices *nodes)
{
	fputs(title, stdout);
	for (size_t i = 0; i < nodes->count; i++)
		print_node(g, nodes->items[i]);
	putchar('\n');
}

static void print_damage(const struct oh_graph *g)
{
	for (size_t i = 0; i < g->missing.count; i++) {
		fputs(g->missing.items[i].is_dependency ? "missing-need" : "missing-parent",
			stdout);
		print_node(g, g->missing.items[i].child);
		print_name(g->missing.items[i].id);
		putchar('\n');
	}
	for (size_t i = 0; i < g->duplicates.count; i++) {
		fputs("duplicate", stdout);
		print_node(g, g->duplicates.items[i].node);
		putchar('\n');
	}
	for (size_t i = 0; i < g->label_clashes.count; i++) {
		fputs("clash", stdout);
		print_name(g->label_clashes.items[i].label);
		print_node(g, g->label_clashes.items[i].node);
		print_node(g, g->label_clashes.items[i].owner);
		putchar('\n');
	}
}

static void print_set(const struct oh_graph *g, const char *title, oh_node_set set)
{
	fputs(title, stdout);
	for (size_t i = 0; i < g->count; i++)
		if (set[i])
			print_node(g, i);
	putchar('\n');
}

static void print_labels(const struct oh_graph *g, struct oh_arena *arena)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct oh_slices labels = oh_graph_labels(g, arena, i);

		if (!labels.count)
			continue;
		fputs("labels", stdout);
		print_node(g, i);
		for (size_t k = 0; k < labels.count; k++)
			print_name(labels.items[k]);
		putchar('\n');
	}
}

static void print_answers(
	const struct oh_graph *g, struct oh_arena *arena, const struct oh_slices *questions)
{
	for (size_t i = 0; i < questions->count; i++) {
		size_t node = oh_graph_find(g, questions->items[i]);
		const struct oh_indices from = {&node, 1, 1};

		if (node == OH_NO_NODE)
			continue;
		print_set(g, "ancestors", oh_graph_ancestors(g, arena, &from));
		print_set(
			g, "ancestors-with-needs", oh_graph_ancestors_with_needs(g, arena, &from));
		print_set(g, "descendants", oh_graph_descendants(g, arena, &from));
	}
}

static void print_graph(
	struct oh_arena *arena, const struct oh_migrations *all, const struct oh_slices *questions)
{
	struct oh_graph g;

	oh_graph_build(&g, arena, all);
	print_nodes(&g, "heads", &g.heads);
	print_nodes(&g, "bases", &g.bases);
	print_nodes(&g, "effective", &g.effective_heads);
	print_nodes(&g, "order", &g.order);
	print_nodes(&g, "cycle", &g.cycle);
	print_nodes(&g, "needs-cycle", &g.needs_cycle);
	print_damage(&g);
	print_labels(&g, arena);
	print_answers(&g, arena, questions);
	puts(".");
}

static struct oh_migration read_migration(struct oh_arena *arena, struct oh_slice line)
{
	struct oh_migration m = {.id = OH_SLICE("")};
	struct oh_slices *const lists[] = {&m.parents, &m.labels, &m.depends_on};
	struct oh_slice field;

	oh_slice_next(&line, '\t', &m.id);
	for (int i = 0; i < 3 && oh_slice_next(&line, '\t', &field); i++)
		*lists[i] = oh_slice_words(arena, field);
	return m;
}

static struct oh_slice read_all(struct oh_arena *arena)
{
	struct oh_buf buf = {.arena = arena};
	size_t n;

	do {
		oh_buf_reserve(&buf, 65536);
		n = fread(buf.items + buf.count, 1, buf.capacity - buf.count, stdin);
		buf.count += n;
	} while (n);
	return oh_buf_slice(&buf);
}

int main(void)
{
	struct oh_arena input = {0}, arena = {0};
	struct oh_slice rest = read_all(&input), line;
	struct oh_migrations all = {0};
	struct oh_slices questions = {0};

	while (oh_slice_next_line(&rest, &line)) {
		if (oh_slice_eq(line, OH_SLICE("."))) {
			print_graph(&arena, &all, &questions);
			oh_arena_drop(&arena);
			all = (struct oh_migrations){0};
			questions = (struct oh_slices){0};
		} else if (oh_slice_cut_prefix(&line, OH_SLICE("?\t"))) {
			OH_PUSH(&arena, &questions, line);
		} else {
			OH_PUSH(&arena, &all, read_migration(&arena, line));
		}
	}
	oh_arena_drop(&arena);
	oh_arena_drop(&input);
	return 0;
}

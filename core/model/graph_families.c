/* Which heads are an accidental fork: see oh_graph_forked_heads. */
#include "model/graph.h"

#include <stdlib.h>
#include <string.h>

/*
 * The labels of each node and its ancestors. A set is a sorted list of label numbers, kept once
 * and named by a number: most nodes have the set of their only parent.
 */
struct label_sets {
	const struct oh_graph *graph;
	struct oh_arena *arena;
	struct oh_map numbers; /* of the labels */
	struct oh_map by_content; /* a set's bytes to its number, plus one */
	struct oh_slices sets; /* the bytes of each: unsigned numbers; set 0 is the empty one */
	size_t *of; /* per node */
};

static int by_number(const void *a, const void *b)
{
	const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

static size_t intern(struct label_sets *s, unsigned *members, size_t count)
{
	struct oh_slice content;
	size_t kept = 0, *number;

	if (count > 1)
		qsort(members, count, sizeof(*members), by_number);
	for (size_t i = 0; i < count; i++)
		if (!kept || members[kept - 1] != members[i])
			members[kept++] = members[i];
	content = (struct oh_slice){(const char *)members, kept * sizeof(*members)};
	number = oh_map_put(&s->by_content, content);
	if (!*number) {
		OH_PUSH(s->arena, &s->sets, content);
		*number = s->sets.count;
	}
	return *number - 1;
}

/* True where NODE has labels of its own or parents that differ: its set must be put together. */
static bool must_join(const struct label_sets *s, const struct oh_node *node)
{
	if (node->migration->labels.count)
		return true;
	for (size_t i = 1; i < node->parents.count; i++)
		if (s->of[node->parents.items[i]] != s->of[node->parents.items[0]])
			return true;
	return false;
}

static size_t join_sets(struct label_sets *s, const struct oh_node *node)
{
	const struct oh_slices *own = &node->migration->labels;
	size_t bytes = own->count * sizeof(unsigned), count = 0;
	unsigned *members;

	for (size_t i = 0; i < node->parents.count; i++)
		bytes += s->sets.items[s->of[node->parents.items[i]]].len;
	members = oh_arena_alloc(s->arena, bytes);
	for (size_t i = 0; i < node->parents.count; i++) {
		const struct oh_slice set = s->sets.items[s->of[node->parents.items[i]]];

		if (set.len)
			memcpy(members + count, set.ptr, set.len);
		count += set.len / sizeof(unsigned);
	}
	for (size_t i = 0; i < own->count; i++) {
		size_t *number = oh_map_put(&s->numbers, own->items[i]);

		if (!*number)
			*number = s->numbers.count;
		members[count++] = (unsigned)*number;
	}
	return intern(s, members, count);
}

/* Nodes on a cycle count as having no ancestors here. */
static void find_label_sets(struct label_sets *s)
{
	s->of = oh_arena_alloc(s->arena, s->graph->count * sizeof(*s->of));
	intern(s, oh_arena_alloc(s->arena, 1), 0);
	for (size_t i = 0; i < s->graph->cycle.count; i++) {
		const size_t node = s->graph->cycle.items[i];

		s->of[node] = join_sets(
			s, &(struct oh_node){s->graph->nodes[node].migration, {0}, {0}, {0}, {0}});
	}
	for (size_t i = 0; i < s->graph->order.count; i++) {
		const size_t at = s->graph->order.items[i];
		const struct oh_node *node = &s->graph->nodes[at];

		if (must_join(s, node))
			s->of[at] = join_sets(s, node);
		else if (node->parents.count)
			s->of[at] = s->of[node->parents.items[0]];
	}
}

/* Heads by the set of their labels, then by id. */
struct member {
	size_t set, head; /* head: position in graph->heads */
};

static int by_set(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->set != y->set)
		return x->set < y->set ? -1 : 1;
	return (x->head > y->head) - (x->head < y->head);
}

/* Disjoint sets of heads: `leader` leads to the smallest member. */
struct joining {
	const struct oh_graph *graph;
	struct member *members;
	size_t *leader; /* per head */
	size_t *owner; /* per node: the head that reached it, */
	size_t *round; /* …in which round */
	size_t *todo;
};

static size_t leader_of(struct joining *j, size_t head)
{
	while (j->leader[head] != head) {
		j->leader[head] = j->leader[j->leader[head]];
		head = j->leader[head];
	}
	return head;
}

static void join(struct joining *j, size_t a, size_t b)
{
	a = leader_of(j, a);
	b = leader_of(j, b);
	if (a < b)
		j->leader[b] = a;
	else
		j->leader[a] = b;
}

/* Takes the ancestors of HEAD; where another head of this round has been, the two are joined
 * and nothing above needs looking at again. */
static void claim_ancestors(struct joining *j, size_t head, size_t round)
{
	size_t count = 0;

	j->todo[count++] = j->graph->heads.items[head];
	while (count) {
		const size_t node = j->todo[--count];
		const struct oh_indices *parents = &j->graph->nodes[node].parents;

		j->round[node] = round;
		j->owner[node] = head;
		for (size_t i = 0; i < parents->count; i++) {
			const size_t parent = parents->items[i];

			if (j->round[parent] == round) {
				join(j, head, j->owner[parent]);
				continue;
			}
			j->round[parent] = round;
			j->owner[parent] = head;
			j->todo[count++] = parent;
		}
	}
}

static void join_by_ancestor(struct joining *j)
{
	const size_t n = j->graph->heads.count;

	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && j->members[to].set == j->members[from].set;)
			to++;
		for (size_t i = from; to - from > 1 && i < to; i++)
			claim_ancestors(j, j->members[i].head, from + 1);
	}
}

/* Heads without labels whose files are in one directory. */
static void join_by_directory(struct joining *j, struct oh_arena *scratch)
{
	struct oh_map first = {.arena = scratch}; /* directory to head, plus one */

	for (size_t i = 0; i < j->graph->heads.count && j->members[i].set == 0; i++) {
		const size_t head = j->members[i].head;
		const struct oh_node *node = &j->graph->nodes[j->graph->heads.items[head]];
		size_t *at = oh_map_put(&first, oh_path_directory(node->migration->path));

		if (*at)
			join(j, head, *at - 1);
		else
			*at = head + 1;
	}
}

static void prepare(struct joining *j, const struct label_sets *sets, struct oh_arena *scratch)
{
	const size_t n = j->graph->heads.count, size = j->graph->count * sizeof(size_t);

	j->members = oh_arena_alloc(scratch, n * sizeof(*j->members));
	j->leader = oh_arena_alloc(scratch, n * sizeof(*j->leader));
	j->owner = oh_arena_alloc(scratch, size);
	j->round = oh_arena_alloc(scratch, size);
	j->todo = oh_arena_alloc(scratch, size);
	for (size_t i = 0; i < n; i++) {
		j->members[i] = (struct member){sets->of[j->graph->heads.items[i]], i};
		j->leader[i] = i;
	}
	qsort(j->members, n, sizeof(*j->members), by_set);
}

static struct oh_families collect(
	struct joining *j, struct oh_arena *arena, struct oh_arena *scratch)
{
	const size_t n = j->graph->heads.count;
	size_t *size = oh_arena_alloc(scratch, n * sizeof(*size));
	size_t *family = oh_arena_alloc(scratch, n * sizeof(*family));
	struct oh_families out = {0};

	for (size_t i = 0; i < n; i++)
		size[leader_of(j, i)]++;
	for (size_t i = 0; i < n; i++) {
		const size_t leader = leader_of(j, i);

		if (size[leader] < 2)
			continue;
		if (leader == i) {
			family[i] = out.count;
			OH_PUSH(arena, &out, (struct oh_indices){0});
		}
		OH_PUSH(arena, &out.items[family[leader]], j->graph->heads.items[i]);
	}
	return out;
}

struct oh_families oh_graph_forked_heads(const struct oh_graph *graph, struct oh_arena *arena)
{
	struct oh_arena scratch = {0};
	struct label_sets sets = {.graph = graph,
		.arena = &scratch,
		.numbers = {.arena = &scratch},
		.by_content = {.arena = &scratch}};
	struct joining j = {.graph = graph};
	struct oh_families out;

	if (graph->heads.count < 2)
		return (struct oh_families){0};
	find_label_sets(&sets);
	prepare(&j, &sets, &scratch);
	join_by_ancestor(&j);
	join_by_directory(&j, &scratch);
	out = collect(&j, arena, &scratch);
	oh_arena_drop(&scratch);
	return out;
}

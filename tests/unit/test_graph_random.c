/* Random graphs, damaged ones among them, against a slow reference that is plainly right. */
#include "graph_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MOST 24

static struct oh_migration numbered(struct oh_arena *arena, size_t number)
{
	const struct oh_slice id = oh_slice_printf(arena, "%08zu", number);

	return (struct oh_migration){.id = id, .path = id};
}

struct reference {
	const struct oh_graph *g;
	size_t n;
	bool parent[MOST][MOST], need[MOST][MOST]; /* [child][parent] */
	bool above[MOST][MOST]; /* [descendant][ancestor], at least one step */
	bool above_all[MOST][MOST]; /* through depends_on as well */
};

static void close_relation(bool r[MOST][MOST], size_t n)
{
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n; j++)
				r[i][j] = r[i][j] || (r[i][k] && r[k][j]);
}

static size_t named(const struct oh_graph *g, struct oh_slice name, bool labels_too)
{
	for (size_t i = 0; i < g->count; i++)
		if (oh_slice_eq(g->nodes[i].migration->id, name))
			return i;
	for (size_t i = 0; labels_too && i < g->count; i++)
		if (oh_slices_contain(&g->nodes[i].migration->labels, name))
			return i;
	return OH_NO_NODE;
}

static struct reference *refer(struct oh_arena *arena, const struct oh_graph *g)
{
	struct reference *r = oh_arena_alloc(arena, sizeof(*r));

	r->g = g;
	r->n = g->count;
	for (size_t i = 0; i < r->n; i++) {
		const struct oh_migration *m = g->nodes[i].migration;
		size_t to;

		for (size_t k = 0; k < m->parents.count; k++)
			if ((to = named(g, m->parents.items[k], false)) != OH_NO_NODE)
				r->parent[i][to] = true;
		for (size_t k = 0; k < m->depends_on.count; k++)
			if ((to = named(g, m->depends_on.items[k], true)) != OH_NO_NODE)
				r->need[i][to] = true;
	}
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < r->n; j++) {
			r->above[i][j] = r->parent[i][j];
			r->above_all[i][j] = r->parent[i][j] || r->need[i][j];
		}
	close_relation(r->above, r->n);
	close_relation(r->above_all, r->n);
	return r;
}

static bool contains(const struct oh_indices *list, size_t node)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == node)
			return true;
	return false;
}

static void assert_sorted_unique(const struct oh_indices *list)
{
	for (size_t i = 1; i < list->count; i++)
		assert_true(list->items[i - 1] < list->items[i]);
}

static void check_ends(const struct reference *r)
{
	const struct oh_graph *g = r->g;

	for (size_t i = 0; i < r->n; i++) {
		bool has_child = false, needed = false;

		for (size_t j = 0; j < r->n; j++) {
			has_child = has_child || r->parent[j][i];
			needed = needed || (j != i && r->need[j][i]);
			assert_int_equal(contains(&g->nodes[i].parents, j), r->parent[i][j]);
			assert_int_equal(contains(&g->nodes[i].needs, j), r->need[i][j]);
			assert_int_equal(contains(&g->nodes[j].children, i), r->parent[i][j]);
			assert_int_equal(contains(&g->nodes[j].needed_by, i), r->need[i][j]);
		}
		assert_sorted_unique(&g->nodes[i].children);
		assert_sorted_unique(&g->nodes[i].needed_by);
		assert_int_equal(contains(&g->heads, i), !has_child);
		assert_int_equal(contains(&g->effective_heads, i), !has_child && !needed);
		assert_int_equal(contains(&g->bases, i), g->nodes[i].migration->parents.count == 0);
		assert_int_equal(contains(&g->cycle, i), r->above[i][i]);
		assert_int_equal(
			contains(&g->needs_cycle, i), !r->above[i][i] && r->above_all[i][i]);
	}
	assert_sorted_unique(&g->heads);
	assert_sorted_unique(&g->bases);
	assert_sorted_unique(&g->cycle);
}

/* The smallest node all of whose ancestors (that are on no cycle) have come. */
static void check_order(const struct reference *r)
{
	const struct oh_graph *g = r->g;
	const bool broken = g->cycle.count || g->needs_cycle.count;
	bool came[MOST] = {false};

	assert_int_equal(g->order.count + g->cycle.count, r->n);
	for (size_t at = 0; at < g->order.count; at++) {
		const size_t node = g->order.items[at];

		assert_false(came[node] || r->above[node][node]);
		for (size_t i = 0; i < r->n; i++) {
			assert_false(r->parent[node][i] && !r->above[i][i] && !came[i]);
			assert_false(r->need[node][i] && !r->above_all[i][node] &&
				     !r->above[i][i] && !came[i]);
			if (!broken)
				assert_false(r->above_all[node][i] && !came[i]);
		}
		for (size_t i = 0; i < node && !broken; i++) {
			bool could = !came[i];

			for (size_t j = 0; j < r->n; j++)
				could = could && (!r->above_all[i][j] || came[j]);
			assert_false(could);
		}
		came[node] = true;
	}
}

static void check_sets(const struct reference *r, struct oh_arena *arena, uint64_t *seed)
{
	struct oh_indices from = {0};
	oh_node_set up, up_all, down;

	for (size_t i = 0; i < r->n; i++)
		if (random_below(seed, 4) == 0)
			OH_PUSH(arena, &from, i);
	up = oh_graph_ancestors(r->g, arena, &from);
	up_all = oh_graph_ancestors_with_needs(r->g, arena, &from);
	down = oh_graph_descendants(r->g, arena, &from);
	for (size_t i = 0; i < r->n; i++) {
		bool a = contains(&from, i), b = a, c = a;

		for (size_t k = 0; k < from.count; k++) {
			a = a || r->above[from.items[k]][i];
			b = b || r->above_all[from.items[k]][i];
			c = c || r->above[i][from.items[k]];
		}
		assert_int_equal(up[i], a);
		assert_int_equal(up_all[i], b);
		assert_int_equal(down[i], c);
	}
}

/* Alembic's own algorithm, step by step, over bits of labels (label K is named lK). */
static void spread_labels(const struct reference *r, uint32_t *labels)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct oh_slices *own = &r->g->nodes[i].migration->labels;

		labels[i] = 0;
		for (size_t k = 0; k < own->count; k++)
			labels[i] |= 1u << (own->items[k].ptr[1] - 'a');
	}
}

static size_t next_count(const struct reference *r, size_t node)
{
	size_t count = 0;

	for (size_t i = 0; i < r->n; i++)
		count += r->parent[i][node] || r->need[i][node];
	return count;
}

static void climb(const struct reference *r, uint32_t *labels, size_t node, uint32_t add)
{
	while (next_count(r, node) <= 1 && r->g->nodes[node].migration->parents.count <= 1) {
		labels[node] |= add;
		if (!r->g->nodes[node].parents.count)
			return;
		node = r->g->nodes[node].parents.items[0];
	}
}

static void reference_labels(const struct reference *r, uint32_t *labels)
{
	spread_labels(r, labels);
	for (size_t i = 0; i < r->n; i++) {
		size_t last = i;

		if (!r->g->nodes[i].migration->labels.count)
			continue;
		/* Alembic climbs from the last descendant it came by. Where several could be
		 * the last there is a fork between them and I, which no climb passes. */
		for (size_t j = 0; j < r->n; j++)
			if (r->above[j][i]) {
				labels[j] |= labels[i];
				if (!r->g->nodes[j].children.count)
					last = j;
			}
		climb(r, labels, last, labels[i]);
	}
}

static void check_labels(const struct reference *r, struct oh_arena *arena)
{
	uint32_t expected[MOST];

	if (r->g->cycle.count || r->g->missing.count)
		return;
	reference_labels(r, expected);
	for (size_t i = 0; i < r->n; i++) {
		struct oh_slices is = oh_graph_labels(r->g, arena, i);
		uint32_t bits = 0;

		for (size_t k = 0; k < is.count; k++) {
			bits |= 1u << (is.items[k].ptr[1] - 'a');
			assert_true(!k || oh_slice_cmp(is.items[k - 1], is.items[k]) < 0);
		}
		assert_int_equal(bits, expected[i]);
	}
}

/* Labels of a head and of all above it. */
static uint32_t carried(const struct reference *r, size_t node)
{
	uint32_t own[MOST], all;

	spread_labels(r, own);
	all = own[node];
	for (size_t i = 0; i < r->n; i++)
		if (r->above[node][i])
			all |= own[i];
	return all;
}

static bool related(const struct reference *r, size_t a, size_t b)
{
	const struct oh_node *x = &r->g->nodes[a], *y = &r->g->nodes[b];

	if (carried(r, a) != carried(r, b))
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (r->above[a][i] && r->above[b][i])
			return true;
	return carried(r, a) == 0 && oh_slice_eq(oh_path_directory(x->migration->path),
					     oh_path_directory(y->migration->path));
}

static void check_families(const struct reference *r, struct oh_arena *arena)
{
	const struct oh_families f = oh_graph_forked_heads(r->g, arena);
	bool together[MOST][MOST] = {{false}}, is[MOST][MOST] = {{false}};
	const struct oh_indices *heads = &r->g->heads;

	if (r->g->cycle.count)
		return;
	for (size_t i = 0; i < heads->count; i++)
		for (size_t j = 0; j < heads->count; j++)
			together[heads->items[i]][heads->items[j]] =
				i != j && related(r, heads->items[i], heads->items[j]);
	close_relation(together, r->n);
	for (size_t i = 0; i < f.count; i++) {
		assert_true(f.items[i].count > 1);
		assert_sorted_unique(&f.items[i]);
		assert_true(!i || f.items[i - 1].items[0] < f.items[i].items[0]);
		for (size_t a = 0; a < f.items[i].count; a++)
			for (size_t b = 0; b < f.items[i].count; b++)
				is[f.items[i].items[a]][f.items[i].items[b]] = true;
	}
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < r->n; j++)
			assert_int_equal(i != j && together[i][j], i != j && is[i][j]);
}

/* Mostly sound: parents are drawn from smaller numbers, ids are in another order than that. */
static struct oh_migrations random_migrations(struct oh_arena *arena, uint64_t *seed)
{
	const size_t n = random_below(seed, MOST), damage = random_below(seed, 3) ? 0 : 12;
	const size_t labels = random_below(seed, 4);
	struct oh_migrations all = {0};

	for (size_t i = 0; i < n; i++) {
		struct oh_migration m = numbered(arena, i * 7 % MOST);
		size_t parents = random_below(seed, 8) == 0 ? random_below(seed, 4) : 1;

		m.path = oh_slice_printf(
			arena, "v%zu/%zu.py", random_below(seed, 8) ? 0 : random_below(seed, 3), i);
		while (i && parents--)
			OH_PUSH(arena, &m.parents,
				numbered(arena, random_below(seed, i) * 7 % MOST).id);
		if (damage && random_below(seed, damage) == 0)
			OH_PUSH(arena, &m.parents,
				numbered(arena, random_below(seed, MOST + 4)).id);
		if (damage && random_below(seed, damage) == 0)
			m.id = numbered(arena, random_below(seed, MOST)).id;
		if (i && random_below(seed, 8) == 0)
			OH_PUSH(arena, &m.depends_on,
				numbered(arena, random_below(seed, damage ? MOST : i) * 7 % MOST)
					.id);
		if (random_below(seed, 20) < labels && i < 26)
			OH_PUSH(arena, &m.labels, oh_slice_printf(arena, "l%c", (int)('a' + i)));
		OH_PUSH(arena, &all, m);
	}
	return all;
}

static void assert_same_list(const struct oh_indices *a, const struct oh_indices *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		assert_int_equal(a->items[i], b->items[i]);
}

static void assert_same_damage(const struct oh_graph *a, const struct oh_graph *b)
{
	assert_int_equal(a->missing.count, b->missing.count);
	for (size_t i = 0; i < a->missing.count; i++) {
		const struct oh_missing *x = &a->missing.items[i], *y = &b->missing.items[i];

		assert_int_equal(x->child, y->child);
		assert_true(oh_slice_eq(x->id, y->id));
		assert_int_equal(x->is_dependency, y->is_dependency);
	}
	assert_int_equal(a->duplicates.count, b->duplicates.count);
	for (size_t i = 0; i < a->duplicates.count; i++)
		assert_ptr_equal(a->duplicates.items[i].other, b->duplicates.items[i].other);
	assert_int_equal(a->label_clashes.count, b->label_clashes.count);
	for (size_t i = 0; i < a->label_clashes.count; i++)
		assert_int_equal(a->label_clashes.items[i].node, b->label_clashes.items[i].node);
	assert_same_list(&a->cycle, &b->cycle);
	assert_same_list(&a->needs_cycle, &b->needs_cycle);
}

static void assert_same_graph(const struct oh_graph *a, const struct oh_graph *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct oh_node *x = &a->nodes[i], *y = &b->nodes[i];

		assert_ptr_equal(x->migration, y->migration);
		assert_int_equal(oh_graph_find(a, y->migration->id), i);
		assert_same_list(&x->parents, &y->parents);
		assert_same_list(&x->children, &y->children);
		assert_same_list(&x->needs, &y->needs);
		assert_same_list(&x->needed_by, &y->needed_by);
	}
	assert_same_list(&a->heads, &b->heads);
	assert_same_list(&a->bases, &b->bases);
	assert_same_list(&a->effective_heads, &b->effective_heads);
	assert_same_list(&a->order, &b->order);
	assert_same_damage(a, b);
}

/* The same migrations, some of them on other parents; once in a while more than that differs. */
static struct oh_migrations random_revision(
	struct oh_arena *arena, const struct oh_migrations *all, uint64_t *seed)
{
	const size_t changes = random_below(seed, 4);
	struct oh_migrations other = {0};

	for (size_t i = 0; i < all->count; i++)
		OH_PUSH(arena, &other, all->items[i]);
	for (size_t i = 0; i < other.count; i++) {
		const struct oh_migration *from = &all->items[random_below(seed, all->count)];
		struct oh_migration *m = &other.items[i];

		if (random_below(seed, 8) < changes)
			m->parents = from->parents;
		if (random_below(seed, 8) < changes)
			m->depends_on = from->depends_on;
		if (random_below(seed, 300) == 0)
			m->labels = from->labels;
		if (random_below(seed, 300) == 0)
			m->id = from->id;
	}
	if (other.count && random_below(seed, 10) == 0)
		other.count--;
	return other;
}

static void check_revision(
	const struct oh_graph *g, const struct oh_migrations *all, uint64_t *seed)
{
	const struct oh_migrations other = random_revision(g->arena, all, seed);
	struct oh_graph after, again;

	oh_graph_build_after(&after, g->arena, &other, g);
	oh_graph_build(&again, g->arena, &other);
	assert_same_graph(&after, &again);
}

static void test_random_graphs(void **state)
{
	uint64_t seed = 20260111;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct oh_arena arena = {0};
		struct oh_migrations all = random_migrations(&arena, &seed);
		struct oh_graph g;
		struct reference *r;

		oh_graph_build(&g, &arena, &all);
		assert_int_equal(g.count + g.duplicates.count, all.count);
		r = refer(&arena, &g);
		check_ends(r);
		check_order(r);
		check_sets(r, &arena, &seed);
		check_labels(r, &arena);
		check_families(r, &arena);
		check_revision(&g, &all, &seed);
		oh_arena_drop(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_graphs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

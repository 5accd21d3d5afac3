/* Random lines that meet, with real files: what must hold whenever one of them moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "move_text.h"
#include "plan/join.h"

#define ROUNDS 20000

static struct oh_arena arena;
static uint64_t seed;

/* What is there so far, and in which of the trees. */
enum { BASE = 1, STAYS = 2, MOVES = 4, RESULT = 8, EVERYWHERE = 15 };
struct made {
	struct oh_migration migration;
	struct oh_slice body;
	unsigned in;
};

struct random_meeting {
	struct {
		struct made *items;
		size_t count, capacity;
	} made;
	bool counts;
	size_t number; /* of what comes next */
	struct move_tree *base, *stays, *moves, *result;
	struct oh_meeting meeting;
	struct oh_standings standings;
	struct oh_moves decided;
	bool renumber;
};

static bool chance(size_t of)
{
	return random_below(&seed, of) == 0;
}

static struct oh_slice new_id(struct random_meeting *r)
{
	static const char *const words[] = {"add", "drop", "x", "users", "fix"};

	if (!r->counts || chance(20))
		return oh_slice_printf(&arena, "%08x", random_next(&seed));
	return oh_slice_printf(
		&arena, "%03zu_%s%zu", r->number, words[random_below(&seed, 5)], r->made.count);
}

static size_t random_made(const struct random_meeting *r, unsigned tree)
{
	for (size_t tries = 0; r->made.count && tries < 50; tries++) {
		const size_t at = random_below(&seed, r->made.count);

		if (r->made.items[at].in & tree)
			return at;
	}
	return r->made.count;
}

static bool is_head(const struct random_meeting *r, size_t at, unsigned tree)
{
	for (size_t i = 0; i < r->made.count; i++)
		if ((r->made.items[i].in & tree) &&
			oh_slices_contain(&r->made.items[i].migration.parents,
				r->made.items[at].migration.id))
			return false;
	return (r->made.items[at].in & tree) != 0;
}

static void add_parents(struct random_meeting *r, struct oh_migration *m, unsigned tree)
{
	const bool merges = chance(7), anywhere = chance(12);

	for (size_t i = r->made.count; i-- > 0;) {
		if (!is_head(r, i, tree) || (m->parents.count && !merges))
			continue;
		if (!oh_slices_contain(&m->parents, r->made.items[i].migration.id))
			OH_PUSH(&arena, &m->parents, r->made.items[i].migration.id);
	}
	if (anywhere || (merges && chance(3))) {
		const size_t at = random_made(r, tree);

		if (anywhere)
			m->parents.count = 0;
		if (at < r->made.count && !chance(15) &&
			!oh_slices_contain(&m->parents, r->made.items[at].migration.id))
			OH_PUSH(&arena, &m->parents, r->made.items[at].migration.id);
	}
}

/* Another body than its own: a twin's, or none at all. */
static struct oh_slice random_body(
	const struct random_meeting *r, const struct oh_migration *m, unsigned tree)
{
	const size_t at = random_made(r, STAYS);

	if (m->parents.count > 1 && !chance(4))
		return OH_SLICE("nothing");
	if (tree == MOVES && chance(4) && at < r->made.count &&
		!(r->made.items[at].in & (BASE | MOVES)))
		return r->made.items[at].body;
	return oh_slice_printf(&arena, "does %zu", r->made.count);
}

static void make(struct random_meeting *r, unsigned tree, unsigned in)
{
	struct made made = {.in = in};
	struct oh_migration *m = &made.migration;

	add_parents(r, m, tree);
	m->id = new_id(r);
	if (tree == MOVES && chance(30) && random_made(r, STAYS) < r->made.count)
		m->id = r->made.items[random_made(r, STAYS)].migration.id;
	if (chance(12))
		OH_PUSH(&arena, &m->labels, oh_slice_printf(&arena, "label%zu", r->made.count));
	if (chance(10) && random_made(r, tree) < r->made.count)
		OH_PUSH(&arena, &m->depends_on, r->made.items[random_made(r, tree)].migration.id);
	made.body = random_body(r, m, tree);
	m->path =
		oh_slice_printf(&arena, "versions/" OH_FMT "_%zu.py", OH_ARG(m->id), r->made.count);
	r->number++;
	OH_PUSH(&arena, &r->made, made);
}

/* The side that stays has some that the line stood on under other names. */
static void rename_some(struct random_meeting *r)
{
	const size_t count = r->made.count;

	for (size_t i = 0; i < count; i++) {
		struct made made = r->made.items[i];

		if (made.in != (MOVES | RESULT) || made.migration.parents.count > 1 || !chance(4))
			continue;
		r->made.items[i].in = MOVES;
		made.in = STAYS | RESULT;
		made.migration.id = oh_slice_printf(&arena, "re" OH_FMT, OH_ARG(made.migration.id));
		made.migration.path = oh_slice_printf(&arena, "versions/re%zu.py", r->made.count);
		made.migration.parents.count = 0;
		add_parents(r, &made.migration, STAYS);
		made.migration.depends_on.count = 0;
		OH_PUSH(&arena, &r->made, made);
	}
}

static struct move_tree *tree_of(const struct random_meeting *r, unsigned which)
{
	struct move_tree *tree = oh_arena_alloc(&arena, sizeof(*tree));

	tree->files = memory_source(&arena);
	for (size_t i = 0; i < r->made.count; i++) {
		const struct made *made = &r->made.items[i];

		if (made->in & which)
			OH_PUSH(&arena, &tree->files.files,
				(struct memory_file){made->migration.path,
					move_file(&arena, &made->migration, made->body)});
	}
	move_tree_read(&arena, tree);
	return tree;
}

static void let_move(struct random_meeting *r, const struct move_tree *moves, bool all)
{
	const struct oh_graph *graph = &moves->snapshot.graph;
	const bool some = !all && chance(4);

	r->standings = (struct oh_standings){0};
	for (size_t i = 0; i < graph->count; i++) {
		const struct oh_slice id = graph->nodes[i].migration->id;

		if (some && chance(10))
			continue;
		if (!oh_snapshot_find(&r->base->snapshot, id))
			OH_PUSH(&arena, &r->standings,
				(struct oh_standing_of){id,
					some ? (enum oh_standing)random_below(&seed, 4)
					     : OH_MOVABLE,
					OH_SLICE("why")});
	}
}

static struct random_meeting *random_meeting(void)
{
	struct random_meeting *r = oh_arena_alloc(&arena, sizeof(*r));
	size_t from;

	r->counts = chance(2);
	r->renumber = !chance(4);
	for (size_t n = random_below(&seed, 6); n > 0; n--)
		make(r, BASE, EVERYWHERE);
	if (chance(10)) /* both sides have it, the base has not */
		make(r, BASE, STAYS | MOVES | RESULT);
	from = r->number;
	for (size_t n = random_below(&seed, 5); n > 0; n--)
		make(r, STAYS, STAYS | RESULT);
	r->number = from;
	for (size_t n = 1 + random_below(&seed, 5); n > 0; n--)
		make(r, MOVES, MOVES | RESULT);
	if (chance(8))
		rename_some(r);
	if (chance(20))
		make(r, RESULT, RESULT);
	r->base = tree_of(r, BASE);
	r->stays = tree_of(r, STAYS);
	r->moves = tree_of(r, MOVES);
	r->result = tree_of(r, RESULT);
	let_move(r, r->moves, false);
	return r;
}

static bool decide(struct random_meeting *r, struct oh_error *err)
{
	const struct oh_move_request request = {.meeting = &r->meeting,
		.stays = 0,
		.moves = 1,
		.standings = &r->standings,
		.renumber = r->renumber};

	r->meeting = (struct oh_meeting){.base = &r->base->snapshot,
		.sides = {&r->stays->snapshot, &r->moves->snapshot},
		.side_names = {"ours", "theirs"},
		.side_count = 2,
		.result = &r->result->snapshot};
	return oh_move_decide(&r->decided, &arena, &request, err);
}

static bool is_brought(const struct random_meeting *r, struct oh_slice id)
{
	return !oh_snapshot_find(&r->base->snapshot, id) &&
	       !oh_snapshot_find(&r->stays->snapshot, id);
}

static const struct oh_move *move_at(const struct random_meeting *r, struct oh_slice path)
{
	for (size_t i = 0; i < r->decided.list.count; i++)
		if (oh_slice_eq(r->decided.list.items[i].migration->path, path))
			return &r->decided.list.items[i];
	return NULL;
}

static size_t joined_heads(const struct random_meeting *r, const struct move_tree *tree)
{
	struct oh_meeting meeting = r->meeting;
	size_t heads = tree->snapshot.graph.heads.count;
	struct oh_join join;

	meeting.result = &tree->snapshot;
	oh_join_decide(&join, &arena, &meeting);
	for (size_t i = 0; i < join.groups.count; i++)
		heads -= join.groups.items[i].count - 1;
	return heads;
}

/* As few heads as merge revisions would leave, and nothing broken that was not. */
static void check_graph(const struct random_meeting *r, const struct move_tree *moved)
{
	const struct oh_graph *before = &r->result->snapshot.graph, *after = &moved->snapshot.graph;

	assert_true(after->heads.count <= before->heads.count);
	assert_true(joined_heads(r, moved) <= joined_heads(r, r->result));
	assert_int_equal(0, after->cycle.count);
	assert_int_equal(0, after->needs_cycle.count);
	assert_true(after->duplicates.count <= before->duplicates.count);
	assert_int_equal(r->result->snapshot.unreadables.count, moved->snapshot.unreadables.count);
	for (size_t i = 0; i < after->missing.count; i++) {
		const struct oh_slice id =
			after->nodes[after->missing.items[i].child].migration->id;

		assert_true(!is_brought(r, id) || oh_slices_contain(&r->decided.apart, id));
	}
}

/* What stays is the same bytes; what must not move, too. */
static void check_what_stays(
	const struct random_meeting *r, const struct move_tree *before, struct move_tree *moved)
{
	for (size_t i = 0; i < before->files.files.count; i++) {
		const struct memory_file *file = &before->files.files.items[i];
		const struct oh_move *move = move_at(r, file->path);
		const struct memory_file *now = move_tree_file(moved, file->path);

		if (move) {
			/* A second file of one migration may go, whoever has seen it. */
			if (!move->is_twin || !oh_slice_eq(move->instead, move->migration->id))
				assert_int_equal(OH_MOVABLE,
					oh_standing_find(&r->standings, move->migration->id)
						->standing);
			assert_null(move_tree_file(r->stays, file->path));
			assert_null(move_tree_file(r->base, file->path));
			continue;
		}
		assert_non_null(now);
		assert_true(oh_slice_eq(now->bytes, file->bytes));
	}
}

static size_t count_bodies(const struct move_tree *tree, struct oh_slice digest)
{
	size_t n = 0;

	for (size_t i = 0; i < tree->snapshot.migrations.count; i++)
		n += oh_slice_eq(tree->snapshot.migrations.items[i].body.digest, digest);
	return n;
}

/* Everything is there once: as it was, moved, or as its twin. */
static void check_bodies(const struct random_meeting *r, const struct move_tree *moved)
{
	size_t dropped = 0;

	for (size_t i = 0; i < r->decided.list.count; i++) {
		const struct oh_move *move = &r->decided.list.items[i];
		const struct oh_body *body = &move->migration->body;
		const struct oh_migration *now = oh_snapshot_find(
			&moved->snapshot, move->is_dropped ? move->instead : move->new_id);

		dropped += move->is_dropped;
		assert_non_null(now);
		if (!move->is_dropped || (move->is_twin && !body->does_nothing))
			assert_true(oh_slice_eq(now->body.digest, body->digest));
		else
			assert_true(body->does_nothing);
		if (!move->is_dropped)
			assert_string_equal(now->path.ptr, move->new_path.ptr);
		if (!body->does_nothing)
			assert_true(count_bodies(moved, body->digest) >= 1);
	}
	assert_int_equal(
		r->result->snapshot.migrations.count - dropped, moved->snapshot.migrations.count);
}

static void check_renames(const struct random_meeting *r)
{
	for (size_t i = 0; i < r->decided.list.count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct oh_move *a = &r->decided.list.items[i];
			const struct oh_move *b = &r->decided.list.items[k];

			assert_true(a->is_dropped || b->is_dropped ||
				    !oh_slice_eq(a->new_id, b->new_id));
			assert_true(a->is_dropped || b->is_dropped ||
				    !oh_slice_eq(a->new_path, b->new_path));
		}
	for (size_t i = 0; i < r->decided.renames.count; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(oh_slice_eq(r->decided.renames.items[i].from,
				r->decided.renames.items[k].from));
}

static unsigned long number_of(struct oh_slice id)
{
	return id.len > 4 && id.ptr[3] == '_' ? strtoul(oh_slice_str(&arena, id), NULL, 10) : 0;
}

static void check_numbers(const struct random_meeting *r, const struct move_tree *moved)
{
	if (!r->renumber ||
		!oh_adapter_alembic.is_sequential(&arena, &r->stays->snapshot.migrations))
		return;
	for (size_t i = 0; i < r->decided.list.count; i++) {
		const struct oh_move *move = &r->decided.list.items[i];

		for (size_t k = 0; k < move->parents.count && number_of(move->new_id) &&
				   !oh_slices_contain(&r->decided.apart, move->migration->id);
			k++)
			assert_true(number_of(move->parents.items[k]) < number_of(move->new_id));
	}
	(void)moved;
}

/* What a migration of the result is from now on; OH_NO_NODE for a useless merge revision. */
static size_t node_now(
	const struct random_meeting *r, const struct move_tree *moved, const struct oh_migration *m)
{
	const struct oh_move *move = move_at(r, m->path);

	if (!move)
		return oh_graph_find(&moved->snapshot.graph, m->id);
	if (move->is_dropped && !move->is_twin)
		return OH_NO_NODE;
	return oh_graph_find(
		&moved->snapshot.graph, move->is_dropped ? move->instead : move->new_id);
}

/* What came before it comes before it: nothing runs without what it stood on. */
static void check_order(const struct random_meeting *r, const struct move_tree *moved)
{
	const struct oh_graph *before = &r->result->snapshot.graph, *after = &moved->snapshot.graph;

	if (before->duplicates.count)
		return; /* who means whom can't be read from the graph */
	for (size_t i = 0; i < before->count; i++) {
		const struct oh_move *move = move_at(r, before->nodes[i].migration->path);
		size_t now = node_now(r, moved, before->nodes[i].migration);
		oh_node_set below, below_now;

		if (now == OH_NO_NODE || (move && move->is_dropped))
			continue;
		below = oh_graph_ancestors_with_needs(
			before, &arena, &(struct oh_indices){&i, 1, 1});
		below_now = oh_graph_ancestors_with_needs(
			after, &arena, &(struct oh_indices){&now, 1, 1});
		for (size_t k = 0; k < before->count; k++) {
			const size_t it = node_now(r, moved, before->nodes[k].migration);

			assert_true(!below[k] || it == OH_NO_NODE || below_now[it]);
		}
	}
}

/* A database: what it has run, how often, and what it says. */
struct database {
	const struct oh_graph *graph;
	unsigned *runs; /* by node */
	struct oh_indices rows;
};

static oh_node_set below_rows(const struct database *d)
{
	return oh_graph_ancestors_with_needs(d->graph, &arena, &d->rows);
}

static void set_rows(struct database *d, const oh_node_set has)
{
	d->rows = (struct oh_indices){0};
	for (size_t i = 0; i < d->graph->count; i++) {
		const struct oh_node *n = &d->graph->nodes[i];
		bool is_end = has[i];

		for (size_t k = 0; k < n->children.count; k++)
			is_end = is_end && !has[n->children.items[k]];
		for (size_t k = 0; k < n->needed_by.count; k++)
			is_end = is_end && !has[n->needed_by.items[k]];
		if (is_end)
			OH_PUSH(&arena, &d->rows, i);
	}
}

static void run_command(struct database *d, struct oh_slice command)
{
	const struct oh_slices words = oh_slice_words(&arena, command);
	const bool stamps = oh_slice_eq(words.items[1], OH_SLICE("stamp"));
	const bool purges = stamps && oh_slice_eq(words.items[2], OH_SLICE("--purge"));
	struct oh_indices named = {0};
	const oh_node_set had = below_rows(d);
	oh_node_set has;

	for (size_t i = purges ? 3 : 2; i < words.count; i++) {
		const size_t node = oh_graph_find(d->graph, words.items[i]);

		assert_int_not_equal(OH_NO_NODE, node);
		OH_PUSH(&arena, &named, node);
	}
	has = oh_graph_ancestors_with_needs(d->graph, &arena, &named);
	if (!stamps)
		for (size_t i = 0; i < d->graph->count; i++) {
			d->runs[i] += has[i] && !had[i];
			has[i] |= had[i];
		}
	assert_true(stamps ? purges || (named.count == 1 && d->rows.count == 1) : named.count == 1);
	set_rows(d, has);
}

/* Migrations are known by their bodies below. */
static bool has_repeated_bodies(const struct oh_graph *graph)
{
	for (size_t i = 0; i < graph->count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct oh_body *a = &graph->nodes[i].migration->body;
			const struct oh_body *b = &graph->nodes[k].migration->body;

			if (!a->does_nothing && oh_slice_eq(a->digest, b->digest))
				return true;
		}
	return false;
}

/* Every mending leaves a database that has run each migration below its rows exactly once. */
static size_t check_mendings(const struct random_meeting *r, const struct oh_snapshot *after)
{
	const struct oh_mendings mendings =
		oh_move_mendings(&arena, &r->decided, after, &oh_adapter_alembic);
	const struct oh_graph *line = &r->moves->snapshot.graph;

	if (has_repeated_bodies(line) || has_repeated_bodies(&after->graph))
		return 0;
	for (size_t i = 0; i < mendings.count; i++) {
		const struct oh_mending *m = &mendings.items[i];
		struct database d = {.graph = &after->graph};
		const struct oh_slices words = oh_slice_words(&arena, m->applied);
		struct oh_indices rows = {0};
		oh_node_set had, has;

		d.runs = oh_arena_alloc(&arena, after->graph.count * sizeof(*d.runs));
		for (size_t k = 0; k < words.count; k += 2)
			OH_PUSH(&arena, &rows, oh_graph_find(line, words.items[k]));
		had = oh_graph_ancestors_with_needs(line, &arena, &rows);
		for (size_t k = 0; k < line->count; k++)
			for (size_t n = 0; had[k] && n < after->graph.count; n++) {
				const struct oh_body *a = &line->nodes[k].migration->body;
				const struct oh_migration *b = after->graph.nodes[n].migration;

				d.runs[n] += !a->does_nothing && b->body.digest.len &&
					     oh_slice_eq(a->digest, b->body.digest);
			}
		for (size_t k = 0; k < m->commands.count; k++)
			run_command(&d, m->commands.items[k]);
		has = below_rows(&d);
		for (size_t n = 0; n < after->graph.count; n++)
			if (!after->graph.nodes[n].migration->body.does_nothing)
				assert_int_equal(has[n], d.runs[n]);
	}
	return mendings.count;
}

static void check_settled(const struct random_meeting *r, struct move_tree *moved)
{
	struct random_meeting again = *r;
	struct oh_error err = {0};

	again.result = again.moves = moved;
	let_move(&again, moved, true);
	assert_true(decide(&again, &err));
	assert_int_equal(0, again.decided.list.count);
}

/* An earlier state: some of what was brought is not there yet. */
static void check_earlier(const struct random_meeting *r)
{
	struct move_tree *tree = oh_arena_alloc(&arena, sizeof(*tree)), *moved;
	struct oh_steps steps = {0};
	struct oh_snapshot after;
	struct oh_error err = {0};

	tree->files = memory_source(&arena);
	for (size_t i = 0; i < r->result->files.files.count; i++) {
		const struct memory_file *file = &r->result->files.files.items[i];

		if (move_tree_file(r->base, file->path) || move_tree_file(r->stays, file->path) ||
			chance(2))
			OH_PUSH(&arena, &tree->files.files, *file);
	}
	move_tree_read(&arena, tree);
	if (!oh_move_steps(
		    &arena, &r->decided, &tree->snapshot, move_read, tree, &steps, &after, &err)) {
		assert_int_equal(OH_E_UNSUPPORTED, err.code);
		return;
	}
	moved = move_apply(&arena, tree, &steps);
	assert_non_null(moved);
	check_what_stays(r, tree, moved);
	if (!r->result->snapshot.graph.duplicates.count) {
		assert_true(after.graph.heads.count <= tree->snapshot.graph.heads.count);
		assert_true(after.graph.missing.count <= tree->snapshot.graph.missing.count);
	}
	assert_true(moved->snapshot.graph.count == after.graph.count);
}

struct tally {
	size_t refused, settled, moved, dropped, renamed, merges, mended, lost;
};

static void check_meeting(struct tally *tally)
{
	struct random_meeting *r = random_meeting();
	struct oh_steps steps = {0};
	struct oh_error err = {0};
	struct oh_snapshot after;
	struct move_tree *moved;

	if (!decide(r, &err)) {
		assert_int_equal(OH_E_UNSUPPORTED, err.code);
		assert_true(err.message[0]);
		tally->refused++;
		return;
	}
	if (!r->decided.list.count) {
		tally->settled++;
		return;
	}
	if (!oh_move_steps(&arena, &r->decided, &r->result->snapshot, move_read, r->result, &steps,
		    &after, &err))
		fail_msg("%s", err.message);
	moved = move_apply(&arena, r->result, &steps);
	assert_non_null(moved);
	check_graph(r, moved);
	check_what_stays(r, r->result, moved);
	check_bodies(r, moved);
	check_renames(r);
	check_numbers(r, moved);
	check_order(r, moved);
	check_settled(r, moved);
	check_earlier(r);
	tally->mended += check_mendings(r, &moved->snapshot);
	tally->moved++;
	tally->lost += r->decided.renames.count > r->decided.list.count;
	for (size_t i = 0; i < r->decided.list.count; i++) {
		const struct oh_move *m = &r->decided.list.items[i];

		tally->dropped += m->is_twin;
		tally->merges += m->is_dropped && !m->is_twin;
		tally->renamed += !oh_slice_eq(m->new_id, m->migration->id);
	}
}

static void test_random_meetings(void **state)
{
	struct tally tally = {0};

	(void)state;
	for (size_t round = 0; round < ROUNDS; round++) {
		seed = 20260301 + round;
		for (int i = 0; i < 4; i++)
			random_next(&seed);
		check_meeting(&tally);
		oh_arena_drop(&arena);
	}
	if (getenv("ONEHEAD_TEST_VERBOSE"))
		fprintf(stderr,
			"%zu refused, %zu need nothing, %zu moved: %zu twins, %zu merge revisions, "
			"%zu ids, %zu mendings, %zu lost\n",
			tally.refused, tally.settled, tally.moved, tally.dropped, tally.merges,
			tally.renamed, tally.mended, tally.lost);
	assert_true(tally.moved > ROUNDS / 4);
	assert_true(tally.settled > ROUNDS / 10);
	assert_true(tally.dropped > ROUNDS / 20 && tally.renamed > ROUNDS / 20);
	assert_true(tally.merges > ROUNDS / 200 && tally.lost > ROUNDS / 200);
	assert_true(tally.mended > ROUNDS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_meetings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

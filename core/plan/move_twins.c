#include "plan/moving.h"

#include <string.h>

/* A migration that the side that stays has brought: maybe somebody's twin. */
struct candidate {
	const struct oh_moving_item *item;
	const struct oh_body *was, *is; /* before the lines met, and now; `is` may be NULL */
	size_t claims; /* of how many it is the twin */
};

struct finding_twins {
	struct oh_moving *moving;
	struct {
		struct candidate *items;
		size_t count, capacity;
	} candidates, brought; /* the latter for what the line itself has under another id */
};

const struct oh_body *oh_moving_body(
	const struct oh_migration *migration, const struct oh_migration *side)
{
	if (side && side->body.digest.len && oh_slice_eq(side->content, migration->content))
		return &side->body;
	return migration->body.digest.len ? &migration->body : NULL;
}

static bool are_same(const struct oh_body *a, const struct oh_body *b)
{
	return a && b && a->digest.len && !a->does_nothing && !b->does_nothing &&
	       oh_slice_eq(a->digest, b->digest);
}

/* Does the line have the very migration of the other side? */
static bool have_both(const struct oh_moving *m, struct oh_slice id)
{
	const size_t *clash = oh_map_get(&m->clashes, id);

	return oh_snapshot_find(m->moves, id) && (!clash || m->items[*clash].is_dropped);
}

static void find_candidates(struct finding_twins *f)
{
	const struct oh_moving *m = f->moving;
	const struct oh_graph *stays = &m->stays->graph;
	size_t next = 0;

	for (size_t i = 0; i < stays->count; i++) {
		const struct oh_migration *side = stays->nodes[i].migration;
		const struct oh_moving_item *item;

		if (oh_graph_find_next(&m->base->graph, &next, side->id) != OH_NO_NODE)
			continue;
		item = oh_moving_find(m, side->id);
		if (item && !item->is_brought && !have_both(m, side->id))
			OH_PUSH(m->arena, &f->candidates,
				(struct candidate){item, &side->body,
					oh_moving_body(item->migration, side), 0});
	}
}

static void find_brought(struct finding_twins *f)
{
	const struct oh_moving *m = f->moving;

	for (size_t i = 0; i < m->count; i++) {
		const struct oh_moving_item *item = &m->items[i];

		if (item->is_brought && !item->is_dropped)
			OH_PUSH(m->arena, &f->brought,
				(struct candidate){item, NULL,
					oh_moving_body(item->migration, oh_moving_before(m, item)),
					0});
	}
}

/* What was picked and then merged was dropped in that merge: where a rebase leaves the merge out
 * both are there again. The one whose id the line had stays. */
static void drop_repeated(struct finding_twins *f)
{
	struct oh_moving *m = f->moving;
	const struct oh_snapshot *line = m->request.meeting->before;

	for (size_t i = 0; line && i < f->brought.count; i++) {
		const struct candidate *again = &f->brought.items[i];
		struct oh_moving_item *item = &m->items[again->item - m->items];

		for (size_t k = 0; !oh_snapshot_find(line, item->migration->id) &&
				   k < f->brought.count && !item->is_dropped;
			k++) {
			const struct candidate *kept = &f->brought.items[k];

			if (!are_same(again->is, kept->is) ||
				!oh_snapshot_find(line, kept->item->migration->id))
				continue;
			item->is_dropped = item->is_twin = true;
			item->instead = kept->item->key;
		}
	}
}

static oh_node_set descendants(const struct oh_moving *m, struct oh_slice key)
{
	size_t node = oh_graph_find(&m->graph, key);
	const struct oh_indices one = {&node, node == OH_NO_NODE ? 0 : 1, 1};

	return oh_graph_descendants(&m->graph, m->arena, &one);
}

/* Is there a merge revision above both that no side has brought? Then somebody knows of them. */
static bool are_joined_by_hand(
	const struct oh_moving *m, const struct oh_moving_item *a, const struct oh_moving_item *b)
{
	const oh_node_set above_a = descendants(m, a->key), above_b = descendants(m, b->key);

	for (size_t i = 0; i < m->graph.count; i++) {
		const struct oh_moving_item *item = oh_moving_at(m, i);

		if (above_a[i] && above_b[i] && m->graph.nodes[i].parents.count > 1 &&
			item->is_brought && !oh_moving_before(m, item))
			return true;
	}
	return false;
}

/* The candidate that is the twin of ITEM; NULL where there is none. */
static bool find_twin(struct finding_twins *f, const struct oh_moving_item *item,
	struct candidate **twin, struct oh_error *err)
{
	const struct oh_migration *side = oh_moving_before(f->moving, item);
	const struct oh_body *is = oh_moving_body(item->migration, side);

	*twin = NULL;
	for (size_t i = 0; i < f->candidates.count; i++) {
		struct candidate *c = &f->candidates.items[i];
		const bool same = are_same(is, c->is);

		if (!same && !(side && are_same(&side->body, c->was)))
			continue;
		if (are_joined_by_hand(f->moving, item, c->item))
			continue;
		if (!same)
			return oh_moving_refuse(item->migration->id,
				"it, or what was the same migration on the other side, was edited "
				"where the lines met",
				err);
		if (*twin)
			return oh_moving_refuse(item->migration->id,
				"several migrations of the other side are the same", err);
		*twin = c;
	}
	return true;
}

static bool mark_twins(struct finding_twins *f, struct oh_error *err)
{
	struct oh_moving *m = f->moving;
	struct candidate *twin;

	for (size_t i = 0; i < m->count; i++) {
		struct oh_moving_item *item = &m->items[i];

		if (!item->is_brought || item->is_dropped)
			continue;
		if (!find_twin(f, item, &twin, err))
			return false;
		if (!twin)
			continue;
		twin->claims++;
		item->is_dropped = item->is_twin = true;
		item->instead = twin->item->key;
	}
	return true;
}

/* The body of a migration that the line had and the result has not; NULL where it is not known. */
static const struct oh_body *lost_body(const struct oh_moving *m, const struct oh_migration *lost)
{
	const struct oh_migration *base = oh_snapshot_find(m->base, lost->id);

	if (lost->body.digest.len)
		return &lost->body;
	return base && oh_slice_eq(base->content, lost->content) ? &base->body : NULL;
}

/* NULL where it is none of COUNT, or may be several. */
static struct candidate *claim(
	struct candidate *candidates, size_t count, const struct oh_body *body, size_t *found)
{
	struct candidate *twin = NULL;

	for (size_t i = 0; i < count; i++)
		if (are_same(body, candidates[i].is)) {
			twin = &candidates[i];
			twin->claims++;
			(*found)++;
		}
	return *found == 1 ? twin : NULL;
}

/* The side that stays may have renamed what the line stood on; or the line had, in a merge that was
 * not replayed. */
static void find_lost(struct finding_twins *f, struct candidate **twins)
{
	const struct oh_moving *m = f->moving;
	const struct oh_graph *line = &m->moves->graph;
	size_t next = 0;

	for (size_t i = 0; i < line->count; i++) {
		const struct oh_migration *lost = line->nodes[i].migration;
		const struct oh_body *body;
		size_t found = 0;

		if (oh_moving_find_next(m, &next, lost->id) || oh_snapshot_find(m->stays, lost->id))
			continue;
		body = lost_body(m, lost);
		twins[i] = claim(f->candidates.items, f->candidates.count, body, &found);
		if (!found)
			twins[i] = claim(f->brought.items, f->brought.count, body, &found);
	}
}

static void keep_lost(struct finding_twins *f, struct candidate *const *twins)
{
	struct oh_moving *m = f->moving;

	for (size_t i = 0; i < m->moves->graph.count; i++)
		if (twins[i] && twins[i]->claims == 1)
			OH_PUSH(m->arena, &m->lost,
				(struct oh_rename){m->moves->graph.nodes[i].migration->id,
					twins[i]->item->key});
}

static bool is_claimed_once(struct finding_twins *f, struct oh_error *err)
{
	for (size_t i = 0; i < f->moving->count; i++) {
		const struct oh_moving_item *item = &f->moving->items[i];

		for (size_t k = 0; item->is_twin && k < f->candidates.count; k++)
			if (oh_slice_eq(f->candidates.items[k].item->key, item->instead) &&
				f->candidates.items[k].claims > 1)
				return oh_moving_refuse(item->migration->id,
					"another one is the same migration, too", err);
	}
	return true;
}

static bool have_same_parents(const struct oh_migration *a, const struct oh_migration *b)
{
	if (a->parents.count != b->parents.count)
		return false;
	for (size_t i = 0; i < a->parents.count; i++)
		if (!oh_slices_contain(&b->parents, a->parents.items[i]))
			return false;
	return true;
}

/* Both sides have given one id: to the same migration? */
static bool settle_clash(struct oh_moving *m, struct oh_moving_item *item, struct oh_error *err)
{
	const struct oh_moving_item *other = oh_moving_find(m, item->migration->id);
	const struct oh_body *mine = oh_moving_body(item->migration, oh_moving_before(m, item));
	const struct oh_body *theirs =
		oh_moving_body(other->migration, oh_snapshot_find(m->stays, item->migration->id));

	if (!mine || !theirs)
		return oh_moving_refuse(item->migration->id,
			"the other side has given its id to a migration, maybe to the same one",
			err);
	if (mine->does_nothing || theirs->does_nothing
			? !mine->does_nothing || !theirs->does_nothing ||
				  !have_same_parents(item->migration, other->migration)
			: !oh_slice_eq(mine->digest, theirs->digest))
		return true;
	item->is_dropped = item->is_twin = true;
	item->instead = other->key;
	return true;
}

bool oh_moving_find_twins(struct oh_moving *moving, struct oh_error *err)
{
	struct finding_twins f = {.moving = moving};
	struct candidate **lost = oh_arena_alloc(
		moving->arena, moving->moves->graph.count * sizeof(struct candidate *));

	for (size_t i = 0; i < moving->count; i++)
		if (!oh_slice_eq(moving->items[i].key, moving->items[i].migration->id) &&
			!settle_clash(moving, &moving->items[i], err))
			return false;
	find_candidates(&f);
	if (!mark_twins(&f, err))
		return false;
	find_brought(&f);
	drop_repeated(&f);
	find_lost(&f, lost);
	keep_lost(&f, lost);
	return is_claimed_once(&f, err);
}

#include "rules/rules.h"

static bool are_twins(const struct oh_migration *a, const struct oh_migration *b)
{
	return a->body.digest.len && !a->body.does_nothing && !b->body.does_nothing &&
	       oh_slice_eq(a->body.digest, b->body.digest) && !oh_slice_eq(a->id, b->id);
}

static void add_line(struct oh_arena *arena, struct oh_finding *f, const char *side,
	const struct oh_migration *m)
{
	OH_PUSH(arena, &f->details,
		oh_slice_printf(arena, "%-7s " OH_FMT "  " OH_FMT, side,
			OH_ARG(oh_slice_printable(arena, m->path)),
			OH_ARG(oh_slice_printable(arena, m->title))));
}

static void report(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, const size_t sides[2],
	const struct oh_migration *const pair[2], struct oh_findings *out)
{
	struct oh_finding *f = oh_finding_add(arena, out, rule,
		OH_FMT " and " OH_FMT " are the same migration under two ids", OH_ARG(pair[0]->id),
		OH_ARG(pair[1]->id));

	f->path = pair[0]->path;
	f->line = pair[0]->line;
	for (int i = 1; i >= 0; i--) {
		OH_PUSH(arena, &f->ids, pair[i]->id);
		add_line(arena, f, meeting->side_names[sides[i]], pair[i]);
	}
	f->fix = OH_SLICE("delete the unpublished one and name the other as its children's parent");
}

static const struct oh_migration *migration_of(
	const struct oh_meeting *meeting, size_t side, size_t node)
{
	return meeting->sides[side]->graph.nodes[node].migration;
}

/* A migration that only one of two sides brought has its twin among those of the other. */
static void compare_sides(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *m, const size_t sides[2], struct oh_findings *out)
{
	const struct oh_indices from_a = oh_meeting_brought(arena, m, sides[0]);
	const struct oh_indices from_b = oh_meeting_brought(arena, m, sides[1]);

	for (size_t i = 0; i < from_a.count; i++)
		for (size_t k = 0; k < from_b.count; k++) {
			const struct oh_migration *const pair[2] = {
				migration_of(m, sides[0], from_a.items[i]),
				migration_of(m, sides[1], from_b.items[k])};

			if (are_twins(pair[0], pair[1]) &&
				!oh_snapshot_find(m->sides[sides[1]], pair[0]->id) &&
				!oh_snapshot_find(m->sides[sides[0]], pair[1]->id) &&
				!oh_meeting_joined_by_hand(arena, m, pair[0]->id, pair[1]->id))
				report(arena, rule, m, sides, pair, out);
		}
}

void oh_check_twins(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	for (size_t a = 0; a < meeting->side_count; a++)
		for (size_t b = a + 1; b < meeting->side_count; b++)
			compare_sides(arena, rule, meeting, (const size_t[2]){a, b}, out);
}

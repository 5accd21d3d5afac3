#include "rules/rules.h"

/*
 * Two effects collide where doing both, in either order, can't be what both authors meant. Be
 * exact: a false stop costs more than it saves.
 */
static bool changes(const struct oh_effect *e)
{
	return e->act != OH_USE;
}

static bool same_schema(struct oh_slice a, struct oh_slice b)
{
	const struct oh_slice standard = OH_SLICE("public");
	const struct oh_slice x = a.len ? a : standard, y = b.len ? b : standard;

	return oh_slice_eq(x, y);
}

static bool same_table(const struct oh_effect *a, const struct oh_effect *b)
{
	return oh_slice_eq(a->table, b->table) && same_schema(a->schema, b->schema);
}

static bool drops_table_of(const struct oh_effect *a, const struct oh_effect *b)
{
	return a->object == OH_TABLE && a->act == OH_DROP && same_table(a, b);
}

/* An index's name is unique in its schema; one dropped by its name alone names no table. */
static bool same_index(const struct oh_effect *a, const struct oh_effect *b)
{
	return oh_slice_eq(a->name, b->name) && same_schema(a->schema, b->schema) &&
	       (!a->table.len || !b->table.len || oh_slice_eq(a->table, b->table) ||
		       (a->act == OH_CREATE && b->act == OH_CREATE));
}

static bool collide(const struct oh_effect *a, const struct oh_effect *b)
{
	if (drops_table_of(a, b) || drops_table_of(b, a))
		return true;
	if (a->object != b->object)
		return false;
	switch (a->object) {
	case OH_TABLE:
		return same_table(a, b) && changes(a) && changes(b);
	case OH_COLUMN:
		return same_table(a, b) && oh_slice_eq(a->name, b->name) &&
		       ((changes(a) && changes(b)) || a->act == OH_DROP || b->act == OH_DROP) &&
		       (changes(a) || changes(b));
	case OH_INDEX:
		return a->name.len && same_index(a, b) && changes(a) && changes(b);
	case OH_CONSTRAINT:
		return a->name.len && same_table(a, b) && oh_slice_eq(a->name, b->name) &&
		       changes(a) && changes(b);
	}
	return false;
}

/* The first pair of effects of two migrations that collide. */
static bool first_collision(const struct oh_migration *a, const struct oh_migration *b,
	const struct oh_effect **ea, const struct oh_effect **eb)
{
	for (size_t i = 0; i < a->body.effects.count; i++)
		for (size_t k = 0; k < b->body.effects.count; k++)
			if (collide(&a->body.effects.items[i], &b->body.effects.items[k])) {
				*ea = &a->body.effects.items[i];
				*eb = &b->body.effects.items[k];
				return true;
			}
	return false;
}

static struct oh_slice object_name(
	struct oh_arena *arena, const struct oh_effect *a, const struct oh_effect *b)
{
	static const char *const words[] = {"table", "column", "index", "constraint"};
	const struct oh_effect *e = a->object == OH_TABLE && a->act == OH_DROP ? a : b;
	struct oh_slice schema, name;

	if (e->object != OH_TABLE)
		e = a;
	schema = e->schema.len ? oh_slice_printf(arena, OH_FMT ".", OH_ARG(e->schema))
			       : OH_SLICE("");
	name = e->object == OH_INDEX && e->name.len ? e->name
	       : e->name.len ? oh_slice_printf(arena, OH_FMT ".", OH_ARG(e->table))
			     : e->table;
	return oh_slice_printf(arena, "%s " OH_FMT OH_FMT OH_FMT, words[e->object], OH_ARG(schema),
		OH_ARG(name), OH_ARG(e->object == OH_INDEX ? OH_SLICE("") : e->name));
}

static void add_line(struct oh_arena *arena, struct oh_finding *f, const char *side,
	const struct oh_migration *m, const struct oh_effect *e)
{
	OH_PUSH(arena, &f->details,
		oh_slice_printf(arena, "%-7s " OH_FMT ":%u  " OH_FMT, side,
			OH_ARG(oh_slice_printable(arena, oh_path_name(m->path))), e->line,
			OH_ARG(oh_slice_printable(arena, e->call))));
}

struct two_sides {
	const struct oh_meeting *meeting;
	size_t a, b; /* numbers of the sides */
};

static void compare(struct oh_arena *arena, const struct oh_rule *rule, const struct two_sides *two,
	const struct oh_migration *ma, const struct oh_migration *mb, struct oh_findings *out)
{
	const struct oh_effect *ea, *eb;
	struct oh_finding *f;

	if (oh_slice_eq(ma->body.digest, mb->body.digest) && !ma->body.does_nothing)
		return; /* twins: said by their own rule */
	if (!first_collision(ma, mb, &ea, &eb) ||
		oh_meeting_joined_by_hand(arena, two->meeting, ma->id, mb->id))
		return;
	f = oh_finding_add(
		arena, out, rule, "both lines change " OH_FMT, OH_ARG(object_name(arena, ea, eb)));
	f->path = ma->path;
	f->line = ea->line;
	OH_PUSH(arena, &f->ids, ma->id);
	OH_PUSH(arena, &f->ids, mb->id);
	add_line(arena, f, two->meeting->side_names[two->b], mb, eb);
	add_line(arena, f, two->meeting->side_names[two->a], ma, ea);
	f->fix = OH_SLICE("onehead resolve --merge && git commit");
}

/* Is it on both lines, and nobody's alone? Not where each of them calls another one by its id. */
static bool is_common(const struct oh_graph *result, const struct oh_snapshot *side, size_t node,
	struct oh_slice id)
{
	for (size_t i = 0; i < result->duplicates.count; i++)
		if (result->duplicates.items[i].node == node)
			return false;
	return oh_graph_find(&side->graph, id) != OH_NO_NODE;
}

static void compare_sides(struct oh_arena *arena, const struct oh_rule *rule,
	const struct two_sides *two, struct oh_findings *out)
{
	const struct oh_meeting *m = two->meeting;
	const struct oh_graph *result = &m->result->graph;
	const struct oh_indices from_a = oh_meeting_brought(arena, m, two->a);
	const struct oh_indices from_b = oh_meeting_brought(arena, m, two->b);

	for (size_t i = 0; i < from_a.count; i++) {
		const struct oh_migration *ma =
			m->sides[two->a]->graph.nodes[from_a.items[i]].migration;
		size_t node = oh_graph_find(result, ma->id);
		const struct oh_indices one = {&node, 1, 1};
		oh_node_set above, below;

		if (!ma->body.effects.count || is_common(result, m->sides[two->b], node, ma->id))
			continue;
		above = oh_graph_ancestors(result, arena, &one);
		below = oh_graph_descendants(result, arena, &one);
		for (size_t k = 0; k < from_b.count; k++) {
			const struct oh_migration *mb =
				m->sides[two->b]->graph.nodes[from_b.items[k]].migration;
			const size_t other = oh_graph_find(result, mb->id);

			if (is_common(result, m->sides[two->a], other, mb->id) ||
				(other != node && (above[other] || below[other])))
				continue;
			compare(arena, rule, two, ma, mb, out);
		}
	}
}

void oh_check_collision(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	for (size_t a = 0; a < meeting->side_count; a++)
		for (size_t b = a + 1; b < meeting->side_count; b++) {
			const struct two_sides two = {.meeting = meeting, .a = a, .b = b};

			compare_sides(arena, rule, &two, out);
		}
}

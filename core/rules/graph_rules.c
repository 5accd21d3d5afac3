#include "model/lock.h"
#include "rules/rules.h"

#include <string.h>

/* Points a finding to where MIGRATION says its parents. */
static void at(struct oh_finding *f, const struct oh_migration *m, unsigned line)
{
	f->path = m->path;
	f->line = line;
}

static struct oh_slice id_of(const struct oh_graph *g, size_t node)
{
	return g->nodes[node].migration->id;
}

void oh_check_multiple_heads(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	const struct oh_graph *g = &meeting->result->graph;
	const struct oh_families families = oh_graph_forked_heads(g, arena);

	for (size_t i = 0; i < families.count; i++) {
		const struct oh_indices *heads = &families.items[i];
		struct oh_slices ids = {0};
		struct oh_finding *f;

		for (size_t k = 0; k < heads->count; k++)
			OH_PUSH(arena, &ids, id_of(g, heads->items[k]));
		f = oh_finding_add(arena, out, rule, "%zu heads: " OH_FMT, ids.count,
			OH_ARG(oh_slices_join(arena, &ids, ", ")));
		at(f, g->nodes[heads->items[0]].migration,
			g->nodes[heads->items[0]].migration->line);
		f->ids = ids;
		f->fix = oh_graph_lacks_parent(g) ? OH_SLICE("mend the missing parent first")
						  : OH_SLICE("onehead merge");
	}
}

/* Where an id that is gone can be found; empty where it is not fit for a command line. */
static struct oh_slice search_command(struct oh_arena *arena, struct oh_slice id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.",
			    id.ptr[i]))
			return OH_SLICE("bring the missing migration back, or name another parent");
	return oh_slice_printf(arena,
		"name another parent, or find it: git log --all --oneline -S" OH_FMT, OH_ARG(id));
}

static void missing(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, bool dependency, struct oh_findings *out)
{
	const struct oh_graph *g = &meeting->result->graph;

	for (size_t i = 0; i < g->missing.count; i++) {
		const struct oh_missing *m = &g->missing.items[i];
		const struct oh_migration *child = g->nodes[m->child].migration;
		struct oh_finding *f;

		if (m->is_dependency != dependency)
			continue;
		f = oh_finding_add(arena, out, rule, OH_FMT " %s " OH_FMT ", which is not there",
			OH_ARG(child->id), dependency ? "depends on" : "descends from",
			OH_ARG(m->id));
		at(f, child, child->parents_line);
		OH_PUSH(arena, &f->ids, child->id);
		OH_PUSH(arena, &f->ids, m->id);
		f->fix = search_command(arena, m->id);
	}
}

void oh_check_missing_parent(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	missing(arena, rule, meeting, false, out);
}

void oh_check_missing_dependency(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	missing(arena, rule, meeting, true, out);
}

/* Which side a file came from, for people; NULL where nothing met or both have it. */
static const char *side_of(const struct oh_meeting *meeting, struct oh_slice path)
{
	const char *found = NULL;

	for (size_t s = 0; s < meeting->side_count; s++) {
		const struct oh_migrations *all = &meeting->sides[s]->migrations;

		for (size_t i = 0; i < all->count; i++)
			if (oh_slice_eq(all->items[i].path, path)) {
				if (found)
					return NULL;
				found = meeting->side_names[s];
			}
	}
	return found;
}

static void add_place(struct oh_arena *arena, const struct oh_meeting *meeting,
	struct oh_finding *f, const struct oh_migration *m)
{
	const char *side = side_of(meeting, m->path);
	const struct oh_slice path = oh_slice_printable(arena, m->path);
	const struct oh_slice title = oh_slice_printable(arena, m->title);

	OH_PUSH(arena, &f->details,
		oh_slice_printf(arena, "%s%s" OH_FMT ":%u  " OH_FMT, side ? side : "",
			side ? "  " : "", OH_ARG(path), m->line, OH_ARG(title)));
}

void oh_check_duplicate_id(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	const struct oh_graph *g = &meeting->result->graph;

	for (size_t i = 0; i < g->duplicates.count; i++) {
		const struct oh_migration *first = g->nodes[g->duplicates.items[i].node].migration;
		const struct oh_migration *other = g->duplicates.items[i].other;
		const bool same_bytes =
			first->content.len && oh_slice_eq(first->content, other->content);
		struct oh_finding *f = oh_finding_add(arena, out, rule,
			same_bytes ? "the migration " OH_FMT " is there twice, in two files"
				   : "two different migrations have the id " OH_FMT,
			OH_ARG(first->id));

		at(f, other, other->line);
		OH_PUSH(arena, &f->ids, first->id);
		add_place(arena, meeting, f, first);
		add_place(arena, meeting, f, other);
		f->fix = same_bytes ? OH_SLICE("delete one of the two files")
				    : OH_SLICE("give the unpublished one an id of its own");
	}
}

void oh_check_cycle(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	const struct oh_graph *g = &meeting->result->graph;
	struct oh_slices ids = {0};
	struct oh_finding *f;

	if (!g->cycle.count)
		return;
	for (size_t i = 0; i < g->cycle.count; i++)
		OH_PUSH(arena, &ids, id_of(g, g->cycle.items[i]));
	f = oh_finding_add(arena, out, rule, "these descend from themselves: " OH_FMT,
		OH_ARG(oh_slices_join(arena, &ids, ", ")));
	at(f, g->nodes[g->cycle.items[0]].migration,
		g->nodes[g->cycle.items[0]].migration->parents_line);
	f->ids = ids;
	f->fix = OH_SLICE("correct the parent of one of them");
}

void oh_check_label_clash(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	const struct oh_graph *g = &meeting->result->graph;

	for (size_t i = 0; i < g->label_clashes.count; i++) {
		const struct oh_label_clash *c = &g->label_clashes.items[i];
		struct oh_finding *f = oh_finding_add(arena, out, rule,
			"branch label " OH_FMT " of " OH_FMT " is already used by " OH_FMT,
			OH_ARG(c->label), OH_ARG(id_of(g, c->node)), OH_ARG(id_of(g, c->owner)));

		at(f, g->nodes[c->node].migration, g->nodes[c->node].migration->line);
		OH_PUSH(arena, &f->ids, id_of(g, c->node));
		OH_PUSH(arena, &f->ids, id_of(g, c->owner));
		f->fix = OH_SLICE("take the label off one of them");
	}
}

/* Places in the topological order: an ancestor's is the smaller one. */
static size_t *places_of(struct oh_arena *arena, const struct oh_graph *g)
{
	size_t *places = oh_arena_alloc(arena, (g->count + 1) * sizeof(*places));

	for (size_t i = 0; i < g->order.count; i++)
		places[g->order.items[i]] = i;
	return places;
}

/* Working state of one run: a mark of its own for each search saves clearing the set. */
struct search {
	const struct oh_graph *graph;
	const size_t *places;
	size_t *seen; /* number of the search that saw a node */
	size_t number;
	size_t *todo;
};

static bool is_ancestor(struct search *s, size_t ancestor, size_t node)
{
	size_t count = 0;

	s->number++;
	s->todo[count++] = node;
	while (count) {
		const struct oh_indices *up = &s->graph->nodes[s->todo[--count]].parents;

		for (size_t i = 0; i < up->count; i++) {
			const size_t parent = up->items[i];

			if (parent == ancestor)
				return true;
			if (s->seen[parent] != s->number &&
				s->places[parent] > s->places[ancestor]) {
				s->seen[parent] = s->number;
				s->todo[count++] = parent;
			}
		}
	}
	return false;
}

static void say_redundant(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_graph *g, const size_t nodes[3], struct oh_findings *out)
{
	const struct oh_migration *m = g->nodes[nodes[0]].migration;
	struct oh_finding *f = oh_finding_add(arena, out, rule,
		OH_FMT " names both " OH_FMT " and its ancestor " OH_FMT " as parents",
		OH_ARG(m->id), OH_ARG(id_of(g, nodes[1])), OH_ARG(id_of(g, nodes[2])));

	at(f, m, m->parents_line);
	OH_PUSH(arena, &f->ids, m->id);
	OH_PUSH(arena, &f->ids, id_of(g, nodes[2]));
	f->fix = oh_slice_printable(
		arena, oh_slice_printf(arena, "take " OH_FMT " out of the parents",
			       OH_ARG(id_of(g, nodes[2]))));
}

void oh_check_redundant_parent(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	const struct oh_graph *g = &meeting->result->graph;
	const size_t room = (g->count + 1) * sizeof(size_t);
	struct search s = {.graph = g, .places = places_of(arena, g)};

	s.seen = oh_arena_alloc(arena, room);
	s.todo = oh_arena_alloc(arena, room);
	/* On a cycle everything is its own ancestor: that is said once, by the cycle. */
	for (size_t n = 0; n < g->count && !g->cycle.count; n++) {
		const struct oh_indices *up = &g->nodes[n].parents;

		for (size_t i = 0; i < up->count; i++)
			for (size_t k = 0; k < up->count; k++)
				if (k != i && is_ancestor(&s, up->items[k], up->items[i]))
					say_redundant(arena, rule, g,
						(const size_t[]){n, up->items[i], up->items[k]},
						out);
	}
}

static void unreadable(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, bool computed, struct oh_findings *out)
{
	const struct oh_unreadables *all = &meeting->result->unreadables;

	for (size_t i = 0; i < all->count; i++) {
		const struct oh_unreadable *u = &all->items[i];
		struct oh_finding *f;

		if (u->computed != computed)
			continue;
		f = oh_finding_add(arena, out, rule, OH_FMT, OH_ARG(u->why));
		f->path = u->path;
		f->line = u->line;
		f->fix = computed ? OH_SLICE("write the value as a literal")
				  : OH_SLICE("repair the file");
	}
}

void oh_check_unreadable(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	unreadable(arena, rule, meeting, false, out);
}

void oh_check_computed(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	unreadable(arena, rule, meeting, true, out);
}

/* The first line of LOCK that says something else than the graph, for people. */
static struct oh_slice lock_difference(
	struct oh_arena *arena, const struct oh_lock *is, const struct oh_lock *should)
{
	size_t i = 0, k = 0;

	while (i < is->entries.count || k < should->entries.count) {
		const struct oh_lock_entry *a = &is->entries.items[i];
		const struct oh_lock_entry *b = &should->entries.items[k];
		const int c = i == is->entries.count	   ? 1
			      : k == should->entries.count ? -1
							   : oh_slice_cmp(a->id, b->id);

		if (c < 0)
			return oh_slice_printf(
				arena, "lists " OH_FMT ", which is not there", OH_ARG(a->id));
		if (c > 0)
			return oh_slice_printf(arena, "does not list " OH_FMT, OH_ARG(b->id));
		if (!oh_slice_eq(oh_slices_join(arena, &a->parents, " "),
			    oh_slices_join(arena, &b->parents, " ")))
			return oh_slice_printf(
				arena, "has other parents for " OH_FMT, OH_ARG(a->id));
		i++;
		k++;
	}
	return OH_SLICE("has another head");
}

void oh_check_stale_lock(struct oh_arena *arena, const struct oh_rule *rule,
	const struct oh_meeting *meeting, struct oh_findings *out)
{
	const struct oh_snapshot *s = meeting->result;
	const struct oh_lock should = oh_lock_of(arena, &s->graph);
	struct oh_error err = {0};
	struct oh_finding *f;
	struct oh_lock is;

	if (!s->has_lock || oh_slice_eq(s->lock, oh_lock_format(arena, &should)))
		return;
	if (oh_lock_parse(&is, arena, s->lock, &err)) {
		const struct oh_lock again = is;

		/* Other line ends or another order of lines say the same. */
		if (oh_slice_eq(oh_lock_format(arena, &again), oh_lock_format(arena, &should)))
			return;
		f = oh_finding_add(arena, out, rule, "the lock " OH_FMT,
			OH_ARG(lock_difference(arena, &is, &should)));
	} else {
		f = oh_finding_add(arena, out, rule, "%s", err.message);
	}
	f->path = s->lock_path;
	f->fix = OH_SLICE("onehead check --fix");
}

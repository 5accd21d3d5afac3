/*
 * The revision graph of one script directory: who descends from whom, and what is broken.
 * Pure, iterative (a chain of 100,000 does not exhaust the stack), and total: any set of
 * migrations makes a graph, its damage is data.
 *
 *	struct oh_graph g;
 *	oh_graph_build(&g, arena, &migrations);
 *	for (size_t i = 0; i < g.heads.count; i++)
 *		puts(g.nodes[g.heads.items[i]].migration->id …);
 *
 * A node is an index into g.nodes. With a duplicate id the first migration in bytewise order of
 * the paths is the node, the others are in g.duplicates.
 */
#ifndef OH_MODEL_GRAPH_H
#define OH_MODEL_GRAPH_H

#include "base/map.h"
#include "model/migration.h"

struct oh_indices {
	size_t *items;
	size_t count, capacity;
};

struct oh_node {
	const struct oh_migration *migration;
	/* Each once, even where the file names it twice; a missing one is left out here. */
	struct oh_indices parents; /* in the order written */
	struct oh_indices children; /* nodes that name this one as a parent; sorted by id */
	struct oh_indices needs; /* nodes named in depends_on, labels resolved */
	struct oh_indices needed_by; /* nodes whose depends_on names this one; sorted by id */
};

/* CHILD says that it needs ID, and no migration has that id (or label). */
struct oh_missing {
	size_t child;
	struct oh_slice id;
	bool is_dependency; /* named in depends_on, not as a parent */
};

struct oh_graph {
	struct oh_arena *arena;
	struct oh_node *nodes; /* sorted bytewise by id */
	size_t count;
	struct oh_map by_id;
	struct oh_map by_label; /* the node that carries it, its first claimant */
	struct oh_indices heads; /* no children; sorted by id */
	struct oh_indices bases; /* no parents at all; sorted by id */
	struct oh_indices effective_heads; /* heads that no other migration depends on */
	/*
	 * Every node that is on no cycle, parents first, and of those that could come next the
	 * one with the smallest id. What a node needs comes first too, unless each is above the
	 * other.
	 */
	struct oh_indices order;
	struct oh_indices cycle; /* the nodes that are their own ancestors; sorted by id */
	struct oh_indices needs_cycle; /* those that are only through depends_on; sorted by id */
	/* Each id once a child and kind: parents, then dependencies, by the ids of the children. */
	struct {
		struct oh_missing *items;
		size_t count, capacity;
	} missing;
	/* Further migrations with an id that is taken, with the node that has it. */
	struct {
		struct oh_duplicate {
			size_t node;
			const struct oh_migration *other;
		} * items;
		size_t count, capacity;
	} duplicates;
	/* A label that is taken by another migration, or is the id of one: the later claims, in
	 * order of the ids. */
	struct {
		struct oh_label_clash {
			size_t node, owner;
			struct oh_slice label;
		} * items;
		size_t count, capacity;
	} label_clashes;
};

#define OH_NO_NODE ((size_t)-1)

/* MIGRATIONS must outlive the graph. */
void oh_graph_build(
	struct oh_graph *graph, struct oh_arena *arena, const struct oh_migrations *migrations);
/*
 * The graph of BEFORE, which has no duplicates, where some migrations stand on others or need
 * others: at each node REVISED has the one that is there now, or NULL where it is the same one.
 * Their ids and labels are those of the node. No other names are looked up again; GRAPH shares with
 * BEFORE, which must outlive it, as the migrations must.
 */
void oh_graph_revise(struct oh_graph *graph, struct oh_arena *arena, const struct oh_graph *before,
	const struct oh_migration *const *revised);
/* oh_graph_build, by oh_graph_revise where ids and labels are those of BEFORE, which must outlive
 * GRAPH as well. */
void oh_graph_build_after(struct oh_graph *graph, struct oh_arena *arena,
	const struct oh_migrations *migrations, const struct oh_graph *before);

size_t oh_graph_find(const struct oh_graph *graph, struct oh_slice id); /* OH_NO_NODE */
/* The same for many ids one after the other: costs next to nothing where they come sorted, as from
 * another graph. *NEXT is where the next one is looked for first; 0 in the beginning. */
size_t oh_graph_find_next(const struct oh_graph *graph, size_t *next, struct oh_slice id);

/* A set of nodes: one byte each, graph->count of them. */
typedef unsigned char *oh_node_set;
/* Everything from which NODES descend, themselves included; follows parents only. */
oh_node_set oh_graph_ancestors(
	const struct oh_graph *graph, struct oh_arena *arena, const struct oh_indices *nodes);
/* The same, following depends_on as well. */
oh_node_set oh_graph_ancestors_with_needs(
	const struct oh_graph *graph, struct oh_arena *arena, const struct oh_indices *nodes);
oh_node_set oh_graph_descendants(
	const struct oh_graph *graph, struct oh_arena *arena, const struct oh_indices *nodes);

/* Labels that apply to NODE: its own, those of its ancestors, and, where what is below it is one
 * line without a fork or a merge, those of its descendants. Sorted. */
struct oh_slices oh_graph_labels(const struct oh_graph *graph, struct oh_arena *arena, size_t node);

/*
 * Heads that lie on one line of development and yet are several: an accidental fork, as opposed
 * to branches that are meant to have heads of their own. Two heads are of one family where they
 * carry the same labels (those of all their ancestors and their own) and either
 *  - have a common ancestor, or
 *  - have none, carry no label at all, and their files are in one directory: nothing says that
 *    the two beginnings are meant to be two.
 * Heads that stand alone are in no family. Families and the heads in them are sorted by id.
 */
struct oh_families {
	struct oh_indices *items;
	size_t count, capacity;
};
struct oh_families oh_graph_forked_heads(const struct oh_graph *graph, struct oh_arena *arena);
/* Is a parent missing? A head may then be one only because what stands between is not there. */
bool oh_graph_lacks_parent(const struct oh_graph *graph);

#endif

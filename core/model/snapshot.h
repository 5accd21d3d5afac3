/* One script directory at one moment: in a commit, in the index, on disk. */
#ifndef OH_MODEL_SNAPSHOT_H
#define OH_MODEL_SNAPSHOT_H

#include "model/graph.h"
#include "model/location.h"

struct oh_snapshot {
	struct oh_location location;
	struct oh_migrations migrations;
	struct oh_unreadables unreadables;
	struct oh_graph graph; /* of `migrations` */
	struct oh_slice lock_path; /* <script directory>/onehead.lock */
	struct oh_slice lock; /* its bytes; "" where there is none */
	bool has_lock;
};

/*
 * Lines of development that meet: what each brought is what BASE lacks. Where nothing meets
 * (a plain commit, a tree to be checked) there are no sides and BASE is what was there before.
 */
struct oh_meeting {
	const struct oh_snapshot *base; /* union of the merge bases; an empty one where none */
	const struct oh_snapshot *sides[64]; /* ours first */
	const char *side_names[64]; /* for people: "ours", "theirs", or branch names */
	size_t side_count;
	/* In a rebase that did not replay side 1 as it was: that, as it was. Else NULL. */
	const struct oh_snapshot *before;
	const struct oh_snapshot *result;
};

/* The migration of this id, NULL where there is none. */
static inline const struct oh_migration *oh_snapshot_find(
	const struct oh_snapshot *snapshot, struct oh_slice id)
{
	const size_t node = oh_graph_find(&snapshot->graph, id);

	return node == OH_NO_NODE ? NULL : snapshot->graph.nodes[node].migration;
}

/* The first migration in the file of this path, NULL where there is none. */
static inline const struct oh_migration *oh_snapshot_at(
	const struct oh_snapshot *snapshot, struct oh_slice path)
{
	for (size_t i = 0; i < snapshot->migrations.count; i++)
		if (oh_slice_eq(snapshot->migrations.items[i].path, path))
			return &snapshot->migrations.items[i];
	return NULL;
}

#endif

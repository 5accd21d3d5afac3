/*
 * Graphs as JSON, for other programs:
 *
 *	{"version":1,"graphs":[{"system":"…","config":"…","location":"…",
 *	 "heads":["…"],"bases":["…"],
 *	 "revisions":[{"id":"…","parents":["…"],"depends_on":[],"labels":[],"path":"…","line":12}],
 *	 "unreadable":[{"path":"…","line":7,"why":"…"}]}]}
 *
 * Exactly these keys in this order, on one line. Heads and bases are sorted by id; revisions
 * stand in topological order, parents first, those on a cycle behind by id; a further file with
 * an id that is taken stands behind the one that has it. Parents, depends_on and labels are as
 * the file says them. A line of 0 means the whole file.
 */
#ifndef OH_PLAN_GRAPH_JSON_H
#define OH_PLAN_GRAPH_JSON_H

#include "model/snapshot.h"

/* Ends with a newline. */
struct oh_slice oh_graph_json(
	struct oh_arena *arena, const struct oh_snapshot *snapshots, size_t count);

#endif

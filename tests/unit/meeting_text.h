/* Meetings of lines written as text, for tests of rules and joins; see graph_text.h. */
#ifndef MEETING_TEXT_H
#define MEETING_TEXT_H

#include "graph_text.h"
#include "model/snapshot.h"

static inline struct oh_snapshot *snapshot_of_text(struct oh_arena *arena, const char *text)
{
	struct oh_snapshot *s = oh_arena_alloc(arena, sizeof(*s));

	s->location.system = OH_SLICE("alembic");
	s->location.directory = OH_SLICE("migrations");
	OH_PUSH(arena, &s->location.versions, OH_SLICE("migrations/versions"));
	s->lock_path = OH_SLICE("migrations/onehead.lock");
	s->lock = OH_SLICE("");
	s->migrations = graph_text(arena, text);
	oh_graph_build(&s->graph, arena, &s->migrations);
	return s;
}

struct meeting_text {
	const char *base, *ours, *theirs, *result;
};

static inline struct oh_meeting meeting_of_text(struct oh_arena *arena, struct meeting_text t)
{
	struct oh_meeting m = {.base = snapshot_of_text(arena, t.base),
		.sides = {snapshot_of_text(arena, t.ours), snapshot_of_text(arena, t.theirs)},
		.side_names = {"ours", "theirs"},
		.side_count = 2,
		.result = snapshot_of_text(arena, t.result)};

	return m;
}

#endif

/*
 * What is to be done, as values: each with the state it expects and a reason. A plan is a list of
 * steps; apply/ carries it out whole or not at all.
 */
#ifndef OH_MODEL_STEP_H
#define OH_MODEL_STEP_H

#include "base/slice.h"

enum oh_step_kind {
	OH_STEP_ADD, /* a file that must not be there yet, or already have these bytes */
	OH_STEP_REPLACE, /* a file that onehead keeps: whatever it says is replaced */
	OH_STEP_EDIT, /* a file that must say `expected` */
	OH_STEP_REMOVE /* likewise; `bytes` is "" */
};

struct oh_step {
	enum oh_step_kind kind;
	struct oh_slice path;
	struct oh_slice bytes;
	struct oh_slice expected; /* OH_STEP_EDIT, OH_STEP_REMOVE: its bytes until now */
	struct oh_slice reason; /* for people: "merge revision of a and b" */
};

struct oh_steps {
	struct oh_step *items;
	size_t count, capacity;
};

/* A file at PATH that says BEFORE is to say AFTER, at NEW_PATH: edited, or removed and added. */
static inline void oh_steps_rewrite(struct oh_arena *arena, struct oh_steps *steps,
	struct oh_slice path, struct oh_slice new_path, struct oh_slice before,
	struct oh_slice after, struct oh_slice reason)
{
	const bool stays = oh_slice_eq(path, new_path);

	OH_PUSH(arena, steps,
		((struct oh_step){.kind = stays ? OH_STEP_EDIT : OH_STEP_REMOVE,
			.path = path,
			.bytes = stays ? after : OH_SLICE(""),
			.expected = before,
			.reason = reason}));
	if (!stays)
		OH_PUSH(arena, steps,
			((struct oh_step){.kind = OH_STEP_ADD,
				.path = new_path,
				.bytes = after,
				.expected = OH_SLICE(""),
				.reason = reason}));
}

#endif

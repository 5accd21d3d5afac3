/*
 * The lock's reader and the merge driver's decision. The input is three locks, base, ours and
 * theirs, with a byte 0x1e between them; what holds for any bytes is checked, not only that
 * nothing crashes.
 */
#include "model/lock.h"
#include "plan/lock_merge.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A lock that was read is written in one way, and reading that again changes nothing. */
static void check_reading(struct oh_arena *arena, struct oh_slice bytes)
{
	struct oh_error err = {0};
	struct oh_lock lock, again;
	struct oh_slice text;

	if (!oh_lock_parse(&lock, arena, bytes, &err)) {
		must(err.code == OH_E_FORMAT || err.code == OH_E_VERSION);
		must(err.message[0] != '\0');
		return;
	}
	text = oh_lock_format(arena, &lock);
	must(oh_lock_parse(&again, arena, text, NULL));
	must(again.entries.count == lock.entries.count && again.heads.count == lock.heads.count);
	must(oh_slice_eq(text, oh_lock_format(arena, &again)));
}

static bool has(const struct oh_lock *lock, struct oh_slice id)
{
	for (size_t i = 0; i < lock->entries.count; i++)
		if (oh_slice_eq(lock->entries.items[i].id, id))
			return true;
	return false;
}

/* An entry is in the result just where one side has it and it was not deleted on the other. */
static void check_nothing_lost(
	struct oh_arena *arena, const struct oh_lock_sides *sides, const struct oh_lock *result)
{
	struct oh_lock base, ours, theirs;

	must(oh_lock_parse(&base, arena, sides->base, NULL));
	must(oh_lock_parse(&ours, arena, sides->ours, NULL));
	must(oh_lock_parse(&theirs, arena, sides->theirs, NULL));
	for (size_t i = 0; i < ours.entries.count; i++) {
		const struct oh_slice id = ours.entries.items[i].id;

		must(has(result, id) == (has(&theirs, id) || !has(&base, id)));
	}
	for (size_t i = 0; i < theirs.entries.count; i++) {
		const struct oh_slice id = theirs.entries.items[i].id;

		must(has(result, id) == (has(&ours, id) || !has(&base, id)));
	}
	for (size_t i = 0; i < result->entries.count; i++)
		must(has(&ours, result->entries.items[i].id) ||
			has(&theirs, result->entries.items[i].id));
}

static void check_merge(struct oh_arena *arena, const struct oh_lock_sides *sides)
{
	const struct oh_lock_sides swapped = {sides->base, sides->theirs, sides->ours};
	struct oh_lock_merge merge, back, idle;
	struct oh_lock lock;
	struct oh_graph graph;

	oh_lock_merge(arena, sides, &merge);
	oh_lock_merge(arena, &swapped, &back);
	must(merge.kind == back.kind && oh_slice_eq(merge.bytes, back.bytes));
	must((merge.kind == OH_LOCK_CONFLICT) == (merge.reason.len > 0));
	if (merge.kind == OH_LOCK_CONFLICT) {
		must(oh_slice_eq(merge.reason, oh_slice_printable(arena, merge.reason)));
		return;
	}
	must(oh_lock_parse(&lock, arena, merge.bytes, NULL));
	check_nothing_lost(arena, sides, &lock);
	oh_lock_graph(&graph, arena, &lock);
	lock = oh_lock_of(arena, &graph);
	must(oh_slice_eq(merge.bytes, oh_lock_format(arena, &lock)));
	/* with the result on one side nothing is left to do */
	oh_lock_merge(arena, &(struct oh_lock_sides){sides->ours, merge.bytes, sides->ours}, &idle);
	must(idle.kind == OH_LOCK_CLEAN && oh_slice_eq(idle.bytes, merge.bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oh_slice rest = {(const char *)data, size}, part[3] = {{0}};
	struct oh_arena arena = {0};

	for (int i = 0; i < 3; i++)
		if (!oh_slice_next(&rest, '\x1e', &part[i]))
			part[i] = OH_SLICE("");
	for (int i = 0; i < 3; i++)
		check_reading(&arena, part[i]);
	check_merge(&arena, &(struct oh_lock_sides){part[0], part[1], part[2]});
	oh_arena_drop(&arena);
	return 0;
}

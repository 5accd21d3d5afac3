/*
 * Memory for one command: allocate, never free singly, drop everything at the end.
 *
 *	struct oh_arena arena = {0};
 *	char *p = oh_arena_alloc(&arena, 100);
 *	oh_arena_drop(&arena);
 *
 * Every pure function takes an arena first and what it returns lives as long as that arena.
 * Running out of memory ends the program with one line on stderr: it is the one failure that
 * library code does not hand back.
 */
#ifndef OH_BASE_ARENA_H
#define OH_BASE_ARENA_H

#include <stddef.h>

struct oh_arena_block;

/* Zero-initialise it; drop it once. */
struct oh_arena {
	struct oh_arena_block *newest;
	struct oh_arena_block *spare; /* large ones that oh_arena_reset has kept */
};

/* A place to come back to with oh_arena_rewind. */
struct oh_arena_mark {
	struct oh_arena_block *block;
	size_t used;
};

/* SIZE zeroed bytes, aligned for any type. Never NULL. */
void *oh_arena_alloc(struct oh_arena *arena, size_t size);

/* Grows the newest allocation in place where it can; else copies OLD_SIZE bytes. What is added is
 * zeroed. */
void *oh_arena_grow(struct oh_arena *arena, void *old, size_t old_size, size_t new_size);
/* The same with what is added as it is: for who writes all of it. OLD may be NULL. */
void *oh_arena_extend(struct oh_arena *arena, void *old, size_t old_size, size_t new_size);

struct oh_arena_mark oh_arena_mark(const struct oh_arena *arena);
/* Frees everything allocated since MARK was taken. */
void oh_arena_rewind(struct oh_arena *arena, struct oh_arena_mark mark);
void oh_arena_drop(struct oh_arena *arena);
/* As oh_arena_drop, for an arena that will need as much again: large blocks stay with it until it
 * is dropped, as the kernel clears each page that it gives out. */
void oh_arena_reset(struct oh_arena *arena);
/* What FROM holds lives on in ARENA, until that is dropped; FROM is empty afterwards. */
void oh_arena_adopt(struct oh_arena *arena, struct oh_arena *from);

/*
 * Growing arrays: a struct with `items`, `count` and `capacity` (all size_t).
 *
 *	struct oh_slices { struct oh_slice *items; size_t count, capacity; };
 *	OH_PUSH(arena, &list, slice);
 *
 * What lies behind `count` is not zeroed.
 */
void *oh_array_reserve(
	struct oh_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size);

#define OH_PUSH(arena, list, ...)                                                                  \
	((list)->items = oh_array_reserve((arena), (list)->items, (list)->count,                   \
		 &(list)->capacity, sizeof(*(list)->items)),                                       \
		(list)->items[(list)->count++] = (__VA_ARGS__))

#endif

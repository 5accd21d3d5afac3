#include "base/arena.h"

#include <malloc.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_BLOCK 16384u
#define LARGEST_BLOCK 4194304u /* what is not touched costs nothing */
#define HUGE_PAGE 2097152u
#define MOST_KEPT (64 * 1048576) /* bytes */
#define STEP 65536u /* so much is asked of the kernel at once, not a page fault for each page */

struct oh_arena_block {
	struct oh_arena_block *older;
	size_t used, size;
	size_t ready; /* so many bytes are there already, or come page by page */
	alignas(max_align_t) unsigned char bytes[];
};

static _Noreturn void out_of_memory(void)
{
	fputs("onehead: out of memory\n", stderr);
	exit(2);
}

static size_t align_up(size_t n)
{
	const size_t a = alignof(max_align_t);

	if (n > SIZE_MAX - 2 * a)
		out_of_memory();
	return (n + a - 1) / a * a;
}

/* What is freed stays ours: the kernel clears each page that it gives out, and arenas come and go.
 */
static void keep_memory(void)
{
#if defined(M_TRIM_THRESHOLD) && defined(M_MMAP_THRESHOLD)
	static atomic_flag done = ATOMIC_FLAG_INIT;

	if (atomic_flag_test_and_set(&done))
		return;
	mallopt(M_TRIM_THRESHOLD, MOST_KEPT);
	mallopt(M_MMAP_THRESHOLD, MOST_KEPT);
#endif
}

/* A large block on huge pages, where the kernel has them: clearing 2 MiB takes it a twentieth of
 * the time that 512 pages take. */
static struct oh_arena_block *get_memory(size_t *size)
{
	struct oh_arena_block *b;
	size_t all = sizeof(*b) + *size;

	keep_memory();
	if (*size < HUGE_PAGE) {
		b = malloc(all);
	} else {
		all = (all + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
		b = aligned_alloc(HUGE_PAGE, all);
#ifdef MADV_HUGEPAGE
		if (b)
			(void)madvise(b, all, MADV_HUGEPAGE);
#endif
	}
	if (!b)
		out_of_memory();
	*size = all - sizeof(*b);
	return b;
}

static struct oh_arena_block *take_spare(struct oh_arena *arena, size_t need)
{
	struct oh_arena_block *b = arena->spare;

	if (!b || b->size < need)
		return NULL;
	arena->spare = b->older;
	return b;
}

static struct oh_arena_block *new_block(struct oh_arena *arena, size_t need)
{
	size_t size = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK;
	struct oh_arena_block *b;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < need)
		size = need;
	if (size > SIZE_MAX - HUGE_PAGE)
		out_of_memory();
	b = take_spare(arena, need);
	if (!b) {
		b = get_memory(&size);
		b->size = size;
		b->ready = size >= 2 * STEP ? 0 : size;
	}
	b->older = arena->newest;
	b->used = 0;
	arena->newest = b;
	return b;
}

/* The next pages of a large block. Where the kernel can't (before 5.14), they come by themselves.
 */
static void make_ready(struct oh_arena_block *b)
{
#ifdef MADV_POPULATE_WRITE
	const uintptr_t page = 4096, from = ((uintptr_t)b->bytes + b->ready) & ~(page - 1);
	const size_t left = b->size - b->ready;

	if (left >= STEP)
		(void)madvise((void *)from, STEP, MADV_POPULATE_WRITE);
#endif
	b->ready += b->size - b->ready < STEP ? b->size - b->ready : STEP;
}

/* NEED bytes as they are. */
static void *take(struct oh_arena *arena, size_t need)
{
	struct oh_arena_block *b = arena->newest;
	void *p;

	if (!b || b->size - b->used < need)
		b = new_block(arena, need);
	p = b->bytes + b->used;
	b->used += need;
	while (b->used > b->ready)
		make_ready(b);
	return p;
}

void *oh_arena_alloc(struct oh_arena *arena, size_t size)
{
	const size_t need = align_up(size ? size : 1);

	return memset(take(arena, need), 0, need);
}

void *oh_arena_extend(struct oh_arena *arena, void *old, size_t old_size, size_t new_size)
{
	struct oh_arena_block *b = arena->newest;
	const size_t had = align_up(old_size ? old_size : 1), need = align_up(new_size);
	void *p;

	if (old && b && (unsigned char *)old + had == b->bytes + b->used && need >= had &&
		need - had <= b->size - b->used) {
		b->used += need - had;
		return old;
	}
	p = take(arena, need);
	if (old && old_size)
		memcpy(p, old, old_size < new_size ? old_size : new_size);
	return p;
}

void *oh_arena_grow(struct oh_arena *arena, void *old, size_t old_size, size_t new_size)
{
	unsigned char *p = oh_arena_extend(arena, old, old_size, new_size);

	if (new_size > old_size)
		memset(p + old_size, 0, new_size - old_size);
	return p;
}

struct oh_arena_mark oh_arena_mark(const struct oh_arena *arena)
{
	return (struct oh_arena_mark){arena->newest, arena->newest ? arena->newest->used : 0};
}

void oh_arena_rewind(struct oh_arena *arena, struct oh_arena_mark mark)
{
	while (arena->newest && arena->newest != mark.block) {
		struct oh_arena_block *b = arena->newest;

		arena->newest = b->older;
		free(b);
	}
	if (arena->newest)
		arena->newest->used = mark.used;
}

static void free_all(struct oh_arena_block *b)
{
	while (b) {
		struct oh_arena_block *older = b->older;

		free(b);
		b = older;
	}
}

void oh_arena_drop(struct oh_arena *arena)
{
	free_all(arena->newest);
	free_all(arena->spare);
	*arena = (struct oh_arena){0};
}

void oh_arena_reset(struct oh_arena *arena)
{
	while (arena->newest) {
		struct oh_arena_block *b = arena->newest;

		arena->newest = b->older;
		if (b->size < LARGEST_BLOCK / 2) {
			free(b);
			continue;
		}
		b->older = arena->spare;
		arena->spare = b;
	}
}

void oh_arena_adopt(struct oh_arena *arena, struct oh_arena *from)
{
	struct oh_arena_block **oldest = &arena->newest;

	/* Behind everything: no mark that was ever taken lies there. */
	while (*oldest)
		oldest = &(*oldest)->older;
	*oldest = from->newest;
	from->newest = NULL;
}

void *oh_array_reserve(
	struct oh_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
	size_t wanted;

	if (count < *capacity)
		return items;
	wanted = *capacity ? *capacity * 2 : 8;
	if (wanted > SIZE_MAX / item_size)
		out_of_memory();
	/* An array that grows does not touch the room that it does not use yet. */
	items = oh_arena_extend(arena, items, count * item_size, wanted * item_size);
	*capacity = wanted;
	return items;
}

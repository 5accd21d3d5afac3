/* Any bytes as the cache of parsed files: whole or nothing, and what is taken comes back. */
#include "flow/parse_cache.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first line names the readers of this build: the input stands behind it. */
static struct oh_slice with_first_line(struct oh_arena *arena, struct oh_slice input)
{
	struct oh_loader empty = {.arena = arena};
	struct oh_slice none = oh_parse_cache_format(&empty);

	none = oh_slice_sub(none, 0, oh_slice_find_byte(none, '\n', 0) + 1);
	return oh_slice_printf(arena, OH_FMT OH_FMT, OH_ARG(none), OH_ARG(input));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oh_arena arena = {0};
	struct oh_loader first = {.arena = &arena}, second = {.arena = &arena};
	struct oh_slice again;

	if (size < 65536 &&
		oh_parse_cache_parse(&first,
			with_first_line(&arena, (struct oh_slice){(const char *)data, size}))) {
		again = oh_parse_cache_format(&first);
		assert(oh_parse_cache_parse(&second, again));
		assert(second.parsed.count == first.parsed.count);
		assert(oh_slice_eq(again, oh_parse_cache_format(&second)));
	} else {
		assert(first.parsed.count == 0);
	}
	oh_arena_drop(&arena);
	return 0;
}

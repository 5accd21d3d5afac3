/* Any bytes as what is remembered of history: whole or nothing, and what is taken comes back. */
#include "flow/seen_store.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const struct oh_seen_store *s)
{
	return s->anchors.count + s->shared.count + s->tips.count + s->commits.count +
	       s->files.count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oh_slice key = OH_SLICE("key");
	struct oh_arena arena = {0};
	struct oh_seen_store first, second;
	struct oh_slice again;

	if (oh_seen_store_parse(&arena, (struct oh_slice){(const char *)data, size}, key, &first)) {
		again = oh_seen_store_format(&arena, &first, key);
		assert(oh_seen_store_parse(&arena, again, key, &second));
		assert(count(&second) == count(&first));
		assert(oh_slice_eq(again, oh_seen_store_format(&arena, &second, key)));
	} else {
		assert(count(&first) == 0);
	}
	oh_arena_drop(&arena);
	return 0;
}

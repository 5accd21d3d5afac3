/* Any bytes as a handover: taken whole or not at all, and what is taken can be written again. */
#include "flow/handover.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oh_slice bytes = {(const char *)data, size};
	struct oh_arena arena = {0};
	struct oh_handover first = {0}, again = {0};

	if (oh_handover_parse(&arena, bytes, &first)) {
		const struct oh_slice text = oh_handover_format(&arena, &first);

		assert(first.lines.count > 1 && first.tree.len && first.new_tree.len);
		assert(oh_handover_parse(&arena, text, &again));
		assert(oh_slice_eq(text, oh_handover_format(&arena, &again)));
	}
	oh_arena_drop(&arena);
	return 0;
}

/* Any bytes as a journal: taken whole or not at all, and what is taken is what was written. */
#include "apply/journal.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_id(struct oh_slice id)
{
	assert(!id.len || id.len == 40 || id.len == 64);
}

static void check_ref(struct oh_slice name)
{
	assert(name.len && name.ptr[0] != '-');
	assert(oh_slice_find_byte(name, '\n', 0) == name.len);
	assert(oh_slice_find_byte(name, '\0', 0) == name.len);
}

static void check(const struct oh_operation *op)
{
	for (size_t i = 0; i < op->refs.count; i++) {
		check_ref(op->refs.items[i].name);
		check_id(op->refs.items[i].old_id);
		check_id(op->refs.items[i].new_id);
		check_id(op->refs.items[i].before);
	}
	check_id(op->from);
	check_id(op->to);
	for (size_t i = 0; i < op->kept.count; i++)
		assert(oh_slice_has_prefix(op->kept.items[i], OH_SLICE("refs/onehead/undo/")));
	for (size_t i = 0; i < op->paths.count; i++) {
		const struct oh_slice path = op->paths.items[i].path;

		assert(path.len && oh_slice_find_byte(path, '\0', 0) == path.len);
	}
	assert(!op->moves_head || op->refs.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oh_slice bytes = {(const char *)data, size};
	struct oh_arena arena = {0};
	struct oh_operation op, again;

	if (oh_operation_parse(&arena, bytes, &op)) {
		check(&op);
		if (!oh_slice_has_prefix(bytes, OH_SLICE("onehead journal 1\n")))
			assert(oh_slice_eq(bytes, oh_operation_format(&arena, &op)));
		assert(!oh_operation_parse(&arena, oh_slice_sub(bytes, 0, size - 1), &again));
	}
	oh_arena_drop(&arena);
	return 0;
}

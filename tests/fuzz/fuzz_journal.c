/* Any bytes as a journal: taken whole or not at all, and what is taken lies in the bytes. */
#include "apply/journal.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct oh_slice whole, struct oh_slice part)
{
	assert(part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
	assert(oh_slice_find_byte(part, '\n', 0) == part.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oh_slice bytes = {(const char *)data, size};
	struct oh_journal j = {0};

	if (oh_journal_parse(bytes, &j)) {
		check_inside(bytes, j.ref);
		check_inside(bytes, j.old_id);
		check_inside(bytes, j.new_id);
		check_inside(bytes, j.message);
		assert(!oh_journal_parse(oh_slice_sub(bytes, 0, size - 1), &j));
	}
	return 0;
}

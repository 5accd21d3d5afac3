/*
 * Finding bytes in Python source sixty-four at a time: most of a migration is passed over, and
 * looking at each byte of it by itself is what reading a thousand of them costs.
 */
#ifndef OH_ADAPTERS_PYTHON_FIND_H
#define OH_ADAPTERS_PYTHON_FIND_H

#include "base/slice.h"

#include <stdint.h>

/* What is known of the block of the text that was looked at last. */
struct oh_py_finder {
	size_t block; /* its number, from 1; 0: none */
	uint64_t hits; /* a bit for each byte that may be a stop: a superset */
};

/*
 * Where the next byte that STOPS has is in TEXT, from FROM on; text.len where there is none.
 * Stops are line ends, quotes, '#', brackets and the backslash, or some of them: no others are
 * found. FINDER belongs to TEXT's bytes, which may become fewer but not others.
 */
size_t oh_py_find_stop(
	struct oh_py_finder *finder, struct oh_slice text, size_t from, const bool stops[256]);
/* Does "global" stand anywhere in TEXT? */
bool oh_py_says_global(struct oh_slice text);

#endif

/*
 * The merge revision of Alembic: its bytes are a function of its parents' ids, titles and dates,
 * its path of those and of the location. This is form 1: whatever changes a byte of it for given
 * parents is another form, with another word in front of the hashed ids.
 *
 * - id: the first 12 hex digits of SHA-256 over "onehead-merge-1\n" and each id, sorted bytewise,
 *   with a newline behind it.
 * - message: `merge A and B`, `merge A, B and C`, in the order of the ids. A is the slug of the
 *   parent's title, cut as Alembic cuts slugs, without a '_' at its end; that of its id where
 *   the title has no words, is Alembic's "empty message", or gives the slug of another parent.
 * - date: the latest of the parents' dates, as written; no line where none can be read.
 * - directory: the one that all parents lie in, else the first version location. A file_template
 *   that makes subdirectories starts at the version location instead.
 */
#ifndef OH_ADAPTERS_ALEMBIC_MERGE_REVISION_H
#define OH_ADAPTERS_ALEMBIC_MERGE_REVISION_H

#include "adapters/adapter.h"

struct oh_new_file oh_alembic_merge_revision(struct oh_arena *arena,
	const struct oh_location *location, const struct oh_migration *const *parents,
	size_t count);

#endif

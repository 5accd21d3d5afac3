/* What makes two migrations the same under two ids. */
#ifndef OH_ADAPTERS_ALEMBIC_DIGEST_H
#define OH_ADAPTERS_ALEMBIC_DIGEST_H

#include "adapters/python/reader.h"

/* A module, and where to put what is needed only while it is looked at. */
struct oh_module_text {
	const struct oh_py_module *module;
	struct oh_arena *scratch;
};

/*
 * SHA-256 over the tokens of every statement of the module, one after the other, without
 * docstrings, imports, and the assignments of revision, down_revision, branch_labels and
 * depends_on. Formatting, comments and quotes don't count. In scratch.
 */
struct oh_slice oh_alembic_digest(const struct oh_module_text *text);

#endif

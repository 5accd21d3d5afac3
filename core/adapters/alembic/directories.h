/* From what a configuration says to directories of the source. */
#ifndef OH_ADAPTERS_ALEMBIC_DIRECTORIES_H
#define OH_ADAPTERS_ALEMBIC_DIRECTORIES_H

#include "adapters/alembic/options.h"

/* Who resolves the paths of one section. */
struct oh_directories {
	const struct oh_options *options;
	struct oh_slice section;
	bool from_root; /* relative paths are tried against the root of the source first */
	struct oh_slices packages; /* where packages are looked for */
};

void oh_directories_begin(struct oh_directories *directories, const struct oh_options *options,
	struct oh_slice section);

enum oh_resolved { OH_RESOLVED, OH_RESOLVED_MISSING, OH_RESOLVED_UNKNOWN };
/*
 * The directory that TEXT, a path or `package:path`, names. MISSING: it would be in the source
 * and is not. UNKNOWN: it is said to `unreadable` why, at OPTION.
 */
enum oh_resolved oh_directories_resolve(struct oh_directories *directories, struct oh_slice text,
	const struct oh_option *option, struct oh_slice *out);

/* The paths of a list option, split as Alembic splits it; false where it can't be. */
bool oh_directories_split(
	const struct oh_directories *directories, const char *key, struct oh_slices *out);

#endif

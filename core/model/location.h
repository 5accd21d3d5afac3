/* Where the migrations of one graph live, as a configuration file says it. */
#ifndef OH_MODEL_LOCATION_H
#define OH_MODEL_LOCATION_H

#include "base/slice.h"

struct oh_location {
	struct oh_slice system; /* the adapter's name */
	struct oh_slice config; /* path of the configuration file */
	struct oh_slice directory; /* script directory: its path names the graph */
	struct oh_slices versions; /* directories with migration files */
	bool recursive; /* …and those below them */
	bool sourceless; /* compiled files count as well (they can't be read) */
	/* for new files */
	struct oh_slice file_template; /* as configured; "" for the system's default */
	struct oh_slice timezone; /* as configured; "" for none */
	size_t slug_length; /* 0 for the system's default */
};

struct oh_locations {
	struct oh_location *items;
	size_t count, capacity;
};

#endif

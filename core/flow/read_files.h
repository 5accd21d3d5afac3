/* Reads and parses the files of one version directory, side by side where the source allows it. */
#ifndef OH_FLOW_READ_FILES_H
#define OH_FLOW_READ_FILES_H

#include "flow/load.h"

struct oh_reading {
	struct oh_source *source;
	const struct oh_adapter *adapter;
	const struct oh_entries *files;
	struct oh_parsed *out; /* one a file, in their order */
};

/* A file that the operating system does not give becomes an unreadable one. */
bool oh_read_files(
	struct oh_loader *loader, const struct oh_reading *reading, struct oh_error *err);

#endif

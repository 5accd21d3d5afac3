/* What is wrong with the user's migrations: data, never an error. */
#ifndef OH_MODEL_FINDING_H
#define OH_MODEL_FINDING_H

#include "base/slice.h"

enum oh_severity { OH_NOTE, OH_WARNING, OH_ERROR };

struct oh_finding {
	const char *rule; /* id of the rule: "multiple-heads" */
	enum oh_severity severity;
	struct oh_slice path; /* "" where no file is meant */
	unsigned line; /* 1-based; 0 where no line is meant */
	struct oh_slice message; /* one line: what is wrong */
	struct oh_slice fix; /* the next step, a command where there is one; "" for none */
	struct oh_slices ids; /* migrations that it is about */
	struct oh_slices details; /* further lines for people, already laid out; may be empty */
};

struct oh_findings {
	struct oh_finding *items;
	size_t count, capacity;
};

#endif

/*
 * What a flow has to say. Flows never print: they put lines here and the mains write them out.
 *
 *	struct oh_report report = {.arena = arena};
 *	oh_say(&report, "%s: %zu heads joined", graph, n);
 *
 * Lines are terminal-safe: callers pass untrusted text through oh_slice_printable.
 */
#ifndef OH_FLOW_REPORT_H
#define OH_FLOW_REPORT_H

#include "base/slice.h"

/* The exit status of a command. */
enum oh_status {
	OH_CLEAN = 0, /* nothing to object to */
	OH_FINDINGS = 1, /* the migrations are wrong, or a hook refuses */
	OH_UNDECIDED = 2 /* usage, or it could not be decided */
};

struct oh_report {
	struct oh_arena *arena;
	struct oh_slices lines;
	enum oh_status status;
	size_t changed; /* lines said by oh_say_changed */
};

void oh_say(struct oh_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Something was changed, or would be in a dry run. Made terminal-safe here. */
void oh_say_changed(struct oh_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Something is left to mend: the status is OH_FINDINGS. Made terminal-safe here. */
void oh_say_wrong(struct oh_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif

/*
 * What a command has to say, line by line. Flows fill it, mains print it; nothing here prints.
 *
 *	struct oh_report report = {.arena = arena};
 *	oh_report_addf(&report, OH_LINE_DONE, "hooks   pre-commit: written");
 *	if (report.wrong) …		// exit 1
 *
 * Lines are fit for a terminal: whatever comes from files, branches or people is made printable
 * when it is added.
 */
#ifndef OH_FLOW_REPORT_H
#define OH_FLOW_REPORT_H

#include "base/slice.h"

enum oh_line_kind {
	OH_LINE_SAID, /* so it is; nothing to do */
	OH_LINE_DONE, /* something was changed (or would be, in a dry run) */
	OH_LINE_WRONG, /* something is left to mend */
	OH_LINE_MORE /* belongs to the line before it */
};

struct oh_line {
	enum oh_line_kind kind;
	struct oh_slice text; /* without a newline */
};

struct oh_report {
	struct oh_arena *arena;
	struct oh_line *items;
	size_t count, capacity;
	size_t done, wrong; /* lines of these kinds */
};

void oh_report_addf(struct oh_report *report, enum oh_line_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* All lines, each with a newline behind it. */
struct oh_slice oh_report_text(const struct oh_report *report);

#endif

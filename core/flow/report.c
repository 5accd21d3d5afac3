#include "flow/report.h"

void oh_say(struct oh_report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	OH_PUSH(report->arena, &report->lines, oh_slice_vprintf(report->arena, format, args));
	va_end(args);
}

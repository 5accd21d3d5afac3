#include "flow/report.h"

__attribute__((format(printf, 2, 0))) static void say_safely(
	struct oh_report *report, const char *format, va_list args)
{
	OH_PUSH(report->arena, &report->lines,
		oh_slice_printable(report->arena, oh_slice_vprintf(report->arena, format, args)));
}

void oh_say(struct oh_report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	OH_PUSH(report->arena, &report->lines, oh_slice_vprintf(report->arena, format, args));
	va_end(args);
}

void oh_say_changed(struct oh_report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_safely(report, format, args);
	va_end(args);
	report->changed++;
}

void oh_say_wrong(struct oh_report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_safely(report, format, args);
	va_end(args);
	if (report->status == OH_CLEAN)
		report->status = OH_FINDINGS;
}

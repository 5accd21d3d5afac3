#include "flow/report.h"

#include "base/buf.h"

void oh_report_addf(struct oh_report *report, enum oh_line_kind kind, const char *format, ...)
{
	va_list args;
	struct oh_slice text;

	va_start(args, format);
	text = oh_slice_vprintf(report->arena, format, args);
	va_end(args);
	text = oh_slice_printable(report->arena, text);
	OH_PUSH(report->arena, report, (struct oh_line){kind, text});
	report->done += kind == OH_LINE_DONE;
	report->wrong += kind == OH_LINE_WRONG;
}

struct oh_slice oh_report_text(const struct oh_report *report)
{
	struct oh_buf buf = {.arena = report->arena};

	for (size_t i = 0; i < report->count; i++) {
		oh_buf_add(&buf, report->items[i].text);
		oh_buf_add(&buf, OH_SLICE("\n"));
	}
	return oh_buf_slice(&buf);
}

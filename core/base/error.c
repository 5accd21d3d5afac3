#include "base/error.h"

#include "base/slice.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void set(
	struct oh_error *err, const char *format, va_list args, const char *tail)
{
	struct oh_arena arena = {0};
	struct oh_slice text = oh_slice_vprintf(&arena, format, args);

	text = oh_slice_trim(text);
	text = oh_slice_printable(&arena, text);
	snprintf(err->message, sizeof(err->message), OH_FMT "%s%s", OH_ARG(text), tail ? ": " : "",
		tail ? tail : "");
	oh_arena_drop(&arena);
}

bool oh_fail(struct oh_error *err, enum oh_code code, const char *format, ...)
{
	va_list args;

	if (!err)
		return false;
	va_start(args, format);
	set(err, format, args, NULL);
	va_end(args);
	err->code = code;
	err->native = 0;
	return false;
}

bool oh_fail_errno(struct oh_error *err, const char *format, ...)
{
	const int number = errno;
	va_list args;

	if (!err)
		return false;
	va_start(args, format);
	set(err, format, args, strerror(number));
	va_end(args);
	err->code = OH_E_IO;
	err->native = number;
	return false;
}

bool oh_wrap(struct oh_error *err, const char *format, ...)
{
	char inner[sizeof(err->message)];
	va_list args;

	if (!err)
		return false;
	memcpy(inner, err->message, sizeof(inner));
	va_start(args, format);
	set(err, format, args, inner);
	va_end(args);
	return false;
}

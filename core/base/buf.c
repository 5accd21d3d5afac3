#include "base/buf.h"

#include <string.h>

void oh_buf_reserve(struct oh_buf *buf, size_t more)
{
	size_t wanted = buf->capacity ? buf->capacity : 64;

	if (buf->capacity - buf->count > more)
		return;
	while (wanted - buf->count <= more)
		wanted *= 2;
	buf->items = oh_arena_extend(buf->arena, buf->items, buf->capacity, wanted);
	buf->capacity = wanted;
}

void oh_buf_add(struct oh_buf *buf, struct oh_slice s)
{
	if (!s.len)
		return;
	oh_buf_reserve(buf, s.len);
	memcpy(buf->items + buf->count, s.ptr, s.len);
	buf->count += s.len;
}

void oh_buf_addf(struct oh_buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	oh_buf_add(buf, oh_slice_vprintf(buf->arena, format, args));
	va_end(args);
}

struct oh_slice oh_buf_slice(const struct oh_buf *buf)
{
	if (buf->count < buf->capacity)
		buf->items[buf->count] = '\0';
	return (struct oh_slice){buf->count ? buf->items : "", buf->count};
}

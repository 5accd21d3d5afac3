/*
 * A text that grows: for what is put together in pieces.
 *
 *	struct oh_buf b = {.arena = arena};
 *	oh_buf_addf(&b, "head %s\n", id);
 *	struct oh_slice text = oh_buf_slice(&b);
 */
#ifndef OH_BASE_BUF_H
#define OH_BASE_BUF_H

#include "base/slice.h"

struct oh_buf {
	struct oh_arena *arena;
	char *items;
	size_t count, capacity;
};

void oh_buf_add(struct oh_buf *buf, struct oh_slice s);
void oh_buf_addf(struct oh_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for MORE bytes behind `count`, which may be written there, and one for a NUL. */
void oh_buf_reserve(struct oh_buf *buf, size_t more);
/* Borrows from the buffer; valid until the next addition. A NUL follows, where whoever wrote there
 * himself has left room for it. */
struct oh_slice oh_buf_slice(const struct oh_buf *buf);

#endif

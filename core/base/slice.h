/*
 * Strings as pointer and length: not NUL-terminated, never owned, any bytes.
 *
 *	struct oh_slice s = OH_SLICE("head 42");
 *	if (oh_slice_cut_prefix(&s, OH_SLICE("head ")))
 *		printf(OH_FMT "\n", OH_ARG(s));
 */
#ifndef OH_BASE_SLICE_H
#define OH_BASE_SLICE_H

#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>

struct oh_slice {
	const char *ptr;
	size_t len;
};

struct oh_slices {
	struct oh_slice *items;
	size_t count, capacity;
};

#define OH_SLICE(literal) ((struct oh_slice){"" literal, sizeof(literal) - 1})
#define OH_FMT "%.*s"
#define OH_ARG(slice) (int)(slice).len, (slice).ptr

struct oh_slice oh_slice_of(const char *text); /* borrows; NULL gives the empty slice */
struct oh_slice oh_slice_sub(struct oh_slice s, size_t from, size_t to);
struct oh_slice oh_slice_dup(struct oh_arena *arena, struct oh_slice s); /* NUL behind it */
const char *oh_slice_str(struct oh_arena *arena, struct oh_slice s); /* NUL-terminated copy */
struct oh_slice oh_slice_printf(struct oh_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct oh_slice oh_slice_vprintf(struct oh_arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

bool oh_slice_eq(struct oh_slice a, struct oh_slice b);
int oh_slice_cmp(struct oh_slice a, struct oh_slice b); /* bytewise, as memcmp; shorter first */
int oh_slice_cmp_qsort(const void *a, const void *b); /* the same on struct oh_slice * */
bool oh_slice_has_prefix(struct oh_slice s, struct oh_slice prefix);
bool oh_slice_has_suffix(struct oh_slice s, struct oh_slice suffix);
bool oh_slice_cut_prefix(struct oh_slice *s, struct oh_slice prefix);
struct oh_slice oh_slice_trim(struct oh_slice s); /* blanks, tabs, CR, LF at both ends */

/* Index of the first NEEDLE at or after FROM, or s.len where there is none. */
size_t oh_slice_find(struct oh_slice s, struct oh_slice needle, size_t from);
size_t oh_slice_find_byte(struct oh_slice s, char byte, size_t from);
size_t oh_slice_rfind_byte(struct oh_slice s, char byte); /* s.len where there is none */

/* Takes what stands before the next SEPARATOR off the front of *REST; false at the end. */
bool oh_slice_next(struct oh_slice *rest, char separator, struct oh_slice *part);
/* oh_slice_next by '\n', without a CR at the line's end. */
bool oh_slice_next_line(struct oh_slice *rest, struct oh_slice *line);
/* The words of S between blanks and tabs. */
struct oh_slices oh_slice_words(struct oh_arena *arena, struct oh_slice s);

bool oh_slices_eq(const struct oh_slices *a, const struct oh_slices *b); /* in the same order */
bool oh_slices_contain(const struct oh_slices *list, struct oh_slice s);
struct oh_slice oh_slices_join(
	struct oh_arena *arena, const struct oh_slices *list, const char *between);
void oh_slices_sort(struct oh_slices *list); /* bytewise */

/*
 * Untrusted bytes made fit for one line of a terminal: control characters, DEL, C1 controls and
 * invalid UTF-8 become \xNN, a newline \n. What is harmless comes back as it is.
 */
struct oh_slice oh_slice_printable(struct oh_arena *arena, struct oh_slice s);

/* Names in paths: both borrow from PATH. "" where there is no directory. */
struct oh_slice oh_path_directory(struct oh_slice path);
struct oh_slice oh_path_name(struct oh_slice path);
/* A/B as it is written; B where A is "". For what runs once a file. */
struct oh_slice oh_path_below(struct oh_arena *arena, struct oh_slice a, struct oh_slice b);
/* A/B, with "" and "." for A giving B; `.` and `..` in B are resolved against A. */
struct oh_slice oh_path_join(struct oh_arena *arena, struct oh_slice a, struct oh_slice b);

#endif

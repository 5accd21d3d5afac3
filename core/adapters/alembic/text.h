/* Characters as Python's str methods see them, for the files that Python reads. */
#ifndef OH_ADAPTERS_ALEMBIC_TEXT_H
#define OH_ADAPTERS_ALEMBIC_TEXT_H

#include "base/slice.h"

/* str.strip(), str.rstrip() and the count of blanks in front, with Unicode's blanks. */
struct oh_slice oh_text_strip(struct oh_slice s);
struct oh_slice oh_text_rstrip(struct oh_slice s);
size_t oh_text_indent(struct oh_slice s); /* in characters */

/* The next line without its end: LF, CRLF and a lone CR, as a file opened as text has them. */
bool oh_text_next_line(struct oh_slice *rest, struct oh_slice *line);

struct oh_slice oh_text_lower(struct oh_arena *arena, struct oh_slice s); /* ASCII letters only */

/* The UTF-8 bytes of CODE in OUT (4 bytes); how many, 0 for a surrogate or beyond Unicode. */
size_t oh_text_utf8(unsigned long code, char *out);

#endif

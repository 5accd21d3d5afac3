/* UTF-8 by the Unicode standard: no overlong forms, no surrogates, nothing past U+10FFFF. */
#ifndef OH_BASE_UTF8_H
#define OH_BASE_UTF8_H

#include "base/slice.h"

#include <stdint.h>

/* What stands at the front of some text. */
struct oh_character {
	size_t length; /* in bytes; where it is invalid, what one U+FFFD stands for */
	uint32_t code; /* U+FFFD where it is invalid */
	bool valid;
};

/* S must not be empty. */
struct oh_character oh_utf8_decode(struct oh_slice s);

/* Controls, and what reorders the text around it: not to be sent to a terminal as it is. */
bool oh_utf8_is_control(uint32_t code);

/* Columns of a terminal: 0 for what combines, 2 for what is wide, else 1. */
size_t oh_utf8_columns(uint32_t code);
/* Of a whole text; what is invalid counts one column a replacement character. */
size_t oh_utf8_width(struct oh_slice s);
/* The longest front part of S that fits into COLUMNS, never a part of a character. */
struct oh_slice oh_utf8_cut(struct oh_slice s, size_t columns);

#endif

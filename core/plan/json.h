/*
 * Writes JSON piece by piece; commas come by themselves.
 *
 *	struct oh_json json = {.text = {.arena = arena}};
 *	oh_json_open(&json, '{');
 *	oh_json_key(&json, "id");
 *	oh_json_string(&json, id);
 *	oh_json_close(&json, '}');
 *	… oh_buf_slice(&json.text)
 *
 * The text is valid UTF-8 whatever comes in: what is not becomes U+FFFD. Control characters and
 * what reorders text are escaped, so that it may go to a terminal.
 */
#ifndef OH_PLAN_JSON_H
#define OH_PLAN_JSON_H

#include "base/buf.h"

struct oh_json {
	struct oh_buf text;
	bool after_value; /* the next value or key needs a comma in front */
};

void oh_json_open(struct oh_json *json, char bracket); /* '{' or '[' */
void oh_json_close(struct oh_json *json, char bracket); /* '}' or ']' */
void oh_json_key(struct oh_json *json, const char *key); /* plain ASCII */
void oh_json_string(struct oh_json *json, struct oh_slice value);
void oh_json_number(struct oh_json *json, size_t value);
void oh_json_bool(struct oh_json *json, bool value);
/* An array of strings. */
void oh_json_strings(struct oh_json *json, const struct oh_slices *values);

#endif

#include "plan/json.h"

#include "base/utf8.h"

#include <string.h>

static void separate(struct oh_json *json)
{
	if (json->after_value)
		oh_buf_add(&json->text, OH_SLICE(","));
	json->after_value = true;
}

void oh_json_open(struct oh_json *json, char bracket)
{
	separate(json);
	oh_buf_add(&json->text, (struct oh_slice){&bracket, 1});
	json->after_value = false;
}

void oh_json_close(struct oh_json *json, char bracket)
{
	oh_buf_add(&json->text, (struct oh_slice){&bracket, 1});
	json->after_value = true;
}

void oh_json_key(struct oh_json *json, const char *key)
{
	oh_json_string(json, oh_slice_of(key));
	oh_buf_add(&json->text, OH_SLICE(":"));
	json->after_value = false;
}

static void add_escaped(struct oh_buf *text, uint32_t code)
{
	static const char shorthand[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = code && code < 0x80 ? strchr(shorthand, (int)code) : NULL;

	if (at)
		oh_buf_add(
			text, (struct oh_slice){(const char[]){'\\', letters[at - shorthand]}, 2});
	else
		oh_buf_addf(text, "\\u%04x", code);
}

void oh_json_string(struct oh_json *json, struct oh_slice value)
{
	struct oh_buf *text = &json->text;

	separate(json);
	oh_buf_add(text, OH_SLICE("\""));
	while (value.len) {
		const struct oh_character c = oh_utf8_decode(value);

		if (!c.valid)
			oh_buf_add(text, OH_SLICE("\xef\xbf\xbd"));
		else if (c.code == '"' || c.code == '\\' || oh_utf8_is_control(c.code))
			add_escaped(text, c.code);
		else
			oh_buf_add(text, oh_slice_sub(value, 0, c.length));
		value = oh_slice_sub(value, c.length, value.len);
	}
	oh_buf_add(text, OH_SLICE("\""));
}

void oh_json_number(struct oh_json *json, size_t value)
{
	separate(json);
	oh_buf_addf(&json->text, "%zu", value);
}

void oh_json_bool(struct oh_json *json, bool value)
{
	separate(json);
	oh_buf_add(&json->text, value ? OH_SLICE("true") : OH_SLICE("false"));
}

void oh_json_strings(struct oh_json *json, const struct oh_slices *values)
{
	oh_json_open(json, '[');
	for (size_t i = 0; i < values->count; i++)
		oh_json_string(json, values->items[i]);
	oh_json_close(json, ']');
}

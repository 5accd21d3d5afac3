/*
 * For json_strings.py: each line of stdin in hex is one string; prints them as one JSON array.
 */
#include "plan/json.h"

#include <stdio.h>

static int digit(int c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

int main(void)
{
	struct oh_arena arena = {0};
	struct oh_json json = {.text = {.arena = &arena}};
	struct oh_buf line = {.arena = &arena};
	int c, low;

	oh_json_open(&json, '[');
	while ((c = getchar()) != EOF) {
		if (c == '\n') {
			oh_json_string(&json, oh_buf_slice(&line));
			line.count = 0;
		} else if ((low = getchar()) != EOF) {
			const char byte = (char)(digit(c) << 4 | digit(low));

			oh_buf_add(&line, (struct oh_slice){&byte, 1});
		}
	}
	oh_json_close(&json, ']');
	fwrite(json.text.items, 1, json.text.count, stdout);
	oh_arena_drop(&arena);
	return 0;
}

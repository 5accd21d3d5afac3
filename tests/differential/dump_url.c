/*
 * For database_url.py: each line of stdin in hex is one URL; a line of hex fields for each: kind,
 * driver, user, password, host, port, database, the database as written, then names and values
 * of the parameters. "error" for what is no URL.
 */
#include "base/buf.h"
#include "db/url.h"

#include <stdio.h>

static int digit(int c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void put(struct oh_slice s)
{
	putchar('=');
	for (size_t i = 0; i < s.len; i++)
		printf("%02x", (unsigned char)s.ptr[i]);
}

static void show(struct oh_arena *arena, struct oh_slice text)
{
	struct oh_url url;

	if (!oh_url_parse(arena, text, &url, NULL)) {
		puts("error");
		return;
	}
	put(url.kind);
	put(url.driver);
	put(url.user);
	put(url.password);
	put(url.host);
	put(url.port);
	put(url.database);
	put(url.written);
	for (size_t i = 0; i < url.params.count; i++) {
		put(url.params.items[i].name);
		put(url.params.items[i].value);
	}
	putchar('\n');
}

int main(void)
{
	struct oh_arena arena = {0};
	struct oh_buf line = {.arena = &arena};
	int c, low;

	while ((c = getchar()) != EOF) {
		if (c == '\n') {
			show(&arena, oh_buf_slice(&line));
			line.count = 0;
		} else if ((low = getchar()) != EOF) {
			const char byte = (char)(digit(c) << 4 | digit(low));

			oh_buf_add(&line, (struct oh_slice){&byte, 1});
		}
	}
	oh_arena_drop(&arena);
	return 0;
}

#include "flow/terminal.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

/* As git reads a boolean of its environment. */
static bool is_forbidden(void)
{
	static const char *const words[] = {"0", "false", "no", "off"};
	const char *value = getenv("GIT_TERMINAL_PROMPT");

	for (size_t i = 0; value && i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(value, words[i]) == 0)
			return true;
	return false;
}

static int open_terminal(void)
{
	int fd;

	if (is_forbidden() || !isatty(STDERR_FILENO))
		return -1;
	fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool oh_terminal_open(struct oh_terminal *terminal)
{
	terminal->fd = open_terminal();
	if (terminal->fd >= 0)
		tcflush(terminal->fd, TCIFLUSH);
	return terminal->fd >= 0;
}

bool oh_terminal_is_there(void)
{
	const int fd = open_terminal();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void oh_terminal_say(struct oh_terminal *terminal, struct oh_slice text)
{
	while (text.len) {
		const ssize_t n = write(terminal->fd, text.ptr, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* who can't be told will not answer either */
		text = oh_slice_sub(text, (size_t)n, text.len);
	}
}

bool oh_terminal_hear(struct oh_terminal *terminal, struct oh_arena *arena, struct oh_slice *line)
{
	struct oh_buf heard = {.arena = arena};
	char c;
	ssize_t n;

	while ((n = read(terminal->fd, &c, 1)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		if (c == '\n') {
			*line = oh_buf_slice(&heard);
			return true;
		}
		oh_buf_add(&heard, (struct oh_slice){&c, 1});
	}
	return false;
}

void oh_terminal_close(struct oh_terminal *terminal)
{
	close(terminal->fd);
	terminal->fd = -1;
}

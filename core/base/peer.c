#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM (1 << 20) /* for answers under way, bytes */

#define BUFFER 65536
#define MOST_ERRORS 4096

extern char **environ;

bool oh_peer_open(
	struct oh_peer *peer, struct oh_arena *arena, const char *const *argv, struct oh_error *err)
{
	posix_spawn_file_actions_t actions;
	int to[2], from[2];

	*peer = (struct oh_peer){.pid = -1, .in = -1, .out = -1, .errors = -1};
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(to, O_CLOEXEC) < 0)
		return oh_fail_errno(err, "making a pipe");
	if (pipe2(from, O_CLOEXEC) < 0) {
		oh_fail_errno(err, "making a pipe");
		close(to[0]);
		close(to[1]);
		return false;
	}
	/* Where we may: it goes on answering while nobody reads. */
	fcntl(from[0], F_SETPIPE_SZ, ROOM);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	/* Not a pipe: nobody empties it while answers are waited for. */
	peer->errors = memfd_create("stderr", MFD_CLOEXEC);
	if (peer->errors >= 0)
		posix_spawn_file_actions_adddup2(&actions, peer->errors, 2);
	errno = posix_spawnp(
		&peer->pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	peer->in = to[1];
	peer->out = from[0];
	peer->buffer = oh_arena_alloc(arena, BUFFER);
	if (!errno)
		return true;
	oh_fail_errno(err, "running %s", argv[0]);
	peer->pid = -1;
	oh_peer_close(peer);
	return false;
}

bool oh_peer_write(struct oh_peer *peer, struct oh_slice request, struct oh_error *err)
{
	while (request.len) {
		const ssize_t n = write(peer->in, request.ptr, request.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return oh_fail_errno(err, "writing to a child process");
		request = oh_slice_sub(request, (size_t)n, request.len);
	}
	return true;
}

static bool fill(struct oh_peer *peer, struct oh_error *err)
{
	ssize_t n;

	peer->start = peer->end = 0;
	do
		n = read(peer->out, peer->buffer, BUFFER);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return oh_fail_errno(err, "reading from a child process");
	if (n == 0)
		return oh_fail(err, OH_E_GIT, "a child process ended before it answered");
	peer->end = (size_t)n;
	return true;
}

bool oh_peer_read(struct oh_peer *peer, struct oh_arena *arena, size_t size, struct oh_slice *bytes,
	struct oh_error *err)
{
	char *out = oh_arena_extend(arena, NULL, 0, size + 1);
	size_t at = 0;

	out[size] = '\0';
	while (at < size) {
		size_t n;

		if (peer->start == peer->end && !fill(peer, err))
			return false;
		n = peer->end - peer->start < size - at ? peer->end - peer->start : size - at;
		memcpy(out + at, peer->buffer + peer->start, n);
		peer->start += n;
		at += n;
	}
	*bytes = (struct oh_slice){out, size};
	return true;
}

bool oh_peer_read_line(
	struct oh_peer *peer, struct oh_arena *arena, struct oh_slice *line, struct oh_error *err)
{
	struct {
		char *items;
		size_t count, capacity;
	} text = {0};

	for (;;) {
		if (peer->start == peer->end && !fill(peer, err))
			return false;
		if (peer->buffer[peer->start] == '\n')
			break;
		OH_PUSH(arena, &text, peer->buffer[peer->start++]);
	}
	peer->start++;
	OH_PUSH(arena, &text, '\0');
	*line = (struct oh_slice){text.items, text.count - 1};
	return true;
}

struct oh_slice oh_peer_errors(struct oh_peer *peer, struct oh_arena *arena)
{
	char *text = oh_arena_alloc(arena, MOST_ERRORS);
	const ssize_t n =
		peer->errors < 0 ? 0 : pread(peer->errors, text, MOST_ERRORS, peer->heard);

	if (n <= 0)
		return (struct oh_slice){text, 0};
	peer->heard += n;
	return (struct oh_slice){text, (size_t)n};
}

void oh_peer_close(struct oh_peer *peer)
{
	if (peer->errors >= 0)
		close(peer->errors);
	if (peer->in >= 0)
		close(peer->in);
	if (peer->out >= 0)
		close(peer->out);
	if (peer->pid > 0)
		while (waitpid(peer->pid, NULL, 0) < 0 && errno == EINTR)
			;
	*peer = (struct oh_peer){.pid = -1, .in = -1, .out = -1, .errors = -1};
}

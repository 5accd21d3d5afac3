#include "base/process.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE 65536 /* bytes that one takes before anybody reads */

extern char **environ;

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The environment with every NAME= of SET put over it. */
static char **environment(struct oh_arena *arena, const char *const *set)
{
	struct {
		char **items;
		size_t count, capacity;
	} env = {0};

	for (char **e = environ; *e; e++) {
		bool replaced = false;

		for (const char *const *s = set; *s && !replaced; s++) {
			const size_t n = (size_t)(strchr(*s, '=') - *s) + 1;

			replaced = strncmp(*e, *s, n) == 0;
		}
		if (!replaced)
			OH_PUSH(arena, &env, *e);
	}
	for (const char *const *s = set; *s; s++) {
		const struct oh_slice entry = oh_slice_of(*s);

		/* "NAME=" takes the variable away: git reads an empty one as set. */
		if (entry.ptr[entry.len - 1] != '=')
			OH_PUSH(arena, &env, (char *)(uintptr_t)*s);
	}
	OH_PUSH(arena, &env, NULL);
	return env.items;
}

struct ends {
	int child_in, child_out, child_err;
};

static bool make_pipe(int *ours, int *childs, bool child_reads, struct oh_error *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return oh_fail_errno(err, "making a pipe");
	*ours = fds[child_reads ? 1 : 0];
	*childs = fds[child_reads ? 0 : 1];
	return true;
}

/* What no pipe holds lies in memory: so the child reads on while nobody feeds it. -1 where the
 * kernel has no room for that. */
static int store_input(struct oh_slice input)
{
	int fd = input.len > PIPE ? memfd_create("input", MFD_CLOEXEC) : -1;
	ssize_t n = 0;

	for (size_t at = 0; fd >= 0 && at < input.len; at += (size_t)n) {
		n = write(fd, input.ptr + at, input.len - at);
		if (n <= 0) {
			close(fd);
			return -1;
		}
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

static bool open_ends(struct oh_process *p, struct ends *e, struct oh_error *err)
{
	e->child_in = store_input(p->input);
	if (e->child_in < 0 && p->input.len) {
		if (!make_pipe(&p->in, &e->child_in, true, err))
			return false;
	} else if (e->child_in < 0) {
		e->child_in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	if (!p->show_output && !make_pipe(&p->out, &e->child_out, false, err))
		return false;
	return p->show_errors || make_pipe(&p->err, &e->child_err, false, err);
}

static int spawn(struct oh_arena *arena, struct oh_process *p, const struct ends *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int failed;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, e->child_in, 0);
	/* Hooks speak on stderr, so that a caller that reads our stdout gets only our answer. */
	posix_spawn_file_actions_adddup2(&actions, e->child_out >= 0 ? e->child_out : 2, 1);
	if (e->child_err >= 0)
		posix_spawn_file_actions_adddup2(&actions, e->child_err, 2);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	failed = posix_spawnp(&p->pid, p->argv[0], &actions, &attributes,
		(char *const *)(uintptr_t)p->argv, p->set ? environment(arena, p->set) : environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return failed;
}

/* As much as the pipe takes. */
static void feed(struct oh_process *p)
{
	const ssize_t n = write(p->in, p->rest.ptr, p->rest.len);

	if (n > 0)
		p->rest = oh_slice_sub(p->rest, (size_t)n, p->rest.len);
	if ((n < 0 && errno != EINTR && errno != EAGAIN) || !p->rest.len)
		close_fd(&p->in);
}

bool oh_process_start(struct oh_arena *arena, struct oh_process *p, struct oh_error *err)
{
	struct ends e = {-1, -1, -1};
	bool ok;

	p->in = p->out = p->err = -1;
	p->pid = -1;
	signal(SIGPIPE, SIG_IGN);
	ok = open_ends(p, &e, err);
	if (ok) {
		errno = spawn(arena, p, &e);
		if (errno)
			ok = oh_fail_errno(err, "running %s", p->argv[0]);
	}
	close_fd(&e.child_in);
	close_fd(&e.child_out);
	close_fd(&e.child_err);
	if (!ok) {
		close_fd(&p->in);
		close_fd(&p->out);
		close_fd(&p->err);
	}
	p->rest = p->input;
	if (p->in >= 0) {
		fcntl(p->in, F_SETFL, O_NONBLOCK);
		feed(p); /* it can begin before anybody waits for it */
	}
	return ok;
}

static void drain(int *fd, struct oh_buf *buf)
{
	ssize_t n;

	oh_buf_reserve(buf, 16384);
	n = read(*fd, buf->items + buf->count, buf->capacity - buf->count);
	if (n > 0)
		buf->count += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		close_fd(fd);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool oh_process_finish(struct oh_arena *arena, struct oh_process *p, struct oh_error *err)
{
	struct oh_buf out = {.arena = arena}, errors = {.arena = arena};

	while (p->in >= 0 || p->out >= 0 || p->err >= 0) {
		struct pollfd fds[3] = {
			{p->in, POLLOUT, 0}, {p->out, POLLIN, 0}, {p->err, POLLIN, 0}};

		if (poll(fds, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			return oh_fail_errno(err, "talking to %s", p->argv[0]);
		}
		if (fds[0].revents)
			feed(p);
		if (fds[1].revents)
			drain(&p->out, &out);
		if (fds[2].revents)
			drain(&p->err, &errors);
	}
	p->status = wait_for(p->pid);
	p->output = oh_buf_slice(&out);
	p->errors = oh_buf_slice(&errors);
	return true;
}

bool oh_process_run(struct oh_arena *arena, struct oh_process *p, struct oh_error *err)
{
	return oh_process_start(arena, p, err) && oh_process_finish(arena, p, err);
}

/*
 * Child processes: a program by argument vector, never through a shell.
 *
 *	const char *argv[] = {"git", "write-tree", NULL};
 *	struct oh_process p = {.argv = argv};
 *	if (!oh_process_run(arena, &p, err)) …	// it could not be started
 *	if (p.status != 0) …			// it ran and failed; p.output, p.errors
 *
 * Start several and finish each to let them run side by side.
 */
#ifndef OH_BASE_PROCESS_H
#define OH_BASE_PROCESS_H

#include "base/error.h"
#include "base/slice.h"

#include <stdint.h>
#include <sys/types.h>

struct oh_process {
	/* in */
	const char *const *argv; /* ends with NULL; argv[0] is looked up in PATH */
	const char *const
		*set; /* "NAME=value" put over the environment ("NAME=" unsets), or NULL */
	struct oh_slice input; /* its standard input; empty: /dev/null */
	bool show_errors; /* its stderr goes to ours instead of into `errors` */
	bool show_output; /* likewise stdout */
	/* out */
	int status; /* exit status; 128 + signal where a signal ended it */
	struct oh_slice output, errors;
	/* private */
	pid_t pid;
	int in, out, err;
	struct oh_slice rest; /* of the input */
};

/* False only where the program could not be started or spoken to. */
bool oh_process_run(struct oh_arena *arena, struct oh_process *process, struct oh_error *err);
bool oh_process_start(struct oh_arena *arena, struct oh_process *process, struct oh_error *err);
bool oh_process_finish(struct oh_arena *arena, struct oh_process *process, struct oh_error *err);

/*
 * A child that answers requests for as long as it lives (`git cat-file --batch`).
 * Write whole requests, read whole answers; close ends it and waits.
 */
struct oh_peer {
	pid_t pid;
	int in, out;
	int errors; /* a file in memory: what it says on stderr */
	off_t heard; /* so much of it has been asked for */
	char *buffer;
	size_t start, end; /* what is in the buffer */
};
bool oh_peer_open(struct oh_peer *peer, struct oh_arena *arena, const char *const *argv,
	struct oh_error *err);
bool oh_peer_write(struct oh_peer *peer, struct oh_slice request, struct oh_error *err);
/* One line without its newline, in ARENA. */
bool oh_peer_read_line(
	struct oh_peer *peer, struct oh_arena *arena, struct oh_slice *line, struct oh_error *err);
/* SIZE bytes, in ARENA. */
bool oh_peer_read(struct oh_peer *peer, struct oh_arena *arena, size_t size, struct oh_slice *bytes,
	struct oh_error *err);
/* What it has said on stderr since this was last asked. */
struct oh_slice oh_peer_errors(struct oh_peer *peer, struct oh_arena *arena);
void oh_peer_close(struct oh_peer *peer);

#endif

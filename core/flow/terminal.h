/*
 * The person at the terminal, where there is one: for a question that only they can answer.
 *
 *	struct oh_terminal t;
 *	if (!oh_terminal_open(&t)) …		// nobody to ask: decide without
 *	oh_terminal_say(&t, OH_SLICE("merge or linear? "));
 *	while (oh_terminal_hear(&t, arena, &line)) …
 *	oh_terminal_close(&t);
 *
 * What is said here must be fit for a terminal (oh_slice_printable). The terminal stays as it is
 * set: Ctrl-C ends us and the git that waits for us, as it would without a question.
 */
#ifndef OH_FLOW_TERMINAL_H
#define OH_FLOW_TERMINAL_H

#include "base/slice.h"

struct oh_terminal {
	int fd;
};

/*
 * False where nobody can be asked: there is no controlling terminal; we are in the background; our
 * messages go elsewhere (a program reads them, or has the screen for itself); or
 * GIT_TERMINAL_PROMPT says no, as to git. What was typed before this is no answer: it is dropped.
 */
bool oh_terminal_open(struct oh_terminal *terminal);
/* The same question, without opening. */
bool oh_terminal_is_there(void);
void oh_terminal_say(struct oh_terminal *terminal, struct oh_slice text);
/* A line without its end, in ARENA. False at the end of input: Ctrl-D, or the terminal is gone. */
bool oh_terminal_hear(struct oh_terminal *terminal, struct oh_arena *arena, struct oh_slice *line);
void oh_terminal_close(struct oh_terminal *terminal);

#endif

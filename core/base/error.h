/*
 * Why a function could not do its work. Fallible functions return bool and take a
 * struct oh_error * last, which is set only on failure and may be NULL.
 *
 *	if (!oh_repo_open(&repo, arena, err))
 *		return oh_wrap(err, "opening the repository");
 *
 * A finding (the user's migrations are wrong) is not an error: see model/finding.h.
 */
#ifndef OH_BASE_ERROR_H
#define OH_BASE_ERROR_H

#include <stdbool.h>

enum oh_code {
	OH_E_NONE = 0,
	OH_E_IO = -1, /* the operating system said no; native is errno */
	OH_E_GIT = -2, /* git or libgit2 failed; native is the exit status or return code */
	OH_E_DATABASE = -3, /* a database failed; native is its own code */
	OH_E_USAGE = -4, /* the command line or configuration can't be taken */
	OH_E_NOT_FOUND = -5, /* no repository, no file, no such revision */
	OH_E_FORMAT = -6, /* bytes that are not what they should be */
	OH_E_VERSION = -7, /* made by a version that this program does not know */
	OH_E_CHANGED = -8, /* the state is not the one that a step expected */
	OH_E_UNSUPPORTED = -9, /* a backend can't do this: the caller may try another */
};

struct oh_error {
	enum oh_code code;
	int native;
	char message[1000]; /* one line, no newline at its end, terminal-safe */
};

/* Each returns false, so that `return oh_fail(err, …)` reads as it acts. */
bool oh_fail(struct oh_error *err, enum oh_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* OH_E_IO with errno and its text behind the message. */
bool oh_fail_errno(struct oh_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Puts context in front of an error that is already set: "context: message". */
bool oh_wrap(struct oh_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

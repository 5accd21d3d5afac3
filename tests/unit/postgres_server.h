/*
 * A PostgreSQL of the test's own: in a directory made for it, reached by a socket there and by no
 * network. It runs as the user postgres where the test runs as root, which the server refuses,
 * and ends with the test, however that ends. Include it after cmocka.h.
 */
#ifndef POSTGRES_SERVER_H
#define POSTGRES_SERVER_H

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct postgres_server {
	char directory[64]; /* the socket's, too */
	char programs[200];
	pid_t pid;
};

static inline void postgres_programs(struct postgres_server *pg)
{
	glob_t found;

	if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) || found.gl_pathc == 0)
		fail_msg("no PostgreSQL is installed (apt-get install postgresql)");
	snprintf(pg->programs, sizeof(pg->programs), "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
}

/* Becomes PROGRAM with ARGUMENTS (a shell's words), as a user that a server may have. */
static inline void postgres_exec(
	const struct postgres_server *pg, const char *program, const char *arguments)
{
	static const char as_postgres[] = "setpriv --reuid=postgres --regid=postgres "
					  "--clear-groups --pdeathsig KILL";
	char command[1000];
	const int log = open("/dev/null", O_WRONLY);

	snprintf(command, sizeof(command), "cd '%s' && exec %s '%s/%s' %s", pg->directory,
		geteuid() == 0 ? as_postgres : "", pg->programs, program, arguments);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static inline pid_t postgres_spawn(
	const struct postgres_server *pg, const char *program, const char *arguments)
{
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		postgres_exec(pg, program, arguments);
	return pid;
}

static inline int postgres_run(
	const struct postgres_server *pg, const char *program, const char *arguments)
{
	const pid_t pid = postgres_spawn(pg, program, arguments);
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline void postgres_launch(struct postgres_server *pg)
{
	const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};

	pg->pid = postgres_spawn(pg, "postgres",
		"-D data -k \"$PWD\" -c listen_addresses= -c fsync=off -c shared_buffers=16MB "
		"-c max_connections=20 -c log_min_messages=panic");
	for (int i = 0; i < 600; i++) {
		if (postgres_run(pg, "pg_isready", "-q -h \"$PWD\"") == 0)
			return;
		if (waitpid(pg->pid, NULL, WNOHANG) == pg->pid)
			fail_msg("PostgreSQL ended as it started");
		nanosleep(&pause, NULL);
	}
	fail_msg("PostgreSQL did not start within 30 seconds");
}

static inline void postgres_start(struct postgres_server *pg)
{
	char command[200];

	strcpy(pg->directory, "/tmp/onehead-pg-XXXXXX");
	postgres_programs(pg);
	assert_non_null(mkdtemp(pg->directory));
	snprintf(command, sizeof(command), "chown postgres:postgres '%s'", pg->directory);
	if (geteuid() == 0 && system(command) != 0)
		fail_msg("there is no user postgres");
	if (postgres_run(pg, "initdb",
		    "-D data -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions"))
		fail_msg("initdb failed in %s", pg->directory);
	postgres_launch(pg);
}

/* SQL in DATABASE, as its superuser; it must succeed. */
static inline void postgres_sql(
	const struct postgres_server *pg, const char *database, const char *sql)
{
	char arguments[2000];

	snprintf(arguments, sizeof(arguments),
		"-q -X -v ON_ERROR_STOP=1 -h \"$PWD\" -U postgres -d %s -c \"$(cat <<'EOF'\n%s\nEOF\n)\"",
		database, sql);
	if (postgres_run(pg, "psql", arguments))
		fail_msg("psql failed: %s", sql);
}

static inline void postgres_stop(struct postgres_server *pg)
{
	char command[200];

	kill(pg->pid, SIGINT); /* ends the sessions, then itself */
	waitpid(pg->pid, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", pg->directory);
	assert_int_equal(system(command), 0);
}

#endif

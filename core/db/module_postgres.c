#include "db/backend.h"

#include "base/buf.h"

#include <ctype.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <string.h>
#include <time.h>

/* Timeouts are set by statement: poolers refuse them among a connection's options. */
static const char SQL_BEGIN[] = "BEGIN READ ONLY;"
				" SET LOCAL statement_timeout = %d;"
				" SET LOCAL lock_timeout = %d";
static const char SQL_VERSIONS[] = "SELECT version_num FROM %s LIMIT %d";
static const char SQL_END[] = "ROLLBACK";

static const char NO_TABLE[] = "42P01";
static const char NO_DATABASE[] = "3D000";

struct postgres {
	PGconn *connection;
	struct oh_slice name; /* of the database, for messages */
	struct oh_slice password; /* never shown */
	long long deadline; /* milliseconds on the monotonic clock */
};

/* Parameters for libpq, as it wants them: two lists ended by NULL. */
struct parameters {
	struct oh_arena *arena;
	const char *names[64], *values[64];
	size_t count;
};

static void add(struct parameters *p, const char *name, struct oh_slice value)
{
	if (value.len == 0 || p->count + 1 >= sizeof(p->names) / sizeof(p->names[0]))
		return;
	p->names[p->count] = name;
	p->values[p->count++] = oh_slice_str(p->arena, value);
}

/* host:port, as SQLAlchemy takes it apart; a socket's directory or an IPv6 address is neither. */
static void add_host(struct oh_slice host, struct oh_buf *hosts, struct oh_buf *ports)
{
	const size_t colon = oh_slice_find_byte(host, ':', 0);
	const bool split = host.len && host.ptr[0] != '/' && colon < host.len &&
			   oh_slice_rfind_byte(host, ':') == colon;
	const char *between = hosts->count ? "," : "";

	oh_buf_addf(hosts, "%s" OH_FMT, between, OH_ARG(oh_slice_sub(host, 0, colon)));
	if (!split)
		oh_buf_add(hosts, oh_slice_sub(host, colon, host.len));
	oh_buf_addf(ports, "%s", between);
	if (split)
		oh_buf_add(ports, oh_slice_sub(host, colon + 1, host.len));
}

static void add_hosts(struct parameters *p, const struct oh_url *url)
{
	struct oh_buf hosts = {.arena = p->arena}, ports = {.arena = p->arena};
	bool numbered = false;

	for (size_t i = 0; i < url->params.count; i++)
		if (oh_slice_eq(url->params.items[i].name, OH_SLICE("host")))
			add_host(url->params.items[i].value, &hosts, &ports);
	add(p, "host", oh_buf_slice(&hosts));
	for (size_t i = 0; i < ports.count; i++)
		numbered |= ports.items[i] != ',';
	if (numbered)
		add(p, "port", oh_buf_slice(&ports));
}

/* Names that other drivers have for what libpq calls otherwise. */
static const struct {
	const char *theirs, *ours;
} renamed[] = {
	{"ssl", "sslmode"},
	{"database", "dbname"},
	{"username", "user"},
};

/* Parameters that would change what we do, or that add_hosts has seen to. */
static const char *const kept_out[] = {
	"host", "replication", "client_encoding", "connect_timeout", "fallback_application_name"};

static const char *libpq_name(const char *name)
{
	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (strcmp(name, renamed[i].theirs) == 0)
			return renamed[i].ours;
	for (size_t i = 0; i < sizeof(kept_out) / sizeof(kept_out[0]); i++)
		if (strcmp(name, kept_out[i]) == 0)
			return "";
	return name;
}

static struct oh_slice libpq_value(const char *name, struct oh_slice value)
{
	if (strcmp(name, "sslmode") == 0 && oh_slice_eq(value, OH_SLICE("true")))
		return OH_SLICE("require");
	if (strcmp(name, "sslmode") == 0 && oh_slice_eq(value, OH_SLICE("false")))
		return OH_SLICE("disable");
	return value;
}

static bool is_known(const PQconninfoOption *known, const char *name)
{
	for (; known && known->keyword; known++)
		if (strcmp(known->keyword, name) == 0)
			return true;
	return false;
}

/* What the URL asks for and libpq knows; options of Python's drivers are nothing to us. */
static void add_known(struct parameters *p, const struct oh_url *url)
{
	PQconninfoOption *known = PQconndefaults();

	for (size_t i = 0; i < url->params.count; i++) {
		const char *name = libpq_name(url->params.items[i].name.ptr);

		if (is_known(known, name))
			add(p, name, libpq_value(name, url->params.items[i].value));
	}
	PQconninfoFree(known);
}

/* Later ones win, as in libpq. */
static void gather(struct parameters *p, const struct oh_url *url)
{
	add(p, "client_encoding", OH_SLICE("UTF8"));
	add(p, "fallback_application_name", OH_SLICE("onehead"));
	add(p, "tcp_user_timeout", OH_SLICE("5000"));
	add(p, "user", url->user);
	add(p, "password", url->password);
	add(p, "host", url->host);
	add(p, "port", url->port);
	add(p, "dbname", url->database);
	add_hosts(p, url);
	add_known(p, url);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* A server's SQLSTATE in libpq's text, "SEVERITY:  28P01: message", or "". */
static struct oh_slice find_state(struct oh_slice text)
{
	for (size_t at = 0; (at = oh_slice_find(text, OH_SLICE(":  "), at)) < text.len; at++) {
		const struct oh_slice rest = oh_slice_sub(text, at + 3, text.len);
		size_t n = 0;

		while (n < rest.len && (isupper((unsigned char)rest.ptr[n]) ||
					       isdigit((unsigned char)rest.ptr[n])))
			n++;
		if (n == 5 && n < rest.len && rest.ptr[n] == ':')
			return oh_slice_sub(rest, 0, 5);
	}
	return OH_SLICE("");
}

/* LINE without the code that verbose messages carry. */
static void add_line(struct oh_buf *out, struct oh_slice line)
{
	const struct oh_slice state = find_state(line);

	if (out->count)
		oh_buf_add(out, OH_SLICE("; "));
	if (state.len) {
		const size_t at = (size_t)(state.ptr - line.ptr);

		oh_buf_add(out, oh_slice_sub(line, 0, at - 1));
		line = oh_slice_sub(line, at + state.len + 2, line.len);
	}
	oh_buf_add(out, oh_slice_trim(line));
}

/*
 * libpq keeps passwords out of what it says, as far as it knows them for passwords. Ours is taken
 * out all the same, wherever it was written by mistake, unless it is too short to be told from
 * the rest.
 */
static struct oh_slice without_password(
	const struct postgres *pg, struct oh_arena *arena, struct oh_slice text)
{
	struct oh_buf out = {.arena = arena};
	size_t from = 0, at;

	if (pg->password.len < 4)
		return text;
	while ((at = oh_slice_find(text, pg->password, from)) < text.len) {
		oh_buf_add(&out, oh_slice_sub(text, from, at));
		oh_buf_add(&out, OH_SLICE("***"));
		from = at + pg->password.len;
	}
	oh_buf_add(&out, oh_slice_sub(text, from, text.len));
	return oh_buf_slice(&out);
}

/* TEXT of libpq, several lines as a rule, as one; lines set in by a tab are only advice. */
static struct oh_slice one_line(struct oh_arena *arena, struct oh_slice text)
{
	struct oh_buf out = {.arena = arena};
	struct oh_slice line;

	while (oh_slice_next_line(&text, &line))
		if (line.len && line.ptr[0] != '\t' &&
			!oh_slice_has_prefix(line, OH_SLICE("LOCATION:")))
			add_line(&out, line);
	return oh_buf_slice(&out);
}

static bool fail(struct postgres *pg, enum oh_code code, const char *text, struct oh_error *err)
{
	struct oh_arena arena = {0};
	struct oh_slice line = one_line(&arena, oh_slice_of(text));

	line = oh_slice_printf(
		&arena, "PostgreSQL database " OH_FMT ": " OH_FMT, OH_ARG(pg->name), OH_ARG(line));
	line = without_password(pg, &arena, line);
	oh_fail(err, code, OH_FMT, OH_ARG(line));
	oh_arena_drop(&arena);
	return false;
}

/* False where the deadline has passed. */
static bool wait_for(const struct postgres *pg, short events)
{
	struct pollfd p = {.fd = PQsocket(pg->connection), .events = events};
	long long left;
	int n;

	do {
		left = pg->deadline - now_ms();
		if (left <= 0)
			return false;
		n = poll(&p, 1, (int)left);
	} while (n < 0 && errno == EINTR);
	return n != 0;
}

/* By hand, as libpq's own timeout begins anew for each address and is at least 2 seconds. */
static bool finish_connecting(struct postgres *pg, struct oh_error *err)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	if (PQstatus(pg->connection) == CONNECTION_BAD)
		next = PGRES_POLLING_FAILED;
	while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
		if (!wait_for(pg, next == PGRES_POLLING_READING ? POLLIN : POLLOUT))
			return fail(pg, OH_E_DATABASE, "no answer within 3 seconds", err);
		next = PQconnectPoll(pg->connection);
	}
	if (next != PGRES_POLLING_OK) {
		const char *text = PQerrorMessage(pg->connection);
		const bool missing =
			oh_slice_eq(find_state(oh_slice_of(text)), oh_slice_of(NO_DATABASE));

		return fail(pg, missing ? OH_E_NOT_FOUND : OH_E_DATABASE, text, err);
	}
	return true;
}

static void ignore_notice(void *state, const PGresult *notice)
{
	(void)state;
	(void)notice;
}

static void postgres_close(void *state)
{
	struct postgres *pg = state;

	PQfinish(pg->connection);
}

static struct oh_slice first_of(struct oh_slice a, struct oh_slice b)
{
	return a.len ? a : b;
}

static bool postgres_open(void **out, struct oh_arena *arena, const struct oh_url *url,
	struct oh_slice root, struct oh_error *err)
{
	struct postgres *pg = oh_arena_alloc(arena, sizeof(*pg));
	struct parameters p = {.arena = arena};

	(void)root;
	gather(&p, url);
	pg->password = first_of(oh_url_param(url, OH_SLICE("password")), url->password);
	pg->deadline = now_ms() + OH_DB_CONNECT_MS;
	pg->connection = PQconnectStartParams(p.names, p.values, 0);
	if (!pg->connection)
		return oh_fail(err, OH_E_DATABASE, "PostgreSQL: out of memory");
	pg->name = oh_slice_dup(arena, oh_slice_of(PQdb(pg->connection)));
	PQsetNoticeReceiver(pg->connection, ignore_notice, NULL);
	PQsetErrorVerbosity(pg->connection, PQERRORS_VERBOSE); /* brings the SQLSTATE */
	if (!finish_connecting(pg, err) || PQsetnonblocking(pg->connection, 1)) {
		postgres_close(pg);
		return false;
	}
	*out = pg;
	return true;
}

/* The next result, waiting no longer than the deadline; NULL at the end, or where it is LATE. */
static PGresult *next_result(struct postgres *pg, bool *late)
{
	int unsent;

	while ((unsent = PQflush(pg->connection)) > 0 || PQisBusy(pg->connection)) {
		if (!wait_for(pg, unsent > 0 ? POLLIN | POLLOUT : POLLIN)) {
			*late = true;
			return NULL;
		}
		if (!PQconsumeInput(pg->connection))
			break; /* PQgetResult then hands out the error */
	}
	return PQgetResult(pg->connection);
}

/* Runs SQL; the last result or the first that failed, for the caller to clear. */
static PGresult *run(struct postgres *pg, const char *sql, struct oh_error *err)
{
	PGresult *kept = NULL, *result;
	bool late = false;

	if (!PQsendQuery(pg->connection, sql)) {
		fail(pg, OH_E_DATABASE, PQerrorMessage(pg->connection), err);
		return NULL;
	}
	while ((result = next_result(pg, &late))) {
		if (kept && PQresultStatus(kept) == PGRES_FATAL_ERROR) {
			PQclear(result);
			continue;
		}
		PQclear(kept);
		kept = result;
	}
	if (late) {
		PQclear(kept);
		kept = NULL;
		fail(pg, OH_E_DATABASE, "no answer within 3 seconds", err);
	}
	return kept;
}

static bool run_command(struct postgres *pg, const char *sql, struct oh_error *err)
{
	PGresult *result = run(pg, sql, err);
	bool ok;

	if (!result)
		return false;
	ok = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (!ok)
		fail(pg, OH_E_DATABASE, PQresultErrorMessage(result), err);
	PQclear(result);
	return ok;
}

static bool take_rows(struct postgres *pg, struct oh_arena *arena, const PGresult *result,
	struct oh_slices *out, struct oh_error *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		return state && strcmp(state, NO_TABLE) == 0
			       ? true
			       : fail(pg, OH_E_DATABASE, PQresultErrorMessage(result), err);
	for (int i = 0; i < PQntuples(result); i++)
		OH_PUSH(arena, out,
			oh_slice_dup(arena, (struct oh_slice){PQgetvalue(result, i, 0),
						    (size_t)PQgetlength(result, i, 0)}));
	return true;
}

static void add_identifier(struct oh_buf *out, struct oh_slice name)
{
	struct oh_slice part;

	oh_buf_add(out, OH_SLICE("\""));
	for (size_t from = 0; from < name.len; from += part.len + 1) {
		part = oh_slice_sub(name, from, oh_slice_find_byte(name, '"', from));
		oh_buf_add(out, part);
		if (from + part.len < name.len)
			oh_buf_add(out, OH_SLICE("\"\""));
	}
	oh_buf_add(out, OH_SLICE("\""));
}

static const char *versions_of(struct oh_arena *arena, const struct oh_db_table *table)
{
	struct oh_buf name = {.arena = arena};

	if (table->schema.len) {
		add_identifier(&name, table->schema);
		oh_buf_add(&name, OH_SLICE("."));
	}
	add_identifier(&name, table->name);
	return oh_slice_printf(
		arena, SQL_VERSIONS, oh_slice_str(arena, oh_buf_slice(&name)), OH_DB_MAX_ROWS + 1)
		.ptr;
}

static bool postgres_applied(void *state, struct oh_arena *arena, const struct oh_db_table *table,
	struct oh_slices *out, struct oh_error *err)
{
	struct postgres *pg = state;
	PGresult *result;
	bool ok;

	/* The server's own timeout, which says more, comes first. */
	pg->deadline = now_ms() + OH_DB_READ_MS + 500;
	if (!run_command(
		    pg, oh_slice_printf(arena, SQL_BEGIN, OH_DB_READ_MS, OH_DB_LOCK_MS).ptr, err))
		return false;
	result = run(pg, versions_of(arena, table), err);
	if (!result)
		return false;
	ok = take_rows(pg, arena, result, out, err);
	PQclear(result);
	return run_command(pg, SQL_END, ok ? err : NULL) && ok;
}

const struct oh_db_backend oh_db_postgres = {
	.open = postgres_open,
	.applied = postgres_applied,
	.close = postgres_close,
};

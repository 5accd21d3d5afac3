/*
 * Database URLs as SQLAlchemy writes and reads them. Pure.
 *
 *	struct oh_url url;
 *	if (!oh_url_parse(arena, OH_SLICE("postgresql+asyncpg://bob:p%40ss@host/app"), &url, err)) …
 *	// kind "postgresql", driver "asyncpg", user "bob", password "p@ss", host "host", database
 *"app"
 *
 * A part that is not there is "". No message quotes any part of the text: where a URL is mistyped
 * nobody can say which part of it is the password.
 */
#ifndef OH_DB_URL_H
#define OH_DB_URL_H

#include "base/error.h"
#include "base/slice.h"

struct oh_url_param {
	struct oh_slice name, value;
};

struct oh_url_params {
	struct oh_url_param *items;
	size_t count, capacity;
};

struct oh_url {
	struct oh_slice kind; /* "sqlite", "postgresql", … */
	struct oh_slice driver; /* what stands behind the kind's "+" */
	struct oh_slice user, password, host, port, database;
	struct oh_slice written; /* the database before decoding, as SQLAlchemy before 2.1 has it */
	struct oh_url_params
		params; /* ?name=value&…, in order; those without a value are dropped */
};

/* All parts have a NUL behind them and none inside. OH_E_USAGE for what is no such URL. */
bool oh_url_parse(
	struct oh_arena *arena, struct oh_slice text, struct oh_url *out, struct oh_error *err);

/* The last value of parameter NAME, or "". Here, as the modules are not linked with url.c. */
static inline struct oh_slice oh_url_param(const struct oh_url *url, struct oh_slice name)
{
	for (size_t i = url->params.count; i > 0; i--)
		if (oh_slice_eq(url->params.items[i - 1].name, name))
			return url->params.items[i - 1].value;
	return OH_SLICE("");
}

/* The URL as it may be shown: without password and parameters, fit for a terminal. */
struct oh_slice oh_url_show(struct oh_arena *arena, const struct oh_url *url);

#endif

/* Names of new migration files, as Alembic makes them. */
#ifndef OH_ADAPTERS_ALEMBIC_NAMING_H
#define OH_ADAPTERS_ALEMBIC_NAMING_H

#include "adapters/alembic/date.h"
#include "model/location.h"

#define OH_NAMING_SLUG 40 /* truncate_slug_length where none is configured */

/*
 * The words of TEXT in lower case, joined by '_'; longer than LIMIT, cut behind the last word that
 * ends before it, and a '_' put there. Words with other than ASCII in them are left out: a file's
 * name must mean the same bytes on every file system.
 */
struct oh_slice oh_naming_slug(struct oh_arena *arena, struct oh_slice text, size_t limit);

/* What goes into a name. */
struct oh_naming {
	struct oh_slice rev, message;
	struct oh_date date;
};

/*
 * The file's path below its version directory, by the location's file_template. A template that
 * can't be followed (Python would raise, or Alembic would not find the file again, or it leaves
 * the directory) gives the default, %(rev)s_%(slug)s. Subdirectories are made only where the
 * location is recursive; else their '/' becomes a '_'.
 */
struct oh_slice oh_naming_path(
	struct oh_arena *arena, const struct oh_location *location, const struct oh_naming *naming);

/* The name of the file at PATH without its .py. */
struct oh_slice oh_naming_stem(struct oh_slice path);

#endif

#include "adapters/alembic/options.h"

#include "base/buf.h"

/* What paths are relative to where the source has no path of its own. */
#define NO_ROOT OH_SLICE("/.onehead-root")

static void say(const struct oh_options *options, const struct oh_option *option, bool computed,
	struct oh_slice why)
{
	struct oh_unreadables *list = options->unreadable;

	why = oh_slice_printable(options->arena, why);
	/* options are asked for more than once */
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].line == option->line &&
			oh_slice_eq(list->items[i].path, option->path) &&
			oh_slice_eq(list->items[i].why, why))
			return;
	OH_PUSH(options->arena, list,
		(struct oh_unreadable){option->path, option->line, why, computed});
}

void oh_options_complain(
	const struct oh_options *options, const struct oh_option *option, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(options, option, false, oh_slice_vprintf(options->arena, format, args));
	va_end(args);
}

void oh_options_give_up(
	const struct oh_options *options, const struct oh_option *option, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(options, option, true, oh_slice_vprintf(options->arena, format, args));
	va_end(args);
}

/* OH_E_NOT_FOUND is no failure: *FOUND says it. */
static bool read_if_there(struct oh_options *o, struct oh_slice path, struct oh_slice *bytes,
	bool *found, struct oh_error *err)
{
	struct oh_error local = {0};

	*found = oh_source_read(o->source, o->arena, path, bytes, &local);
	if (!*found && local.code == OH_E_NOT_FOUND)
		return true;
	if (!*found && err)
		*err = local;
	return *found;
}

static bool contains(struct oh_slice text, const char *word)
{
	return oh_slice_find(text, oh_slice_of(word), 0) < text.len;
}

/*
 * A pyproject.toml that is broken where Alembic has no business (a merge left markers among the
 * dependencies) is nobody's concern here.
 */
static void note_toml_problem(struct oh_options *o, struct oh_slice bytes)
{
	const struct oh_option at = {.path = o->toml_path, .line = o->toml.problem_line};

	if (!o->toml.found && !contains(bytes, "tool.alembic") &&
		!contains(bytes, "script_location"))
		return;
	oh_options_complain(o, &at, "%s", o->toml.problem);
}

static bool load_toml(struct oh_options *o, struct oh_slice path, struct oh_error *err)
{
	struct oh_slice keys[] = {OH_SLICE("tool"), OH_SLICE("alembic")}, bytes;
	const struct oh_slices table = {keys, 2, 2};
	bool found;

	if (!read_if_there(o, path, &bytes, &found, err))
		return false;
	if (!found || !contains(bytes, "alembic"))
		return true;
	o->toml_path = path;
	oh_toml_read(&o->toml, o->arena, bytes, &table);
	if (o->toml.problem)
		note_toml_problem(o, bytes);
	return true;
}

static bool load_ini(struct oh_options *o, struct oh_slice path, struct oh_error *err)
{
	struct oh_slice bytes;
	bool found;

	if (!read_if_there(o, path, &bytes, &found, err))
		return false;
	if (!found)
		return true;
	o->ini_path = path;
	o->ini.here = oh_path_join(o->arena, o->root, o->directory);
	oh_ini_read(&o->ini, o->arena, bytes);
	return true;
}

static bool is_toml(struct oh_slice config)
{
	return oh_slice_eq(oh_path_name(config), OH_SLICE("pyproject.toml"));
}

/* Then [alembic] speaks for the directory, and [tool.alembic] only fills in. */
static bool has_main_section(const struct oh_options *o)
{
	return o->ini_path.len &&
	       (o->ini.problem || oh_ini_has_section(&o->ini, OH_SLICE("alembic")));
}

bool oh_options_load(struct oh_options *o, struct oh_slice config, struct oh_error *err)
{
	const bool toml = is_toml(config);
	struct oh_slice beside = toml ? OH_SLICE("alembic.ini") : OH_SLICE("pyproject.toml");

	if (err)
		err->code = OH_E_NONE;
	o->directory = oh_path_directory(config);
	o->root = oh_path_join(o->arena, OH_SLICE(""), o->root.len ? o->root : NO_ROOT);
	beside = oh_path_join(o->arena, o->directory, beside);
	if (!load_ini(o, toml ? beside : config, err))
		return false;
	if (toml && has_main_section(o))
		return false;
	if (toml)
		o->ini_path = OH_SLICE(""), o->ini = (struct oh_ini){0};
	if (o->ini.problem) {
		const struct oh_option at = {.path = o->ini_path, .line = o->ini.problem_line};

		oh_options_complain(o, &at, "%s", o->ini.problem);
		return false;
	}
	return load_toml(o, toml ? config : beside, err) && (!toml || o->toml.found);
}

/*
 * TEXT % {"here": …}, as Alembic does it to every text of the TOML file. False with *PROBLEM
 * where Python would raise or where it would put out something else than text.
 */
static bool format_toml(const struct oh_options *o, struct oh_slice text, struct oh_slice *out)
{
	const struct oh_slice here = oh_path_join(o->arena, o->root, o->directory);
	struct oh_buf buf = {.arena = o->arena};

	while (text.len) {
		const size_t percent = oh_slice_find_byte(text, '%', 0);

		oh_buf_add(&buf, oh_slice_sub(text, 0, percent));
		text = oh_slice_sub(text, percent, text.len);
		if (oh_slice_cut_prefix(&text, OH_SLICE("%%")))
			oh_buf_add(&buf, OH_SLICE("%"));
		else if (oh_slice_cut_prefix(&text, OH_SLICE("%(here)s")))
			oh_buf_add(&buf, here);
		else if (text.len)
			return false;
	}
	*out = oh_buf_slice(&buf);
	return true;
}

static bool format_items(
	const struct oh_options *o, const struct oh_slices *items, struct oh_slices *out)
{
	struct oh_slice text;

	for (size_t i = 0; i < items->count; i++) {
		if (!format_toml(o, items->items[i], &text))
			return false;
		OH_PUSH(o->arena, out, text);
	}
	return true;
}

static struct oh_option toml_option(const struct oh_options *o, const char *key)
{
	const struct oh_toml_entry *e = oh_toml_get(&o->toml, oh_slice_of(key));
	struct oh_option option = {.path = o->toml_path, .line = e ? e->line : 0};
	bool ok = true;

	if (!e)
		return option;
	switch (e->kind) {
	case OH_TOML_STRING:
		option.kind = OH_OPTION_TEXT;
		ok = format_toml(o, e->text, &option.text);
		break;
	case OH_TOML_STRINGS:
		option.kind = OH_OPTION_LIST;
		ok = format_items(o, &e->items, &option.items);
		break;
	case OH_TOML_INTEGER:
		option.kind = OH_OPTION_TEXT;
		option.text = oh_slice_printf(o->arena, "%lld", e->number);
		break;
	case OH_TOML_TRUE:
	case OH_TOML_FALSE:
		option.kind = OH_OPTION_FLAG;
		option.flag = e->kind == OH_TOML_TRUE;
		break;
	case OH_TOML_OTHER:
		oh_options_complain(
			o, &option, "%s: a value of a kind that Alembic does not take", key);
	}
	if (!ok) {
		oh_options_complain(o, &option, "%s: a %% that is neither %%%% nor %%(here)s", key);
		option.kind = OH_OPTION_NONE;
	}
	return option;
}

struct oh_option oh_options_get(
	const struct oh_options *o, struct oh_slice section, const char *key)
{
	const struct oh_ini_value v = o->ini_path.len
					      ? oh_ini_get(&o->ini, section, oh_slice_of(key))
					      : (struct oh_ini_value){0};
	struct oh_option option = {.kind = OH_OPTION_TEXT,
		.text = v.text,
		.own = v.own,
		.path = o->ini_path,
		.line = v.line};

	if (!v.found)
		return toml_option(o, key);
	if (v.problem) {
		oh_options_complain(o, &option, "%s: %s", key, v.problem);
		option.kind = OH_OPTION_NONE;
	}
	return option;
}

bool oh_options_flag(const struct oh_options *o, struct oh_slice section, const char *key)
{
	const struct oh_option option = oh_options_get(o, section, key);

	if (option.kind == OH_OPTION_TEXT && oh_slice_eq(option.path, o->ini_path))
		return oh_slice_eq(option.text, OH_SLICE("true"));
	if (option.kind == OH_OPTION_TEXT || option.kind == OH_OPTION_LIST)
		oh_options_complain(o, &option, "%s: Alembic wants true or false here", key);
	return option.kind == OH_OPTION_FLAG && option.flag;
}

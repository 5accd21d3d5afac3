#include "adapters/alembic/config.h"

#include "adapters/alembic/directories.h"
#include "adapters/alembic/text.h"

#define MAIN_SECTION OH_SLICE("alembic")

bool oh_alembic_is_config(struct oh_slice path)
{
	const struct oh_slice name = oh_path_name(path), word = OH_SLICE("alembic");

	if (oh_slice_eq(name, OH_SLICE("pyproject.toml")))
		return true;
	return oh_slice_has_suffix(name, OH_SLICE(".ini")) &&
	       oh_slice_find(name, word, 0) < name.len;
}

static void add_once(struct oh_arena *arena, struct oh_slices *list, struct oh_slice path)
{
	if (!oh_slices_contain(list, path))
		OH_PUSH(arena, list, path);
}

/* Fills location->versions. */
static void find_versions(struct oh_directories *d, struct oh_location *location)
{
	struct oh_arena *arena = d->options->arena;
	const struct oh_option option = oh_options_get(d->options, d->section, "version_locations");
	struct oh_slices paths = {0};
	struct oh_slice path;

	if (!oh_directories_split(d, "version_locations", &paths))
		return;
	if (!paths.count)
		add_once(arena, &location->versions,
			oh_path_join(arena, location->directory, OH_SLICE("versions")));
	for (size_t i = 0; i < paths.count; i++)
		if (oh_directories_resolve(d, paths.items[i], &option, &path) == OH_RESOLVED)
			add_once(arena, &location->versions, path);
}

/* As int() reads it; false where it would raise. */
static bool read_length(struct oh_slice text, size_t *length)
{
	*length = 0;
	text = oh_text_strip(text);
	oh_slice_cut_prefix(&text, OH_SLICE("+"));
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9' || *length > 100000)
			return false;
		*length = *length * 10 + (size_t)(text.ptr[i] - '0');
	}
	return text.len > 0;
}

static void find_naming(struct oh_directories *d, struct oh_location *location)
{
	const struct oh_options *o = d->options;
	const struct oh_option length = oh_options_get(o, d->section, "truncate_slug_length");

	location->file_template = oh_options_get(o, d->section, "file_template").text;
	location->timezone = oh_options_get(o, d->section, "timezone").text;
	if (length.kind == OH_OPTION_TEXT && !read_length(length.text, &location->slug_length))
		oh_options_complain(o, &length, "truncate_slug_length is no length");
}

static bool has_suffix_of_compiled(struct oh_slice path)
{
	return oh_slice_has_suffix(path, OH_SLICE(".pyc")) ||
	       oh_slice_has_suffix(path, OH_SLICE(".pyo"));
}

/* Compiled migrations without their source: they count for Alembic and can't be read here. */
static bool find_compiled(
	struct oh_directories *d, const struct oh_location *location, struct oh_error *err)
{
	const struct oh_options *o = d->options;
	struct oh_entries entries = {0};

	for (size_t i = 0; i < location->versions.count; i++)
		if (!oh_source_list(o->source, o->arena, location->versions.items[i],
			    location->recursive, &entries, err))
			return false;
	for (size_t i = 0; i < entries.count; i++) {
		const struct oh_slice path = entries.items[i].path;
		const struct oh_option at = {.path = path};
		bool has_source = false;

		if (entries.items[i].kind != OH_FILE || !has_suffix_of_compiled(path))
			continue;
		for (size_t j = 0; j < entries.count && !has_source; j++)
			has_source = oh_slice_eq(
				entries.items[j].path, oh_slice_sub(path, 0, path.len - 1));
		if (!has_source)
			oh_options_give_up(o, &at, "a compiled migration without its source");
	}
	return true;
}

/* A directory names one graph: a section that has it with other versions can't be kept apart. */
static bool is_known(const struct oh_options *o, const struct oh_locations *known,
	const struct oh_location *location, const struct oh_option *option)
{
	for (size_t i = 0; i < known->count; i++) {
		const struct oh_location *other = &known->items[i];
		const struct oh_slice a = oh_slices_join(o->arena, &other->versions, "\n"),
				      b = oh_slices_join(o->arena, &location->versions, "\n");

		if (!oh_slice_eq(other->directory, location->directory))
			continue;
		if (!oh_slice_eq(a, b))
			oh_options_give_up(o, option,
				"another section has this script_location with other "
				"version_locations");
		return true;
	}
	return false;
}

static bool discover_section(const struct oh_options *o, struct oh_slice section,
	struct oh_slice config, struct oh_locations *out, struct oh_error *err)
{
	const struct oh_option script = oh_options_get(o, section, "script_location");
	struct oh_location location = {.system = OH_SLICE("alembic"), .config = config};
	struct oh_directories d;

	if (script.kind == OH_OPTION_NONE)
		return true;
	if (script.kind != OH_OPTION_TEXT) {
		oh_options_complain(o, &script, "script_location: Alembic wants a path here");
		return true;
	}
	oh_directories_begin(&d, o, section);
	switch (oh_directories_resolve(&d, script.text, &script, &location.directory)) {
	case OH_RESOLVED_MISSING:
		oh_options_give_up(
			o, &script, "script_location: there is no " OH_FMT, OH_ARG(script.text));
		return true;
	case OH_RESOLVED_UNKNOWN:
		return true;
	case OH_RESOLVED:
		break;
	}
	find_versions(&d, &location);
	if (is_known(o, out, &location, &script))
		return true;
	location.recursive = oh_options_flag(o, section, "recursive_version_locations");
	location.sourceless = oh_options_flag(o, section, "sourceless");
	find_naming(&d, &location);
	OH_PUSH(o->arena, out, location);
	return !location.sourceless || find_compiled(&d, &location, err);
}

/* Could SECTION be meant for -n? */
static bool names_graph(const struct oh_options *o, struct oh_slice section)
{
	const struct oh_ini_value script =
					  oh_ini_get(&o->ini, section, OH_SLICE("script_location")),
				  versions = oh_ini_get(
					  &o->ini, section, OH_SLICE("version_locations"));

	return script.own || (script.found && versions.own);
}

static bool discover_others(const struct oh_options *o, struct oh_slice config,
	struct oh_locations *out, struct oh_error *err)
{
	for (size_t i = 1; i < o->ini.sections.count; i++) {
		const struct oh_slice section = o->ini.sections.items[i];

		if (!oh_slice_eq(section, MAIN_SECTION) && names_graph(o, section) &&
			!discover_section(o, section, config, out, err))
			return false;
	}
	return true;
}

bool oh_alembic_discover(struct oh_arena *arena, struct oh_source *source, struct oh_slice root,
	struct oh_slice config, struct oh_locations *out, struct oh_unreadables *unreadable,
	struct oh_error *err)
{
	struct oh_options o = {
		.arena = arena, .source = source, .root = root, .unreadable = unreadable};
	const size_t known = unreadable->count;
	struct oh_locations found = {0};
	struct oh_error local = {0};
	bool main_section;

	if (!oh_options_load(&o, config, &local)) {
		if (local.code != OH_E_NONE && err)
			*err = local;
		return local.code == OH_E_NONE;
	}
	main_section = !o.ini_path.len || oh_ini_has_section(&o.ini, MAIN_SECTION);
	if ((main_section && !discover_section(&o, MAIN_SECTION, config, &found, err)) ||
		!discover_others(&o, config, &found, err))
		return false;
	if (main_section && !found.count && unreadable->count == known)
		oh_options_give_up(
			&o, &(struct oh_option){.path = config}, "it names no script_location");
	for (size_t i = 0; i < found.count; i++)
		OH_PUSH(arena, out, found.items[i]);
	return true;
}

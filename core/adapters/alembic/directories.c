#include "adapters/alembic/directories.h"

#include "adapters/alembic/text.h"

/* What separates paths where nothing says it: as the regular expressions of Alembic have it. */
#define SPACE_COMMA " ,"
#define SPACE_COMMA_COLON " ,:"

static bool is_there(const struct oh_directories *d, struct oh_slice path)
{
	const struct oh_options *o = d->options;
	struct oh_entries entries = {0};

	return oh_source_list(o->source, o->arena, path, false, &entries, NULL) && entries.count;
}

static bool leaves_root(struct oh_slice path)
{
	return oh_slice_eq(path, OH_SLICE("..")) || oh_slice_has_prefix(path, OH_SLICE("../"));
}

/* What ABSOLUTE is below ROOT; false where it is not below it. */
static bool make_relative(struct oh_slice root, struct oh_slice absolute, struct oh_slice *out)
{
	*out = absolute;
	if (!oh_slice_cut_prefix(out, root))
		return false;
	if (!out->len)
		return true;
	return oh_slice_has_suffix(root, OH_SLICE("/")) || oh_slice_cut_prefix(out, OH_SLICE("/"));
}

static enum oh_resolved resolve_absolute(struct oh_directories *d, struct oh_slice text,
	const struct oh_option *option, struct oh_slice *out)
{
	const struct oh_options *o = d->options;

	if (!make_relative(o->root, oh_path_join(o->arena, OH_SLICE(""), text), out)) {
		oh_options_give_up(
			o, option, OH_FMT " lies outside of the repository", OH_ARG(text));
		return OH_RESOLVED_UNKNOWN;
	}
	return is_there(d, *out) ? OH_RESOLVED : OH_RESOLVED_MISSING;
}

static enum oh_resolved resolve_relative(struct oh_directories *d, struct oh_slice text,
	const struct oh_option *option, struct oh_slice *out)
{
	const struct oh_options *o = d->options;
	bool outside = true;

	for (int i = 0; i < 2; i++) {
		const bool from_root = d->from_root != (i == 1);
		const struct oh_slice base = from_root ? OH_SLICE("") : o->directory;
		const struct oh_slice path = oh_path_join(o->arena, base, text);

		outside &= leaves_root(path);
		if (leaves_root(path) || !is_there(d, path))
			continue;
		d->from_root = from_root;
		*out = path;
		return OH_RESOLVED;
	}
	if (!outside)
		return OH_RESOLVED_MISSING;
	oh_options_give_up(o, option, OH_FMT " lies outside of the repository", OH_ARG(text));
	return OH_RESOLVED_UNKNOWN;
}

/* `package.name:path:path` */
static enum oh_resolved resolve_package(struct oh_directories *d, struct oh_slice text,
	const struct oh_option *option, struct oh_slice *out)
{
	const struct oh_options *o = d->options;
	struct oh_slice package, part, path = OH_SLICE(""), found;

	oh_slice_next(&text, ':', &package);
	for (struct oh_slice rest = package; oh_slice_next(&rest, '.', &part);)
		path = oh_path_join(o->arena, path, part);
	for (size_t i = 0; path.len && i < d->packages.count; i++) {
		found = oh_path_join(o->arena, d->packages.items[i], path);
		if (leaves_root(found) || !is_there(d, found))
			continue;
		while (oh_slice_next(&text, ':', &part))
			found = oh_path_join(o->arena, found, part);
		*out = found;
		return is_there(d, found) ? OH_RESOLVED : OH_RESOLVED_MISSING;
	}
	oh_options_give_up(
		o, option, "the package " OH_FMT " is not in this repository", OH_ARG(package));
	return OH_RESOLVED_UNKNOWN;
}

enum oh_resolved oh_directories_resolve(struct oh_directories *d, struct oh_slice text,
	const struct oh_option *option, struct oh_slice *out)
{
	if (oh_slice_has_prefix(text, OH_SLICE("/")))
		return resolve_absolute(d, text, option, out);
	if (oh_slice_find_byte(text, ':', 0) < text.len)
		return resolve_package(d, text, option, out);
	return resolve_relative(d, text, option, out);
}

/* The separator that the configuration names: "" for none named, NULL for a wrong one. */
static const char *configured_separator(const struct oh_directories *d, bool versions)
{
	static const char *const names[][2] = {
		{"space", " "}, {"newline", "\n"}, {"os", ":"}, {":", ":"}, {";", ";"}};
	struct oh_option option = oh_options_get(d->options, d->section, "path_separator");

	if (option.kind == OH_OPTION_NONE && versions)
		option = oh_options_get(d->options, d->section, "version_path_separator");
	if (option.kind != OH_OPTION_TEXT || !oh_slice_eq(option.path, d->options->ini_path))
		return "";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (oh_slice_eq(option.text, oh_slice_of(names[i][0])))
			return names[i][1];
	oh_options_complain(d->options, &option, OH_FMT " is no path separator that Alembic knows",
		OH_ARG(option.text));
	return NULL;
}

/* Splits at any byte of SEPARATORS. Empty parts are left out, where Alembic would sometimes take
 * them for the working directory. */
static void split(
	struct oh_arena *arena, struct oh_slice text, const char *separators, struct oh_slices *out)
{
	const struct oh_slice bytes = oh_slice_of(separators);
	size_t from = 0;

	for (size_t i = 0; i <= text.len; i++) {
		struct oh_slice part;

		if (i < text.len && oh_slice_find_byte(bytes, text.ptr[i], 0) == bytes.len)
			continue;
		part = oh_text_strip(oh_slice_sub(text, from, i));
		if (part.len)
			OH_PUSH(arena, out, part);
		from = i + 1;
	}
}

bool oh_directories_split(const struct oh_directories *d, const char *key, struct oh_slices *out)
{
	const bool versions = oh_slice_eq(oh_slice_of(key), OH_SLICE("version_locations"));
	const struct oh_option option = oh_options_get(d->options, d->section, key);
	const char *separator;

	if (option.kind == OH_OPTION_LIST) {
		*out = option.items;
		return true;
	}
	if (option.kind != OH_OPTION_TEXT || !option.text.len)
		return option.kind != OH_OPTION_FLAG;
	if (!oh_slice_eq(option.path, d->options->ini_path)) {
		oh_options_complain(d->options, &option, "%s: Alembic wants a list here", key);
		return false;
	}
	separator = configured_separator(d, versions);
	if (!separator)
		return false;
	if (!*separator)
		separator = versions ? SPACE_COMMA : SPACE_COMMA_COLON;
	split(d->options->arena, option.text, separator, out);
	return true;
}

/* Where Python would find packages: prepend_sys_path, and where projects keep them. */
void oh_directories_begin(
	struct oh_directories *d, const struct oh_options *options, struct oh_slice section)
{
	const struct oh_slice directory = options->directory, nothing = OH_SLICE("");
	const struct oh_slice source = oh_path_join(options->arena, directory, OH_SLICE("src"));
	struct oh_slices prepended = {0};
	struct oh_slice path;

	*d = (struct oh_directories){.options = options, .section = section};
	oh_directories_split(d, "prepend_sys_path", &prepended);
	for (size_t i = 0; i < prepended.count; i++)
		if (!oh_slice_has_prefix(prepended.items[i], OH_SLICE("/")))
			for (int j = 0; j < 2; j++)
				OH_PUSH(options->arena, &d->packages,
					oh_path_join(options->arena, j ? nothing : directory,
						prepended.items[i]));
		else if (make_relative(options->root,
				 oh_path_join(options->arena, nothing, prepended.items[i]), &path))
			OH_PUSH(options->arena, &d->packages, path);
	OH_PUSH(options->arena, &d->packages, directory);
	OH_PUSH(options->arena, &d->packages, source);
	OH_PUSH(options->arena, &d->packages, nothing);
	OH_PUSH(options->arena, &d->packages, OH_SLICE("src"));
}

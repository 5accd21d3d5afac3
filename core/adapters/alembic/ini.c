#include "adapters/alembic/ini.h"

#include "adapters/alembic/text.h"
#include "base/buf.h"

#define MOST_DEPTH 10 /* configparser.MAX_INTERPOLATION_DEPTH */
#define MOST_STEPS 10000 /* ours: ten levels of a thousand names each are not worth following */

/* What is being read. */
struct reader {
	struct oh_ini *ini;
	size_t section; /* of the current line; NONE before the first header */
	struct oh_ini_option *option; /* takes continued lines; NULL where none can */
	struct oh_buf value; /* …of that option, so far */
	size_t indent; /* of the line that began the option or section */
	unsigned line;
};

#define NONE ((size_t)-1)

static void fail(struct reader *r, const char *problem)
{
	if (r->ini->problem)
		return;
	r->ini->problem = problem;
	r->ini->problem_line = r->line;
}

static struct oh_slice option_key(const struct oh_ini *ini, size_t section, struct oh_slice key)
{
	return oh_slice_printf(
		ini->arena, OH_FMT "\n" OH_FMT, OH_ARG(ini->sections.items[section]), OH_ARG(key));
}

static size_t add_section(struct oh_ini *ini, struct oh_slice name)
{
	OH_PUSH(ini->arena, &ini->sections, name);
	*oh_map_put(&ini->section_index, name) = ini->sections.count - 1;
	return ini->sections.count - 1;
}

/* Joins what belongs to the option that ends here. */
static void finish_option(struct reader *r)
{
	if (r->option)
		r->option->value = oh_text_rstrip(oh_buf_slice(&r->value));
	r->option = NULL;
	r->value = (struct oh_buf){.arena = r->ini->arena};
}

static void continue_option(struct reader *r, struct oh_slice text)
{
	oh_buf_add(&r->value, OH_SLICE("\n"));
	oh_buf_add(&r->value, text);
}

static void begin_section(struct reader *r, struct oh_slice name)
{
	const size_t *known = oh_map_get(&r->ini->section_index, name);

	finish_option(r);
	if (known && *known)
		fail(r, "the section is there twice");
	r->section = known ? *known : add_section(r->ini, name);
}

static void begin_option(struct reader *r, struct oh_slice text, size_t delimiter)
{
	struct oh_ini *ini = r->ini;
	const struct oh_slice written = oh_text_rstrip(oh_slice_sub(text, 0, delimiter));
	const struct oh_slice key = oh_text_lower(ini->arena, written);
	const struct oh_slice full = option_key(ini, r->section, key);

	finish_option(r);
	if (!key.len)
		fail(r, "a value without a name");
	if (oh_map_get(&ini->option_index, full))
		fail(r, "the option is there twice");
	*oh_map_put(&ini->option_index, full) = ini->options.count;
	OH_PUSH(ini->arena, &ini->options,
		(struct oh_ini_option){r->section, key, OH_SLICE(""), r->line});
	r->option = &ini->options.items[ini->options.count - 1];
	oh_buf_add(&r->value, oh_text_strip(oh_slice_sub(text, delimiter + 1, text.len)));
}

static size_t find_delimiter(struct oh_slice s)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] != '=' && s.ptr[i] != ':')
		i++;
	return i;
}

/* TEXT is a line that is no comment, not blank, and continues nothing; stripped. */
static void read_beginning(struct reader *r, struct oh_slice text)
{
	const size_t close = oh_slice_rfind_byte(text, ']'), delimiter = find_delimiter(text);

	if (text.ptr[0] == '[' && close < text.len && close > 1) {
		begin_section(r, oh_slice_sub(text, 1, close));
	} else if (r->section == NONE) {
		fail(r, oh_slice_has_prefix(text, OH_SLICE("\xef\xbb\xbf"))
				? "a byte order mark, which Alembic does not take"
				: "no section header before it");
	} else if (delimiter < text.len) {
		begin_option(r, text, delimiter);
	} else {
		fail(r, oh_slice_has_prefix(text, OH_SLICE("<<<<<<< "))
				? "a conflict marker"
				: "neither a section nor an option");
	}
}

static void read_line(struct reader *r, struct oh_slice line)
{
	const struct oh_slice text = oh_text_strip(line);
	const size_t indent = oh_text_indent(line);

	if (text.len && (text.ptr[0] == '#' || text.ptr[0] == ';'))
		return;
	if (!text.len) {
		if (r->option)
			continue_option(r, text);
	} else if (r->option && indent > r->indent) {
		continue_option(r, text);
	} else {
		r->indent = indent;
		read_beginning(r, text);
	}
}

void oh_ini_read(struct oh_ini *ini, struct oh_arena *arena, struct oh_slice bytes)
{
	struct reader r = {.ini = ini, .section = NONE, .value = {.arena = arena}};
	struct oh_slice line;

	*ini = (struct oh_ini){.here = ini->here,
		.arena = arena,
		.section_index = {.arena = arena},
		.option_index = {.arena = arena}};
	add_section(ini, OH_SLICE("DEFAULT"));
	while (!ini->problem && oh_text_next_line(&bytes, &line)) {
		r.line++;
		read_line(&r, line);
	}
	finish_option(&r);
}

bool oh_ini_has_section(const struct oh_ini *ini, struct oh_slice section)
{
	const size_t *at = oh_map_get(&ini->section_index, section);

	return at && *at; /* DEFAULT is none, as has_section() has it */
}

static const struct oh_ini_option *find_option(
	const struct oh_ini *ini, size_t section, struct oh_slice key)
{
	const size_t *at = oh_map_get(&ini->option_index, option_key(ini, section, key));

	if (!at && section)
		at = oh_map_get(&ini->option_index, option_key(ini, 0, key));
	return at ? &ini->options.items[*at] : NULL;
}

struct interpolation {
	const struct oh_ini *ini;
	size_t section;
	struct oh_buf out;
	unsigned steps;
	const char *problem;
};

static void interpolate(struct interpolation *ip, struct oh_slice text, int depth);

/* REST begins with "%(". */
static struct oh_slice interpolate_name(struct interpolation *ip, struct oh_slice rest, int depth)
{
	const size_t close = oh_slice_find_byte(rest, ')', 2);
	const struct oh_ini_option *option;
	struct oh_slice name;

	if (close == 2 || close + 1 >= rest.len || rest.ptr[close + 1] != 's') {
		ip->problem = "a %(name) that is not closed by )s";
		return rest;
	}
	name = oh_text_lower(ip->ini->arena, oh_slice_sub(rest, 2, close));
	option = find_option(ip->ini, ip->section, name);
	if (option)
		interpolate(ip, option->value, depth + 1);
	else if (oh_slice_eq(name, OH_SLICE("here")))
		oh_buf_add(&ip->out, ip->ini->here);
	else
		ip->problem = oh_slice_str(ip->ini->arena,
			oh_slice_printf(ip->ini->arena, "%%(" OH_FMT ")s is said nowhere",
				OH_ARG(oh_slice_printable(ip->ini->arena, name))));
	return oh_slice_sub(rest, close + 2, rest.len);
}

static void interpolate(struct interpolation *ip, struct oh_slice text, int depth)
{
	const bool has_names = oh_slice_find_byte(text, '%', 0) < text.len;

	if ((has_names && depth > MOST_DEPTH) || ip->steps++ > MOST_STEPS)
		ip->problem = "its %(names)s refer to each other too deeply";
	while (text.len && !ip->problem) {
		const size_t percent = oh_slice_find_byte(text, '%', 0);

		oh_buf_add(&ip->out, oh_slice_sub(text, 0, percent));
		text = oh_slice_sub(text, percent, text.len);
		if (oh_slice_has_prefix(text, OH_SLICE("%%"))) {
			oh_buf_add(&ip->out, OH_SLICE("%"));
			text = oh_slice_sub(text, 2, text.len);
		} else if (oh_slice_has_prefix(text, OH_SLICE("%("))) {
			text = interpolate_name(ip, text, depth);
		} else if (text.len) {
			ip->problem = "a % that is neither %% nor %(name)s";
		}
	}
}

struct oh_ini_value oh_ini_get(
	const struct oh_ini *ini, struct oh_slice section, struct oh_slice key)
{
	const size_t *at = oh_map_get(&ini->section_index, section);
	struct interpolation ip = {
		.ini = ini, .section = at ? *at : 0, .out = {.arena = ini->arena}};
	const struct oh_ini_option *option = at ? find_option(ini, *at, key) : NULL;

	if (!option)
		return (struct oh_ini_value){0};
	interpolate(&ip, option->value, 1);
	return (struct oh_ini_value){
		.found = true,
		.own = option->section == ip.section,
		.text = ip.problem ? OH_SLICE("") : oh_buf_slice(&ip.out),
		.problem = ip.problem,
		.line = option->line,
	};
}

#include "adapters/alembic/post_write.h"

#include "adapters/alembic/ini.h"
#include "adapters/alembic/text.h"

#define NAME "onehead"
#define SECTION "post_write_hooks"
#define REMARK "# by `onehead install --post-write`; `onehead uninstall` takes it away\n"
#define HOOKS "hooks = onehead\n"
#define BESIDES ", onehead"
#define OPTIONS                                                                                    \
	"onehead.type = exec\n"                                                                    \
	"onehead.executable = sh\n"                                                                \
	"onehead.options = -c 'if command -v onehead >/dev/null; then "                            \
	"exec onehead number --keep-name \"$0\"; fi' REVISION_SCRIPT_FILENAME\n"
#define WHOLE "\n" REMARK "[" SECTION "]\n" HOOKS OPTIONS

/* TEXT with the line ends of BYTES. */
static struct oh_slice with_ends(
	struct oh_arena *arena, struct oh_slice bytes, struct oh_slice text)
{
	struct oh_slice out = OH_SLICE(""), line;

	if (oh_slice_find(bytes, OH_SLICE("\r\n"), 0) == bytes.len)
		return text;
	while (oh_slice_next(&text, '\n', &line))
		out = oh_slice_printf(arena, OH_FMT OH_FMT "\r\n", OH_ARG(out), OH_ARG(line));
	return out;
}

/* BYTES with TEXT in the place of [from, to). */
static struct oh_slice put(
	struct oh_arena *arena, struct oh_slice bytes, size_t from, size_t to, struct oh_slice text)
{
	return oh_slice_printf(arena, OH_FMT OH_FMT OH_FMT, OH_ARG(oh_slice_sub(bytes, 0, from)),
		OH_ARG(text), OH_ARG(oh_slice_sub(bytes, to, bytes.len)));
}

/* Where what was said of the hooks is. */
struct place {
	size_t section; /* behind the line of the header */
	size_t hooks; /* behind the value of hooks, or 0 */
	bool goes_on; /* in a further line */
};

static bool is_key(struct oh_arena *arena, struct oh_slice line)
{
	size_t end = oh_slice_find_byte(line, '=', 0);

	if (end == line.len)
		end = oh_slice_find_byte(line, ':', 0);
	return end < line.len &&
	       oh_slice_eq(oh_text_lower(arena, oh_text_strip(oh_slice_sub(line, 0, end))),
		       OH_SLICE("hooks"));
}

static struct place find_place(struct oh_arena *arena, struct oh_slice bytes)
{
	struct place p = {0};
	struct oh_slice rest = bytes, line;
	bool inside = false, after = false;

	while (oh_slice_next(&rest, '\n', &line)) {
		const struct oh_slice text = oh_text_strip(line);
		const size_t start = (size_t)(line.ptr - bytes.ptr);

		if (text.len && text.ptr[0] == '[') {
			inside = oh_slice_has_prefix(text, OH_SLICE("[" SECTION "]"));
			if (inside)
				p.section = start + line.len + 1;
		} else if (inside && after && text.len && text.ptr[0] != '#' &&
			   text.ptr[0] != ';' && line.ptr[0] != text.ptr[0]) {
			p.goes_on = true;
		} else if (inside && text.len && is_key(arena, text)) {
			p.hooks = (size_t)(text.ptr - bytes.ptr) + text.len;
			after = true;
			continue;
		}
		after = after && !text.len;
	}
	return p;
}

/* At the end, and as open as that was. */
static struct oh_slice append(struct oh_arena *arena, struct oh_slice bytes)
{
	struct oh_slice whole = with_ends(arena, bytes, OH_SLICE(WHOLE));
	const struct oh_slice end = with_ends(arena, bytes, OH_SLICE("\n"));

	if (!bytes.len || bytes.ptr[bytes.len - 1] == '\n')
		return put(arena, bytes, bytes.len, bytes.len, whole);
	whole.len -= end.len;
	return oh_slice_printf(
		arena, OH_FMT OH_FMT OH_FMT, OH_ARG(bytes), OH_ARG(end), OH_ARG(whole));
}

static struct oh_slice add(struct oh_arena *arena, struct oh_slice bytes, const struct place *p)
{
	const struct oh_slice options = with_ends(arena, bytes, OH_SLICE(OPTIONS));

	if (!p->section)
		return append(arena, bytes);
	if (!p->hooks)
		return put(arena, bytes, p->section, p->section,
			with_ends(arena, bytes, OH_SLICE(HOOKS OPTIONS)));
	bytes = put(arena, bytes, p->hooks, p->hooks, OH_SLICE(BESIDES));
	return put(arena, bytes, p->section, p->section, options);
}

static bool has_it(const struct oh_ini *ini)
{
	return oh_ini_get(ini, OH_SLICE(SECTION), OH_SLICE(NAME ".type")).found;
}

bool oh_alembic_add_post_write(struct oh_arena *arena, struct oh_slice path, struct oh_slice bytes,
	struct oh_slice *out, struct oh_error *err)
{
	struct oh_ini ini = {.here = OH_SLICE("/")}, again = {.here = OH_SLICE("/")};
	const struct place p = find_place(arena, bytes);
	struct oh_ini_value hooks;

	*out = bytes;
	if (!oh_slice_has_suffix(path, OH_SLICE(".ini")))
		return oh_fail(err, OH_E_UNSUPPORTED, "the hook goes into an ini file alone");
	oh_ini_read(&ini, arena, bytes);
	if (ini.problem)
		return oh_fail(err, OH_E_UNSUPPORTED, "line %u: %s", ini.problem_line, ini.problem);
	if (has_it(&ini))
		return true;
	hooks = oh_ini_get(&ini, OH_SLICE(SECTION), OH_SLICE("hooks"));
	if (p.goes_on || (hooks.found && (!hooks.own || !p.hooks || !hooks.text.len)))
		return oh_fail(err, OH_E_UNSUPPORTED,
			"its hooks are not said in one line; add onehead to them");
	*out = add(arena, bytes, &p);
	oh_ini_read(&again, arena, *out);
	hooks = oh_ini_get(&again, OH_SLICE(SECTION), OH_SLICE("hooks"));
	if (again.problem || !has_it(&again) ||
		!oh_slice_has_suffix(hooks.text, OH_SLICE("onehead")) ||
		!oh_slice_eq(oh_alembic_remove_post_write(arena, *out), bytes))
		return oh_fail(err, OH_E_UNSUPPORTED, "it is not known where the hook goes");
	return true;
}

/* Takes TEXT out where it stands; false where it does not. */
static bool cut(struct oh_arena *arena, struct oh_slice *bytes, struct oh_slice text)
{
	const size_t at = oh_slice_find(*bytes, text, 0);

	if (at == bytes->len)
		return false;
	*bytes = put(arena, *bytes, at, at + text.len, OH_SLICE(""));
	return true;
}

struct oh_slice oh_alembic_remove_post_write(struct oh_arena *arena, struct oh_slice bytes)
{
	const struct oh_slice end = with_ends(arena, bytes, OH_SLICE("\n"));
	struct oh_slice open = with_ends(arena, bytes, OH_SLICE("\n" WHOLE)), last;
	struct place p;

	open.len -= end.len;
	if (oh_slice_has_suffix(bytes, open))
		return oh_slice_sub(bytes, 0, bytes.len - open.len);
	if (cut(arena, &bytes, with_ends(arena, bytes, OH_SLICE(WHOLE))) ||
		cut(arena, &bytes, with_ends(arena, bytes, OH_SLICE(HOOKS OPTIONS))) ||
		!cut(arena, &bytes, with_ends(arena, bytes, OH_SLICE(OPTIONS))))
		return bytes;
	p = find_place(arena, bytes);
	last = oh_slice_sub(bytes, 0, p.hooks);
	if (oh_slice_has_suffix(last, OH_SLICE(BESIDES)))
		bytes = put(arena, bytes, p.hooks - (sizeof(BESIDES) - 1), p.hooks, OH_SLICE(""));
	return bytes;
}

#include "apply/journal.h"

#include "base/buf.h"

/*
 * One `key value` a line between a first and a last line, in this order; keys without a value are
 * left out. "-" is an id that is none.
 */
#define FIRST_LINE "onehead journal 2\n"
#define FIRST_LINE_1 "onehead journal 1\n"
#define LAST_LINE "end\n"

/* A path may have newlines: they are written as \n, a backslash as \\. */
static struct oh_slice escaped(struct oh_arena *arena, struct oh_slice path)
{
	struct oh_buf out = {.arena = arena};

	for (size_t i = 0; i < path.len; i++)
		if (path.ptr[i] == '\n')
			oh_buf_add(&out, OH_SLICE("\\n"));
		else if (path.ptr[i] == '\\')
			oh_buf_add(&out, OH_SLICE("\\\\"));
		else
			oh_buf_add(&out, oh_slice_sub(path, i, i + 1));
	return oh_buf_slice(&out);
}

static bool unescape(struct oh_arena *arena, struct oh_slice text, struct oh_slice *path)
{
	struct oh_buf out = {.arena = arena};

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] != '\\') {
			oh_buf_add(&out, oh_slice_sub(text, i, i + 1));
			continue;
		}
		if (++i == text.len || (text.ptr[i] != 'n' && text.ptr[i] != '\\'))
			return false;
		oh_buf_add(&out, text.ptr[i] == 'n' ? OH_SLICE("\n") : OH_SLICE("\\"));
	}
	*path = oh_buf_slice(&out);
	return true;
}

/* One line, whatever it was. */
static struct oh_slice in_one_line(struct oh_arena *arena, struct oh_slice text)
{
	char *copy = oh_arena_alloc(arena, text.len + 1);

	for (size_t i = 0; i < text.len; i++)
		copy[i] = text.ptr[i];
	for (size_t i = 0; i < text.len; i++)
		if (copy[i] == '\n' || copy[i] == '\0')
			copy[i] = ' ';
	return (struct oh_slice){copy, text.len};
}

static void add(struct oh_buf *out, const char *key, struct oh_slice value)
{
	if (value.len)
		oh_buf_addf(out, "%s " OH_FMT "\n", key, OH_ARG(in_one_line(out->arena, value)));
}

static struct oh_slice or_dash(struct oh_slice id)
{
	return id.len ? id : OH_SLICE("-");
}

static void add_refs(struct oh_buf *out, const struct oh_operation *op)
{
	for (size_t i = 0; i < op->refs.count; i++) {
		const struct oh_operation_ref *r = &op->refs.items[i];

		oh_buf_addf(out, "%s " OH_FMT " " OH_FMT " " OH_FMT,
			i == 0 && op->moves_head ? "head"
			: r->by_git		 ? "later-ref"
						 : "ref",
			OH_ARG(r->name), OH_ARG(or_dash(r->old_id)), OH_ARG(or_dash(r->new_id)));
		if (r->before.len)
			oh_buf_addf(out, " " OH_FMT "%s", OH_ARG(r->before),
				r->has_before ? " has" : "");
		oh_buf_add(out, OH_SLICE("\n"));
	}
}

static void add_state(
	struct oh_buf *out, const char *index, const char *file, const struct oh_path_state *state)
{
	for (size_t i = 0; i < state->entries.count; i++)
		add(out, index, state->entries.items[i]);
	add(out, file, state->file);
}

static void add_paths(struct oh_buf *out, const struct oh_operation *op)
{
	for (size_t i = 0; i < op->paths.count; i++) {
		const struct oh_operation_path *p = &op->paths.items[i];

		add(out, p->index_only ? "index-path" : "path", escaped(out->arena, p->path));
		add_state(out, "old-index", "old-file", &p->old_state);
		add_state(out, "new-index", "new-file", &p->new_state);
	}
}

struct oh_slice oh_operation_format(struct oh_arena *arena, const struct oh_operation *op)
{
	struct oh_buf out = {.arena = arena};

	oh_buf_add(&out, OH_SLICE(FIRST_LINE));
	add(&out, "command", op->command);
	add(&out, "title", op->title);
	add(&out, "message", op->message);
	add(&out, "when", op->when);
	add_refs(&out, op);
	add(&out, "from", op->from);
	add(&out, "to", op->to);
	add(&out, "later-branch", op->branch_later);
	if (op->as_one_move)
		add(&out, "reflog", OH_SLICE("one"));
	for (size_t i = 0; i < op->kept.count; i++)
		add(&out, "kept", op->kept.items[i]);
	if (op->undoes)
		oh_buf_addf(&out, "undoes %zu\n", op->undoes);
	add(&out, "never", op->never);
	add_paths(&out, op);
	oh_buf_add(&out, OH_SLICE(LAST_LINE));
	return oh_buf_slice(&out);
}

static bool is_id(struct oh_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'f')))
			return false;
	return s.len == 40 || s.len == 64;
}

static bool is_ref(struct oh_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f)
			return false;
	return oh_slice_eq(s, OH_SLICE("HEAD")) ||
	       (oh_slice_has_prefix(s, OH_SLICE("refs/")) && s.len > 5);
}

static bool take_id(struct oh_slice *rest, struct oh_slice *id)
{
	if (!oh_slice_next(rest, ' ', id))
		return false;
	if (!oh_slice_eq(*id, OH_SLICE("-")))
		return is_id(*id);
	*id = OH_SLICE("");
	return true;
}

/* NAME OLD NEW [BEFORE [has]] */
static bool take_ref(
	struct oh_arena *arena, struct oh_slice key, struct oh_slice value, struct oh_operation *op)
{
	struct oh_operation_ref r = {
		.before = OH_SLICE(""), .by_git = oh_slice_eq(key, OH_SLICE("later-ref"))};

	if (!oh_slice_next(&value, ' ', &r.name) || !is_ref(r.name) ||
		!take_id(&value, &r.old_id) || !take_id(&value, &r.new_id) ||
		(value.len && !take_id(&value, &r.before)))
		return false;
	r.has_before = oh_slice_eq(value, OH_SLICE("has"));
	OH_PUSH(arena, &op->refs, r);
	return !value.len || (r.has_before && r.before.len);
}

static bool take_number(struct oh_slice digits, size_t *number)
{
	*number = 0;
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
			return false;
		*number = *number * 10 + (size_t)(digits.ptr[i] - '0');
	}
	return digits.len && digits.len < 10 && *number;
}

/* "MODE ID STAGE", or "MODE ID". */
static bool is_entry(struct oh_slice value, bool has_stage)
{
	struct oh_slice mode, id;

	if (!oh_slice_next(&value, ' ', &mode) || mode.len != 6 || !take_id(&value, &id) || !id.len)
		return false;
	for (size_t i = 0; i < mode.len; i++)
		if (mode.ptr[i] < '0' || mode.ptr[i] > '7')
			return false;
	if (!has_stage)
		return !value.len;
	return value.len == 1 && value.ptr[0] >= '0' && value.ptr[0] <= '3';
}

static bool take_kept(struct oh_arena *arena, struct oh_slice value, struct oh_operation *op)
{
	struct oh_slice rest = value, name, id;

	OH_PUSH(arena, &op->kept, value);
	return oh_slice_next(&rest, ' ', &name) && is_ref(name) &&
	       oh_slice_has_prefix(name, OH_SLICE("refs/onehead/undo/")) && take_id(&rest, &id) &&
	       id.len && !rest.len;
}

/* One that git would have in an index. */
static bool is_path(struct oh_slice path)
{
	static const char *const bad[] = {"", ".", "..", ".git"};
	struct oh_slice rest = path, name;

	while (oh_slice_next(&rest, '/', &name))
		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
			if (oh_slice_eq(name, oh_slice_of(bad[i])))
				return false;
	return path.len && path.ptr[path.len - 1] != '/' &&
	       oh_slice_find_byte(path, '\0', 0) == path.len;
}

static bool take_path(
	struct oh_arena *arena, struct oh_slice key, struct oh_slice value, struct oh_operation *op)
{
	struct oh_operation_path p = {.old_state.file = OH_SLICE(""),
		.new_state.file = OH_SLICE(""),
		.index_only = oh_slice_eq(key, OH_SLICE("index-path"))};

	if (!unescape(arena, value, &p.path) || !is_path(p.path))
		return false;
	OH_PUSH(arena, &op->paths, p);
	return true;
}

static bool take_state(
	struct oh_arena *arena, struct oh_slice key, struct oh_slice value, struct oh_operation *op)
{
	struct oh_operation_path *p =
		op->paths.count ? &op->paths.items[op->paths.count - 1] : NULL;
	struct oh_path_state *state;

	if (!p)
		return false;
	state = oh_slice_has_prefix(key, OH_SLICE("old-")) ? &p->old_state : &p->new_state;
	if (oh_slice_has_suffix(key, OH_SLICE("-file"))) {
		state->file = value;
		return !p->index_only && is_entry(value, false);
	}
	OH_PUSH(arena, &state->entries, value);
	return is_entry(value, true);
}

static bool take_line(struct oh_arena *arena, struct oh_slice line, struct oh_operation *op)
{
	const struct {
		const char *key;
		struct oh_slice *value;
	} texts[] = {{"command", &op->command}, {"title", &op->title}, {"message", &op->message},
		{"when", &op->when}, {"from", &op->from}, {"to", &op->to},
		{"later-branch", &op->branch_later}, {"never", &op->never}};
	struct oh_slice key;

	oh_slice_next(&line, ' ', &key);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (oh_slice_eq(key, oh_slice_of(texts[i].key))) {
			*texts[i].value = line;
			return true;
		}
	if (oh_slice_eq(key, OH_SLICE("head"))) {
		op->moves_head = true;
		return !op->refs.count && take_ref(arena, key, line, op);
	}
	if (oh_slice_eq(key, OH_SLICE("ref")) || oh_slice_eq(key, OH_SLICE("later-ref")))
		return take_ref(arena, key, line, op);
	if (oh_slice_eq(key, OH_SLICE("kept")))
		return take_kept(arena, line, op);
	if (oh_slice_eq(key, OH_SLICE("undoes")))
		return take_number(line, &op->undoes);
	if (oh_slice_eq(key, OH_SLICE("path")) || oh_slice_eq(key, OH_SLICE("index-path")))
		return take_path(arena, key, line, op);
	if (!oh_slice_eq(key, OH_SLICE("reflog")))
		return take_state(arena, key, line, op);
	return op->as_one_move = true;
}

static bool take_value(struct oh_slice *rest, const char *key, struct oh_slice *value)
{
	struct oh_slice line;

	if (!oh_slice_next(rest, '\n', &line) || !oh_slice_cut_prefix(&line, oh_slice_of(key)))
		return false;
	*value = line;
	return true;
}

/* The first form: a merge commit that another one takes the place of. */
static bool parse_1(struct oh_arena *arena, struct oh_slice bytes, struct oh_operation *op)
{
	struct oh_operation_ref r = {.before = OH_SLICE("")};

	if (!take_value(&bytes, "ref ", &r.name) || !take_value(&bytes, "old ", &r.old_id) ||
		!take_value(&bytes, "new ", &r.new_id) ||
		!take_value(&bytes, "message ", &op->message) ||
		!oh_slice_eq(bytes, OH_SLICE(LAST_LINE)) || !is_ref(r.name) || !is_id(r.old_id) ||
		!is_id(r.new_id))
		return false;
	OH_PUSH(arena, &op->refs, r);
	op->command = OH_SLICE("merge");
	op->title = OH_SLICE("the merge");
	op->moves_head = op->as_one_move = true;
	return true;
}

static bool is_sound(const struct oh_operation *op)
{
	if ((op->from.len && !is_id(op->from)) || (op->to.len && !is_id(op->to)) ||
		(op->branch_later.len && !is_ref(op->branch_later)))
		return false;
	/* HEAD itself is never made or taken away. */
	return op->command.len &&
	       (!op->moves_head || op->paths.count || op->never.len ||
		       (op->refs.items[0].old_id.len && op->refs.items[0].new_id.len));
}

bool oh_operation_parse(struct oh_arena *arena, struct oh_slice bytes, struct oh_operation *op)
{
	const struct oh_slice none = OH_SLICE("");
	struct oh_slice rest = bytes, line;

	*op = (struct oh_operation){.command = none,
		.title = none,
		.message = none,
		.when = none,
		.from = none,
		.to = none,
		.branch_later = none,
		.never = none};
	if (oh_slice_cut_prefix(&rest, OH_SLICE(FIRST_LINE_1)))
		return parse_1(arena, rest, op);
	if (!oh_slice_cut_prefix(&rest, OH_SLICE(FIRST_LINE)) ||
		!oh_slice_has_suffix(rest, OH_SLICE(LAST_LINE)))
		return false;
	rest.len -= sizeof(LAST_LINE) - 1;
	while (oh_slice_next(&rest, '\n', &line))
		if (!take_line(arena, line, op))
			return false;
	/* Order, repetitions, what nobody reads: only what would be written so is whole. */
	return is_sound(op) && oh_slice_eq(bytes, oh_operation_format(arena, op));
}

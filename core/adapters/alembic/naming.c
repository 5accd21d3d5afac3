#include "adapters/alembic/naming.h"

#include "adapters/alembic/text.h"
#include "base/buf.h"

#define MOST_BYTES 200 /* of a name: file systems take 255 */
#define MOST_WIDTH 99

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

static bool is_ascii(struct oh_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80)
			return false;
	return true;
}

struct oh_slice oh_naming_slug(struct oh_arena *arena, struct oh_slice text, size_t limit)
{
	struct oh_slices words = {0};
	struct oh_slice slug;
	size_t i = 0, from;

	while (i < text.len) {
		while (i < text.len && !is_word(text.ptr[i]))
			i++;
		from = i;
		while (i < text.len && is_word(text.ptr[i]))
			i++;
		if (i > from && is_ascii(oh_slice_sub(text, from, i)))
			OH_PUSH(arena, &words, oh_slice_sub(text, from, i));
	}
	slug = oh_text_lower(arena, oh_slices_join(arena, &words, "_"));
	if (slug.len <= limit)
		return slug;
	slug.len = limit;
	slug.len = oh_slice_rfind_byte(slug, '_');
	return oh_slice_printf(arena, OH_FMT "_", OH_ARG(slug));
}

/* %(name)flags width.precision type */
struct field {
	struct oh_slice name;
	bool left, zero, plus, blank;
	size_t width, precision;
	bool has_precision;
	char type;
};

static bool take_number(struct oh_slice *rest, size_t *number)
{
	*number = 0;
	while (rest->len && rest->ptr[0] >= '0' && rest->ptr[0] <= '9') {
		*number = *number * 10 + (size_t)(rest->ptr[0] - '0');
		*rest = oh_slice_sub(*rest, 1, rest->len);
		if (*number > MOST_WIDTH)
			return false;
	}
	return true;
}

static void take_flags(struct oh_slice *rest, struct field *f)
{
	for (; rest->len; *rest = oh_slice_sub(*rest, 1, rest->len)) {
		const char c = rest->ptr[0];

		if (c == '-')
			f->left = true;
		else if (c == '0')
			f->zero = true;
		else if (c == '+')
			f->plus = true;
		else if (c == ' ')
			f->blank = true;
		else if (c != '#')
			return;
	}
}

/* Behind the '%'. */
static bool take_field(struct oh_slice *rest, struct field *f)
{
	const size_t close = oh_slice_find_byte(*rest, ')', 0);

	*f = (struct field){0};
	if (!oh_slice_has_prefix(*rest, OH_SLICE("(")) || close == rest->len)
		return false;
	f->name = oh_slice_sub(*rest, 1, close);
	*rest = oh_slice_sub(*rest, close + 1, rest->len);
	take_flags(rest, f);
	if (!take_number(rest, &f->width))
		return false;
	f->has_precision = oh_slice_cut_prefix(rest, OH_SLICE("."));
	if (f->has_precision && !take_number(rest, &f->precision))
		return false;
	if (rest->len && oh_slice_find_byte(OH_SLICE("hlL"), rest->ptr[0], 0) < 3)
		*rest = oh_slice_sub(*rest, 1, rest->len);
	f->type = rest->len ? rest->ptr[0] : '\0';
	*rest = oh_slice_sub(*rest, 1, rest->len);
	return true;
}

static void add_times(struct oh_buf *out, char c, size_t times)
{
	while (times--)
		oh_buf_add(out, (struct oh_slice){&c, 1});
}

/* TEXT in a field of the width, behind SIGN; zeros go between the two. */
static void add_padded(
	struct oh_buf *out, const struct field *f, struct oh_slice sign, struct oh_slice text)
{
	const size_t len = sign.len + text.len, pad = f->width > len ? f->width - len : 0;
	const bool zeros = f->zero && !f->left;

	if (!f->left && !zeros)
		add_times(out, ' ', pad);
	oh_buf_add(out, sign);
	if (zeros)
		add_times(out, '0', pad);
	oh_buf_add(out, text);
	if (f->left)
		add_times(out, ' ', pad);
}

static bool add_text(struct oh_buf *out, struct field f, struct oh_slice text)
{
	if (f.type != 's')
		return false;
	f.zero = false;
	if (f.has_precision)
		text = oh_slice_sub(text, 0, f.precision);
	add_padded(out, &f, OH_SLICE(""), text);
	return true;
}

static bool add_integer(struct oh_buf *out, struct field f, long long number)
{
	struct oh_slice text = oh_slice_printf(out->arena, "%lld", number), sign = OH_SLICE("");
	struct oh_buf digits = {.arena = out->arena};

	if (f.type == 's' || f.type == 'r' || f.type == 'a') {
		f.type = 's';
		return add_text(out, f, text);
	}
	if (f.type != 'd' && f.type != 'i' && f.type != 'u')
		return false;
	if (oh_slice_cut_prefix(&text, OH_SLICE("-")))
		sign = OH_SLICE("-");
	else if (f.plus || f.blank)
		sign = f.plus ? OH_SLICE("+") : OH_SLICE(" ");
	if (f.precision > text.len)
		add_times(&digits, '0', f.precision - text.len);
	oh_buf_add(&digits, text);
	add_padded(out, &f, sign, oh_buf_slice(&digits));
	return true;
}

/* int(timestamp) rounds towards zero. */
static long long epoch_of(const struct oh_date *d)
{
	return d->epoch < 0 && d->micro ? d->epoch + 1 : d->epoch;
}

static bool add_field(
	struct oh_buf *out, const struct field *f, const struct oh_naming *n, struct oh_slice slug)
{
	const struct {
		struct oh_slice name;
		long long value;
	} numbers[] = {
		{OH_SLICE("epoch"), epoch_of(&n->date)},
		{OH_SLICE("year"), n->date.year},
		{OH_SLICE("month"), n->date.month},
		{OH_SLICE("day"), n->date.day},
		{OH_SLICE("hour"), n->date.hour},
		{OH_SLICE("minute"), n->date.minute},
		{OH_SLICE("second"), n->date.second},
	};

	if (oh_slice_eq(f->name, OH_SLICE("rev")))
		return add_text(out, *f, n->rev);
	if (oh_slice_eq(f->name, OH_SLICE("slug")))
		return add_text(out, *f, slug);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (oh_slice_eq(f->name, numbers[i].name))
			return add_integer(out, *f, numbers[i].value);
	return false;
}

/* TEMPLATE % {…}; false where Python would raise. */
static bool format(struct oh_buf *out, struct oh_slice template, const struct oh_naming *n,
	struct oh_slice slug)
{
	struct field f;

	while (template.len) {
		const size_t percent = oh_slice_find_byte(template, '%', 0);

		oh_buf_add(out, oh_slice_sub(template, 0, percent));
		if (percent == template.len)
			return true;
		template = oh_slice_sub(template, percent + 1, template.len);
		if (oh_slice_cut_prefix(&template, OH_SLICE("%")))
			oh_buf_add(out, OH_SLICE("%"));
		else if (!take_field(&template, &f) || !add_field(out, &f, n, slug))
			return false;
	}
	return true;
}

/* Could git, Python and every file system take PART as a file's or directory's name? */
static bool is_fit(struct oh_slice part)
{
	if (!part.len || part.ptr[0] == '.' || part.len > MOST_BYTES)
		return false;
	for (size_t i = 0; i < part.len; i++)
		if ((unsigned char)part.ptr[i] < 0x20 || part.ptr[i] == 0x7f ||
			part.ptr[i] == '\\' || part.ptr[i] == ':')
			return false;
	return true;
}

static bool is_fit_path(struct oh_slice path)
{
	struct oh_slice part, rest = path;

	if (oh_slice_has_prefix(path, OH_SLICE("/")) ||
		oh_slice_has_prefix(oh_path_name(path), OH_SLICE("__init__")))
		return false;
	while (oh_slice_next(&rest, '/', &part))
		if (!is_fit(part) || oh_slice_eq(part, OH_SLICE("__pycache__")))
			return false;
	return path.len && path.ptr[path.len - 1] != '/';
}

static struct oh_slice flatten(struct oh_slice path, char *bytes)
{
	for (size_t i = 0; i < path.len; i++)
		if (bytes[i] == '/')
			bytes[i] = '_';
	return path;
}

struct oh_slice oh_naming_path(
	struct oh_arena *arena, const struct oh_location *location, const struct oh_naming *naming)
{
	const size_t limit = location->slug_length ? location->slug_length : OH_NAMING_SLUG;
	struct oh_buf out = {.arena = arena};
	struct oh_slice path;

	if (location->file_template.len && format(&out, location->file_template, naming,
						   oh_naming_slug(arena, naming->message, limit))) {
		oh_buf_add(&out, OH_SLICE(".py"));
		path = oh_buf_slice(&out);
		if (!location->recursive)
			path = flatten(path, out.items);
		if (is_fit_path(path))
			return path;
	}
	return oh_slice_printf(arena, OH_FMT "_" OH_FMT ".py", OH_ARG(naming->rev),
		OH_ARG(oh_naming_slug(
			arena, naming->message, limit < MOST_BYTES / 2 ? limit : OH_NAMING_SLUG)));
}

struct oh_slice oh_naming_stem(struct oh_slice path)
{
	struct oh_slice name = oh_path_name(path);

	if (oh_slice_has_suffix(name, OH_SLICE(".py")))
		name.len -= sizeof(".py") - 1;
	return name;
}

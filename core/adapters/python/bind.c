/* Names of the module that get a value. */
#include "adapters/python/parser.h"

static void push(struct oh_py_parser *p, struct oh_py_binding binding)
{
	OH_PUSH(p->arena, &p->module->bindings, binding);
}

void oh_py_bind_global(struct oh_py_parser *p, struct oh_slice name, unsigned line)
{
	push(p, (struct oh_py_binding){name, OH_PY_OTHERWISE, NULL, line});
}

void oh_py_bind_name(struct oh_py_parser *p, struct oh_slice name, unsigned line)
{
	if (!p->now.inner && name.len)
		oh_py_bind_global(p, name, line);
}

static bool is_plain_name(const struct oh_py_value *v)
{
	return v->kind == OH_PY_NAME && oh_slice_find_byte(v->text, '.', 0) == v->text.len;
}

static bool is_sequence(const struct oh_py_value *v)
{
	return v->kind == OH_PY_TUPLE || v->kind == OH_PY_LIST;
}

void oh_py_bind_target(struct oh_py_parser *p, const struct oh_py_value *target)
{
	if (p->now.inner)
		return;
	if (is_plain_name(target))
		oh_py_bind_name(p, target->text, target->line);
	else if (is_sequence(target) || target->kind == OH_PY_STARRED)
		for (size_t i = 0; i < target->count; i++)
			oh_py_bind_target(p, &target->items[i]);
}

static size_t star_of(const struct oh_py_value *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->items[i].kind == OH_PY_STARRED)
			return i;
	return v->count;
}

/* How the elements of a display go to the targets of another. */
struct share {
	const struct oh_py_value *target, *value;
	size_t star; /* the target that takes what is left */
	bool known;
};

static struct share share_out(const struct oh_py_value *target, const struct oh_py_value *value)
{
	struct share s = {target, value, star_of(target), false};

	if (value && is_sequence(value) && star_of(value) == value->count)
		s.known = s.star == target->count ? value->count == target->count
						  : value->count + 1 >= target->count;
	return s;
}

static const struct oh_py_value *share_of(const struct share *s, size_t i)
{
	if (!s->known || i == s->star)
		return NULL;
	if (i < s->star)
		return &s->value->items[i];
	return &s->value->items[s->value->count - (s->target->count - i)];
}

static void assign(
	struct oh_py_parser *p, const struct oh_py_value *target, const struct oh_py_value *value)
{
	const struct share share = share_out(target, value);

	if (is_plain_name(target))
		push(p, (struct oh_py_binding){target->text,
				p->now.conditional ? OH_PY_CONDITIONAL : OH_PY_ASSIGNED,
				value ? oh_py_keep(p, value) : NULL, target->line});
	else if (target->kind == OH_PY_STARRED && target->count)
		assign(p, &target->items[0], NULL);
	else if (is_sequence(target))
		for (size_t i = 0; i < target->count; i++)
			assign(p, &target->items[i], share_of(&share, i));
}

void oh_py_assign_target(
	struct oh_py_parser *p, const struct oh_py_value *target, const struct oh_py_value *value)
{
	if (!p->now.inner)
		assign(p, target, value);
}

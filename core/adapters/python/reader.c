#include "adapters/python/find.h"
#include "adapters/python/parser.h"

#include <string.h>

static void take_line(struct oh_py_parser *p)
{
	oh_py_settle_blocks(p);
	if (oh_py_at(p, OH_PY_TOKEN_END))
		return;
	p->failed = false;
	p->values.count = p->keywords.count = 0;
	if (oh_py_at(p, '@')) {
		oh_py_decorator(p);
	} else {
		if (!oh_py_compound_statement(p))
			oh_py_simple_statements(p);
		p->decorated = OH_PY_NO_INDEX;
	}
}

static void start(struct oh_py_parser *p, struct oh_py_module *module, struct oh_arena *arena,
	struct oh_slice bytes)
{
	memset(p, 0, offsetof(struct oh_py_parser, blocks));
	p->block_count = 0;
	p->values = (struct oh_py_values){0};
	p->keywords = (struct oh_py_keywords){0};
	p->module = module;
	p->arena = arena;
	p->now.function = OH_SLICE("");
	p->decorated = OH_PY_NO_INDEX;
	p->has_global = oh_py_says_global(bytes);
	oh_py_lexer_start(&p->lexer, bytes);
}

void oh_py_read(struct oh_py_module *module, struct oh_arena *arena, struct oh_slice bytes,
	enum oh_py_detail detail)
{
	struct oh_py_parser p;

	*module = (struct oh_py_module){.source = bytes};
	start(&p, module, arena, bytes);
	p.detail = detail;
	oh_py_next(&p.lexer, &p.token);
	while (!oh_py_at(&p, OH_PY_TOKEN_END))
		take_line(&p);
	oh_py_settle_blocks(&p);
	module->problem = p.lexer.problem;
}

const struct oh_py_binding *oh_py_binding(const struct oh_py_module *module, struct oh_slice name)
{
	for (size_t i = module->bindings.count; i-- > 0;)
		if (oh_slice_eq(module->bindings.items[i].name, name))
			return &module->bindings.items[i];
	return NULL;
}

/*
 * Lines that meet, written as text and made into real files, for tests of plan/move. As in
 * graph_text.h, and `= WORD` says what a migration does: its own id where it is not said, and for
 * one with several parents nothing.
 */
#ifndef MOVE_TEXT_H
#define MOVE_TEXT_H

#include "adapters/adapter.h"
#include "base/buf.h"
#include "base/digest.h"
#include "graph_text.h"
#include "memory_source.h"
#include "model/lock.h"
#include "plan/move.h"

#define MOVE_DIRECTORY "migrations"

/* The files of a line, and what they say. */
struct move_tree {
	struct memory_source files;
	struct oh_snapshot snapshot;
};

static inline void move_add_list(struct oh_buf *out, const struct oh_slices *list)
{
	if (list->count != 1)
		oh_buf_addf(out, list->count ? "(" : "None");
	for (size_t i = 0; i < list->count; i++)
		oh_buf_addf(out, "%s\"" OH_FMT "\"", i ? ", " : "", OH_ARG(list->items[i]));
	if (list->count > 1)
		oh_buf_addf(out, ")");
	oh_buf_addf(out, "\n");
}

static inline struct oh_slice move_file(
	struct oh_arena *arena, const struct oh_migration *m, struct oh_slice body)
{
	struct oh_buf out = {.arena = arena};

	oh_buf_addf(&out,
		"\"\"\"" OH_FMT "\n\nRevision ID: " OH_FMT "\nRevises: " OH_FMT "\n\"\"\"\n",
		OH_ARG(m->id), OH_ARG(m->id), OH_ARG(oh_slices_join(arena, &m->parents, ", ")));
	oh_buf_addf(&out, "from alembic import op\n\nrevision = \"" OH_FMT "\"\ndown_revision = ",
		OH_ARG(m->id));
	move_add_list(&out, &m->parents);
	oh_buf_addf(&out, "branch_labels = ");
	move_add_list(&out, &m->labels);
	oh_buf_addf(&out, "depends_on = ");
	move_add_list(&out, &m->depends_on);
	oh_buf_addf(&out, "\n\ndef upgrade():\n");
	if (oh_slice_eq(body, OH_SLICE("nothing")))
		oh_buf_addf(&out, "    pass\n");
	else
		oh_buf_addf(&out, "    op.execute(\"INSERT INTO t VALUES ('" OH_FMT "')\")\n",
			OH_ARG(body));
	oh_buf_addf(&out, "\n\ndef downgrade():\n    pass\n");
	return oh_buf_slice(&out);
}

/* Reads what lies below versions/, as the loader does. */
static inline void move_tree_read(struct oh_arena *arena, struct move_tree *tree)
{
	struct oh_snapshot *s = &tree->snapshot;
	const struct oh_slice lock = OH_SLICE(MOVE_DIRECTORY "/" OH_LOCK_NAME);

	*s = (struct oh_snapshot){.lock_path = lock, .lock = OH_SLICE("")};
	s->location.system = OH_SLICE("alembic");
	s->location.directory = OH_SLICE(MOVE_DIRECTORY);
	OH_PUSH(arena, &s->location.versions, OH_SLICE("versions"));
	for (size_t i = 0; i < tree->files.files.count; i++) {
		const struct memory_file *f = &tree->files.files.items[i];
		const struct oh_file file = {f->path, f->bytes, oh_digest_sha1(arena, f->bytes)};

		if (oh_slice_eq(f->path, lock)) {
			s->has_lock = true;
			s->lock = f->bytes;
		} else {
			oh_adapter_alembic.parse(
				arena, &file, OH_READ_BODY, &s->migrations, &s->unreadables);
		}
	}
	oh_graph_build(&s->graph, arena, &s->migrations);
}

/* Takes `= WORD` out of PART; "" where it is not there. */
static inline struct oh_slice move_cut_body(struct oh_arena *arena, struct oh_slice *part)
{
	const struct oh_slices words = oh_slice_words(arena, *part);
	struct oh_slice body = OH_SLICE("");
	struct oh_slices others = {0};

	for (size_t i = 0; i < words.count; i++)
		if (oh_slice_eq(words.items[i], OH_SLICE("=")))
			body = words.items[++i];
		else
			OH_PUSH(arena, &others, words.items[i]);
	*part = oh_slices_join(arena, &others, " ");
	return body;
}

static inline struct move_tree *move_tree(struct oh_arena *arena, const char *text)
{
	struct move_tree *tree = oh_arena_alloc(arena, sizeof(*tree));
	struct oh_slice rest = oh_slice_of(text), part;

	tree->files = memory_source(arena);
	while (oh_slice_next(&rest, ';', &part)) {
		struct oh_slice body = move_cut_body(arena, &part);
		const struct oh_migrations one = graph_text(arena, oh_slice_str(arena, part));
		const struct oh_migration *m = &one.items[0];

		if (!body.len)
			body = m->parents.count > 1 ? OH_SLICE("nothing") : m->id;
		OH_PUSH(arena, &tree->files.files,
			(struct memory_file){m->path, move_file(arena, m, body)});
	}
	move_tree_read(arena, tree);
	return tree;
}

static inline struct memory_file *move_tree_file(struct move_tree *tree, struct oh_slice path)
{
	for (size_t i = 0; i < tree->files.files.count; i++)
		if (oh_slice_eq(tree->files.files.items[i].path, path))
			return &tree->files.files.items[i];
	return NULL;
}

/* What git makes of two trees, as long as they do not change the same file. */
static inline struct move_tree *move_merge(struct oh_arena *arena, struct move_tree *base,
	struct move_tree *ours, struct move_tree *theirs)
{
	struct move_tree *tree = oh_arena_alloc(arena, sizeof(*tree));

	tree->files = memory_source(arena);
	for (size_t i = 0; i < ours->files.files.count; i++) {
		const struct memory_file *f = &ours->files.files.items[i];

		if (!move_tree_file(base, f->path) || move_tree_file(theirs, f->path))
			OH_PUSH(arena, &tree->files.files, *f);
	}
	for (size_t i = 0; i < theirs->files.files.count; i++) {
		const struct memory_file *f = &theirs->files.files.items[i];

		if (!move_tree_file(base, f->path) && !move_tree_file(ours, f->path))
			OH_PUSH(arena, &tree->files.files, *f);
	}
	move_tree_read(arena, tree);
	return tree;
}

static inline bool move_read(void *context, struct oh_arena *arena, struct oh_slice path,
	struct oh_slice *bytes, struct oh_error *err)
{
	struct move_tree *tree = context;

	return memory_read(&tree->files.source, arena, path, bytes, err);
}

/* Carries STEPS out on a copy of TREE; NULL where one of them does not find what it expects. */
static inline struct move_tree *move_apply(
	struct oh_arena *arena, struct move_tree *tree, const struct oh_steps *steps)
{
	struct move_tree *out = oh_arena_alloc(arena, sizeof(*out));

	out->files = memory_source(arena);
	for (size_t i = 0; i < tree->files.files.count; i++)
		OH_PUSH(arena, &out->files.files, tree->files.files.items[i]);
	for (size_t i = 0; i < steps->count; i++) {
		const struct oh_step *step = &steps->items[i];
		struct memory_file *file = move_tree_file(out, step->path);

		if (step->kind == OH_STEP_ADD ? file != NULL : file == NULL)
			return NULL;
		if ((step->kind == OH_STEP_EDIT || step->kind == OH_STEP_REMOVE) &&
			!oh_slice_eq(file->bytes, step->expected))
			return NULL;
		if (step->kind == OH_STEP_REMOVE)
			*file = out->files.files.items[--out->files.files.count];
		else if (file)
			file->bytes = step->bytes;
		else
			OH_PUSH(arena, &out->files.files,
				(struct memory_file){step->path, step->bytes});
	}
	move_tree_read(arena, out);
	return out;
}

#endif

#include "flow/setup.h"

#include "base/buf.h"
#include "repo/disk.h"

#include <stdlib.h>

#define FIRST_LINE "onehead-install 1"

static const char *const kinds[] = {"lock", "attributes", "script"};

static struct oh_slice next_word(struct oh_slice *line)
{
	struct oh_slice word = OH_SLICE("");

	oh_slice_next(line, ' ', &word);
	return word;
}

/* KIND made|added NUMBER DIGEST PATH */
static void parse_file(struct oh_arena *arena, struct oh_record *record, struct oh_slice kind,
	struct oh_slice line)
{
	struct oh_record_file file = {0};
	size_t k = 0;

	while (k < 3 && !oh_slice_eq(kind, oh_slice_of(kinds[k])))
		k++;
	if (k == 3)
		return;
	file.kind = (enum oh_record_kind)k;
	file.made = oh_slice_eq(next_word(&line), OH_SLICE("made"));
	file.added = strtoul(oh_slice_str(arena, next_word(&line)), NULL, 10);
	file.digest = next_word(&line);
	file.path = line;
	if (file.path.len)
		OH_PUSH(arena, &record->files, file);
}

bool oh_record_load(struct oh_setup *setup, struct oh_error *err)
{
	const struct oh_slice path = oh_setup_state_path(setup, "installed");
	struct oh_record *record = &setup->record;
	struct oh_slice rest, line, word;
	struct oh_error gone = {0};

	*record = (struct oh_record){.config_digest = OH_SLICE("")};
	if (!oh_disk_read(setup->arena, path, &rest, &gone)) {
		if (gone.code == OH_E_NOT_FOUND)
			return true;
		*err = gone;
		return false;
	}
	if (!oh_slice_next_line(&rest, &line) || !oh_slice_eq(line, OH_SLICE(FIRST_LINE)))
		return oh_fail(err, OH_E_VERSION,
			OH_FMT " was written by another version of onehead", OH_ARG(path));
	record->found = true;
	while (oh_slice_next_line(&rest, &line)) {
		word = next_word(&line);
		if (oh_slice_eq(word, OH_SLICE("config")))
			record->config_digest = line;
		else if (oh_slice_eq(word, OH_SLICE("made-hooks-directory")))
			record->made_hooks = line;
		else if (oh_slice_eq(word, OH_SLICE("no-lock")))
			record->no_lock = true;
		else
			parse_file(setup->arena, record, word, line);
	}
	return true;
}

bool oh_record_save(struct oh_setup *setup, struct oh_error *err)
{
	const struct oh_slice path = oh_setup_state_path(setup, "installed");
	const struct oh_record *record = &setup->record;
	struct oh_buf buf = {.arena = setup->arena};
	struct oh_slice old = OH_SLICE("");

	oh_buf_addf(&buf, FIRST_LINE "\n");
	if (record->no_lock)
		oh_buf_addf(&buf, "no-lock\n");
	if (record->made_hooks.len)
		oh_buf_addf(&buf, "made-hooks-directory " OH_FMT "\n", OH_ARG(record->made_hooks));
	if (record->config_digest.len)
		oh_buf_addf(&buf, "config " OH_FMT "\n", OH_ARG(record->config_digest));
	for (size_t i = 0; i < record->files.count; i++) {
		const struct oh_record_file *f = &record->files.items[i];

		oh_buf_addf(&buf, "%s %s %zu " OH_FMT " " OH_FMT "\n", kinds[f->kind],
			f->made ? "made" : "added", f->added, OH_ARG(f->digest), OH_ARG(f->path));
	}
	if (oh_disk_read(setup->arena, path, &old, NULL) && oh_slice_eq(old, oh_buf_slice(&buf)))
		return true;
	return oh_disk_write(setup->arena, path, oh_buf_slice(&buf), 0666, err);
}

struct oh_record_file *oh_record_find(struct oh_record *record, struct oh_slice path)
{
	for (size_t i = 0; i < record->files.count; i++)
		if (oh_slice_eq(record->files.items[i].path, path))
			return &record->files.items[i];
	return NULL;
}

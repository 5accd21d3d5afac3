/* Lines for us in hook scripts that a project keeps itself. */
#include "flow/setup.h"

#include "base/buf.h"
#include "repo/disk.h"
#include "repo/manager.h"

#include <sys/stat.h>

#define NEW_SCRIPT "#!/bin/sh\n"

bool oh_script_takes_lines(struct oh_slice text)
{
	struct oh_slice line;

	if (!oh_slice_next_line(&text, &line) || !oh_slice_has_prefix(line, OH_SLICE("#!")))
		return true; /* git and husky run such a script with sh */
	return oh_slice_has_suffix(line, OH_SLICE("sh")) ||
	       oh_slice_find(line, OH_SLICE("sh -"), 0) < line.len;
}

/* Behind the lines that the rest of the script needs to have run: #!, comments, husky.sh. */
static size_t place_for_lines(struct oh_slice text)
{
	struct oh_slice rest = text, line;
	size_t at = 0;

	while (oh_slice_next_line(&rest, &line)) {
		const bool prelude = oh_slice_has_prefix(line, OH_SLICE("#")) ||
				     oh_slice_find(line, OH_SLICE("/husky.sh"), 0) < line.len;

		if (!prelude)
			break;
		at = (size_t)(line.ptr - text.ptr) + line.len;
		while (at < text.len && text.ptr[at++] != '\n')
			;
	}
	return at;
}

static struct oh_slice our_lines(struct oh_arena *arena, const char *name)
{
	const struct oh_slices lines = oh_script_lines(arena, oh_entry_named(oh_slice_of(name)));

	return oh_slice_printf(arena, OH_FMT "\n", OH_ARG(oh_slices_join(arena, &lines, "\n")));
}

static mode_t mode_of(struct oh_arena *arena, struct oh_slice path)
{
	struct stat st;

	return stat(oh_slice_str(arena, path), &st) == 0 ? st.st_mode & 07777 : 0777;
}

bool oh_setup_put_lines(struct oh_setup *setup, const struct oh_hook *hook, struct oh_error *err)
{
	const struct oh_slice path = oh_disk_real(setup->arena, hook->carrier);
	struct oh_record_file file = {
		.kind = OH_RECORD_SCRIPT, .path = oh_setup_short_path(setup, path)};
	const struct oh_slice lines = our_lines(setup->arena, hook->name);
	struct oh_slice text = OH_SLICE("");
	struct oh_buf buf = {.arena = setup->arena};
	size_t at;

	file.made = !oh_disk_read(setup->arena, path, &text, NULL);
	if ((hook->manager && hook->manager->lines != oh_script_lines) ||
		!oh_script_takes_lines(text)) {
		oh_setup_say_lines(setup, hook);
		return true;
	}
	at = place_for_lines(text);
	oh_buf_add(&buf, file.made ? OH_SLICE(NEW_SCRIPT) : oh_slice_sub(text, 0, at));
	oh_buf_add(&buf, at && text.ptr[at - 1] != '\n' ? OH_SLICE("\n") : OH_SLICE(""));
	oh_buf_add(&buf, lines);
	oh_buf_add(&buf, oh_slice_sub(text, at, text.len));
	oh_say_changed(&setup->flow->report, "hooks   " OH_FMT ": %s, calls onehead",
		OH_ARG(file.path), file.made ? "made" : "edited");
	file.added = lines.len;
	file.digest = OH_SLICE("-");
	if (!oh_record_find(&setup->record, file.path))
		OH_PUSH(setup->arena, &setup->record.files, file);
	return setup->dry_run ||
	       (oh_record_save(setup, err) && oh_disk_write(setup->arena, path, oh_buf_slice(&buf),
						      mode_of(setup->arena, path), err));
}

bool oh_setup_remove_lines(
	struct oh_setup *setup, const struct oh_record_file *file, struct oh_error *err)
{
	const struct oh_slice path = oh_setup_full_path(setup, file->path);
	const char *name = oh_slice_str(setup->arena, oh_path_name(path));
	const struct oh_slice lines = our_lines(setup->arena, name);
	struct oh_buf buf = {.arena = setup->arena};
	struct oh_slice text;
	size_t at;

	if (!oh_disk_read(setup->arena, path, &text, NULL))
		return true;
	at = oh_slice_find(text, lines, 0);
	if (at == text.len)
		return true;
	oh_say_changed(&setup->flow->report, "hooks   " OH_FMT ": calls onehead no more",
		OH_ARG(file->path));
	if (setup->dry_run)
		return true;
	oh_buf_add(&buf, oh_slice_sub(text, 0, at));
	oh_buf_add(&buf, oh_slice_sub(text, at + lines.len, text.len));
	if (file->made && oh_slice_eq(oh_buf_slice(&buf), OH_SLICE(NEW_SCRIPT)))
		return oh_disk_remove(setup->arena, path, err);
	return oh_disk_write(
		setup->arena, path, oh_buf_slice(&buf), mode_of(setup->arena, path), err);
}

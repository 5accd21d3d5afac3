#include "repo/entry.h"

#include "base/buf.h"

#define MARK "# onehead hook entry"
#define PROGRAM_LINE "\nprogram="
#define DRIVER_START "d="

/* In a row of picks the commit of the user's own has the row's list alone. A single revert has
 * nothing, nor has a pick whose message is edited: git runs `git commit -n` for it. The words of
 * git's command line are one here, without what stands between them. */
#define BY_CALLER                                                                                  \
	"{ w=; read -r w <\"/proc/$PPID/cmdline\"; case $w in *revert*|*cherry-pick*|*commit-n*)"  \
	" ;; *) false ;; esac; } 2>/dev/null"
#define IN_PICK                                                                                    \
	"[ ! -e \"$dir/rebase-merge\" ] && { [ -e \"$dir/CHERRY_PICK_HEAD\" ] ||"                  \
	" [ -e \"$dir/sequencer/todo\" ] || " BY_CALLER "; }"

static const struct oh_entry_row rows[] = {
	{"pre-merge-commit", true, false, NULL},
	{"post-merge", false, false, NULL},
	{"pre-commit", true, false, NULL},
	{"post-commit", false, false,
		"[ -e \"$dir/onehead/after-commit\" ] || [ -e \"$dir/onehead/pending-commit\" ] || "
		"[ -e \"$dir/onehead/row\" ] || { " IN_PICK "; }"},
	{"post-applypatch", false, false, "[ -e \"$dir/rebase-apply/applying\" ]"},
	{"post-rewrite", false, true, NULL},
	{"pre-push", true, true, NULL},
	{0},
};

const struct oh_entry_row *oh_entry_rows(void)
{
	return rows;
}

const struct oh_entry_row *oh_entry_named(struct oh_slice name)
{
	for (const struct oh_entry_row *row = rows; row->name; row++)
		if (oh_slice_eq(oh_slice_of(row->name), name))
			return row;
	return NULL;
}

struct oh_slice oh_shell_quote(struct oh_arena *arena, struct oh_slice word)
{
	struct oh_buf buf = {.arena = arena};

	oh_buf_add(&buf, OH_SLICE("'"));
	for (size_t i = 0; i < word.len; i++)
		oh_buf_add(&buf,
			word.ptr[i] == '\'' ? OH_SLICE("'\\''") : oh_slice_sub(word, i, i + 1));
	oh_buf_add(&buf, OH_SLICE("'"));
	return oh_buf_slice(&buf);
}

/* The word that oh_shell_quote made, at the beginning of TEXT; "" where there is none. */
static struct oh_slice unquote(struct oh_arena *arena, struct oh_slice text)
{
	struct oh_buf buf = {.arena = arena};

	if (!oh_slice_cut_prefix(&text, OH_SLICE("'")))
		return OH_SLICE("");
	for (;;) {
		const size_t end = oh_slice_find_byte(text, '\'', 0);

		if (end == text.len)
			return OH_SLICE("");
		oh_buf_add(&buf, oh_slice_sub(text, 0, end));
		text = oh_slice_sub(text, end, text.len);
		if (!oh_slice_cut_prefix(&text, OH_SLICE("'\\''")))
			return oh_buf_slice(&buf);
		oh_buf_add(&buf, OH_SLICE("'"));
	}
}

/* Who goes first, and who gets git's input: $saved is the user's hook, ours() is ours. */
static const char *order(const struct oh_entry_row *row)
{
	if (row->is_veto && row->has_input)
		return "if [ -x \"$saved\" ]; then\n"
		       "\tinput=$(cat; echo .) && input=${input%.}\n"
		       "\tprintf %s \"$input\" 2>/dev/null | \"$saved\" \"$@\" || exit\n"
		       "\tprintf %s \"$input\" 2>/dev/null | ours \"$@\"\n"
		       "else\n"
		       "\tours \"$@\"\n"
		       "fi\n";
	if (row->is_veto)
		return "[ ! -x \"$saved\" ] || \"$saved\" \"$@\" || exit\n"
		       "ours \"$@\"\n";
	if (row->has_input)
		return "if [ -x \"$saved\" ]; then\n"
		       "\tinput=$(cat; echo .) && input=${input%.}\n"
		       "\tprintf %s \"$input\" 2>/dev/null | ours \"$@\"\n"
		       "\tstatus=$?\n"
		       "\tprintf %s \"$input\" 2>/dev/null | \"$saved\" \"$@\" || exit\n"
		       "\texit $status\n"
		       "fi\n"
		       "ours \"$@\"\n";
	return "if [ -x \"$saved\" ]; then\n"
	       "\t(ours \"$@\")\n"
	       "\tstatus=$?\n"
	       "\t\"$saved\" \"$@\" || exit\n"
	       "\texit $status\n"
	       "fi\n"
	       "ours \"$@\"\n";
}

/* git sets GIT_DIR for a hook wherever ./.git is not the git directory itself. */
static void add_condition(struct oh_buf *buf, const char *condition)
{
	if (condition)
		oh_buf_addf(buf, "\tdir=${GIT_DIR:-.git}\n\t{ %s; } || return 0\n", condition);
}

struct oh_slice oh_entry_text(
	struct oh_arena *arena, const struct oh_entry_row *row, struct oh_slice programs)
{
	const struct oh_slice program = oh_path_join(arena, programs, OH_SLICE(OH_HOOK_PROGRAM));
	struct oh_buf buf = {.arena = arena};

	oh_buf_addf(&buf,
		"#!/bin/sh\n" MARK
		": made by `onehead install`, taken away by `onehead uninstall`.\n"
		"# A hook that was here before is kept beside it and run by it.\n"
		"program=" OH_FMT "\n"
		"saved=${0%%/*}/%s" OH_SAVED_SUFFIX "\n\n"
		"ours() {\n",
		OH_ARG(oh_shell_quote(arena, program)), row->name);
	add_condition(&buf, row->condition);
	oh_buf_addf(&buf,
		"\t[ \"${ONEHEAD-}\" != 0 ] || return 0\n"
		"\t[ -x \"$program\" ] || program=$(command -v " OH_HOOK_PROGRAM ") || {\n"
		"\t\techo 'onehead: %s did not look at the migrations: the program " OH_HOOK_PROGRAM
		" is gone; install onehead again' >&2\n"
		"\t\treturn 0\n"
		"\t}\n"
		"\texec \"$program\" %s \"$@\"\n"
		"}\n\n",
		row->name, row->name);
	oh_buf_addf(&buf, "%s", order(row));
	return oh_buf_slice(&buf);
}

bool oh_entry_is_ours(struct oh_slice text)
{
	struct oh_slice line;

	for (int i = 0; i < 2; i++)
		if (!oh_slice_next_line(&text, &line))
			return false;
	return oh_slice_has_prefix(line, OH_SLICE(MARK));
}

struct oh_slice oh_entry_program(struct oh_arena *arena, struct oh_slice text)
{
	const struct oh_slice start = OH_SLICE(PROGRAM_LINE);
	const size_t at = oh_slice_find(text, start, 0);

	return unquote(arena, oh_slice_sub(text, at + start.len, text.len));
}

/* git reads a percent sign in a driver's command as the start of a placeholder. */
static struct oh_slice double_percents(struct oh_arena *arena, struct oh_slice s)
{
	struct oh_buf buf = {.arena = arena};

	for (size_t i = 0; i < s.len; i++)
		oh_buf_add(&buf, s.ptr[i] == '%' ? OH_SLICE("%%") : oh_slice_sub(s, i, i + 1));
	return oh_buf_slice(&buf);
}

static struct oh_slice single_percents(struct oh_arena *arena, struct oh_slice s)
{
	struct oh_buf buf = {.arena = arena};

	for (size_t i = 0; i < s.len; i++) {
		oh_buf_add(&buf, oh_slice_sub(s, i, i + 1));
		i += s.ptr[i] == '%' && i + 1 < s.len && s.ptr[i + 1] == '%';
	}
	return oh_buf_slice(&buf);
}

/*
 * A status from 126 up says that the program could not run, or died, unless it left a conflict (in
 * so many places, that is). Then git's own text merge, whose 255 for "can't" must not reach git: it
 * would end the whole merge.
 */
struct oh_slice oh_driver_command(struct oh_arena *arena, struct oh_slice programs)
{
	const struct oh_slice program = oh_path_join(arena, programs, OH_SLICE(OH_DRIVER_PROGRAM));

	return oh_slice_printf(arena,
		DRIVER_START OH_FMT "; "
				    "[ -x \"$d\" ] || d=$(command -v " OH_DRIVER_PROGRAM ") || d=; "
				    "[ \"${ONEHEAD-}\" != 0 ] || d=; "
				    "if [ \"$d\" ]; then \"$d\" %%O %%A %%B %%L %%P; s=$?; "
				    "[ $s -ge 126 ] || exit $s; "
				    "! grep -q '^<<<<<<<' %%A || exit 1; fi; "
				    "git -c merge.conflictStyle=merge merge-file --marker-size=%%L "
				    "-L ours -L base -L theirs %%A %%O %%B || exit 1",
		OH_ARG(double_percents(arena, oh_shell_quote(arena, program))));
}

struct oh_slice oh_driver_program(struct oh_arena *arena, struct oh_slice command)
{
	if (!oh_slice_cut_prefix(&command, OH_SLICE(DRIVER_START)))
		return OH_SLICE("");
	return unquote(arena, single_percents(arena, command));
}

struct oh_slice oh_alias_command(struct oh_arena *arena, struct oh_slice programs)
{
	const struct oh_slice program = oh_path_join(arena, programs, OH_SLICE("onehead"));

	return oh_slice_printf(arena, "!cd \"${GIT_PREFIX:-.}\" && " OH_FMT,
		OH_ARG(oh_shell_quote(arena, program)));
}

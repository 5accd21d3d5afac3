#include "repo/private.h"

#include "base/buf.h"
#include "repo/pack.h"

/* The headers of a commit, one at a time: lines that begin with a blank belong to the one before.
 */
static bool next_header(struct oh_slice *rest, struct oh_slice *header)
{
	const struct oh_slice all = *rest;
	size_t end = 0;

	if (!all.len || all.ptr[0] == '\n')
		return false;
	do
		end = oh_slice_find_byte(all, '\n', end) + 1;
	while (end < all.len && all.ptr[end] == ' ');
	*header = oh_slice_sub(all, 0, end);
	*rest = oh_slice_sub(all, end, all.len);
	return true;
}

static bool cut_key(struct oh_slice header, const char *key, struct oh_slice *value)
{
	*value = header;
	if (!oh_slice_cut_prefix(value, oh_slice_of(key)) ||
		!oh_slice_cut_prefix(value, OH_SLICE(" ")))
		return false;
	if (value->len && value->ptr[value->len - 1] == '\n')
		value->len--;
	return true;
}

static bool is_signature(struct oh_slice header)
{
	struct oh_slice value;

	return cut_key(header, "gpgsig", &value) || cut_key(header, "gpgsig-sha256", &value);
}

/* "NAME <EMAIL> SECONDS ZONE" */
struct ident {
	struct oh_slice name, email, when;
};

static struct ident parse_ident(struct oh_slice text)
{
	const size_t close = oh_slice_rfind_byte(text, '>');
	const struct oh_slice front = oh_slice_sub(text, 0, close);
	const size_t open = oh_slice_rfind_byte(front, '<');

	return (struct ident){oh_slice_trim(oh_slice_sub(front, 0, open)),
		oh_slice_sub(front, open + 1, front.len),
		oh_slice_trim(oh_slice_sub(text, close + 1, text.len))};
}

/* The first paragraph of the message, in one line. */
static struct oh_slice subject_of(struct oh_arena *arena, struct oh_slice message)
{
	struct oh_slices lines = {0};
	struct oh_slice line;

	while (oh_slice_next_line(&message, &line)) {
		line = oh_slice_trim(line);
		if (line.len)
			OH_PUSH(arena, &lines, line);
		else if (lines.count)
			break;
	}
	return lines.count == 1 ? lines.items[0] : oh_slices_join(arena, &lines, " ");
}

void oh_commit_parse(struct oh_arena *arena, struct oh_commit *c)
{
	struct oh_slice rest = c->raw, header, value;

	while (next_header(&rest, &header)) {
		if (cut_key(header, "tree", &value)) {
			c->tree = value;
		} else if (cut_key(header, "parent", &value)) {
			OH_PUSH(arena, &c->parents, value);
		} else if (cut_key(header, "author", &value)) {
			const struct ident author = parse_ident(value);

			c->author = author.name;
			c->email = author.email;
		} else if (is_signature(header)) {
			c->is_signed = true;
		}
	}
	c->subject = subject_of(arena, rest);
}

bool oh_repo_commit(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice rev,
	struct oh_commit *out, struct oh_error *err)
{
	struct oh_object object;
	struct oh_slice id;

	/* By name first: only an id says that the answer is about this very commit. */
	if (!oh_repo_resolve(repo, arena, rev, &id, err) ||
		!oh_objects_read(repo->objects, arena, id, &object, err))
		return false;
	*out = (struct oh_commit){.id = id, .raw = object.bytes};
	oh_commit_parse(arena, out);
	return true;
}

struct search {
	const char *range, *path;
	char what;
};

/* The newest ordinary commit. --full-history: also on a line that another one hides. */
static bool search_commits(struct oh_repo *repo, struct oh_arena *arena, const struct search *s,
	struct oh_slice *id, struct oh_error *err)
{
	const char *filter = oh_slice_printf(arena, "--diff-filter=%c", s->what).ptr;
	const char *const argv[] = {"git", "log", "-1", "--full-history", "--no-follow",
		"--no-renames", "--no-show-signature", "--no-diff-merges", "--root", "--format=%H",
		filter, s->range, "--", s->path, NULL};
	const struct oh_git_call call = {.argv = argv, .at_top = true};
	struct oh_slice text;

	if (!oh_git_read(repo, arena, &call, &text, err))
		return false;
	if (!oh_slice_next_line(&text, id))
		*id = OH_SLICE("");
	return true;
}

/* "::MODES IDS STATUSES" TAB PATH: did the merge do WHAT whichever side one looks from? */
static bool did_itself(struct oh_slice line, char what)
{
	const struct oh_slice front = oh_slice_sub(line, 0, oh_slice_find_byte(line, '\t', 0));
	const size_t from = oh_slice_rfind_byte(front, ' ') + 1;

	for (size_t i = from; i < front.len; i++)
		if (front.ptr[i] != what)
			return false;
	return oh_slice_has_prefix(line, OH_SLICE("::")) && from < front.len;
}

/* The newest merge commit that did it itself: neither of its lines had. */
static bool search_merges(struct oh_repo *repo, struct oh_arena *arena, const struct search *s,
	struct oh_slice *id, struct oh_error *err)
{
	const char *const argv[] = {"git", "log", "--merges", "--full-history", "--no-follow",
		"--no-renames", "--no-show-signature", "-c", "--raw", "--format=%H", s->range, "--",
		s->path, NULL};
	const struct oh_git_call call = {.argv = argv, .at_top = true};
	struct oh_slice text, line, commit = OH_SLICE("");

	*id = OH_SLICE("");
	if (!oh_git_read(repo, arena, &call, &text, err))
		return false;
	while (!id->len && oh_slice_next_line(&text, &line))
		if (did_itself(line, s->what))
			*id = commit;
		else if (line.len && line.ptr[0] != ':')
			commit = line;
	return true;
}

bool oh_repo_who(struct oh_repo *repo, struct oh_arena *arena, struct oh_slice range, char what,
	struct oh_slice path, struct oh_commit *out, struct oh_error *err)
{
	const struct search s = {oh_slice_str(arena, range), oh_slice_str(arena, path), what};
	struct oh_slice id;

	if (!oh_rev_check(range, err) || !search_commits(repo, arena, &s, &id, err) ||
		(!id.len && !search_merges(repo, arena, &s, &id, err)))
		return false;
	if (!id.len)
		return oh_fail(err, OH_E_NOT_FOUND, "no commit in %s %s %s", s.range,
			what == 'A' ? "added" : "deleted", s.path);
	return oh_repo_commit(repo, arena, id, out, err);
}

/* COMMIT with another tree and no signature. */
static struct oh_slice rebuilt(
	struct oh_arena *arena, const struct oh_commit *commit, struct oh_slice tree)
{
	struct oh_buf text = {.arena = arena};
	struct oh_slice rest = commit->raw, header, value;

	while (next_header(&rest, &header))
		if (cut_key(header, "tree", &value))
			oh_buf_addf(&text, "tree " OH_FMT "\n", OH_ARG(tree));
		else if (!is_signature(header))
			oh_buf_add(&text, header);
	oh_buf_add(&text, rest);
	return oh_buf_slice(&text);
}

static const char *assign(struct oh_arena *arena, const char *name, struct oh_slice value)
{
	return oh_slice_printf(arena, "%s=" OH_FMT, name, OH_ARG(value)).ptr;
}

static void set_identities(
	struct oh_arena *arena, const struct oh_commit *commit, struct oh_git_call *call)
{
	struct oh_slice rest = commit->raw, header, value;

	while (next_header(&rest, &header)) {
		struct ident who;

		if (cut_key(header, "author", &value)) {
			who = parse_ident(value);
			call->set[0] = assign(arena, "GIT_AUTHOR_NAME", who.name);
			call->set[1] = assign(arena, "GIT_AUTHOR_EMAIL", who.email);
			call->set[2] = assign(arena, "GIT_AUTHOR_DATE",
				oh_slice_printf(arena, "@" OH_FMT, OH_ARG(who.when)));
		} else if (cut_key(header, "committer", &value)) {
			who = parse_ident(value);
			call->set[3] = assign(arena, "GIT_COMMITTER_NAME", who.name);
			call->set[4] = assign(arena, "GIT_COMMITTER_EMAIL", who.email);
			call->set[5] = assign(arena, "GIT_COMMITTER_DATE",
				oh_slice_printf(arena, "@" OH_FMT, OH_ARG(who.when)));
		}
	}
}

static struct oh_slice encoding_of(const struct oh_commit *commit, struct oh_slice *message)
{
	struct oh_slice header, value, encoding = OH_SLICE("UTF-8");

	*message = commit->raw;
	while (next_header(message, &header))
		if (cut_key(header, "encoding", &value))
			encoding = value;
	*message = oh_slice_sub(*message, 1, message->len);
	return encoding;
}

static bool sign(struct oh_repo *repo, struct oh_arena *arena, const struct oh_commit *commit,
	struct oh_slice tree, struct oh_slice *id, struct oh_error *err)
{
	struct {
		const char **items;
		size_t count, capacity;
	} argv = {0};
	struct oh_git_call call = {.writes = true};
	const struct oh_slice encoding = encoding_of(commit, &call.input);

	OH_PUSH(arena, &argv, "git");
	OH_PUSH(arena, &argv, "-c");
	OH_PUSH(arena, &argv, assign(arena, "i18n.commitEncoding", encoding));
	OH_PUSH(arena, &argv, "commit-tree");
	OH_PUSH(arena, &argv, "-S");
	for (size_t i = 0; i < commit->parents.count; i++) {
		OH_PUSH(arena, &argv, "-p");
		OH_PUSH(arena, &argv, oh_slice_str(arena, commit->parents.items[i]));
	}
	OH_PUSH(arena, &argv, oh_slice_str(arena, tree));
	OH_PUSH(arena, &argv, NULL);
	call.argv = argv.items;
	set_identities(arena, commit, &call);
	return oh_git_read_line(repo, arena, &call, id, err) || oh_wrap(err, "signing");
}

static bool cannot_sign(const struct oh_commit *commit, struct oh_error *err)
{
	return oh_fail(err, OH_E_UNSUPPORTED,
		"commit " OH_FMT " is signed and holds what git can't sign again",
		OH_ARG(oh_slice_sub(commit->id, 0, 12)));
}

/*
 * commit-tree knows nothing of mergetags and puts names in order: where it made another commit
 * than this one, better none.
 */
static bool recommit_signed(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_commit *commit, struct oh_slice tree, struct oh_slice *id,
	struct oh_error *err)
{
	struct oh_commit made;

	/* At a NUL it stops. */
	if (oh_slice_find_byte(commit->raw, '\0', 0) < commit->raw.len)
		return cannot_sign(commit, err);
	if (!sign(repo, arena, commit, tree, id, err) ||
		!oh_repo_commit(repo, arena, *id, &made, err))
		return false;
	if (oh_slice_eq(made.tree, tree) &&
		oh_slice_eq(rebuilt(arena, &made, tree), rebuilt(arena, commit, tree)))
		return true;
	return cannot_sign(commit, err);
}

bool oh_repo_recommit_start(struct oh_repo *repo, struct oh_arena *arena,
	const struct oh_commit *commit, struct oh_slice tree, struct oh_slice *id,
	struct oh_error *err)
{
	static const char *const argv[] = {
		"git", "hash-object", "-t", "commit", "-w", "--stdin", NULL};
	struct oh_git_call call = {.argv = argv, .writes = true};

	if (commit->is_signed)
		return recommit_signed(repo, arena, commit, tree, id, err);
	if (!oh_repo_paths(repo, err) || !oh_repo_commit_finish(repo, err))
		return false;
	call.input = rebuilt(&repo->arena, commit, tree);
	repo->commit_id = oh_object_id(repo, &repo->arena, OH_COMMIT, call.input);
	oh_early_start(repo, &repo->commit, &call);
	*id = oh_slice_dup(arena, repo->commit_id);
	return true;
}

bool oh_repo_commit_finish(struct oh_repo *repo, struct oh_error *err)
{
	const struct oh_process *p = &repo->commit.process;

	if (!repo->commit_id.len)
		return true;
	if (!oh_early_finish(repo, &repo->commit, err))
		return false;
	if (p->status)
		return oh_git_fail(p, err);
	if (!oh_slice_eq(oh_slice_trim(p->output), repo->commit_id))
		return oh_fail(err, OH_E_GIT, "git gives a commit another id");
	repo->commit_id = OH_SLICE("");
	return true;
}

bool oh_repo_recommit(struct oh_repo *repo, struct oh_arena *arena, const struct oh_commit *commit,
	struct oh_slice tree, struct oh_slice *id, struct oh_error *err)
{
	return oh_repo_recommit_start(repo, arena, commit, tree, id, err) &&
	       oh_repo_commit_finish(repo, err);
}

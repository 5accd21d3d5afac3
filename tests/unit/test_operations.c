/*
 * Operations on real repositories: several refs at once, records, taking back. Called with
 * arguments it is a program that moves refs or stages files, for tests that kill it:
 *
 *	test_operations move REF OLD NEW [REF OLD NEW]...	(- for a ref that is not there)
 *	test_operations stage		the file new/file, and the file a whatever it was
 */
#include "git_fixture.h"

#include "apply/apply.h"
#include "apply/journal.h"

struct setting {
	struct fixture f;
	struct oh_repo *repo;
	struct oh_error err;
};

/*
 * main: one, two; topic and side beside it. Tags one, two, three (on two), t1 and t2 (on one).
 */
static int make(void **state)
{
	struct setting *s = calloc(1, sizeof(*s));

	fixture_make(&s->f);
	fixture_run(&s->f,
		"git init -q -b main r && cd r && echo one >a && echo keep >keep && echo '*.log' "
		">.gitignore && git add . && git commit -qm one && git tag one && "
		"git checkout -q -b topic && mkdir d && echo t >d/t && git add . && git commit -qm t1 "
		"&& git tag t1 && git branch side && echo t2 >d/t && git commit -qam t2 && git tag t2 "
		"&& git checkout -q main && echo two >a && git rm -q keep && echo b >b && git add . && "
		"git commit -qm two && git tag two && echo three >c && git add c && git commit -qm "
		"three && git tag three && git reset -q --hard two");
	fixture_enter(&s->f, "r");
	assert_true(oh_repo_open(&s->repo, &s->f.arena, &s->err));
	*state = s;
	return 0;
}

static int drop(void **state)
{
	struct setting *s = *state;

	oh_repo_close(s->repo);
	fixture_drop(&s->f);
	free(s);
	return 0;
}

static const char *run(struct setting *s, const char *command)
{
	return oh_slice_str(&s->f.arena, fixture_run(&s->f, "cd r && %s", command));
}

/* A repository remembers paths and configuration; what changes is asked anew. */
static void reopen(struct setting *s)
{
	oh_repo_close(s->repo);
	assert_true(oh_repo_open(&s->repo, &s->f.arena, &s->err));
}

/* Everything that an operation could change, but for what onehead keeps for itself. */
static const char *everything(struct setting *s)
{
	return run(s,
		"git symbolic-ref -q HEAD || true; git rev-parse HEAD; git for-each-ref "
		"--exclude=refs/onehead 2>/dev/null || git for-each-ref | grep -v refs/onehead; "
		"git stash list; git ls-files -s; git status --porcelain --ignored "
		"--untracked-files=all; find . -path ./.git -prune -o -type f -print -exec cat "
		"{} + | sort");
}

static struct oh_slice id_of(struct setting *s, const char *rev)
{
	return strcmp(rev, "-") == 0
		       ? OH_SLICE("")
		       : fixture_run(&s->f, "cd r && git rev-parse --verify -q %s^{commit}", rev);
}

static struct oh_operation operation(void)
{
	return (struct oh_operation){.command = OH_SLICE("rebase"),
		.title = OH_SLICE("the rebase of main"),
		.message = OH_SLICE("onehead: rebase")};
}

static void add(struct setting *s, struct oh_operation *op, const char *name, const char *old,
	const char *new)
{
	OH_PUSH(&s->f.arena, &op->refs,
		(struct oh_operation_ref){.name = oh_slice_of(name),
			.old_id = id_of(s, old),
			.new_id = id_of(s, new)});
}

static bool move(struct setting *s, const struct oh_operation *op)
{
	s->err = (struct oh_error){0};
	reopen(s);
	return oh_apply_move(s->repo, &s->f.arena, op, &s->err);
}

static bool undo(struct setting *s, bool dry_run)
{
	struct oh_undone undone;

	s->err = (struct oh_error){0};
	reopen(s);
	return oh_apply_undo(s->repo, &s->f.arena, dry_run, &undone, &s->err);
}

#define assert_moved(s, op) assert_done(move(s, op), (s)->err)
#define assert_undone(s) assert_done(undo(s, false), (s)->err)

/* It refuses with these words, in a dry run as well, and nothing changes. */
static void assert_refused(struct setting *s, const char *words)
{
	const char *before = everything(s);

	for (int dry_run = 0; dry_run < 2; dry_run++) {
		assert_false(undo(s, dry_run));
		if (!strstr(s->err.message, words))
			fail_msg("'%s' does not say '%s'", s->err.message, words);
		assert_int_equal(OH_E_CHANGED, s->err.code);
		assert_string_equal(before, everything(s));
	}
	assert_string_equal("", run(s, "ls .git/onehead | grep -v operations || true"));
}

static void move_main_and_topic(struct setting *s)
{
	struct oh_operation op = operation();

	add(s, &op, "HEAD", "two", "three");
	add(s, &op, "refs/heads/topic", "t2", "t1");
	add(s, &op, "refs/heads/made", "-", "one");
	add(s, &op, "refs/heads/side", "t1", "-");
	assert_moved(s, &op);
}

static void test_several_refs_move_at_once(void **state)
{
	struct setting *s = *state;
	const char *before = everything(s);

	move_main_and_topic(s);
	assert_string_equal(
		run(s, "git rev-parse three t1 one"), run(s, "git rev-parse main topic made"));
	assert_string_equal("main", run(s, "git branch --show-current"));
	assert_string_equal("", run(s, "git rev-parse -q --verify side || true"));
	assert_string_equal("three", run(s, "cat c"));
	assert_string_equal("", run(s, "git status --porcelain"));
	assert_string_equal("onehead: rebase", run(s, "git reflog -1 --format=%gs main"));
	assert_string_equal("onehead: rebase", run(s, "git reflog -1 --format=%gs"));
	assert_string_equal("onehead: rebase", run(s, "git reflog -1 --format=%gs topic"));
	/* what they were is kept */
	assert_string_equal(run(s, "git rev-parse two t2 t1 | sort"),
		run(s, "git for-each-ref --format='%(objectname)' refs/onehead/undo | sort"));
	assert_undone(s);
	assert_string_equal(before, everything(s));
	assert_string_equal("onehead: undo rebase", run(s, "git reflog -1 --format=%gs main"));
	assert_string_equal("onehead: undo rebase", run(s, "git reflog -1 --format=%gs"));
	/* what came in between is kept as well */
	assert_string_equal(
		"", run(s, "git rev-parse three t1 one | sort >want && git for-each-ref "
			   "--format='%(objectname)' refs/onehead/undo | sort -u | comm "
			   "-13 - want; rm want"));
	assert_false(undo(s, false));
	assert_int_equal(OH_E_NOT_FOUND, s->err.code);
}

static void test_only_refs_move_where_head_is_not_among_them(void **state)
{
	struct setting *s = *state;
	struct oh_operation op = operation();
	const char *before = everything(s);

	run(s, "echo mine >>a && echo staged >x && git add x");
	add(s, &op, "refs/heads/topic", "t2", "t1");
	assert_moved(s, &op);
	assert_string_equal(run(s, "git rev-parse t1"), run(s, "git rev-parse topic"));
	assert_string_equal(" M a\nA  x", run(s, "git status --porcelain"));
	assert_undone(s);
	run(s, "git rm -q -f x && git checkout -q a");
	assert_string_equal(before, everything(s));
}

static void assert_not_moved(struct setting *s, const struct oh_operation *op, const char *words)
{
	const char *before = everything(s);

	assert_false(move(s, op));
	if (!strstr(s->err.message, words))
		fail_msg("'%s' does not say '%s'", s->err.message, words);
	assert_int_equal(OH_E_CHANGED, s->err.code);
	assert_string_equal(before, everything(s));
	assert_string_equal("", run(s, "git for-each-ref refs/onehead; find .git/onehead -type f "
				       "2>/dev/null || true"));
}

static void test_nothing_moves_where_one_ref_can_not(void **state)
{
	struct setting *s = *state;
	struct oh_operation elsewhere = operation(), second = operation(), out = operation();

	add(s, &elsewhere, "HEAD", "two", "three");
	add(s, &elsewhere, "refs/heads/topic", "t1", "t2");
	assert_not_moved(s, &elsewhere, "refs/heads/topic has moved");
	add(s, &second, "refs/heads/topic", "t2", "t1");
	add(s, &second, "refs/heads/main", "two", "three");
	assert_not_moved(s, &second, "main is checked out");
	run(s, "git worktree add -q ../w side");
	add(s, &out, "HEAD", "two", "three");
	add(s, &out, "refs/heads/side", "t1", "t2");
	assert_not_moved(s, &out, "refs/heads/side is checked out in");
}

static void test_nothing_moves_where_files_are_in_the_way(void **state)
{
	struct setting *s = *state;
	struct oh_operation op = operation();

	run(s, "echo mine >c");
	add(s, &op, "HEAD", "two", "three");
	add(s, &op, "refs/heads/topic", "t2", "t1");
	assert_not_moved(s, &op, "would be overwritten");
}

static void test_undo_goes_back_to_what_was_before(void **state)
{
	struct setting *s = *state;
	struct oh_operation op = operation();

	add(s, &op, "HEAD", "two", "three");
	op.refs.items[0].before = id_of(s, "t2");
	assert_moved(s, &op);
	assert_string_equal(run(s, "git rev-parse two t2 | sort"),
		run(s, "git for-each-ref --format='%(objectname)' refs/onehead/undo | sort"));
	assert_undone(s);
	assert_string_equal(run(s, "git rev-parse t2"), run(s, "git rev-parse main"));
	assert_string_equal("t2", run(s, "cat d/t"));
	assert_string_equal("", run(s, "git status --porcelain"));
}

static void test_a_detached_head_and_the_branch_that_gets_there_later(void **state)
{
	struct setting *s = *state;
	struct oh_operation op = operation();

	run(s, "git checkout -q --detach two");
	add(s, &op, "HEAD", "two", "three");
	op.branch_later = OH_SLICE("refs/heads/main");
	op.refs.items[0].before = id_of(s, "one");
	assert_moved(s, &op);
	assert_string_equal("", run(s, "git branch --show-current"));
	assert_string_equal(run(s, "git rev-parse two"), run(s, "git rev-parse main"));
	run(s, "git checkout -q -B main HEAD"); /* as git rebase --apply ends */
	assert_undone(s);
	assert_string_equal("main", run(s, "git branch --show-current"));
	assert_string_equal(run(s, "git rev-parse one"), run(s, "git rev-parse main"));
	assert_string_equal("", run(s, "git status --porcelain"));
}

static void test_a_ref_that_git_moves_later(void **state)
{
	struct setting *s = *state;
	struct oh_operation op = operation();
	const char *before = everything(s);

	add(s, &op, "HEAD", "two", "three");
	add(s, &op, "refs/heads/topic", "t2", "t1");
	op.refs.items[1].by_git = true;
	assert_moved(s, &op);
	assert_string_equal(run(s, "git rev-parse t2"), run(s, "git rev-parse topic"));
	assert_undone(s); /* git has not come to it */
	assert_string_equal(before, everything(s));
	assert_moved(s, &op);
	run(s, "git branch -q -f topic t1");
	assert_undone(s);
	assert_string_equal(before, everything(s));
}

static void test_undo_keeps_what_the_user_has_open(void **state)
{
	struct setting *s = *state;
	const char *open = "echo mine >>b && echo staged >x && git add x && echo more >>x && echo "
			   "loose >loose && echo log >y.log && rm .gitignore";
	const char *before;

	run(s, open);
	before = everything(s);
	run(s, "git checkout -q .gitignore && git checkout -q b && git rm -q -f x && rm loose y.log");
	move_main_and_topic(s);
	run(s, open);
	run(s, "git stash -q && git stash apply -q --index");
	assert_undone(s);
	assert_string_equal("mine", run(s, "tail -n 1 b"));
	assert_string_equal("staged", run(s, "git show :x"));
	assert_string_equal("staged\nmore", run(s, "cat x"));
	run(s, "git stash drop -q");
	assert_string_equal(before, everything(s));
}

static void test_undo_refuses_where_files_have_other_content(void **state)
{
	static const struct {
		const char *change, *words, *back;
	} cases[] = {
		{"echo mine >>c", "c has changed since the rebase of main", "git checkout -q c"},
		{"echo mine >>c && git add c", "c has changed", "git reset -q --hard"},
		{"echo mine >>c && git add c && echo three >c", "c has changed",
			"git reset -q --hard"},
		{"rm c", "c has changed", "git checkout -q c"},
		{"git rm -q --cached c", "c has changed", "git reset -q --hard"},
		{"chmod +x c", "c has changed", "chmod -x c"},
		{"rm c && mkdir c && echo x >c/x", "c has changed", "rm -r c && git checkout -q c"},
	};
	struct setting *s = *state;

	move_main_and_topic(s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run(s, cases[i].change);
		assert_refused(s, cases[i].words);
		run(s, cases[i].back);
	}
	run(s, "touch -d yesterday c"); /* is no change */
	assert_undone(s);
}

/* Files come back where the user has others: git would overwrite those that are ignored. */
static void test_undo_refuses_where_something_is_in_the_way(void **state)
{
	static const struct {
		const char *change, *words, *back;
	} cases[] = {
		{"echo mine >keep", "keep would come back", "rm keep"},
		{"echo keep >.git/info/exclude && echo mine >keep", "keep would come back",
			"rm keep .git/info/exclude"},
		{"mkdir keep && echo mine >keep/x.log", "keep would come back", "rm -r keep"},
		{"ln -s nowhere keep", "keep would come back", "rm keep"},
		{"echo d >.git/info/exclude && echo mine >d", "d/t would come back",
			"rm d .git/info/exclude"},
	};
	struct setting *s = *state;
	struct oh_operation op = operation();

	/* undo brings keep and d/t */
	run(s, "git checkout -q topic && git checkout -q -B main one && mkdir d && echo d >d/t && git "
	       "add . && git commit -qm with && git tag with");
	add(s, &op, "HEAD", "with", "two");
	assert_moved(s, &op);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run(s, cases[i].change);
		assert_refused(s, cases[i].words);
		run(s, cases[i].back);
	}
	run(s, "mkdir keep"); /* empty: nobody's */
	assert_undone(s);
	assert_string_equal("keep", run(s, "cat keep"));
}

static void test_undo_refuses_where_refs_are_elsewhere(void **state)
{
	static const struct {
		const char *change, *words, *back;
	} cases[] = {
		{"git commit -q --allow-empty -m more", "git reset --keep",
			"git reset -q --keep three"},
		{"git reset -q --keep two", "is already as it was", "git reset -q --keep three"},
		{"git checkout -q topic", "git switch main", "git checkout -q main"},
		{"git checkout -q --detach", "git switch main", "git checkout -q main"},
		{"git checkout -q -b other", "git switch main",
			"git checkout -q main && git branch -D -q other"},
		{"git branch -f topic two", "git branch -f topic", "git branch -f topic t1"},
		{"git branch -D -q made", "is already as it was", "git branch made one"},
		{"git branch -D -q topic", "git branch topic", "git branch topic t1"},
		{"git branch side three", "side has moved on", "git branch -D -q side"},
		{"git worktree add -q ../w topic", "topic is checked out in",
			"git worktree remove ../w"},
	};
	struct setting *s = *state;

	move_main_and_topic(s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run(s, cases[i].change);
		assert_refused(s, cases[i].words);
		run(s, cases[i].back);
	}
	assert_undone(s);
}

static void test_undo_refuses_in_the_middle_of_something(void **state)
{
	static const struct {
		const char *start, *words, *end;
	} cases[] = {
		{"! git merge -q t2 --no-commit >/dev/null || true", "git merge --abort",
			"git merge --abort"},
		{"! git cherry-pick -n t1 && false || git update-ref CHERRY_PICK_HEAD t1",
			"git cherry-pick --abort", "git cherry-pick --quit; git reset -q --hard"},
		{"GIT_SEQUENCE_EDITOR='sed -i 1ibreak' git rebase -q -i one 2>/dev/null",
			"git rebase --abort", "git rebase --abort"},
		{"git bisect start -q >/dev/null", "git bisect reset",
			"git bisect reset 2>/dev/null"},
	};
	struct setting *s = *state;

	move_main_and_topic(s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run(s, cases[i].start);
		assert_refused(s, cases[i].words);
		run(s, cases[i].end);
	}
	assert_undone(s);
}

static void test_undo_refuses_under_a_conflict(void **state)
{
	struct setting *s = *state;

	move_main_and_topic(s);
	run(s, "id=$(git rev-parse :b) && printf '0 %040d\\tb\\n100644 %s 1\\tb\\n100644 %s 2\\tb\\n' "
	       "0 $id $id | git update-index --index-info");
	assert_refused(s, "b is in conflict");
}

static void move_head(struct setting *s, const char *from, const char *to)
{
	struct oh_operation op = operation();

	add(s, &op, "HEAD", from, to);
	assert_moved(s, &op);
}

static void test_undo_goes_back_further(void **state)
{
	struct setting *s = *state;

	move_head(s, "two", "three");
	move_head(s, "three", "one");
	assert_undone(s); /* three */
	move_head(s, "three", "t2");
	move_head(s, "t2", "t1");
	assert_undone(s); /* t2 */
	assert_undone(s); /* three */
	assert_string_equal(run(s, "git rev-parse three"), run(s, "git rev-parse main"));
	assert_undone(s); /* two */
	assert_string_equal(run(s, "git rev-parse two"), run(s, "git rev-parse main"));
	assert_false(undo(s, false));
	assert_int_equal(OH_E_NOT_FOUND, s->err.code);
	assert_string_equal("", run(s, "git status --porcelain"));
}

static void test_the_last_fifty_are_kept(void **state)
{
	struct setting *s = *state;

	for (int i = 0; i < 28; i++) {
		move_head(s, "two", "three");
		move_head(s, "three", "two");
	}
	assert_string_equal("50", run(s, "ls .git/onehead/operations | wc -l"));
	assert_string_equal("7", run(s, "ls .git/onehead/operations | sort -n | head -n 1"));
	assert_string_equal("50", run(s, "git for-each-ref refs/onehead/undo | wc -l"));
	/* A lock that somebody left does not stop an operation, and is waited for only once. */
	run(s, "git pack-refs --all && touch .git/packed-refs.lock");
	move_head(s, "two", "three");
	run(s, "rm .git/packed-refs.lock");
	assert_string_equal("51", run(s, "ls .git/onehead/operations | wc -l"));
	move_head(s, "three", "two");
	assert_string_equal("50", run(s, "ls .git/onehead/operations | wc -l"));
	assert_string_equal("50", run(s, "git for-each-ref refs/onehead/undo | wc -l"));
	run(s, "git reflog expire --expire=now --all && git gc -q --prune=now");
	for (int i = 0; i < 50; i++) {
		assert_undone(s);
		if (i < 24) /* its own records push the oldest out */
			assert_string_equal("50", run(s, "ls .git/onehead/operations | wc -l"));
		if (oh_slice_eq(
			    oh_slice_of(run(s, "sed -n 's/^undoes //p' .git/onehead/operations/* | "
					       "sort -n | head -n 1")),
			    oh_slice_of(
				    run(s, "ls .git/onehead/operations | sort -n | head -n 1"))))
			return;
	}
	fail_msg("no end of it");
}

static void test_what_was_replaced_outlives_gc(void **state)
{
	struct setting *s = *state;
	const char *before = everything(s);

	move_main_and_topic(s);
	run(s, "git tag -d one two three t1 t2 >/dev/null && git reflog expire --expire=now --all && "
	       "git gc -q --prune=now");
	assert_undone(s);
	run(s, "git reflog expire --expire=now --all && git gc -q --prune=now && git fsck --strict");
	assert_string_equal(run(s, "git rev-parse HEAD"),
		oh_slice_str(
			&s->f.arena, oh_slice_sub(oh_slice_of(strstr(before, "\n") + 1), 0, 40)));
	assert_string_equal("two", run(s, "git log -1 --format=%s"));
	assert_string_equal("t2", run(s, "git log -1 --format=%s topic"));
	assert_string_equal("t1", run(s, "git log -1 --format=%s side"));
}

static void test_only_one_at_a_time(void **state)
{
	struct setting *s = *state;
	struct oh_operation op = operation();
	struct oh_journal other;
	struct oh_slice did;

	add(s, &op, "HEAD", "two", "three");
	op.when = OH_SLICE("1");
	op.refs.items[0].name = OH_SLICE("refs/heads/main");
	op.moves_head = true;
	assert_done(oh_journal_begin(&other, &s->f.arena, oh_repo_paths(s->repo, NULL)->git_dir,
			    &op, &s->err),
		s->err);
	assert_false(move(s, &op));
	assert_non_null(strstr(s->err.message, "another onehead is at work"));
	/* What lives is not recovered. */
	assert_false(oh_apply_recover(s->repo, &s->f.arena, &did, &s->err));
	assert_non_null(strstr(s->err.message, "another onehead is at work"));
	oh_journal_drop(&other, &s->f.arena);
	assert_moved(s, &op);
	assert_string_equal("operations", run(s, "ls .git/onehead"));
}

/* As killed between two refs: git has moved some. */
static void leave(struct setting *s, const char *then)
{
	struct oh_operation op = operation();
	struct oh_journal journal;

	add(s, &op, "refs/heads/main", "two", "three");
	add(s, &op, "refs/heads/topic", "t2", "t1");
	op.moves_head = true;
	op.when = OH_SLICE("1");
	OH_PUSH(&s->f.arena, &op.kept,
		oh_slice_printf(
			&s->f.arena, "refs/onehead/undo/x " OH_FMT, OH_ARG(id_of(s, "two"))));
	assert_done(oh_journal_begin(&journal, &s->f.arena, oh_repo_paths(s->repo, NULL)->git_dir,
			    &op, &s->err),
		s->err);
	oh_journal_leave(&journal);
	run(s, then);
	reopen(s);
}

static const char *recover(struct setting *s)
{
	struct oh_slice did;

	assert_done(oh_apply_recover(s->repo, &s->f.arena, &did, &s->err), s->err);
	assert_string_equal("operations", run(s, "ls .git/onehead"));
	return oh_slice_str(&s->f.arena, did);
}

static void test_recover_several_refs(void **state)
{
	static const struct {
		const char *then, *main, *topic, *kept;
	} cases[] = {
		{"true", "two", "t2", ""},
		{"git update-ref refs/onehead/undo/x two", "two", "t2", ""},
		{"git read-tree -m -u two three", "two", "t2", ""},
		{"git read-tree -m -u two three && git update-ref refs/heads/topic t1", "three",
			"t1", "two"},
		{"git read-tree -m -u two three && git update-ref refs/heads/main three", "three",
			"t1", "two"},
		{"git read-tree -m -u two three && git update-ref refs/heads/main three && git "
		 "update-ref refs/heads/topic t1",
			"three", "t1", "two"},
	};
	struct setting *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		leave(s, cases[i].then);
		recover(s);
		assert_same(id_of(s, cases[i].main), id_of(s, "main"));
		assert_same(id_of(s, cases[i].topic), id_of(s, "topic"));
		assert_string_equal("", run(s, "git status --porcelain"));
		if (*cases[i].kept)
			assert_same(id_of(s, cases[i].kept), id_of(s, "refs/onehead/undo/x"));
		else
			assert_string_equal("", run(s, "git for-each-ref refs/onehead"));
		run(s, "git reset -q --hard two && git branch -f topic t2 && rm -f "
		       ".git/onehead/operations/* && git update-ref -d refs/onehead/undo/x");
	}
}

/* The user has gone on since; his own is left alone, and the refs don't stay between. */
static void test_recover_where_the_user_has_gone_on(void **state)
{
	static const struct {
		const char *then, *topic, *status;
	} cases[] = {
		{"echo x >x && git add x && git commit -qm x && echo y >>x", "t2", " M x"},
		{"git read-tree -m -u two three && git update-ref refs/heads/main three && echo x >x "
		 "&& git add x && git commit -qm x && echo y >>x",
			"t1", " M x"},
		{"git update-ref refs/heads/topic t1 && git commit -q --allow-empty -m x", "t2",
			""},
	};
	struct setting *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *head;

		leave(s, cases[i].then);
		head = run(s, "git rev-parse HEAD");
		recover(s);
		assert_string_equal(head, run(s, "git rev-parse HEAD"));
		assert_same(id_of(s, cases[i].topic), id_of(s, "topic"));
		assert_string_equal(cases[i].status, run(s, "git status --porcelain"));
		run(s, "git reset -q --hard two && git branch -f topic t2 && rm -f "
		       ".git/onehead/operations/*");
	}
}

static void test_a_record_of_what_git_did(void **state)
{
	struct setting *s = *state;
	struct oh_operation op = operation();
	const char *before = everything(s);

	run(s, "echo new >n && git add n && git commit -qm n");
	add(s, &op, "HEAD", "two", "HEAD");
	op.title = OH_SLICE("the merge\nof \033 nothing");
	assert_done(oh_apply_record(s->repo, &s->f.arena, &op, &s->err), s->err);
	assert_string_equal("", run(s, "git for-each-ref refs/onehead"));
	assert_undone(s);
	assert_string_equal(before, everything(s));
}

static struct oh_steps two_steps(struct oh_arena *arena)
{
	struct oh_steps steps = {0};

	OH_PUSH(arena, &steps,
		(struct oh_step){.kind = OH_STEP_ADD,
			.path = OH_SLICE("new/file"),
			.bytes = OH_SLICE("text\n"),
			.expected = OH_SLICE(""),
			.reason = OH_SLICE("test")});
	OH_PUSH(arena, &steps,
		(struct oh_step){.kind = OH_STEP_REPLACE,
			.path = OH_SLICE("a"),
			.bytes = OH_SLICE("replaced\n"),
			.expected = OH_SLICE(""),
			.reason = OH_SLICE("test")});
	return steps;
}

static bool stage(struct setting *s)
{
	const struct oh_steps steps = two_steps(&s->f.arena);
	const struct oh_operation op = {
		.command = OH_SLICE("resolve"), .title = OH_SLICE("what was staged")};

	reopen(s);
	return oh_apply_stage_recorded(s->repo, &s->f.arena, &op, &steps, NULL, &s->err);
}

static void test_what_was_staged_is_taken_back(void **state)
{
	static const char *const befores[] = {
		"true",
		"echo mine >>a",
		"echo mine >>a && git add a && echo more >>a && chmod +x a",
		"git rm -q a",
		"rm a",
		"(git merge -q t2 >/dev/null 2>&1 || true) && echo a >a && git add a",
		/* a conflict: three stages and markers */
		("git checkout -q -b f one && echo f >a && git commit -qam f && git checkout -q main && (git "
		 "merge -q f >/dev/null || true) && test $(git ls-files -u a | wc -l) = 3"),
		"git config core.autocrlf true && rm a && git checkout -q a",
	};
	struct setting *s = *state;

	for (size_t i = 0; i < sizeof(befores) / sizeof(*befores); i++) {
		const char *before;

		run(s, befores[i]);
		before = everything(s);
		assert_done(stage(s), s->err);
		assert_string_equal("100644", run(s, "git ls-files -s new/file | cut -c 1-6"));
		assert_string_equal("replaced", run(s, "git show :a"));
		run(s, "git gc -q --prune=now");
		assert_done(undo(s, true), s->err);
		assert_undone(s);
		assert_string_equal(before, everything(s));
		run(s, "(git merge --abort 2>/dev/null || true) && git reset -q --hard two");
	}
	assert_string_equal("", run(s, "ls .git/onehead | grep -v operations || true"));
}

static void test_what_was_staged_and_has_changed_since(void **state)
{
	static const struct {
		const char *change, *words, *back;
	} cases[] = {
		{"echo mine >>a", "a has changed since what was staged", "git checkout -q a"},
		{"echo mine >>new/file && git add new/file", "new/file has changed",
			"echo text >new/file && git add new/file"},
		{"git reset -q -- new/file", "new/file has changed", "git add new/file"},
		{"git commit -qm staged", "git reset --soft", "git reset -q --soft HEAD^"},
		{"git checkout -q -b other", "git switch main", "git checkout -q main"},
	};
	struct setting *s = *state;

	assert_done(stage(s), s->err);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run(s, cases[i].change);
		assert_refused(s, cases[i].words);
		run(s, cases[i].back);
	}
	assert_undone(s);
	assert_string_equal("", run(s, "git status --porcelain"));
}

static void test_staging_that_fails_leaves_no_trace(void **state)
{
	struct setting *s = *state;
	const char *before;

	run(s, "mkdir new && echo other >new/file");
	before = everything(s);
	assert_false(stage(s));
	assert_string_equal(before, everything(s));
	assert_string_equal("", run(s, "git for-each-ref refs/onehead; find .git/onehead -type f"));
}

static void test_staging_into_an_index_of_its_own_is_not_recorded(void **state)
{
	struct setting *s = *state;

	run(s, "cp .git/index .git/next-index-1.lock");
	setenv("GIT_INDEX_FILE", ".git/next-index-1.lock", 1);
	assert_done(stage(s), s->err);
	unsetenv("GIT_INDEX_FILE");
	assert_string_equal("", run(s, "find .git/onehead -type f; git for-each-ref refs/onehead"));
}

/* A kill at any place: some paths are staged, some are not. */
static void test_recover_what_was_half_staged(void **state)
{
	static const char *const thens[] = {
		"true",
		"mkdir new && echo text >new/file",
		"mkdir new && echo text >new/file && git add new/file",
		"mkdir new && echo text >new/file && git add new/file && echo replaced >a",
	};
	struct setting *s = *state;
	const char *journal, *before;

	run(s, "echo mine >>a && echo loose >loose");
	before = everything(s);
	assert_done(stage(s), s->err);
	journal = run(s, "cat .git/onehead/operations/1");
	assert_undone(s);
	for (size_t i = 0; i < sizeof(thens) / sizeof(*thens); i++) {
		assert_string_equal(before, everything(s));
		fixture_run(&s->f, "cd r && cat >.git/onehead/journal <<'END'\n%s\nEND\n%s",
			journal, thens[i]);
		reopen(s);
		assert_string_equal("took back what was interrupted: what was staged", recover(s));
		assert_string_equal(before, everything(s));
	}
	/* all of it: done */
	fixture_run(&s->f,
		"cd r && cat >.git/onehead/journal <<'END'\n%s\nEND\nmkdir new && echo text "
		">new/file && echo replaced >a && git add a new",
		journal);
	reopen(s);
	recover(s);
	assert_undone(s);
	assert_string_equal(before, everything(s));
}

static void test_records_that_nobody_knows(void **state)
{
	struct setting *s = *state;

	move_head(s, "two", "three");
	run(s, "echo garbage >.git/onehead/operations/2");
	assert_false(undo(s, false));
	assert_int_equal(OH_E_FORMAT, s->err.code);
	assert_non_null(strstr(s->err.message, "operations/2"));
	run(s, "mv .git/onehead/operations/2 .git/onehead/operations/x");
	assert_undone(s);
}

static bool act(
	struct oh_repo *repo, struct oh_arena *arena, int argc, char **argv, struct oh_error *err)
{
	struct oh_operation op = operation();
	const struct oh_steps steps = two_steps(arena);

	for (int i = 2; i + 2 < argc; i += 3)
		OH_PUSH(arena, &op.refs,
			(struct oh_operation_ref){.name = oh_slice_of(argv[i]),
				.old_id = oh_slice_of(strcmp(argv[i + 1], "-") ? argv[i + 1] : ""),
				.new_id =
					oh_slice_of(strcmp(argv[i + 2], "-") ? argv[i + 2] : "")});
	if (strcmp(argv[1], "move") == 0)
		return oh_apply_move(repo, arena, &op, err);
	return oh_apply_stage_recorded(repo, arena, &op, &steps, NULL, err);
}

static int run_program(int argc, char **argv)
{
	struct oh_arena arena = {0};
	struct oh_error err = {0};
	struct oh_repo *repo;
	const bool ok = oh_repo_open(&repo, &arena, &err) && act(repo, &arena, argc, argv, &err);

	if (!ok)
		fprintf(stderr, "%s\n", err.message);
	oh_repo_close(repo);
	oh_arena_drop(&arena);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(test_several_refs_move_at_once),
		TEST(test_only_refs_move_where_head_is_not_among_them),
		TEST(test_nothing_moves_where_one_ref_can_not),
		TEST(test_nothing_moves_where_files_are_in_the_way),
		TEST(test_undo_goes_back_to_what_was_before),
		TEST(test_a_detached_head_and_the_branch_that_gets_there_later),
		TEST(test_a_ref_that_git_moves_later),
		TEST(test_undo_keeps_what_the_user_has_open),
		TEST(test_undo_refuses_where_files_have_other_content),
		TEST(test_undo_refuses_where_something_is_in_the_way),
		TEST(test_undo_refuses_where_refs_are_elsewhere),
		TEST(test_undo_refuses_in_the_middle_of_something),
		TEST(test_undo_refuses_under_a_conflict),
		TEST(test_undo_goes_back_further),
		TEST(test_the_last_fifty_are_kept),
		TEST(test_what_was_replaced_outlives_gc),
		TEST(test_only_one_at_a_time),
		TEST(test_recover_several_refs),
		TEST(test_recover_where_the_user_has_gone_on),
		TEST(test_a_record_of_what_git_did),
		TEST(test_what_was_staged_is_taken_back),
		TEST(test_what_was_staged_and_has_changed_since),
		TEST(test_staging_that_fails_leaves_no_trace),
		TEST(test_staging_into_an_index_of_its_own_is_not_recorded),
		TEST(test_recover_what_was_half_staged),
		TEST(test_records_that_nobody_knows),
	};

	if (argc > 1 && (strcmp(argv[1], "move") == 0 || strcmp(argv[1], "stage") == 0))
		return run_program(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

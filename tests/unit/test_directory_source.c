/* A directory as a source: what is not a file stays closed, what leads out is not followed. */
#include "git_fixture.h"

#include "repo/repo.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static bool hide_types;

/* In place of libc's: some file systems don't say what an entry is. */
struct dirent *readdir(DIR *dir)
{
	struct dirent *(*real)(DIR *);
	struct dirent *e;

	*(void **)&real = dlsym(RTLD_NEXT, "readdir");
	e = real(dir);
	if (e && hide_types)
		e->d_type = DT_UNKNOWN;
	return e;
}

static struct oh_slice view(struct fixture *f, struct oh_source *source, const char *directory)
{
	static const char kinds[] = "fdlo";
	struct oh_entries list;
	struct oh_error err = {0};
	struct oh_slices lines = {0};

	assert_done(
		oh_source_list(source, &f->arena, oh_slice_of(directory), true, &list, &err), err);
	for (size_t i = 0; i < list.count; i++) {
		assert_int_equal(list.items[i].content.len, 0);
		OH_PUSH(&f->arena, &lines,
			oh_slice_printf(&f->arena, "%c " OH_FMT, kinds[list.items[i].kind],
				OH_ARG(list.items[i].path)));
	}
	oh_slices_sort(&lines);
	return oh_slices_join(&f->arena, &lines, "|");
}

static void make_oddities(struct fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	fixture_run(f, "mkdir -p r/sub/deep out && echo 1 >r/a && echo 2 >r/sub/deep/b &&"
		       "echo out >out/f && mkfifo r/fifo && ln -s fifo r/tofifo && ln -s a r/toa &&"
		       "ln -s /dev/zero r/zero && ln -s ../out/f r/leaves && ln -s sub r/todir &&"
		       "ln -s ../../a r/sub/deep/up && ln -s ../../../out r/sub/deep/out &&"
		       "ln -s /proc/self/root r/magic && : >'r/two\nlines'");
	fixture_enter(f, "r");
	strcpy(address.sun_path, "sock");
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static const char *const ODDITIES =
	"d todir|f a|f sub/deep/b|f sub/deep/up|f toa|f two\nlines|l leaves|l magic|l sub/deep/out|"
	"l zero|o fifo|o sock|o tofifo";

static void read_is(
	struct fixture *f, struct oh_source *source, const char *path, const char *content)
{
	struct oh_error err = {0};
	struct oh_slice bytes;
	const bool ok = oh_source_read(source, &f->arena, oh_slice_of(path), &bytes, &err);

	if (!content) {
		assert_false(ok);
		if (err.code != OH_E_NOT_FOUND)
			fail_msg("%s: %s", path, err.message);
		return;
	}
	assert_done(ok, err);
	assert_slice(bytes, content);
}

static void check_oddities(struct fixture *f, struct oh_source *source)
{
	assert_slice(view(f, source, ""), ODDITIES);
	read_is(f, source, "a", "1\n");
	read_is(f, source, "toa", "1\n");
	read_is(f, source, "todir/deep/b", "2\n");
	read_is(f, source, "sub/deep/up", "1\n");
	read_is(f, source, "two\nlines", "");
	read_is(f, source, "leaves", NULL);
	read_is(f, source, "../out/f", NULL);
	read_is(f, source, "sub/deep/out/f", NULL);
	read_is(f, source, "/etc/passwd", NULL);
	read_is(f, source, "magic/etc/passwd", NULL);
	read_is(f, source, "fifo", NULL);
	read_is(f, source, "tofifo", NULL);
	read_is(f, source, "sub", NULL);
	read_is(f, source, "a/b", NULL);
	read_is(f, source, "none", NULL);
	assert_slice(view(f, source, "todir"), "f todir/deep/b|f todir/deep/up|l todir/deep/out");
	assert_slice(view(f, source, "sub/deep/out"), "");
	assert_slice(view(f, source, "none"), "");
	assert_slice(view(f, source, "a"), "");
	assert_slice(view(f, source, ".."), "");
}

static void never_leaves_and_opens_only_files(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	make_oddities(&f);
	check_oddities(&f, oh_directory_source(&f.arena, OH_SLICE("")));
	check_oddities(&f, oh_directory_source(&f.arena, OH_SLICE(".")));
	check_oddities(&f, oh_directory_source(&f.arena, OH_SLICE("../r/")));
	check_oddities(
		&f, oh_directory_source(&f.arena, oh_slice_printf(&f.arena, "%s/r", f.root)));
	hide_types = true;
	check_oddities(&f, oh_directory_source(&f.arena, OH_SLICE("")));
	hide_types = false;
	fixture_drop(&f);
}

/* As in a container whose rules know nothing of openat2. */
static void forbid_openat2(int number)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)number),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(77);
}

static void does_the_same_without_openat2(void **state)
{
	static const int answers[] = {ENOSYS, EPERM};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fixture f;
		int status;
		pid_t child;

		fixture_make(&f);
		make_oddities(&f);
		child = fork();
		if (child == 0) {
			struct oh_source *source;
			struct oh_entries list;
			struct oh_slice bytes;
			int bad = 0;

			forbid_openat2(answers[i]);
			source = oh_directory_source(&f.arena, OH_SLICE(""));
			bad |= !oh_slice_eq(view(&f, source, ""), oh_slice_of(ODDITIES));
			bad |= 2 * !oh_source_read(
					   source, &f.arena, OH_SLICE("sub/deep/up"), &bytes, NULL);
			bad |= 4 *
			       oh_source_read(source, &f.arena, OH_SLICE("leaves"), &bytes, NULL);
			bad |= 8 *
			       oh_source_read(source, &f.arena, OH_SLICE("../out/f"), &bytes, NULL);
			bad |= 16 *
			       oh_source_read(source, &f.arena, OH_SLICE("fifo"), &bytes, NULL);
			bad |= 32 * oh_source_read(source, &f.arena, OH_SLICE("magic/etc/passwd"),
					    &bytes, NULL);
			bad |= 64 * (!oh_source_list(source, &f.arena, OH_SLICE("sub/deep/out"),
					     true, &list, NULL) ||
					    list.count > 0);
			_exit(bad);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) != 77)
			assert_int_equal(WEXITSTATUS(status), 0);
		fixture_drop(&f);
	}
}

/* What can't be read is said, with its name; it is not taken for what is not there. */
static void says_what_can_not_be_read(void **state)
{
	struct fixture f;
	int status;
	pid_t child;

	(void)state;
	fixture_make(&f);
	fixture_run(&f,
		"chmod 755 . && mkdir -p r/closed && echo 1 >r/secret && echo 1 >r/closed/f &&"
		"chmod 0 r/secret r/closed");
	fixture_enter(&f, "r");
	child = fork();
	if (child == 0) {
		struct oh_source *source = oh_directory_source(&f.arena, OH_SLICE(""));
		struct oh_error err = {0};
		struct oh_entries list;
		struct oh_slice bytes;
		int bad = 0;

		/* Root reads everything. */
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(77);
		bad |= oh_source_read(source, &f.arena, OH_SLICE("secret"), &bytes, &err);
		bad |= 2 * (err.code != OH_E_IO || err.native != EACCES);
		bad |= 4 * !strstr(err.message, "secret: Permission denied");
		bad |= 8 * oh_source_list(source, &f.arena, OH_SLICE(""), true, &list, &err);
		bad |= 16 * (err.code != OH_E_IO || !strstr(err.message, "closed"));
		bad |= 32 * oh_source_read(source, &f.arena, OH_SLICE("closed/f"), &bytes, &err);
		bad |= 64 * (err.code != OH_E_IO);
		_exit(bad);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	fixture_drop(&f);
}

static void says_that_the_root_is_not_there(void **state)
{
	struct fixture f;
	struct oh_error err = {0};
	struct oh_entries list;
	struct oh_slice bytes;
	struct oh_source *source;

	(void)state;
	fixture_make(&f);
	source = oh_directory_source(&f.arena, OH_SLICE("no/such"));
	assert_false(oh_source_list(source, &f.arena, OH_SLICE(""), false, &list, &err));
	assert_int_equal(err.code, OH_E_IO);
	assert_non_null(strstr(err.message, "no/such"));
	assert_false(oh_source_read(source, &f.arena, OH_SLICE("f"), &bytes, &err));
	fixture_drop(&f);
}

/* Around the size of the buffer, where reading in pieces begins. */
static void reads_files_of_every_size(void **state)
{
	static const size_t sizes[] = {0, 1, 32767, 32768, 32769, 65535, 65536, 65537, 1000003};
	struct fixture f;
	struct oh_source *source;

	(void)state;
	fixture_make(&f);
	source = oh_directory_source(&f.arena, OH_SLICE(""));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char *content = oh_arena_alloc(&f.arena, sizes[i] + 1);
		struct oh_error err = {0};
		struct oh_slice bytes;
		FILE *out = fopen("file", "w");

		for (size_t k = 0; k < sizes[i]; k++)
			content[k] = (char)((k * 2654435761u) >> 13);
		assert_non_null(out);
		assert_int_equal(fwrite(content, 1, sizes[i], out), sizes[i]);
		fclose(out);
		assert_done(oh_source_read(source, &f.arena, OH_SLICE("file"), &bytes, &err), err);
		assert_same(bytes, ((struct oh_slice){content, sizes[i]}));
	}
	fixture_drop(&f);
}

static void takes_long_and_odd_paths(void **state)
{
	struct fixture f;
	struct oh_error err = {0};
	struct oh_slice bytes, deep = OH_SLICE("d");
	struct oh_source *source;
	struct oh_entries list;

	(void)state;
	fixture_make(&f);
	source = oh_directory_source(&f.arena, OH_SLICE(""));
	while (deep.len < 3900)
		deep = oh_slice_printf(&f.arena, OH_FMT "/%0100d", OH_ARG(deep), 7);
	fixture_run(
		&f, "mkdir -p '" OH_FMT "' && echo 1 >'" OH_FMT "/f'", OH_ARG(deep), OH_ARG(deep));
	assert_done(oh_source_list(source, &f.arena, OH_SLICE(""), true, &list, &err), err);
	assert_int_equal(list.count, 1);
	read_is(&f, source, oh_slice_str(&f.arena, list.items[0].path), "1\n");
	while (deep.len < 5000)
		deep = oh_slice_printf(&f.arena, OH_FMT "/x", OH_ARG(deep));
	assert_false(oh_source_read(source, &f.arena, deep, &bytes, &err));
	assert_int_equal(err.code, OH_E_IO);
	assert_false(oh_source_read(source, &f.arena, (struct oh_slice){"d\0x", 3}, &bytes, &err));
	assert_int_equal(err.code, OH_E_NOT_FOUND);
	fixture_drop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_leaves_and_opens_only_files),
		cmocka_unit_test(does_the_same_without_openat2),
		cmocka_unit_test(says_what_can_not_be_read),
		cmocka_unit_test(says_that_the_root_is_not_there),
		cmocka_unit_test(reads_files_of_every_size),
		cmocka_unit_test(takes_long_and_odd_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

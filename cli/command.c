#include "command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct oh_command commands[] = {
	{"install", "[--no-lock] [--hooks-in-place] [--post-write] [--dry-run]",
		"set this repository up", oh_command_install, true},
	{"uninstall", "[--dry-run]", "put everything back as it was", oh_command_uninstall, true},
	{"doctor", "", "what is installed, what is not, and what mends it", oh_command_doctor,
		true},
	{"status", "", "my head, the target's head, what is pending, what next", oh_command_status,
		true},
	{"check", "[REV | --staged] [--fix] [-c FILE]", "every rule over every graph (for CI)",
		oh_command_check, false},
	{"heads", "[-c FILE] [--all]", "the heads, as the migration tool prints them",
		oh_command_heads, false},
	{"graph", "[--format text|json] [-n N] [-c FILE]", "draw the graph", oh_command_graph,
		false},
	{"merge", "[--accept] [--dry-run] [-m TEXT] [BRANCH...]",
		"merge branches, or join the heads of this one", oh_command_merge, true},
	{"rebase", "[--onto REV] [--dry-run]", "rebase this branch, its migrations on top",
		oh_command_rebase, true},
	{"resolve", "[--merge | --linear | --ours-first | --theirs-first] [--dry-run]",
		"finish a stopped merge: join, and stage", oh_command_resolve, true},
	{"renumber", "[--dry-run]", "other numbers for new migrations whose own are taken",
		oh_command_renumber, true},
	{"number", "[-m TEXT] | [--keep-name] [--dry-run] FILE",
		"the next free number, or the same for a new file", oh_command_number, true},
	{"undo", "[--dry-run]", "take back what onehead did last", oh_command_undo, true},
	{"explain", "[TOPIC]", "what the lock, or a rule, is about", oh_command_explain, false},
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static void print_help(FILE *out)
{
	fputs("usage: onehead COMMAND [OPTION...]\n\n"
	      "Keeps the migrations of a git repository at one head.\n\n",
		out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].what);
	fputs("\nonehead COMMAND --help says more; begin with: onehead install\n", out);
}

/* Edit distance, for "did you mean": only short words come here. */
static size_t distance(const char *a, const char *b)
{
	size_t row[32], n = strlen(b);

	if (n >= 32 || strlen(a) >= 32)
		return 32;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= n; k++) {
			size_t best = diagonal + (a[i - 1] != b[k - 1]);

			diagonal = row[k];
			best = row[k] + 1 < best ? row[k] + 1 : best;
			row[k] = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
		}
	}
	return row[n];
}

static int unknown_command(const char *name)
{
	const struct oh_command *nearest = &commands[0];

	for (size_t i = 1; i < COMMANDS; i++)
		if (distance(name, commands[i].name) < distance(name, nearest->name))
			nearest = &commands[i];
	if (distance(name, nearest->name) <= 3)
		fprintf(stderr, "onehead: no command of this name; did you mean: onehead %s\n",
			nearest->name);
	else
		fputs("onehead: no command of this name; onehead --help lists them\n", stderr);
	return OH_UNDECIDED;
}

static const struct oh_command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

int oh_cli_option(int argc, char **argv, const struct option *options, struct oh_error *err)
{
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, ":c:n:m:", options, NULL);
	if (option == ':')
		oh_fail(err, OH_E_USAGE, "%s wants a value", argv[optind - 1]);
	else if (option == '?')
		oh_fail(err, OH_E_USAGE, "no such option: %s", argv[optind - 1]);
	return option == ':' ? '?' : option;
}

bool oh_cli_no_arguments(int argc, char **argv, struct oh_error *err)
{
	return optind >= argc ||
	       oh_fail(err, OH_E_USAGE, "what is this argument for: %s", argv[optind]);
}

static bool print(const struct oh_report *report)
{
	for (size_t i = 0; i < report->lines.count; i++)
		printf(OH_FMT "\n", OH_ARG(report->lines.items[i]));
	return fflush(stdout) == 0 && !ferror(stdout);
}

static void print_usage(FILE *out, const struct oh_command *command)
{
	fprintf(out, "usage: onehead %s%s%s\n", command->name, *command->usage ? " " : "",
		command->usage);
}

static int fail(const struct oh_command *command, const struct oh_error *err)
{
	fprintf(stderr, "onehead: %s: %s\n", command->name, err->message);
	if (err->code == OH_E_USAGE)
		print_usage(stderr, command);
	return OH_UNDECIDED;
}

static int run(const struct oh_command *command, int argc, char **argv)
{
	struct oh_arena arena = {0};
	struct oh_error err = {0};
	struct oh_flow flow;
	int status;
	bool ok;

	oh_flow_begin(&flow, &arena);
	/* Without a repository: said once, before anything is looked at. */
	ok = !command->needs_repository ||
	     (oh_flow_need_repo(&flow, &err) && oh_repo_paths(flow.repo, &err) != NULL);
	ok = ok && command->run(&flow, argc, argv, &err);
	if (!print(&flow.report)) {
		oh_fail_errno(&err, "writing the answer");
		ok = false;
	}
	status = ok ? (int)flow.report.status : fail(command, &err);
	oh_flow_close(&flow);
	oh_arena_drop(&arena);
	return status;
}

/* `onehead hook NAME …`, for the scripts of hook managers. */
static int run_hook(char **argv)
{
	char path[4096];
	const ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 6);

	if (n > 0) {
		memcpy(path + n, "-hook", 6);
		execv(path, argv + 1);
	}
	execvp("onehead-hook", argv + 1);
	fprintf(stderr, "onehead: running onehead-hook: %s\n", strerror(errno));
	return OH_UNDECIDED;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int help_on(const char *name)
{
	const struct oh_command *command = find_command(name);
	const char *options = oh_command_options(name);

	if (!command)
		return unknown_command(name);
	print_usage(stdout, command);
	printf("\n%s\n%s%s", command->what, *options ? "\n" : "", options);
	return OH_CLEAN;
}

int oh_cli_main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "--help";
	const struct oh_command *command;

	if (strcmp(name, "help") == 0 && argc > 2)
		return help_on(argv[2]);
	if (is_help(name) || strcmp(name, "help") == 0)
		return print_help(stdout), OH_CLEAN;
	if (strcmp(name, "--version") == 0 || strcmp(name, "-v") == 0)
		return puts("onehead " ONEHEAD_VERSION), OH_CLEAN;
	if (strcmp(name, "hook") == 0 && argc > 2)
		return run_hook(argv);
	command = find_command(name);
	if (!command)
		return unknown_command(name);
	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (is_help(argv[i]))
			return help_on(name);
	return run(command, argc - 1, argv + 1);
}

/* Options of the commands that only look. */
#include "command.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool oh_command_heads(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
		{"all", no_argument, NULL, 'a'}, {NULL, 0, NULL, 0}};
	struct oh_place_request place = {.nearest = true};
	int o;

	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'c')
			place.config = oh_slice_of(optarg);
		else if (o == 'a')
			place.nearest = false;
		else
			return false;
	return oh_cli_no_arguments(argc, argv, err) && oh_flow_heads(flow, &place, err);
}

bool oh_command_check(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
		{"staged", no_argument, NULL, 's'}, {"fix", no_argument, NULL, 'f'},
		{NULL, 0, NULL, 0}};
	struct oh_check_request request = {0};
	int o;

	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'c')
			request.place.config = oh_slice_of(optarg);
		else if (o == 's')
			request.staged = true;
		else if (o == 'f')
			request.fix = true;
		else
			return false;
	if (optind < argc)
		request.rev = oh_slice_of(argv[optind++]);
	if (request.rev.len && (request.staged || request.fix))
		return oh_fail(err, OH_E_USAGE, "a commit is checked as it is");
	return oh_cli_no_arguments(argc, argv, err) && oh_flow_check(flow, &request, err);
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

static bool is_ascii_locale(void)
{
	const char *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < 3; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return !strcasestr(value, "utf-8") && !strcasestr(value, "utf8");
	}
	return true;
}

static bool take_format(struct oh_graph_request *request, const char *name, struct oh_error *err)
{
	if (strcmp(name, "json") == 0)
		request->format = OH_GRAPH_JSON;
	else if (strcmp(name, "text") != 0)
		return oh_fail(err, OH_E_USAGE, "no such format: %s", name);
	return true;
}

bool oh_command_graph(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
		{"format", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
	struct oh_graph_request request = {
		.colour = wants_colour(), .width = terminal_width(), .ascii = is_ascii_locale()};
	int o;

	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'c')
			request.place.config = oh_slice_of(optarg);
		else if (o == 'n' && atol(optarg) > 0)
			request.newest = (size_t)atol(optarg);
		else if (o == 'n')
			return oh_fail(err, OH_E_USAGE, "-n wants a number");
		else if (o != 'f' || !take_format(&request, optarg, err))
			return false;
	return oh_cli_no_arguments(argc, argv, err) && oh_flow_graph(flow, &request, err);
}

bool oh_command_status(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};

	return oh_cli_option(argc, argv, options, err) == -1 &&
	       oh_cli_no_arguments(argc, argv, err) && oh_flow_status(flow, err);
}

bool oh_command_explain(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	return oh_flow_explain(flow, oh_slice_of(argc > 1 ? argv[1] : ""), err);
}

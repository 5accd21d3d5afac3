/* Options of the commands that change something. */
#include "command.h"

#include "flow/install.h"

#include <getopt.h>

bool oh_command_install(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{"no-lock", no_argument, NULL, 'l'},
		{"hooks-in-place", no_argument, NULL, 'p'}, {"post-write", no_argument, NULL, 'w'},
		{"dry-run", no_argument, NULL, 'd'}, {NULL, 0, NULL, 0}};
	struct oh_install_request request = {0};
	int o;

	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'l')
			request.no_lock = true;
		else if (o == 'p')
			request.hooks_in_place = true;
		else if (o == 'w')
			request.post_write = true;
		else if (o == 'd')
			request.dry_run = true;
		else
			return false;
	return oh_cli_no_arguments(argc, argv, err) && oh_flow_install(flow, &request, err);
}

/* For a command that has no other option and no argument. */
static bool take_dry_run(int argc, char **argv, bool *dry_run, struct oh_error *err)
{
	static const struct option options[] = {
		{"dry-run", no_argument, NULL, 'd'}, {NULL, 0, NULL, 0}};
	int o;

	*dry_run = false;
	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'd')
			*dry_run = true;
		else
			return false;
	return oh_cli_no_arguments(argc, argv, err);
}

bool oh_command_uninstall(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	bool dry_run;

	return take_dry_run(argc, argv, &dry_run, err) && oh_flow_uninstall(flow, dry_run, err);
}

bool oh_command_renumber(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	bool dry_run;

	return take_dry_run(argc, argv, &dry_run, err) && oh_flow_renumber(flow, dry_run, err);
}

bool oh_command_number(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{"keep-name", no_argument, NULL, 'k'},
		{"message", required_argument, NULL, 'm'}, {"dry-run", no_argument, NULL, 'd'},
		{NULL, 0, NULL, 0}};
	struct oh_number_request request = {.file = OH_SLICE(""), .title = OH_SLICE("")};
	int o;

	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'k')
			request.keep_name = true;
		else if (o == 'd')
			request.dry_run = true;
		else if (o == 'm')
			request.title = oh_slice_of(optarg);
		else
			return false;
	if (optind < argc)
		request.file = oh_slice_of(argv[optind++]);
	if (request.file.len ? request.title.len > 0 : request.keep_name)
		return oh_fail(err, OH_E_USAGE, "-m is for a number alone, --keep-name for a FILE");
	return oh_cli_no_arguments(argc, argv, err) && oh_flow_number(flow, &request, err);
}

bool oh_command_undo(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	bool dry_run;

	return take_dry_run(argc, argv, &dry_run, err) && oh_flow_undo(flow, dry_run, err);
}

bool oh_command_doctor(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};

	return oh_cli_option(argc, argv, options, err) == -1 &&
	       oh_cli_no_arguments(argc, argv, err) && oh_flow_doctor(flow, err);
}

bool oh_command_rebase(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{"onto", required_argument, NULL, 'o'},
		{"dry-run", no_argument, NULL, 'd'}, {NULL, 0, NULL, 0}};
	struct oh_rebase_request request = {.onto = OH_SLICE("")};
	int o;

	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'o')
			request.onto = oh_slice_of(optarg);
		else if (o == 'd')
			request.dry_run = true;
		else
			return false;
	if (optind < argc && !request.onto.len)
		request.onto = oh_slice_of(argv[optind++]); /* as git rebase takes it */
	return oh_cli_no_arguments(argc, argv, err) && oh_flow_rebase(flow, &request, err);
}

bool oh_command_resolve(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{"merge", no_argument, NULL, 'a'},
		{"linear", no_argument, NULL, 'l'}, {"ours-first", no_argument, NULL, 'o'},
		{"theirs-first", no_argument, NULL, 't'}, {"dry-run", no_argument, NULL, 'd'},
		{NULL, 0, NULL, 0}};
	struct oh_resolve_request request = {0};
	int o;

	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'a')
			request.accept_collisions = true;
		else if (o == 'l')
			request.linear = true;
		else if (o == 'o')
			request.stays = 1;
		else if (o == 't')
			request.stays = 2;
		else if (o == 'd')
			request.dry_run = true;
		else
			return false;
	if (request.accept_collisions && (request.linear || request.stays))
		return oh_fail(
			err, OH_E_USAGE, "--merge joins the lines, --linear does not: choose one");
	return oh_cli_no_arguments(argc, argv, err) && oh_flow_resolve(flow, &request, err);
}

bool oh_command_merge(struct oh_flow *flow, int argc, char **argv, struct oh_error *err)
{
	static const struct option options[] = {{"accept", no_argument, NULL, 'a'},
		{"dry-run", no_argument, NULL, 'd'}, {"message", required_argument, NULL, 'm'},
		{NULL, 0, NULL, 0}};
	struct oh_merge_request request = {.message = OH_SLICE("")};
	int o;

	while ((o = oh_cli_option(argc, argv, options, err)) != -1)
		if (o == 'a')
			request.accept_collisions = true;
		else if (o == 'd')
			request.dry_run = true;
		else if (o == 'm')
			request.message = oh_slice_of(optarg);
		else
			return false;
	while (optind < argc)
		OH_PUSH(flow->arena, &request.branches, oh_slice_of(argv[optind++]));
	return oh_flow_merge(flow, &request, err);
}

/* What `onehead COMMAND --help` says of the options; lines of 80 columns at most. */
#include "command.h"

#include <string.h>

#define DRY_RUN "  --dry-run         only say what would be done\n"
#define CONFIG "  -c FILE           the configuration file to go by; else what is found\n"

static const struct {
	const char *name, *options;
} rows[] = {
	{"install",
		"  --no-lock         hooks alone: no onehead.lock, no line in .gitattributes\n"
		"  --hooks-in-place  put our lines into hook scripts that the project keeps\n"
		"  --post-write      have the migration tool number each new migration\n" DRY_RUN},
	{"uninstall", DRY_RUN},
	{"check", "  REV               a commit, instead of the files that are here\n"
		  "  --staged          what the next commit would have\n"
		  "  --fix             write and stage the locks that are stale\n" CONFIG},
	{"heads",
		"  --all             of every configuration file, not of the nearest alone\n" CONFIG},
	{"graph", "  --format json     for programs: system, location, heads, bases, revisions\n"
		  "  -n N              the newest N alone\n" CONFIG},
	{"merge", "  BRANCH...         what to merge; without one, the heads here are joined\n"
		  "  --accept          join also what collides, as it is\n"
		  "  -m TEXT           the message of the commit\n" DRY_RUN},
	{"rebase", "  --onto REV        where to (REV alone says the same); else the target, as\n"
		   "                    last fetched: onehead status names it\n" DRY_RUN},
	{"resolve",
		"  --merge           join the two lines as they are, also where they collide\n"
		"  --linear          one on top of the other, colliding or not; which moves is\n"
		"                    decided as in a merge\n"
		"  --ours-first      the same, theirs on top of ours\n"
		"  --theirs-first    the same, ours on top of theirs\n" DRY_RUN},
	{"renumber", DRY_RUN},
	{"number", "  -m TEXT           what stands behind the number: 042_add_x\n"
		   "  FILE              a new migration: its id and its name become the number\n"
		   "  --keep-name       of FILE the id alone\n" DRY_RUN},
	{"undo", DRY_RUN},
	{"explain", "  TOPIC             lock, or a rule; without one: the list\n"},
};

const char *oh_command_options(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].options;
	return "";
}

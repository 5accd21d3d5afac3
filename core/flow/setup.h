/*
 * What install, uninstall and doctor share. Private to them.
 *
 * The record, <git directory>/onehead/installed, says what install added, one line each, and is
 * written before anything it speaks of; beside it lies config.before, git's configuration as it
 * was. Hooks need no record: a saved hook lies beside ours and is renamed back.
 */
#ifndef OH_FLOW_SETUP_H
#define OH_FLOW_SETUP_H

#include "flow/install.h"
#include "flow/load.h"
#include "repo/hooks.h"

/* A tracked file, or one to be tracked, that install wrote. */
struct oh_record_file {
	enum oh_record_kind {
		OH_RECORD_LOCK, /* a lock, made */
		OH_RECORD_ATTRIBUTES, /* .gitattributes: made, or `added` bytes appended */
		OH_RECORD_SCRIPT /* a hook script of the project, made or lines put in */
	} kind;
	bool made; /* it was not there before */
	size_t added;
	struct oh_slice digest; /* SHA-256 of a file that was made */
	struct oh_slice path; /* relative to the worktree, or absolute outside of it */
};

struct oh_record {
	bool found;
	bool no_lock; /* the user wanted hooks alone */
	struct oh_slice made_hooks; /* a hooks directory that was not there before, or "" */
	struct oh_slice config_digest; /* of git's configuration after install; "": unknown */
	struct {
		struct oh_record_file *items;
		size_t count, capacity;
	} files;
};

/* A tracked file that is to be written. */
struct oh_setup_file {
	enum oh_record_kind kind;
	struct oh_slice path; /* relative to the worktree */
	struct oh_slice bytes;
	bool made;
	size_t added;
};

struct oh_setup {
	struct oh_flow *flow;
	struct oh_arena *arena;
	const struct oh_repo_paths *paths;
	struct oh_slice programs;
	bool dry_run, hooks_in_place;
	bool no_lock; /* leave the locks alone */
	bool is_absent; /* doctor: nothing of onehead is installed here */
	bool said_whose; /* whose the hooks directory is, before the first lines to add */
	enum oh_hooks_place place;
	struct oh_record record;
	struct oh_slices configs; /* configuration files that name a script directory */
	struct {
		struct oh_setup_file *items;
		size_t count, capacity;
	} files;
	struct oh_slices locks; /* paths of all locks, relative to the worktree */
};

bool oh_setup_open(struct oh_setup *setup, struct oh_flow *flow, struct oh_error *err);
/* A path below the git directory's onehead/, and one below the worktree. */
struct oh_slice oh_setup_state_path(const struct oh_setup *setup, const char *name);
struct oh_slice oh_setup_full_path(const struct oh_setup *setup, struct oh_slice path);
/* PATH as a person would write it: relative to the worktree where it lies in it. */
struct oh_slice oh_setup_short_path(const struct oh_setup *setup, struct oh_slice path);
/* The directory of the programs: REQUESTED, else that of the running one. */
bool oh_setup_programs(struct oh_setup *setup, struct oh_slice requested, struct oh_error *err);

/* In a dry run: that what follows is not done. */
void oh_setup_say_dry_run(struct oh_setup *setup);

/* record: */
bool oh_record_load(struct oh_setup *setup, struct oh_error *err);
bool oh_record_save(struct oh_setup *setup, struct oh_error *err);
struct oh_record_file *oh_record_find(struct oh_record *record, struct oh_slice path);

/* migrations: fills configs, files and locks; OH_E_NOT_FOUND without any configuration. */
bool oh_setup_find(struct oh_setup *setup, struct oh_error *err);
/* The line of .gitattributes, where it is needed, goes to files. */
bool oh_setup_plan_attributes(struct oh_setup *setup, struct oh_error *err);
bool oh_setup_write_files(struct oh_setup *setup, struct oh_error *err);
bool oh_setup_remove_files(struct oh_setup *setup, struct oh_error *err);
/* The hook of the system's own tool that numbers new migrations, in setup->configs; and out of
 * CONFIGS again. What can't be done is said. */
bool oh_setup_add_post_write(struct oh_setup *setup, struct oh_error *err);
bool oh_setup_remove_post_write(
	struct oh_setup *setup, const struct oh_slices *configs, struct oh_error *err);
/* The command that commits what install left in the worktree; "" where nothing is left. */
struct oh_slice oh_setup_commit_command(struct oh_setup *setup);
/* The value of an attribute for PATH as git sees it: "unspecified", "onehead", … */
bool oh_setup_attribute(struct oh_setup *setup, const char *attribute, struct oh_slice path,
	struct oh_slice *value, struct oh_error *err);

/* hooks: */
bool oh_setup_put_hooks(struct oh_setup *setup, struct oh_error *err);
bool oh_setup_remove_hooks(struct oh_setup *setup, struct oh_error *err);
/* Says which lines a person has to add so that HOOK gets to us. */
void oh_setup_say_lines(struct oh_setup *setup, const struct oh_hook *hook);

/* hook scripts that the project keeps itself: */
bool oh_script_takes_lines(struct oh_slice text);
bool oh_setup_put_lines(struct oh_setup *setup, const struct oh_hook *hook, struct oh_error *err);
bool oh_setup_remove_lines(
	struct oh_setup *setup, const struct oh_record_file *file, struct oh_error *err);

/* git's configuration: */
bool oh_setup_is_our_driver(struct oh_slice command);
bool oh_setup_put_config(struct oh_setup *setup, struct oh_error *err);
bool oh_setup_remove_config(struct oh_setup *setup, struct oh_error *err);

/* doctor: each says what it found. */
void oh_doctor_hooks(struct oh_setup *setup);
bool oh_doctor_locks(struct oh_setup *setup, struct oh_error *err);
/* A thing to mend, and the command that does it. */
void oh_doctor_wrong(struct oh_setup *setup, const char *fix, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif

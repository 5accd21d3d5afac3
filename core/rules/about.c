/*
 * What `onehead explain RULE` says, and docs/rules.md with it: what the rule means, an example
 * (four blanks in front), and how to mend it. In lines of at most 80 columns.
 */
#include "rules/rules.h"

const char oh_about_multiple_heads[] =
	"Two migrations name the same parent, each is the end of a line, and nothing\n"
	"joins them: an upgrade to \"the head\" can't know which one is meant. Branches\n"
	"with labels of their own are meant to have heads of their own: that is no fork.\n"
	"\n"
	"    0041_base --- 0042_add_email     head\n"
	"              \\-- 0042_add_phone     head\n"
	"\n"
	"Mend it with `onehead merge`: it commits a migration that has both as its\n"
	"parents and changes nothing.\n";

const char oh_about_missing_parent[] =
	"The parent was deleted, or got another id, or is on a branch that is not merged\n"
	"here. Every command that walks the graph fails on it.\n"
	"\n"
	"    0042_add_email names 0041_base as its parent, and there is no 0041_base\n"
	"\n"
	"Bring the file back, or name the parent that took its place. Who had it:\n"
	"git log --all --oneline -S0041_base\n";

const char oh_about_missing_dependency[] =
	"It needs another one beside its parents, and no file has that as its id or as a\n"
	"branch label.\n"
	"\n"
	"    0042_add_email depends on b7d1, and there is no b7d1\n"
	"\n"
	"Bring the file back, or take the dependency out.\n";

const char oh_about_duplicate_id[] =
	"The migration system takes one of them, and which one depends on the order of\n"
	"the files: the other is never run.\n"
	"\n"
	"    versions/0042_add_email.py    id 0042\n"
	"    versions/0042_add_phone.py    id 0042\n"
	"\n"
	"Where both files are the same, delete one. Else give the one that nobody has\n"
	"applied yet an id of its own, and its children the new id as their parent.\n";

const char oh_about_cycle[] = "There is no order in which they could run.\n"
			      "\n"
			      "    a1 names b2 as its parent, and b2 names a1\n"
			      "\n"
			      "Correct the parent of one of them.\n";

const char oh_about_label_clash[] =
	"Or one claims a label that is the id of another: ids and labels share one table,\n"
	"so nothing works any more.\n"
	"\n"
	"    a1 has the label billing\n"
	"    b2 has the label billing\n"
	"\n"
	"Take the label off one of them.\n";

const char oh_about_redundant_parent[] = "The heads look right, and an upgrade fails.\n"
					 "\n"
					 "    a1 --- b2 --- c3, and c3 names a1 and b2\n"
					 "\n"
					 "Take the ancestor out of the parents.\n";

const char oh_about_unreadable[] =
	"It is broken off, has conflict markers in it, is no text, has no id, or leads\n"
	"out of the repository. What can't be read is not in the graph, so nothing true\n"
	"can be said about the heads.\n"
	"\n"
	"    versions/0042_add_email.py:7: not Python: unterminated string\n"
	"\n"
	"Repair the file, or delete it.\n";

const char oh_about_computed[] =
	"Its id or its parents are computed. Files are read and never run, so the place\n"
	"of this one in the graph is not known, and is not guessed.\n"
	"\n"
	"    its parent is what a function of the project returns\n"
	"\n"
	"Write the value as a literal. The migration system, which runs the file, works\n"
	"all the same: that is why this is a warning.\n";

const char oh_about_stale_lock[] =
	"Somebody committed without hooks, or edited it. As long as it is wrong, git\n"
	"can't see a fork by it.\n"
	"\n"
	"    migrations/onehead.lock: stale-lock warning: the lock does not list 0042\n"
	"\n"
	"Mend it with `onehead check --fix`, which writes and stages it, and commit.\n";

const char oh_about_collision[] =
	"Two lines that meet each have a migration that creates, drops or alters the same\n"
	"table, column, index or constraint, or one drops the table that the other works\n"
	"on, and neither comes after the other. Different columns of one table don't\n"
	"collide. Only what stands in the files as literals is compared; the rest is\n"
	"named in the line \"not compared\".\n"
	"\n"
	"    theirs  8a1f_drop_email.py:14  drop_column(\"users\", \"email\")\n"
	"    ours    3c77_email_len.py:12   alter_column(\"users\", \"email\")\n"
	"\n"
	"Talk to each other. Then go back (git merge --abort), mend the files and commit,\n"
	"or put one after the other: onehead resolve --ours-first, or --theirs-first,\n"
	"or join them as they are: onehead resolve --merge. And git commit.\n";

const char oh_about_twins[] =
	"Two lines that meet brought the same migration under two ids: the same upgrade\n"
	"and downgrade. A cherry-pick with a new number does that, and so does a squash\n"
	"merge of a branch that went on. Joined, its changes would be made twice.\n"
	"\n"
	"    theirs  versions/0043_add_email.py\n"
	"    ours    versions/0042_add_email.py\n"
	"\n"
	"Delete the one that is not published and name the other as the parent of its\n"
	"children. Where both are meant: onehead resolve --merge && git commit\n";

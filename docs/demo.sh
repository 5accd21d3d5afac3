#!/bin/sh
# The story of onehead in a throw-away repository; `install.sh --demo` runs it. Needs onehead and
# alembic on PATH. DIRECTORY is empty and is the caller's to remove.
set -eu
[ $# -eq 1 ] || {
	echo "usage: demo.sh DIRECTORY" >&2
	exit 2
}
cd "$1"
HOME=$PWD GIT_CONFIG_GLOBAL=$PWD/gitconfig GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat GIT_EDITOR=:
export HOME GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_PAGER GIT_EDITOR
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE ONEHEAD ALEMBIC_CONFIG 2>/dev/null || :
git config --global init.defaultBranch main
git config --global advice.detachedHead false

step() {
	printf '\n== %s\n' "$*"
}

# Shows a command and what it says.
show() {
	printf '$ %s\n' "$*"
	"$@" >"$HOME/out" 2>&1 || status=$?
	sed 's/^/  /' "$HOME/out"
	return "${status:-0}"
}

quietly() {
	"$@" >"$HOME/out" 2>&1 || {
		cat "$HOME/out" >&2
		exit 1
	}
}

is() {
	git config --global user.name "$1"
	git config --global user.email "$1@example.com"
}

# NAME TABLE: a migration on top of whatever is the head.
migration() {
	quietly alembic revision -m "$1"
	file=$(git ls-files --others --exclude-standard migrations/versions)
	sed -i "/^def upgrade/,/pass/s/pass/op.create_table('$2', sa.Column('id', sa.Integer))/" "$file"
	git add migrations
	git commit -q -m "$1"
}

step "a project with Alembic, and onehead in it"
git init -q shop
cd shop
printf '__pycache__/\n*.pyc\ndev.db\n' >.gitignore
quietly alembic init migrations
sed -i 's,^sqlalchemy.url.*,sqlalchemy.url = sqlite:///dev.db,' alembic.ini
is Ana
git add .
git commit -q -m "Alembic"
migration "create users" users
show onehead install
git add .
git commit -q -m "Add onehead.lock"

step "Bob adds a migration on his branch, Ana another one on main"
git checkout -q -b bob
is Bob
migration "add orders" orders
git checkout -q main
is Ana
migration "add invoices" invoices
show git log --oneline --graph --all

step "they meet in a plain git merge"
show git merge bob

step "one head, in the merge commit itself"
show git show --stat --format=%s HEAD
show alembic heads
show alembic upgrade head
show git status --short --branch

printf '\nThat was a throw-away repository. In yours: onehead install\n'

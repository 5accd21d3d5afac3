"""The command line itself: what --help says, and what is answered to a slip."""

import re

import env

OPTION = re.compile(r"--?[a-z][a-z-]*")


class CommandLine(env.TestCase):

    def commands(self, repo):
        return re.findall(r"^  ([a-z]+) +\S", repo.onehead("--help").out, re.M)

    def test_help_says_what_each_option_is_for(self):
        repo = self.repo()
        commands = self.commands(repo)
        self.assertIn("resolve", commands)
        for command in commands:
            usage, _, rest = repo.onehead(command, "--help").out.partition("\n\n")
            said = {w for line in rest.splitlines() if line.startswith("  -")
                    for w in OPTION.findall(line.split("  ")[1])}
            self.assertEqual(said, set(OPTION.findall(usage)), command)
            self.assertLessEqual(max(map(len, rest.splitlines())), 80, command)

    def test_help_wherever_it_is_asked_for(self):
        repo = self.repo()
        wanted = repo.onehead("undo", "--help").out
        for words in (("undo", "-h"), ("undo", "--dry-run", "--help"), ("help", "undo")):
            self.assertEqual(repo.onehead(*words).out, wanted, words)
        self.assertEqual(repo.onehead("help").out, repo.onehead("--help").out)
        self.assertEqual(repo.onehead("-v").out, repo.onehead("--version").out)

    def test_slips(self):
        repo = self.repo()
        for words, said in (
            (("reslove",), "did you mean: onehead resolve"),
            (("help", "reslove"), "did you mean: onehead resolve"),
            (("frobnicate",), "onehead --help lists them"),
            (("undo", "--dryrun"), "no such option: --dryrun"),
            (("check", "-c", "nope.ini"), "reading nope.ini: No such file"),
            (("check", "nosuch"), "no such commit: 'nosuch'"),
            (("number",), "no migrations are configured here"),
            (("status",), "git tracks no migrations here yet"),
        ):
            done = repo.onehead(*words, expect=2)
            self.assertIn(said, done.err, words)
            self.assertEqual(done.out, "", words)

    def test_where_nothing_can_be_installed_doctor_does_not_say_so(self):
        for repo in (self.repo("empty"), self.repo("bare", "--bare")):
            out = repo.onehead("doctor", expect=None).out
            self.assertNotIn("onehead install", out)
            self.assertNotIn("nothing was installed", out)
            repo.onehead("install", expect=2)

    def test_a_conflict_that_only_its_authors_resolve(self):
        repo = self.repo()
        repo.project()
        repo.migration("a1", None)
        repo.commit("first")
        repo.onehead("install")
        for branch in ("other", "main"):
            repo.git("checkout", "-q", "-B", branch)
            repo.write("f", branch)
            repo.commit(branch)
            repo.git("checkout", "-q", "--detach", "HEAD~")
        repo.git("checkout", "-q", "main")
        done = repo.onehead("merge", "other", expect=2)
        self.assertEqual(done.err, "onehead: merge: try git merge other: f is in conflict\n")
        told = repo.onehead("rebase", "other", expect=1).out.splitlines()[-3:]
        self.assertIn("onehead: the rebase stopped", told[0])
        self.assertIn("git rebase --continue ", told[1])
        self.assertIn("git rebase --abort ", told[2])
        repo.git("rebase", "--abort")
        self.assertEqual(repo.status(), "")

"""The test command itself: whatever goes wrong in a test program is counted as failed."""

import importlib.machinery
import importlib.util
import tempfile
import unittest
from pathlib import Path

import env


def load():
    loader = importlib.machinery.SourceFileLoader("tests_run", str(env.ROOT / "tests/run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tests_run", loader))
    loader.exec_module(module)
    return module

SANITIZE = False  # nothing of onehead runs here


class Counting(unittest.TestCase):
    def setUp(self):
        self.run_module = load()
        directory = tempfile.TemporaryDirectory(prefix="onehead-counting-")
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def cases(self, text, words=(), timeout=30):
        """Passed, and the names of what failed, of a test file with this TEXT."""
        path = self.directory / "test_inner.py"
        path.write_text("import os, time, unittest\nclass T(unittest.TestCase):\n" + text)
        passed, failures, _, self.out = self.run_module.run_file(path, env.BUILD, timeout, words)
        self.failures = failures
        return passed, [case.split(".")[-1] for case, _ in failures]

    def program(self, text, timeout=30):
        path = self.directory / "program"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        test = {"name": "program", "command": [str(path)]}
        passed, failures, _, self.out = self.run_module.run_program(
            test, self.directory, timeout
        )
        return passed, [case for case, _ in failures]

    def test_each_case_counts(self):
        counted = self.cases(
            " def test_a(self): pass\n def test_b(self): self.fail('why')\n"
            " def test_c(self): 1 / 0\n def test_d(self): pass\n"
        )
        self.assertEqual(counted, (2, ["test_b", "test_c"]))
        self.assertIn("why", self.failures[0][1])

    def test_a_crash_fails_all_that_was_not_reached(self):
        counted = self.cases(
            " def test_a(self): pass\n def test_b(self): os._exit(0)\n def test_c(self): pass\n"
        )
        self.assertEqual(counted, (1, ["test_b", "test_c"]))

    def test_a_hang_is_ended(self):
        counted = self.cases(
            " def test_a(self): pass\n def test_b(self): time.sleep(600)\n", timeout=2
        )
        self.assertEqual(counted, (1, ["test_b"]))

    def test_a_class_that_can_not_be_set_up(self):
        counted = self.cases(
            " @classmethod\n def setUpClass(cls): raise KeyError('lost')\n"
            " def test_a(self): pass\n def test_b(self): pass\n"
        )
        self.assertEqual(counted, (0, ["test_a", "test_b"]))
        self.assertIn("lost", self.out)

    def test_a_file_that_does_not_import_or_has_no_case(self):
        self.assertEqual(self.cases(" def test_a(self)\n")[0], 0)
        self.assertEqual(len(self.failures), 1)
        self.assertEqual(self.cases(" pass\n")[0], 0)
        self.assertEqual(len(self.failures), 1)

    def test_skipping_fails_except_for_the_long_run(self):
        counted = self.cases(
            " @unittest.skip('no such tool')\n def test_a(self): pass\n"
            " @unittest.skip('long: 5000 histories')\n def test_b(self): pass\n"
            " def test_c(self): self.skipTest('not today')\n"
        )
        self.assertEqual(counted, (0, ["test_a", "test_c"]))

    def test_subtests_and_cleanups_count_for_their_case(self):
        counted = self.cases(
            " def test_a(self):\n"
            "  for i in (1, 2):\n"
            "   with self.subTest(i=i): self.assertEqual(i, 1)\n"
            " def test_b(self): self.addCleanup(lambda: 1 / 0)\n"
            " @unittest.expectedFailure\n def test_c(self): pass\n"
        )
        self.assertEqual(counted, (0, ["test_a", "test_b", "test_c"]))

    def test_words_choose_cases(self):
        text = " def test_a(self): pass\n def test_b(self): self.fail()\n"
        self.assertEqual(self.cases(text, ["test_a"]), (1, []))
        self.assertEqual(self.cases(text, ["nothing"]), (0, []))

    def test_a_cmocka_program(self):
        self.assertEqual(
            self.program("printf '1..2\\nok 1 - a\\nnot ok 2 - b\\n# why\\n'; exit 1"), (1, ["b"])
        )

    def test_a_cmocka_program_that_ends_early(self):
        passed, failures = self.program("printf '1..3\\nok 1 - a\\n'; kill -SEGV $$")
        self.assertEqual((passed, len(failures)), (1, 2))
        passed, failures = self.program("printf '1..3\\nok 1 - a\\n'; exit 0")
        self.assertEqual((passed, len(failures)), (1, 2))

    def test_a_cmocka_program_that_fails_after_its_cases(self):
        self.assertEqual(self.program("printf '1..1\\nok 1 - a\\n'; exit 23"), (1, ["program"]))

    def test_a_skipped_cmocka_case_has_failed(self):
        self.assertEqual(self.program("printf '1..1\\nnot ok 1 # SKIP a\\n'")[0], 0)

    def test_a_program_without_cases_is_one(self):
        self.assertEqual(self.program("exit 0"), (1, []))
        self.assertEqual(self.program("exit 1"), (0, ["program"]))
        self.assertEqual(self.program("sleep 600", timeout=1), (0, ["program"]))

    def test_the_longest_first(self):
        texts = {"small": "pass\n", "big": "# long\n" * 99, "slow": "SECONDS = 9\n"}
        texts["slower"] = "SANITIZE = False\nSECONDS = 120\n"
        paths = [self.directory / name for name in texts]
        for path in paths:
            path.write_text(texts[path.name])
        order = sorted(paths, key=self.run_module.length, reverse=True)
        self.assertEqual([p.name for p in order], ["slower", "slow", "big", "small"])

    def test_no_test_at_all_is_a_failure(self):
        done = env.run(
            [env.sys.executable, "-B", "-c", NOTHING_FOUND, str(env.ROOT / "tests/run")],
            self.directory,
            dict(env.os.environ),
        )
        self.assertEqual(done.code, 1)
        self.assertEqual(done.out.splitlines()[-1], "0 passed, 1 failed")


NOTHING_FOUND = """
import runpy, sys
path = sys.argv[1]
names = runpy.run_path(path)
names["Session"].run = lambda self: None
sys.argv = [path]
names["main"].__globals__["Session"] = names["Session"]
sys.exit(names["main"]())
"""

if __name__ == "__main__":
    unittest.main()

"""Runs the cases of one test file and reports each: tests/run counts them.

    python3 cases.py REPORT test_merge.py [WORD…]

REPORT gets JSON lines: first {"plan": [case, …]}, then {"case", "ok", "why", "seconds"} as each
ends. A case that was planned and never ended (a crash, a class that could not be set up) is for
the reader to count. WORDs choose the cases whose name has one of them.
"""

import importlib
import json
import os
import sys
import time
import unittest

# A case may leave itself to the long run; any other skipping hides that something is missing.
LONG = "long"


def flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from flatten(item)
        else:
            yield item


class Reporter(unittest.TestResult):
    def __init__(self, report):
        super().__init__()
        self.report = report

    def say(self, **fields):
        self.report.write(json.dumps(fields) + "\n")
        self.report.flush()

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        self.why = []
        self.left_out = False

    def stopTest(self, test):
        super().stopTest(test)
        if not self.left_out:
            why = "\n".join(self.why)
            seconds = time.monotonic() - self.began
            self.say(case=test.id(), ok=not why, why=why, seconds=seconds)
        else:
            self.say(case=test.id(), left_out=True)

    def _bad(self, test, err):
        text = self._exc_info_to_string(err, test)
        if isinstance(test, unittest.TestCase):
            self.why.append(text)
        else:  # setUpClass, setUpModule: of no single case
            self.say(trouble=f"{test.id()}\n{text}")

    def addError(self, test, err):
        self._bad(test, err)

    def addFailure(self, test, err):
        self._bad(test, err)

    def addSubTest(self, test, subtest, err):
        if err:
            self.why.append(f"{subtest.id()}\n{self._exc_info_to_string(err, test)}")

    def addUnexpectedSuccess(self, test):
        self.why.append("passed, though expected to fail")

    def addSkip(self, test, reason):
        if not isinstance(test, unittest.TestCase):
            self.say(trouble=f"{test.id()} skipped: {reason}")
        elif reason.startswith(LONG):
            self.left_out = True
        else:
            self.why.append(f"skipped: {reason}")


def main(report, path, words):
    directory, name = os.path.split(os.path.abspath(path))
    sys.path.insert(0, directory)
    module = importlib.import_module(name.removesuffix(".py"))
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    cases = [t for t in flatten(suite) if not words or any(w in t.id() for w in words)]
    with open(report, "w") as f:
        reporter = Reporter(f)
        reporter.say(plan=[t.id() for t in cases])
        unittest.TestSuite(cases).run(reporter)


main(sys.argv[1], sys.argv[2], sys.argv[3:])

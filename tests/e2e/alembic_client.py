"""Real Alembic in another interpreter, asked through pipes (alembic_worker.py answers).

    with Worker("/usr/bin/python3") as alembic:
        alembic.version                                 # (1, 8, 1)
        alembic.heads(directory)                        # ["a1"]
        alembic.upgrade(directory, "sqlite:////tmp/x.db", "head")
        alembic.schema("sqlite:////tmp/x.db")["columns"]
        code, out, err = alembic.cli(directory, "heads", "-v")

A method raises AlembicError where Alembic raised; `call` hands back the whole answer instead.
"""

import json
import os
import select
import subprocess
import time
from pathlib import Path

SERVER = Path(__file__).resolve().with_name("alembic_worker.py")


class AlembicError(Exception):
    """What Alembic raised: its class's name, its message, and what was printed on the way."""

    def __init__(self, cls, message, answer):
        super().__init__(f"{cls}: {message}")
        self.cls = cls
        self.message = message
        self.answer = answer


class WorkerDied(Exception):
    """The interpreter itself ended or hung: never what a migration is expected to do."""


class Worker:
    def __init__(self, python, timeout=120):
        self.python = str(python)
        self.timeout = timeout
        self.process = None
        self._hello = None

    @property
    def version(self):
        self._start()
        return tuple(self._hello["alembic"])

    def call(self, command, directory=None, **arguments):
        """The answer: {"value"} or {"error": {"class", "message", "trace"}}, with "warnings" and
        "output"."""
        self._start()
        where = os.fspath(directory) if directory is not None else "/"
        request = {"command": command, "cwd": where, **arguments}
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self._died("ended before it was asked")
        return self._answer()

    def value(self, command, directory=None, **arguments):
        answer = self.call(command, directory, **arguments)
        if "error" in answer:
            raise AlembicError(answer["error"]["class"], answer["error"]["message"], answer)
        return answer["value"]

    # What can be asked. MORE: config="alembic.ini", section="alembic".

    def heads(self, directory, **more):
        return self.value("heads", directory, **more)

    def history(self, directory, **more):
        """Each revision as id, parents, depends_on, labels, path, message; newest first."""
        return self.value("history", directory, **more)

    def upgrade(self, directory, url, target="head", **more):
        return self.value("upgrade", directory, url=url, target=target, **more)

    def downgrade(self, directory, url, target, **more):
        return self.value("downgrade", directory, url=url, target=target, **more)

    def stamp(self, directory, url, target, purge=False, **more):
        return self.value("stamp", directory, url=url, target=target, purge=purge, **more)

    def current(self, url, table="alembic_version"):
        """What the database says it has applied, sorted."""
        return self.value("current", url=url, table=table)

    def schema(self, url):
        """tables, columns, indexes, constraints: sorted lists of lines to compare."""
        return self.value("schema", url=url)

    def rows(self, url, sql):
        return self.value("rows", url=url, sql=sql)

    def execute(self, url, sql):
        return self.value("execute", url=url, sql=sql)

    def cli(self, directory, *argv):
        """`alembic ARGV…`: exit status, stdout, stderr."""
        return tuple(self.value("cli", directory, argv=list(argv)))

    # The process.

    def _start(self):
        if self.process:
            return
        dropped = ("GIT_", "PG", "ALEMBIC_", "PYTHON", "ONEHEAD")
        environ = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
        self.process = subprocess.Popen(
            [self.python, str(SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            bufsize=0,
        )
        self._buffer = b""
        self._hello = self._answer()

    def _answer(self):
        end = time.monotonic() + self.timeout
        while b"\n" not in self._buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self._died(f"said nothing for {self.timeout} s")
            piece = os.read(self.process.stdout.fileno(), 1 << 16)
            if not piece:
                self._died("ended while it was asked")
            self._buffer += piece
        line, self._buffer = self._buffer.split(b"\n", 1)
        return json.loads(line)

    def _died(self, how):
        process = self.process
        self.close()
        raise WorkerDied(f"{self.python} {how} (exit {process.returncode})")

    def close(self):
        process, self.process = self.process, None
        if not process:
            return
        process.stdin.close()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __del__(self):
        self.close()

"""One engine with one model in a process of its own, stopped (SIGSTOP) whenever it has nothing to do."""
import contextlib
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LOAD_SECONDS, ANSWER_SECONDS = 120, 120


class Refusal(Exception):
    """Why an engine does not take part, as a few words."""


def few_words(text):
    """The last line of an error without machine paths."""
    lines = [line for line in text.strip().splitlines() if line.strip()] or ["no word"]
    return re.sub(r"(/[\w.+-]+)+/", "", lines[0] if len(lines) == 1 else lines[-1]).strip()[:240]


def ended(code):
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


class Contestant:
    def __init__(self, name, model, threads, inputs, log):
        self.name, self.turns = name, []
        command = [sys.executable, str(HERE / "worker.py"), name, str(model), str(threads), str(inputs)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=HERE)

    def signal(self, which):
        if self.process.poll() is None:
            os.kill(self.process.pid, which)

    def ask(self, limit=ANSWER_SECONDS, **command):
        """Wakes the process, sends the command, waits for the answer and stops the process again."""
        self.signal(signal.SIGCONT)
        try:
            line = self.answer_line(json.dumps(command).encode() + b"\n", limit)
        finally:
            self.signal(signal.SIGSTOP)
        answer = json.loads(line)
        if "error" in answer:
            raise Refusal(few_words(answer["error"]))
        return answer

    def answer_line(self, line, limit):
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Refusal(ended(self.process.wait())) from None
        if not select.select([self.process.stdout], [], [], limit)[0]:
            raise Refusal(f"no answer within {limit} s")
        answer = self.process.stdout.readline()
        if not answer:
            raise Refusal(ended(self.process.wait()))
        return answer

    def close(self):
        self.signal(signal.SIGKILL)  # reaches a stopped process, too
        self.process.wait()
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

"""The program of the other side of a comparison: it answers a line by a line, and may tell something first."""
import subprocess
import sys


class Child:
    def __init__(self, *command):
        self.name = command[0]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        except OSError as error:
            sys.exit(f"{self.name} cannot be started ({error.strerror}): build it, or name another with --binary")

    def words(self):
        """The words of its next line; ends this program, and says how, where the other one has ended."""
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended with exit code {self.process.wait()}")
        return line.split()

    def ask(self, request):
        """The words of its answer to a line."""
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # What it last said, or its exit code, is read below.
        return self.words()

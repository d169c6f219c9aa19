"""Servers and the private Postgres that a script starts, stops and kills. Standard library only."""
import os
import signal
import socket
import subprocess
import time

from load import Client

CASCADE = os.environ["CASCADE"]


def cascade(*arguments, check=True):
    """What a command printed."""
    done = subprocess.run([CASCADE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if check and done.returncode:
        raise SystemExit(f"cascade {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def releases():
    """{release: state}, newest first."""
    return {line.split()[0]: line.split()[1] for line in cascade("release", "list").splitlines() if line.startswith("rel_")}


def active_release():
    return next(release for release, state in releases().items() if state == "active")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A `cascade serve`, its log in `log`."""

    def __init__(self, url, log, *options):
        self.port = free_port()
        self.log = open(log, "ab")
        # It ends with this script, however that ends.
        command = ["setpriv", "--pdeathsig", "KILL", CASCADE, "serve", "--host", "127.0.0.1", "--port", str(self.port), "--database-url", url, *options]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.client = Client(self.port)

    def readiness(self):
        """The document of /health/ready, or nothing where there is none."""
        status, _, document = self.client.call("GET", "/health/ready")
        return document if status == 200 else None

    def wait_until(self, condition, seconds):
        """The seconds until /health/ready is 200 and `condition` holds of its document; nothing where they are over."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            if self.process.poll() is not None:
                return None
            document = self.readiness()
            if document and condition(document):
                return time.monotonic() - start
            time.sleep(0.02)
        return None

    def wait_until_ready(self, seconds=30):
        return self.wait_until(lambda _: True, seconds)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends it in good order; its exit code, or nothing where it had to be killed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


class Database:
    """The private Postgres of the data directory, which `cascade db start` has started."""

    def __init__(self):
        self.directory = cascade("db", "start").split("socket in ")[1].split("\n")[0].strip()
        self.data = self.sql("SHOW data_directory")[0][0]
        self.socket = f"{self.directory}/.s.PGSQL.5432"
        self.url = f"postgresql:///cascade?host={self.directory}&user=cascade"

    def sql(self, query):
        command = ["psql", "--no-psqlrc", "-qAtX", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-h", self.directory]
        done = subprocess.run(
            [*command, "-U", "cascade", "-d", "cascade", "-c", query], stdout=subprocess.PIPE, text=True, check=True)
        return [tuple(line.split("\x1f")) for line in done.stdout.splitlines()]

    def stop(self, mode):
        self._control("stop", "-w", "-m", mode)

    def start(self):
        cascade("db", "start")

    def _control(self, *arguments):
        with open(f"{self.data}/PG_VERSION") as file:
            tool = f"/usr/lib/postgresql/{file.read().strip()}/bin/pg_ctl"
        # Postgres refuses to be run by root; its files belong to the user postgres then.
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] if os.geteuid() == 0 else []
        command = [*prefix, tool if os.path.exists(tool) else "pg_ctl", "-D", self.data, "-s", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

"""A service that a driver starts, and ends with it. Linux."""
import contextlib
import signal
import socket
import subprocess
import time
import urllib.request


def wait_until_ready(process, port, log):
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"error: the service ended; see {log}")


@contextlib.contextmanager
def service(binary, environment, port, log):
    """Gives the process once it is ready, and the seconds that this took."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(f"error: something else answers on port {port}")
    start = time.perf_counter()
    with open(log, "w") as output:
        process = subprocess.Popen(
            [binary, "serve"], env=environment | {"CASCADE_SERVER_PORT": str(port)}, stdout=output, stderr=output)
    try:
        wait_until_ready(process, port, log)
        yield process, time.perf_counter() - start
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()

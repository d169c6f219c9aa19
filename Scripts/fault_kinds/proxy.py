"""A network that can fail: a TCP port of 127.0.0.1 in front of another address, with faults on demand. Standard library only."""
import socket
import struct
import threading


class Proxy:
    """Forwards to `target`, a (host, port) or the path of a Unix socket, as long as `pass_on` was the last that was said.

    cut():       every connection is reset, and so is every new one.
    stall():     nothing is forwarded; what came meanwhile follows with `pass_on`, as after lost packets.
    blackhole(): nothing is forwarded, and what there was by then never goes on: both ends hear nothing any more. New connections
                 are taken, and begin to work with `pass_on`.
    """

    def __init__(self, target):
        self.target = target
        self.mode = "pass"
        self.changed = threading.Condition()
        self.links = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def pass_on(self):
        self._set("pass")

    def cut(self):
        self._set("cut")

    def stall(self):
        self._set("stall")

    def blackhole(self):
        with self.changed:
            for link in self.links:
                link.is_dead = True
        self._set("blackhole")

    def close(self):
        self.listener.close()
        self._set("cut")

    def _set(self, mode):
        with self.changed:
            self.mode = mode
            self.changed.notify_all()
            links = list(self.links)
        for link in links:
            if mode == "cut":
                link.reset()
            elif mode == "pass" and link.is_dead:
                # By now the database has noticed. The client has not: its end stays open until it gives up.
                link.lose_target()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            link = _Link(self, client)
            with self.changed:
                is_cut = self.mode == "cut"
                if not is_cut:
                    self.links.add(link)
            if is_cut:
                link.reset()
            else:
                threading.Thread(target=link.run, daemon=True).start()

    def _wait(self, link):
        """Waits until the link may forward; false when it never will."""
        with self.changed:
            while self.mode in ("stall", "blackhole") and not link.is_dead:
                self.changed.wait()
            return self.mode == "pass" and not link.is_dead


class _Link:
    """A connection of a client with its connection to the target."""

    def __init__(self, proxy, client):
        self.proxy = proxy
        self.client = client
        self.server = None
        self.is_dead = False

    def run(self):
        try:
            if self.proxy._wait(self):
                self._connect()
                threading.Thread(target=self._pump, args=(self.server, self.client), daemon=True).start()
                self._pump(self.client, self.server)
            if self.is_dead:
                while self.client.recv(65536):
                    pass
        except OSError:
            pass
        finally:
            self._close()

    def _connect(self):
        target = self.proxy.target
        self.server = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
        self.server.connect(target)

    def _pump(self, source, sink):
        try:
            while data := source.recv(65536):
                if not self.proxy._wait(self):
                    return
                sink.sendall(data)
        except OSError:
            pass
        if not self.is_dead:
            self._close()

    def lose_target(self):
        if self.server:
            _shut(self.server)

    def reset(self):
        # A linger of zero makes the close a reset.
        try:
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self._close()

    def _close(self):
        with self.proxy.changed:
            self.proxy.links.discard(self)
        for end in (self.client, self.server):
            if end:
                _shut(end)
                end.close()


def _shut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass

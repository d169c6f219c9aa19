"""Writers and readers over REST that remember what was acknowledged, and look for it in the database. Standard library only."""
import collections
import http.client
import json
import random
import threading
import time

Answer = collections.namedtuple("Answer", "start end kind status retry_after document server")
# What a client may wait for an answer; longer than any deadline of the server, so that a late answer is told as late.
PATIENCE = 30


class Client:
    """One connection to one server, made anew after a failure."""

    def __init__(self, port):
        self.port = port
        self.connection = None

    def call(self, method, path, body=None, headers=None):
        """(status, headers, document); status 0 where the connection failed."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            data = json.dumps(body) if body is not None else None
            self.connection.request(method, path, data, {"Content-Type": "application/json", **(headers or {})})
            answer = self.connection.getresponse()
            text = answer.read()
            return answer.status, answer.headers, json.loads(text) if text else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.connection = None
            return 0, {}, {"detail": f"{type(error).__name__}: {error}"}


class Load:
    """Threads that write and read until `stop`. `ports` are the servers; each request goes to one of them by chance."""

    def __init__(self, ports, name, seed, writers=4, readers=2, users=200, pause=0.01):
        self.ports, self.name, self.users, self.pause = ports, name, users, pause
        self.lock = threading.Lock()
        self.answers = []
        # What was acknowledged: rows of events and impressions by key, and of items the last version, beside the last one sent.
        self.events, self.impressions = {}, {}
        self.items, self.items_sent = {}, {}
        self.problems = []
        self.ended = threading.Event()
        self.threads = [
            threading.Thread(target=run, args=(number, random.Random(f"{seed}/{run.__name__}/{number}")), daemon=True)
            for run, count in ((self._write, writers), (self._read, readers))
            for number in range(count)
        ]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(PATIENCE + 5)
            if thread.is_alive():
                self.problems.append("a request did not end")

    def between(self, start, end, kind=None):
        """The answers to requests that were sent and answered between the two moments."""
        with self.lock:
            return [a for a in self.answers if a.start >= start and a.end <= end and (kind is None or a.kind == kind)]

    def _call(self, clients, choice, kind, method, path, body):
        client = choice.choice(clients)
        start = time.monotonic()
        status, headers, document = client.call(method, path, body)
        answer = Answer(start, time.monotonic(), kind, status, headers.get("Retry-After"), document, client.port)
        with self.lock:
            self.answers.append(answer)
        return answer

    def _read(self, number, choice):
        clients = [Client(port) for port in self.ports]
        while not self.ended.is_set():
            body = {"user_id": f"user-{choice.randrange(self.users):03}", "limit": 10}
            self._call(clients, choice, "recommend", "POST", "/v1/recommendations", body)
            self.ended.wait(self.pause)

    def _write(self, number, choice):
        clients = [Client(port) for port in self.ports]
        serial = 0
        while not self.ended.is_set():
            serial += 1
            key = f"{self.name}-{number}-{serial}"
            write = choice.choice((self._events, self._impressions, self._item))
            path, method, body, acknowledge = write(key, number, choice)
            # As a client does that does not know whether its write arrived: the same again until it is told so.
            attempts = 0
            while not self.ended.is_set():
                attempts += 1
                answer = self._call(clients, choice, "write", method, path, body)
                if 200 <= answer.status < 300:
                    with self.lock:
                        acknowledge(answer.document, attempts)
                    break
                if answer.status not in (0, 503, 504):
                    self.problems.append(f"{method} {path} was answered with {answer.status}: {answer.document}")
                    break
                self.ended.wait(0.05)
            self.ended.wait(self.pause)

    def _events(self, key, number, choice):
        rows = [
            {"event_id": f"{key}-{n}", "type": "click", "user_id": f"load-{choice.randrange(50)}",
             "item_id": f"item-{choice.randrange(300):03}", "value": choice.random()}
            for n in range(choice.choice((1, 1, 20)))
        ]

        def acknowledge(document, attempts):
            self._expect(document, len(rows), attempts)
            self.events.update({row["event_id"]: (row["user_id"], row["item_id"], row["value"]) for row in rows})

        return "/v1/events", "POST", {"events": rows}, acknowledge

    def _impressions(self, key, number, choice):
        user = f"load-{choice.randrange(50)}"
        shown = [f"item-{item:03}" for item in choice.sample(range(300), 5)]
        body = {"impressions": [{"impression_id": key, "user_id": user, "items": [{"item_id": item} for item in shown]}]}

        def acknowledge(document, attempts):
            self._expect(document, len(shown), attempts)
            self.impressions.update({(key, item): (user, place) for place, item in enumerate(shown)})

        return "/v1/impressions", "POST", body, acknowledge

    def _item(self, key, number, choice):
        """A new version of one of ten items that only this writer writes, so versions follow each other."""
        item = f"{self.name}-{number}-item-{choice.randrange(10)}"
        with self.lock:
            version = self.items_sent.get(item, 0) + 1
            self.items_sent[item] = version

        def acknowledge(document, attempts):
            self.items[item] = version

        return f"/v1/items/{item}", "PUT", {"title": str(version), "creator_id": "load", "categories": ["load"]}, acknowledge

    def _expect(self, document, rows, attempts):
        counts = document["accepted"], document["duplicates"], document["rejected"]
        # Who sent once cannot have sent before; who sent again finds what an attempt without an answer had written.
        if sum(counts) != rows or counts[2] or (attempts == 1 and counts[1]):
            self.problems.append(f"a write of {rows} rows at attempt {attempts} was answered with {document}")

    def missing(self, sql):
        """What the database does not hold as it was acknowledged, in words; `sql` gives the rows of a query as tuples of text."""
        told = list(self.problems)
        found = collections.defaultdict(list)
        for key, *row in sql(f"SELECT event_id, user_id, item_id, value FROM events WHERE event_id LIKE '{self.name}-%'"):
            found[key].append((row[0], row[1], float(row[2])))
        told += [f"event {key} is {found[key]}, not {row}" for key, row in self.events.items() if found[key] != [row]]
        found.clear()
        query = f"SELECT impression_id, item_id, user_id, position FROM impressions WHERE impression_id LIKE '{self.name}-%'"
        for key, item, user, position in sql(query):
            found[key, item].append((user, int(position)))
        told += [f"impression {key} is {found[key]}, not {row}" for key, row in self.impressions.items() if found[key] != [row]]
        found.clear()
        for key, title in sql(f"SELECT item_id, title FROM items WHERE item_id LIKE '{self.name}-%'"):
            found[key].append(int(title))
        for key, version in self.items.items():
            if len(found[key]) != 1 or not version <= found[key][0] <= self.items_sent[key]:
                told.append(f"item {key} has the versions {found[key]}, acknowledged {version}, sent {self.items_sent[key]}")
        return told

    @property
    def acknowledged(self):
        return len(self.events) + len(self.impressions) + sum(self.items.values())

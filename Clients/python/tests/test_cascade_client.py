"""What is sent again and what errors say, against a server that does what it is told.

    python3 -m unittest discover -s Clients/python/tests
"""

import json
import os
import sys
import threading
import unittest
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

import cascade_client  # noqa: E402
from calls import filled, operations  # noqa: E402
from cascade_client import Cascade, CascadeError  # noqa: E402

LIVE = (200, {}, b'{"status":"ok"}')
DROP = None


def problem(status, code, retry_after=None, errors=()):
    body = {"type": "t", "title": "t", "status": status, "detail": "it is so", "instance": "i", "code": code,
            "request_id": "req_1", "errors": list(errors)}
    headers = {"Content-Type": "application/problem+json"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return status, headers, json.dumps(body).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers by the script of its server, whose last step holds for all that follow."""

    disable_nagle_algorithm = True

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        requests, script = self.server.requests, self.server.script
        requests.append((self.command, self.path, dict(self.headers), body))
        step = script[min(len(requests), len(script)) - 1]
        if step is DROP:
            self.close_connection = True
            return
        if callable(step):
            step = step()
        status, headers, answer = step
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    # A client that waits no longer is what some tests are about.
    def handle_error(self, *_):
        pass


class ClientTests(unittest.TestCase):
    def setUp(self):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.requests, self.server.script = [], [LIVE]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.pauses = []
        sleep = cascade_client.time.sleep
        cascade_client.time.sleep = self.pauses.append
        self.addCleanup(setattr, cascade_client.time, "sleep", sleep)

    def client(self, *script, **options):
        self.server.script = list(script)
        self.server.requests.clear()
        self.pauses.clear()
        return Cascade(f"http://127.0.0.1:{self.server.server_port}", **options)

    @property
    def count(self):
        return len(self.server.requests)

    def test_waits_as_long_as_the_server_says(self):
        for status in (429, 503):
            client = self.client(problem(status, "unavailable", 3), problem(status, "unavailable", 4), LIVE)
            self.assertEqual(client.get_live(), {"status": "ok"})
            self.assertEqual(self.pauses, [3, 4])

    def test_retries_are_bounded(self):
        for retries in (0, 1, 2, 5, -1):
            client = self.client(problem(503, "unavailable", 1), retries=retries)
            with self.assertRaises(CascadeError) as caught:
                client.get_live()
            self.assertEqual(self.count, max(0, retries) + 1)
            self.assertEqual((caught.exception.status, caught.exception.retry_after), (503, 1))

    def test_other_answers_are_final(self):
        for answer in (
            problem(503, "unavailable"), problem(503, "unavailable", -1), problem(503, "unavailable", 31),
            problem(503, "unavailable", "Fri, 31 Dec 2027 23:59:59 GMT"), problem(500, "internal", 1),
            problem(409, "conflict", 1), problem(404, "not_found", 1), problem(504, "deadline_exceeded", 1),
        ):
            with self.assertRaises(CascadeError):
                self.client(answer, timeout=30).get_live()
            self.assertEqual((self.count, self.pauses), (1, []), answer)

    def test_a_proxy_may_ask_for_patience_too(self):
        client = self.client((503, {"Retry-After": "0", "Content-Type": "text/html"}, b""), LIVE)
        self.assertEqual(client.get_live(), {"status": "ok"})

    def test_lost_connections(self):
        client = self.client(DROP, DROP, LIVE)
        self.assertEqual(client.get_live(), {"status": "ok"})
        self.assertEqual(len(self.pauses), 2)
        for number, pause in enumerate(self.pauses):
            self.assertTrue(0.05 * 2**number <= pause <= 0.1 * 2**number, pause)

    def test_only_safe_requests_are_sent_again(self):
        for name in operations(self.client(LIVE)):
            for failure in (DROP, problem(429, "rate_limited", 0)):
                client = self.client(failure)
                with self.assertRaises(CascadeError) as caught:
                    next(filled(client, name))
                method, _, headers, _ = self.server.requests[0]
                safe = method in ("GET", "PUT", "DELETE") or "Idempotency-Key" in headers
                self.assertEqual(self.count, 3 if safe else 1, name)
                self.assertEqual(caught.exception.status, None if failure is DROP else 429)
                self.assertEqual(caught.exception.code, "transport" if failure is DROP else "rate_limited")

    def test_a_write_keeps_its_name(self):
        outcome = (200, {}, b'{"accepted":1}')
        client = self.client(DROP, problem(409, "idempotency_in_flight", 1), outcome)
        events = [{"type": "click", "user_id": "u", "item_id": "i"}]
        self.assertEqual(client.post_events(events), {"accepted": 1})
        client.post_events(events)
        client.post_events(events, idempotency_key="mine")
        keys = [headers.get("Idempotency-Key") for _, _, headers, _ in self.server.requests]
        self.assertEqual(len(keys), 5)
        self.assertTrue(keys[0] and keys[0] == keys[1] == keys[2] != keys[3])
        self.assertEqual(keys[4], "mine")
        self.assertEqual(len({body for _, _, _, body in self.server.requests}), 1)

    def test_a_server_that_does_not_answer(self):
        over = threading.Event()
        self.addCleanup(over.set)

        def wait():
            over.wait()
            return LIVE

        with self.assertRaises(CascadeError) as caught:
            self.client(wait, timeout=0.05, retries=0).get_live()
        self.assertEqual(caught.exception.code, "transport")

    def test_where_nothing_listens_there_is_no_answer(self):
        other = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        port = other.server_port
        other.server_close()
        with self.assertRaises(CascadeError) as caught:
            Cascade(f"http://127.0.0.1:{port}").get_live()
        self.assertEqual((caught.exception.status, caught.exception.code), (None, "transport"))
        self.assertEqual(len(self.pauses), 2)

    def test_problems_say_what_is_wrong(self):
        errors = [{"pointer": "/limit", "code": "out_of_range", "detail": "must be at least 1"},
                  {"pointer": "/seed", "code": "wrong_type", "detail": "must be a number"}]
        with self.assertRaises(CascadeError) as caught:
            self.client(problem(400, "validation", errors=errors)).recommend("u", limit=0)
        error = caught.exception
        self.assertEqual((error.status, error.code, error.detail), (400, "validation", "it is so"))
        self.assertEqual((error.errors, error.request_id), (errors, "req_1"))
        for part in ("400", "validation", "it is so", "/limit must be at least 1", "/seed", "req_1"):
            self.assertIn(part, str(error))

    def test_what_is_no_answer_of_cascade_is_told_apart(self):
        for status, body in ((502, b"<html>"), (500, b""), (200, b"not JSON")):
            with self.assertRaises(CascadeError) as caught:
                self.client((status, {"X-Request-ID": "req_2"}, body)).get_live()
            error = caught.exception
            self.assertEqual((error.status, error.code, error.request_id), (status, "undecodable", "req_2"))
        broken = (400, {"Content-Type": "application/problem+json"}, b'{"code":"validation"}')
        with self.assertRaises(CascadeError) as caught:
            self.client(broken).get_live()
        self.assertEqual(caught.exception.code, "undecodable")

    def test_not_ready_is_an_answer(self):
        ready = (503, {"Content-Type": "application/json"}, b'{"status":"not_ready"}')
        self.assertEqual(self.client(ready).get_ready(), {"status": "not_ready"})
        with self.assertRaises(CascadeError):
            self.client(problem(503, "unavailable")).get_ready()

    def test_redirections_are_not_followed(self):
        client = self.client((307, {"Location": "/elsewhere"}, b""), LIVE, api_key="secret")
        with self.assertRaises(CascadeError) as caught:
            client.get_live()
        self.assertEqual((caught.exception.status, self.count), (307, 1))

    def test_what_is_not_given_is_not_sent(self):
        client = self.client((200, {}, b"{}"))
        client.recommend(None)
        client.patch_item("i")
        client.patch_item("i", title=None, attributes={"a": None})
        client.list_items()
        bodies = [body and json.loads(body) for _, _, _, body in self.server.requests]
        self.assertEqual(bodies, [{"user_id": None}, {}, {"title": None, "attributes": {"a": None}}, b""])
        self.assertEqual(self.server.requests[3][1], "/v1/items")
        self.assertNotIn("X-Api-Key", self.server.requests[0][2])

    def test_what_json_cannot_say_is_not_sent(self):
        client = self.client(LIVE)
        with self.assertRaises(ValueError):
            client.post_events([{"type": "click", "user_id": "u", "item_id": "i", "value": float("nan")}])
        with self.assertRaises(TypeError):
            client.put_item("i", created_at=datetime(2026, 1, 1))
        self.assertEqual(self.count, 0)

    def test_lists_are_walked_to_their_end(self):
        pages = [b'{"data":[],"next_cursor":"a"}', b'{"data":[1,2],"next_cursor":"b"}', b'{"data":[3],"next_cursor":null}']
        client = self.client(*((200, {}, page) for page in pages))
        self.assertEqual(list(client.rows(client.list_follows, "u", limit=2)), [1, 2, 3])
        paths = [path.split("?")[1] for _, path, _, _ in self.server.requests]
        self.assertEqual(paths, ["limit=2", "limit=2&cursor=a", "limit=2&cursor=b"])

    def test_a_server_may_stand_behind_a_path(self):
        client = self.client((204, {}, b""))
        client.url += "/cascade"
        self.assertIsNone(Cascade(client.url + "/").delete_item("a/b"))
        self.assertEqual(self.server.requests[0][1], "/cascade/v1/items/a%2Fb")


if __name__ == "__main__":
    unittest.main()

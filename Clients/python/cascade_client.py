"""A client of Cascade's REST API; it needs nothing but Python's standard library, from 3.9 on.

    from cascade_client import Cascade

    cascade = Cascade("http://127.0.0.1:8080")
    slate = cascade.recommend("u1", limit=10, include=["scores", "reasons"])
    cascade.post_events([{"type": "click", "user_id": "u1", "item_id": slate["items"][0]["item_id"]}])

Each method is an operation of the interface (``GET /v1/openapi.json``) and gives its answer as parsed JSON. Arguments that are left
out are not sent, so that the server decides. Times are texts of RFC 3339 or ``datetime`` with a time zone.
"""

from __future__ import annotations

import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timezone
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Union

__all__ = ["Cascade", "CascadeError", "KEEP"]
__version__ = "1.0.0"

Json = Dict[str, Any]
Time = Union[str, datetime]


class _Keep:
    """Stands in a patch for a member that stays as it is; ``None`` clears one."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP: Any = _Keep()
"""Stands in a patch for a member that stays as it is; ``None`` clears one."""

ACTIVATION_TIMEOUT = 600.0
"""Seconds that a server takes at most to read and check the files of a release."""


class CascadeError(Exception):
    """Why a request has no answer.

    status      the status of the answer; None where none came (then a write may have been done)
    code        the kind of problem, such as "validation"; "transport" where no answer came, "undecodable" where it is none of Cascade's
    detail      what is wrong, for people
    errors      what is wrong with the request, one by one: dicts with "pointer", "code" and "detail"
    request_id  what the server's log calls the request, or None
    retry_after seconds after which to try again, or None
    """

    def __init__(
        self, status: Optional[int], code: str, detail: str, errors: Optional[List[Json]] = None,
        request_id: Optional[str] = None, retry_after: Optional[int] = None,
    ):
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.request_id, self.retry_after = list(errors or []), request_id, retry_after
        rows = [f"{error.get('pointer')} {error.get('detail')}" for error in self.errors]
        shown = [detail] + ([] if len(rows) == 1 and rows[0] in detail else rows)
        name = f" (request {request_id})" if request_id else ""
        super().__init__(f"{status or 'no answer'}, {code}: {'; '.join(shown)}{name}")


class _Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    # The server redirects nobody, and an API key must not go where another one points.
    def redirect_request(self, *_: Any) -> None:
        return None


def _send(opener: urllib.request.OpenerDirector, request: urllib.request.Request, timeout: float) -> _Reply:
    """The answer to a request, whatever its status; raises OSError or HTTPException where none comes."""
    try:
        with opener.open(request, timeout=timeout) as response:
            return _Reply(response.status, response.headers, response.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _Reply(refusal.code, refusal.headers, refusal.read())


def _segment(text: str) -> str:
    # Alone, points are steps of the path.
    return text.replace(".", "%2E") if text in (".", "..") else urllib.parse.quote(text, safe="")


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _joined(texts: Optional[Sequence[str]]) -> Optional[str]:
    # A comma that belongs to a text is written \,
    return None if texts is None else ",".join(text.replace(",", "\\,") for text in texts)


def _given(**members: Any) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def _changed(**members: Any) -> Json:
    return {name: value for name, value in members.items() if value is not KEEP}


def _time(value: Any) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{value!r} is neither JSON nor a datetime with a time zone")


def _seconds(headers: Mapping[str, str]) -> Optional[int]:
    text = headers.get("Retry-After") or ""
    return int(text) if text.isascii() and text.isdigit() else None


def _is_problem(reply: _Reply) -> bool:
    return reply.headers.get("Content-Type", "").startswith("application/problem+json")


def _error(reply: _Reply) -> CascadeError:
    name = reply.headers.get("X-Request-ID")
    if _is_problem(reply):
        try:
            problem = json.loads(reply.body)
            return CascadeError(
                reply.status, problem["code"], problem["detail"], problem["errors"], problem["request_id"],
                _seconds(reply.headers))
        except (ValueError, KeyError, TypeError):
            pass
    return CascadeError(
        reply.status, "undecodable", f"no answer of a Cascade server: {reply.body[:200]!r}", None, name,
        _seconds(reply.headers))


class Cascade:
    """A client of one server.

    url      where the server is, such as "http://127.0.0.1:8080"; a path in it stands before those of the interface
    api_key  sent with every request; None for a server that asks for none
    timeout  seconds that the client waits for the answer to one attempt, and for what Retry-After asks for
    retries  how often a request is repeated at most

    Repeated is what comes out the same: GET, PUT, DELETE, and a POST with an Idempotency-Key (which is made where none is given), where
    no answer came, or one of 429, 503 or 409 idempotency_in_flight with Retry-After. A DELETE of an item or a user that is repeated
    because its answer was lost may raise not_found although it was done.
    """

    def __init__(self, url: str, api_key: Optional[str] = None, timeout: float = 30.0, retries: int = 2):
        self.url, self.api_key, self.timeout, self.retries = url.rstrip("/"), api_key, timeout, max(0, retries)
        # Once: it reads the certificates that the system trusts, which takes longer than a request.
        self._opener = urllib.request.build_opener(_NoRedirects)

    # Recommendations

    def recommend(
        self, user_id: Optional[str], *, limit: Optional[int] = None, context: Optional[Mapping[str, str]] = None,
        filters: Optional[Json] = None, diversity: Optional[Json] = None, include: Optional[Sequence[str]] = None,
        events: Optional[Sequence[Json]] = None, debug: Optional[bool] = None,
        weights: Optional[Mapping[str, float]] = None, release_id: Optional[str] = None, seed: Optional[int] = None,
    ) -> Json:
        """A slate of items for a user; user_id None asks for an anonymous visitor's, who is known by events alone.

        filters: categories_any, exclude_item_ids, exclude_seen, max_age_seconds.
        diversity: creator_decay, creator_floor, max_per_creator, max_per_category.
        include: of "scores", "reasons", "attributes". events: dicts with item_id, type, occurred_at, surface.
        debug: adds the trace. weights: what heads count for. release_id: which of the loaded releases answers. seed: fixes the
        random choices.
        """
        body = _given(limit=limit, context=context, filters=filters, diversity=diversity, include=include,
                      events=events, debug=debug, weights=weights, release_id=release_id, seed=seed)
        return self._call("POST", "/v1/recommendations", body={"user_id": user_id, **body})

    def recommend_for_user(
        self, user_id: str, *, limit: Optional[int] = None, include: Optional[Sequence[str]] = None,
        exclude_seen: Optional[bool] = None, debug: Optional[bool] = None,
    ) -> Json:
        """A slate of items for a user, by what can be said in few words."""
        return self._call("GET", "/v1/users/{}/recommendations", user_id,
                          query=_given(limit=limit, include=_joined(include), exclude_seen=exclude_seen, debug=debug))

    def next_page(self, recommendation_id: str) -> Json:
        """The page after a slate, without repeats; raises gone once the time for it is over."""
        return self._call("POST", "/v1/recommendations/{}/next", recommendation_id)

    def rank(
        self, user_id: Optional[str], item_ids: Sequence[str], *, context: Optional[Mapping[str, str]] = None,
        include: Optional[Sequence[str]] = None, events: Optional[Sequence[Json]] = None,
        debug: Optional[bool] = None,
    ) -> Json:
        """A caller's list of 1 to 1000 items in the order that suits a user. include: of "scores", "attributes"."""
        body = _given(context=context, include=include, events=events, debug=debug)
        return self._call("POST", "/v1/rank", body={"user_id": user_id, "item_ids": item_ids, **body})

    def explain_recommendation(self, recommendation_id: str, *, item_id: Optional[str] = None) -> Json:
        """Why an item is in a slate or not; without item_id, how the whole slate came to be."""
        return self._call("GET", "/v1/recommendations/{}/explain", recommendation_id, query=_given(item_id=item_id))

    def similar_items(
        self, item_id: str, *, k: Optional[int] = None, by: Optional[str] = None,
        categories: Optional[Sequence[str]] = None, exclude_item_ids: Optional[Sequence[str]] = None,
    ) -> Json:
        """The k items that are most similar to one. by: "tower", "cooccurrence" or "both"."""
        query = _given(k=k, by=by, categories=_joined(categories), exclude_item_ids=_joined(exclude_item_ids))
        return self._call("GET", "/v1/items/{}/similar", item_id, query=query)

    # Feedback

    def post_events(self, events: Sequence[Json], *, idempotency_key: Optional[str] = None) -> Json:
        """Says what users did, 1 to 500 events; rows are taken or refused one by one.

        events: dicts with type, user_id, item_id, and where known event_id, occurred_at, value, impression_id, recommendation_id,
        session_id, position, surface. An event_id lets an event count once however often it is sent.
        """
        return self._write("/v1/events", body={"events": events}, key=idempotency_key)

    def post_impressions(self, impressions: Sequence[Json], *, idempotency_key: Optional[str] = None) -> Json:
        """Says what users were shown, 1 to 500 lists.

        impressions: dicts with user_id and items (dicts with item_id, position, propensity), and where known impression_id,
        recommendation_id, shown_at, surface.
        """
        return self._write("/v1/impressions", body={"impressions": impressions}, key=idempotency_key)

    def list_events(
        self, user_id: str, *, type: Optional[str] = None, limit: Optional[int] = None, cursor: Optional[str] = None
    ) -> Json:
        """A page of what a user did, newest first."""
        return self._call("GET", "/v1/users/{}/events", user_id, query=_given(type=type, limit=limit, cursor=cursor))

    # Items

    def list_items(
        self, *, category: Optional[str] = None, hidden: Optional[bool] = None, limit: Optional[int] = None,
        cursor: Optional[str] = None,
    ) -> Json:
        """A page of the catalog, by identifier; hidden items too."""
        query = _given(category=category, hidden=hidden, limit=limit, cursor=cursor)
        return self._call("GET", "/v1/items", query=query)

    def post_items(
        self, items: Sequence[Json], *, atomic: Optional[bool] = None, idempotency_key: Optional[str] = None
    ) -> Json:
        """Writes 1 to 1000 items whole; rows are taken or refused one by one, unless atomic.

        items: dicts with item_id, and title, creator_id, categories, attributes, created_at, hidden, vectors.
        """
        return self._write("/v1/items", query=_given(atomic=atomic), body={"items": items}, key=idempotency_key)

    def put_item(
        self, item_id: str, *, title: Optional[str] = None, creator_id: Optional[str] = None,
        categories: Optional[Sequence[str]] = None, attributes: Optional[Json] = None,
        created_at: Optional[Time] = None, hidden: Optional[bool] = None,
        vectors: Optional[Mapping[str, Sequence[float]]] = None,
    ) -> Json:
        """Writes an item whole and gives it back: what is left out is removed, but for vectors."""
        body = _given(title=title, creator_id=creator_id, categories=categories, attributes=attributes,
                      created_at=created_at, hidden=hidden, vectors=vectors)
        return self._call("PUT", "/v1/items/{}", item_id, body=body)

    def patch_item(
        self, item_id: str, *, title: Optional[str] = KEEP, creator_id: Optional[str] = KEEP,
        categories: Optional[Sequence[str]] = KEEP, attributes: Optional[Json] = KEEP,
        created_at: Optional[Time] = KEEP, hidden: Optional[bool] = KEEP, vectors: Optional[Json] = KEEP,
    ) -> Json:
        """Changes members of an item and gives it back; None clears one, also within attributes and vectors. Not repeated by itself."""
        body = _changed(title=title, creator_id=creator_id, categories=categories, attributes=attributes,
                        created_at=created_at, hidden=hidden, vectors=vectors)
        return self._call("PATCH", "/v1/items/{}", item_id, body=body)

    def get_item(self, item_id: str) -> Json:
        """An item of the catalog."""
        return self._call("GET", "/v1/items/{}", item_id)

    def delete_item(self, item_id: str) -> None:
        """Removes an item; it is recommended no more."""
        self._call("DELETE", "/v1/items/{}", item_id)

    # Users

    def list_users(self, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Json:
        """A page of the users, by identifier."""
        return self._call("GET", "/v1/users", query=_given(limit=limit, cursor=cursor))

    def post_users(
        self, users: Sequence[Json], *, atomic: Optional[bool] = None, idempotency_key: Optional[str] = None
    ) -> Json:
        """Writes 1 to 1000 users whole: dicts with user_id, attributes, created_at."""
        return self._write("/v1/users", query=_given(atomic=atomic), body={"users": users}, key=idempotency_key)

    def put_user(
        self, user_id: str, *, attributes: Optional[Json] = None, created_at: Optional[Time] = None
    ) -> Json:
        """Writes a user whole and gives it back: what is left out is removed."""
        return self._call("PUT", "/v1/users/{}", user_id, body=_given(attributes=attributes, created_at=created_at))

    def patch_user(
        self, user_id: str, *, attributes: Optional[Json] = KEEP, created_at: Optional[Time] = KEEP
    ) -> Json:
        """Changes members of a user and gives it back; None clears one. Not repeated by itself."""
        body = _changed(attributes=attributes, created_at=created_at)
        return self._call("PATCH", "/v1/users/{}", user_id, body=body)

    def get_user(self, user_id: str) -> Json:
        """A user."""
        return self._call("GET", "/v1/users/{}", user_id)

    def delete_user(self, user_id: str) -> Json:
        """Removes a user with everything that is kept of the user, and tells what that was."""
        return self._call("DELETE", "/v1/users/{}", user_id)

    def list_follows(self, user_id: str, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Json:
        """A page of the creators that a user follows, by identifier."""
        return self._call("GET", "/v1/users/{}/follows", user_id, query=_given(limit=limit, cursor=cursor))

    def put_follow(self, user_id: str, creator_id: str) -> Json:
        """Lets a user follow a creator."""
        return self._call("PUT", "/v1/users/{}/follows/{}", user_id, creator_id)

    def delete_follow(self, user_id: str, creator_id: str) -> None:
        """Lets a user no longer follow a creator."""
        self._call("DELETE", "/v1/users/{}/follows/{}", user_id, creator_id)

    def list_hidden(self, user_id: str, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Json:
        """A page of the items that a user asked never to see again, by identifier."""
        return self._call("GET", "/v1/users/{}/hidden", user_id, query=_given(limit=limit, cursor=cursor))

    def put_hidden(self, user_id: str, item_id: str) -> Json:
        """Never shows an item to a user again."""
        return self._call("PUT", "/v1/users/{}/hidden/{}", user_id, item_id)

    def delete_hidden(self, user_id: str, item_id: str) -> None:
        """Lets a user see an item again."""
        self._call("DELETE", "/v1/users/{}/hidden/{}", user_id, item_id)

    # Releases and jobs

    def list_releases(self) -> Json:
        """All releases on one page, newest first."""
        return self._call("GET", "/v1/releases")

    def get_release(self, release_id: str) -> Json:
        """One release with its configuration."""
        return self._call("GET", "/v1/releases/{}", release_id)

    def activate_release(
        self, release_id: str, *, idempotency_key: Optional[str] = None, timeout: float = ACTIVATION_TIMEOUT
    ) -> Json:
        """Serves a release once all of it was found whole."""
        return self._write("/v1/releases/{}/activate", release_id, key=idempotency_key, timeout=timeout)

    def rollback_release(
        self, *, idempotency_key: Optional[str] = None, timeout: float = ACTIVATION_TIMEOUT
    ) -> Json:
        """Serves the release that was active before."""
        return self._write("/v1/releases/rollback", key=idempotency_key, timeout=timeout)

    def list_jobs(
        self, *, state: Optional[str] = None, limit: Optional[int] = None, cursor: Optional[str] = None
    ) -> Json:
        """A page of the jobs, newest first. state: "queued", "running", "succeeded", "failed" or "cancelled"."""
        return self._call("GET", "/v1/jobs", query=_given(state=state, limit=limit, cursor=cursor))

    def post_job(
        self, kind: str, *, params: Optional[Json] = None, max_attempts: Optional[int] = None,
        idempotency_key: Optional[str] = None,
    ) -> Json:
        """Queues a job for a worker.

        kind and params: "import" (dataset, path), "train" (from, until, evaluate_until, seed, warm, activate), "index_rebuild" (activate),
        "evaluate" (from, until, release, signal, baselines). max_attempts: how often it may be begun, 1 to 100.
        """
        body = {"kind": kind, **_given(params=params, max_attempts=max_attempts)}
        return self._write("/v1/jobs", body=body, key=idempotency_key)

    def get_job(self, job_id: str, *, log_limit: Optional[int] = None, log_after: Optional[int] = None) -> Json:
        """One job, with at most log_limit lines of its log behind number log_after."""
        return self._call("GET", "/v1/jobs/{}", job_id, query=_given(log_limit=log_limit, log_after=log_after))

    def cancel_job(self, job_id: str, *, idempotency_key: Optional[str] = None) -> Json:
        """Gives a job up, also one that runs; one that has ended is a conflict."""
        return self._write("/v1/jobs/{}/cancel", job_id, key=idempotency_key)

    # Operation

    def get_pipeline(self) -> Json:
        """The stages and components that make a slate."""
        return self._call("GET", "/v1/pipeline")

    def get_statistics(self) -> Json:
        """Counts and ages at a glance, at most five seconds old."""
        return self._call("GET", "/v1/stats")

    def get_open_api(self) -> Json:
        """The interface as OpenAPI 3.1."""
        return self._call("GET", "/v1/openapi.json")

    def get_live(self) -> Json:
        """Answers as long as the process runs; needs no API key."""
        return self._call("GET", "/health/live")

    def get_ready(self) -> Json:
        """Whether the server can do its work: status is "ready", "degraded" or "not_ready". Needs no API key."""
        return self._call("GET", "/health/ready", accepted=503)

    def get_metrics(self) -> str:
        """Metrics in Prometheus' text format."""
        return self._sent("GET", "/metrics").body.decode()

    # Lists

    def pages(self, method: Callable[..., Json], *arguments: Any, **filters: Any) -> Iterator[Json]:
        """All pages of a list, one after the other: ``for page in cascade.pages(cascade.list_items, category="news")``."""
        page = method(*arguments, **filters)
        yield page
        while page["next_cursor"] is not None:
            page = method(*arguments, **{**filters, "cursor": page["next_cursor"]})
            yield page

    def rows(self, method: Callable[..., Json], *arguments: Any, **filters: Any) -> Iterator[Json]:
        """All rows of a list, read page by page as they are asked for."""
        for page in self.pages(method, *arguments, **filters):
            yield from page["data"]

    # Sending

    def _write(self, template: str, *path: str, key: Optional[str], **options: Any) -> Any:
        return self._call("POST", template, *path, key=key or str(uuid.uuid4()), **options)

    def _call(self, method: str, template: str, *path: str, **options: Any) -> Any:
        reply = self._sent(method, template, *path, **options)
        if reply.status == 204:
            return None
        try:
            return json.loads(reply.body)
        except ValueError as reason:
            name = reply.headers.get("X-Request-ID")
            raise CascadeError(reply.status, "undecodable", f"no JSON: {reason}", None, name) from reason

    def _sent(
        self, method: str, template: str, *path: str, query: Optional[Json] = None, body: Optional[Json] = None,
        key: Optional[str] = None, timeout: Optional[float] = None, accepted: Optional[int] = None,
    ) -> _Reply:
        """The answer that is a success, repeated where the rules of the class say so."""
        request = self._request(method, template.format(*map(_segment, path)), query or {}, body, key)
        retries = self.retries if method in ("GET", "PUT", "DELETE") or key is not None else 0
        for attempt in range(retries + 1):
            try:
                reply = _send(self._opener, request, self.timeout if timeout is None else timeout)
            except (OSError, http.client.HTTPException) as reason:
                failure = CascadeError(None, "transport", str(getattr(reason, "reason", reason)) or repr(reason))
                failure.__cause__ = reason
                # Up to half is left to chance, so that clients that lost a server together do not come back together.
                pause: Optional[float] = min(self.timeout, 0.1 * 2**attempt * random.uniform(0.5, 1))
            else:
                if 200 <= reply.status < 300 or (reply.status == accepted and not _is_problem(reply)):
                    return reply
                failure = _error(reply)
                pause = self._pause(failure)
            if pause is None or attempt == retries:
                break
            time.sleep(pause)
        raise failure

    def _pause(self, failure: CascadeError) -> Optional[float]:
        """Seconds before a request that was answered so is sent again; None for not at all."""
        again = failure.status in (429, 503) or failure.code == "idempotency_in_flight"
        pause = failure.retry_after
        return pause if again and pause is not None and pause <= self.timeout else None

    def _request(
        self, method: str, path: str, query: Json, body: Optional[Json], key: Optional[str]
    ) -> urllib.request.Request:
        words = {name: _word(value) for name, value in query.items()}
        parameters = urllib.parse.urlencode(words, quote_via=urllib.parse.quote, safe="")
        headers = {"Accept": "application/json"}
        if self.api_key is not None:
            headers["X-API-Key"] = self.api_key
        if key is not None:
            headers["Idempotency-Key"] = key
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, default=_time, allow_nan=False).encode()
        url = self.url + path + ("?" + parameters if parameters else "")
        return urllib.request.Request(url, data=data, headers=headers, method=method)

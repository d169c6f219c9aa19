"""Every method of the client with everything that it takes."""

import inspect
from datetime import datetime, timezone
from typing import Any, Dict, Iterator, Tuple

from cascade_client import Cascade

TIME = datetime(2026, 1, 2, 3, 4, 5, 250000, timezone.utc)
# What is no operation of the interface.
HELPERS = {"pages", "rows"}
JOBS = {
    "import": {"dataset": "shop", "path": "/data"},
    "train": {"from": TIME, "until": TIME, "evaluate_until": TIME, "seed": 7, "warm": True, "activate": False},
    "index_rebuild": {"activate": True},
    "evaluate": {"from": TIME, "until": TIME, "release": "r", "signal": "click", "baselines": "popular"},
}


def identifier(name: str) -> str:
    """A value for a name of a path that has to be encoded."""
    return f"{name}/é %😀"


_ITEM = {
    "item_id": identifier("item_id"), "title": "t", "creator_id": "c", "categories": ["news"],
    "attributes": {"Some_Name": 12.5, "tags": ["a"], "live": True}, "created_at": TIME, "hidden": False,
    "vectors": {"image": [0.1, -2, 3]},
}
_USER = {"user_id": identifier("user_id"), "attributes": {"camelCase": "x"}, "created_at": TIME}
_PLACE = {"user_id": identifier("user_id"), "recommendation_id": "rec_1", "surface": "home"}
_EVENT = {
    **_PLACE, "event_id": "e/1", "type": "click", "item_id": identifier("item_id"), "occurred_at": TIME, "value": 1.5,
    "impression_id": "m1", "session_id": "s1", "position": 3,
}
_IMPRESSION = {
    **_PLACE, "impression_id": "m1", "shown_at": TIME,
    "items": [{"item_id": identifier("item_id"), "position": 0, "propensity": 0.25}],
}
_SAMPLES: Dict[str, Any] = {
    **{name: identifier(name) for name in (
        "user_id", "item_id", "creator_id", "recommendation_id", "release_id", "job_id")},
    **{name: _ITEM[name] for name in ("title", "categories", "attributes", "created_at", "hidden", "vectors")},
    "limit": 2, "cursor": "cursor+/=", "type": "click", "category": "news", "state": "queued", "atomic": True,
    "k": 2, "by": "both", "item_ids": ["a", "b/c"], "exclude_item_ids": ["i,9"], "exclude_seen": False,
    "context": {"Some_Key": "v"}, "include": ["scores", "attributes"], "debug": True, "seed": 2**63 - 1,
    "weights": {"click": 0.5},
    "filters": {"categories_any": ["a"], "exclude_item_ids": ["x"], "exclude_seen": False, "max_age_seconds": 9.5},
    "diversity": {"creator_decay": 0.5, "creator_floor": 0.25, "max_per_creator": 2, "max_per_category": 0},
    "events": [{"item_id": "i/1", "type": "click", "occurred_at": TIME, "surface": "home"}],
    "impressions": [_IMPRESSION], "items": [_ITEM], "users": [_USER], "log_limit": 10, "log_after": 0,
    "max_attempts": 2, "idempotency_key": "mine", "timeout": 60.0,
}
_OWN: Dict[Tuple[str, str], Any] = {
    ("post_events", "events"): [_EVENT],
    ("put_item", "creator_id"): "c",
    ("patch_item", "creator_id"): None,
    ("patch_item", "attributes"): {"Some_Name": 13, "tags": None},
    ("patch_item", "vectors"): {"image": None},
    ("put_user", "attributes"): _USER["attributes"],
    ("patch_user", "attributes"): {"age": 31, "camelCase": None},
    ("patch_user", "created_at"): None,
}


def operations(client: Cascade) -> Dict[str, Any]:
    """The methods that stand for operations, by name."""
    methods = inspect.getmembers(client, inspect.ismethod)
    return {name: method for name, method in methods if not name.startswith("_") and name not in HELPERS}


def filled(client: Cascade, name: str, **own: Any) -> Iterator[Any]:
    """Calls a method with a value for each of its parameters, of jobs once for each kind."""
    method = operations(client)[name]
    names = list(inspect.signature(method).parameters)
    kinds = JOBS.items() if name == "post_job" else [(None, None)]
    for kind, params in kinds:
        given = {**_SAMPLES, "kind": kind, "params": params}
        values = {each: own.get(each, _OWN.get((name, each), given[each])) for each in names}
        yield method(**{each: value for each, value in values.items() if value is not ...})

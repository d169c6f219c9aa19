"""Calls every method on a server that has something to tell for each, and prints the answers as JSON.

    every_call.py URL
"""

import json
import sys

from calls import filled, identifier, operations
from cascade_client import Cascade, CascadeError

# What has to be there before, and what removes it after the rest.
FIRST = ["put_item", "put_user", "post_events", "post_impressions", "put_follow", "put_hidden", "post_job"]
LAST = ["cancel_job", "delete_item", "delete_follow", "delete_hidden", "delete_user"]


def main() -> None:
    client = Cascade(sys.argv[1])
    client.activate_release("before")
    names = list(operations(client))
    order = FIRST + [name for name in names if name not in FIRST + LAST] + LAST
    answers = {}
    for name in order:
        # A cursor is good for its own list only, and a key for one request.
        answers[name] = list(filled(client, name, cursor=..., idempotency_key=..., job_id="job_0"))[0]
    try:
        client.get_item(identifier("item_id"))
    except CascadeError as error:
        answers["error"] = {**vars(error), "text": str(error)}
    print(json.dumps(answers))


main()

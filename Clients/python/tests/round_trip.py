"""Writes and reads what the identifiers of standard input name, and prints what came back, as JSON.

    round_trip.py URL < IDENTIFIERS
"""

import json
import sys

from cascade_client import Cascade


def main() -> None:
    client = Cascade(sys.argv[1])
    found = []
    for name in json.load(sys.stdin):
        client.put_item(name, title=name)
        client.put_follow(name, name)
        client.similar_items(name, categories=[name, "b"], exclude_item_ids=[name])
        client.post_events([{"type": "click", "user_id": name, "item_id": name}])
        found.append([
            client.get_item(name)["item_id"], client.get_item(name)["title"],
            *(row["creator_id"] for row in client.rows(client.list_follows, name)),
            *(row["item_id"] for row in client.rows(client.list_events, name)),
        ])
    pages = [[row["item_id"] for row in page["data"]] for page in client.pages(client.list_items, limit=2)]
    rows = [row["item_id"] for row in client.rows(client.list_items, limit=2)]
    print(json.dumps({"found": found, "pages": pages, "rows": rows}))


main()

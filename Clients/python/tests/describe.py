"""Prints what every method takes and sends, as JSON; nothing goes over a network."""

import inspect
import json
import urllib.parse

import cascade_client
from calls import filled, operations


def main() -> None:
    sent = []

    def keep(_, request, timeout):
        url = urllib.parse.urlsplit(request.full_url)
        sent.append({
            "method": request.get_method(), "path": url.path, "query": dict(urllib.parse.parse_qsl(url.query)),
            "headers": dict(request.header_items()), "body": request.data and json.loads(request.data),
            "timeout": timeout,
        })
        return cascade_client._Reply(200, {}, b"{}")

    cascade_client._send = keep
    client = cascade_client.Cascade("http://localhost:1", api_key="secret", timeout=12.5)
    described = {}
    for name, method in operations(client).items():
        sent.clear()
        for _ in filled(client, name):
            pass
        parameters = inspect.signature(method).parameters.values()
        described[name] = {
            "parameters": [each.name for each in parameters],
            "variable": any(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in parameters),
            "annotated": all(each.annotation is not each.empty for each in parameters),
            "documentation": inspect.getdoc(method) or "", "sent": list(sent),
        }
    print(json.dumps(described))


main()

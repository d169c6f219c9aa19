"""What schemathesis has to know of HTTP and of this API beyond the OpenAPI file."""

import uuid

import schemathesis

# Milliseconds. Less is answered with 504 where it is not kept, as it must be; the program's own tests hold that.
TIME_ENOUGH = 1000


def members(value, name):
    """All values of a member, however deep it lies."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key == name:
                yield part
            yield from members(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from members(part, name)


@schemathesis.hook
def filter_case(context, case):
    headers = {name.lower(): value for name, value in (case.headers or {}).items()}
    # Servers ignore headers that they do not know, so sending one is no mistake.
    if "x-schemathesis-unknown-property" in headers:
        return False
    # Only a server can make a cursor.
    if "cursor" in (case.query or {}):
        return False
    timeout = str(headers.get("x-request-timeout-ms", TIME_ENOUGH))
    if timeout.isdecimal() and 0 < int(timeout) < TIME_ENOUGH:
        return False
    # Which vectors there are an import says.
    return not any(members(case.body, "vectors"))


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key names one write: cases that are not the same must not share one."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and key and key.isascii() and key.isprintable():
        case.headers["Idempotency-Key"] = uuid.uuid4().hex

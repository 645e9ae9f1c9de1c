"""Sign in to the platform that UNDERPIN_READY_FILE names, and let schemathesis ask it everything that its OpenAPI document allows and forbids."""

import json
import os
import subprocess
import sys
import urllib.request

SCHEMATHESIS, EXAMPLES = sys.argv[1], sys.argv[2]
# Most runs of one that Python itself ends.
RUNS_MAX = 3

# What would end the session that asks or lock it out, and streams, which never end.
LEFT_OUT = [
    "delete_session",
    "delete_sessions",
    "end_session",
    "put_second_factor_policy",
    "delete_member",
    "open_live",
    "get_events",
    "get_import_events",
]

with open(os.environ["UNDERPIN_READY_FILE"], encoding="utf-8") as file:
    ready = json.load(file)
tenant = ready["tenants"][0]
person = next(user for user in tenant["users"] if user["role"] == "owner")


def ask(path, body=None, **headers):
    """The answer to a GET, or to a POST of `body`."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **headers}
    request = urllib.request.Request(ready["url"] + path, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


credentials = {"email": person["email"], "password": person["password"], "delivery": "token"}
token = ask("/v1/session", credentials)["token"]


def known(path):
    """What is at a path of the tenant."""
    return ask(f"/v1/t/{tenant['slug']}/{path}", authorization="Bearer " + token)


# So that what is asked is not always 404.
fund = known("funds")["items"][0]["id"]
parameters = {
    "path.tenant": tenant["slug"],
    "path.fund": fund,
    "path.allocation": known(f"funds/{fund}/allocations")["items"][0]["id"],
    "path.import": known("imports")["items"][0]["id"],
}

here = os.path.dirname(os.path.abspath(__file__))
config = os.path.join(os.path.dirname(os.environ["UNDERPIN_READY_FILE"]), "schemathesis.toml")
with open(os.path.join(here, "schemathesis.toml"), encoding="utf-8") as file:
    settings = file.read()
with open(config, "w", encoding="utf-8") as file:
    lines = [f'"{name}" = "{value}"' for name, value in parameters.items()]
    file.write("\n".join([settings, "[parameters]", *lines, ""]))
arguments = [
    SCHEMATHESIS,
    "--config-file",
    config,
    "run",
    ready["url"] + "/v1/openapi.json",
    "--header",
    "authorization: Bearer " + token,
    "--max-examples",
    EXAMPLES,
]
for name in LEFT_OUT:
    arguments += ["--exclude-operation-id", name]

# Python before 3.11.5 counts the depth of syntax trees for all threads together, and so now and then ends a run by itself (CPython issue 106905).
# Only such a run is made again.
CRASH = "AST constructor recursion depth mismatch"
for _ in range(RUNS_MAX):
    run = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=False)
    print(run.stdout, flush=True)
    if CRASH not in run.stdout:
        break
sys.exit(run.returncode)

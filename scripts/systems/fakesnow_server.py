"""fakesnow as a server that Snowflake's Node.js driver can speak with.

fakesnow's own server answers with Arrow, runs each statement before it answers, and lets everybody in. That driver reads JSON only; and cancelling,
statements that outlive their session, and signing in are part of what is tested. So this adds, around fakesnow's own handlers and with Snowflake's
protocol as the driver speaks it: results as JSON, ids for statements before they end, results by id, cancelling, and checked passwords and key pairs.

    python fakesnow_server.py <port> <user> <password> <public key file> [<folder of the databases>]

Without a folder the databases are in memory, and end with it.
"""

import asyncio
import atexit
import base64
import datetime
import gzip
import json
import re
import shutil
import sys
import uuid

import fakesnow.copy_into as copy_into
import fakesnow.server as fs
import fakesnow.transforms.stage as stage
import jwt
import uvicorn
from fakesnow.instance import FakeSnow
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PORT, USER, PASSWORD, PUBLIC_KEY = int(sys.argv[1]), sys.argv[2], sys.argv[3], open(sys.argv[4]).read()

if len(sys.argv) > 5:
    fs.shared_fs = FakeSnow(db_path=sys.argv[5])

IN_PROGRESS = "333333"
IN_PROGRESS_ASYNC = "333334"
CANCELED = ("000604", "57014", "SQL execution canceled")
EPOCH = datetime.date(1970, 1, 1)
# How the driver writes values when it is asked for text.
PARAMETERS = {
    "TIMEZONE": "UTC",
    "BINARY_OUTPUT_FORMAT": "HEX",
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF3",
    "TIMESTAMP_LTZ_OUTPUT_FORMAT": "",
    "TIMESTAMP_TZ_OUTPUT_FORMAT": "",
}


class Query:
    """A statement, from its request on."""

    def __init__(self, connection):
        self.id = str(uuid.uuid4())
        self.connection = connection
        self.canceled = asyncio.Event()
        self.task = None

    @property
    def response(self):
        return self.task.result() if self.task is not None and self.task.done() else None

    @property
    def status(self):
        if self.response is None:
            return "RUNNING"
        return "SUCCESS" if self.response["success"] else "FAILED_WITH_ERROR"

    def cancel(self):
        self.canceled.set()
        if self.response is None:
            self.connection._duck_conn.interrupt()


by_id: dict[str, Query] = {}
by_request: dict[str, Query] = {}


# --- results as JSON ------------------------------------------------------------------------------------------------------------------------


def as_text(value, kind):
    """A value as Snowflake writes it into a result in JSON."""
    if value is None:
        return None
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "date":
        return str((value - EPOCH).days)
    if kind.startswith("timestamp"):
        nanos = value.value if hasattr(value, "value") else as_nanos(value)
        text = f"{nanos // 1_000_000_000}.{nanos % 1_000_000_000:09d}"
        return f"{text} 1440" if kind == "timestamp_tz" else text
    if kind == "time":
        return f"{value.hour * 3600 + value.minute * 60 + value.second}.{value.microsecond * 1000:09d}"
    if kind == "binary":
        return value.hex().upper()
    if kind == "real":
        return repr(float(value))
    return value if isinstance(value, str) else str(value)


def as_nanos(value):
    aware = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
    delta = aware - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000_000 + delta.microseconds * 1000


def to_rowset(table, rowtype):
    columns = [[as_text(v, c["type"]) for v in column.to_pylist()] for column, c in zip(table.columns, rowtype)]
    return [list(row) for row in zip(*columns)]


# fakesnow's handler makes Arrow of a table and its columns' types; we make rows of them.
fs.to_sf = lambda table, rowtype: (table, rowtype)
fs.to_ipc = lambda pair: json.dumps(to_rowset(*pair)).encode()


def in_json(payload):
    data = payload.get("data")
    if isinstance(data, dict) and data.get("queryResultFormat") == "arrow":
        encoded = data.pop("rowsetBase64")
        data["rowset"] = json.loads(base64.b64decode(encoded)) if encoded else []
        data["queryResultFormat"] = "json"
    if isinstance(data, dict) and "rowset" in data:
        data["returned"] = data["total"] = len(data["rowset"])
        data["version"] = 1
        # Names are stored and resolved in upper case in our sessions, see QUOTED_IDENTIFIERS_IGNORE_CASE.
        for column in data.get("rowtype", []):
            if " " not in column["name"]:
                column["name"] = column["name"].upper()
        data["parameters"] = [{"name": name, "value": value} for name, value in PARAMETERS.items()]
    return payload


# DuckDB guesses what the fields of a CSV file are; to Snowflake they are text until a column takes them.
guessing = copy_into.ReadCSV.read_expression


def all_text(self, url):
    read = guessing(self, url)
    read.append("expressions", self.make_eq("all_varchar", True))
    return read


copy_into.ReadCSV.read_expression = all_text

# This driver asks for the region of a bucket.
located = fs.gcs_stage_info
fs.gcs_stage_info = lambda *args: {**located(*args), "region": "", "useRegionalUrl": False}

# --- statements -----------------------------------------------------------------------------------------------------------------------------


def replayed(request, body):
    """The same request with a body of ours."""

    async def receive():
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    headers = [(k, v) for k, v in request.scope["headers"] if k not in (b"content-encoding", b"content-length")]
    return Request({**request.scope, "headers": headers}, receive)


def failure(code, state, message, query_id):
    data = {"errorCode": code, "sqlState": state, "queryId": query_id}
    return {"data": data, "code": code, "message": message, "success": False}


async def body_of(request):
    body = await request.body()
    return json.loads(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)


# DELETE, UPDATE and MERGE hold their table until their transaction ends, and others of them wait; DuckDB would refuse the second.
locks: dict[str, asyncio.Lock] = {}
held: dict[int, list[asyncio.Lock]] = {}
in_transaction: set[int] = set()


async def run(query, request, body):
    text, owner = body["sqlText"].strip(), id(query.connection)
    word = text.split(None, 1)[0].lower() if text else ""
    if word == "begin":
        in_transaction.add(owner)
    if match := re.match(r"(?:delete\s+from|update|merge\s+into)\s+(\S+)", text, re.I):
        lock = locks.setdefault(match[1].replace('"', "").upper(), asyncio.Lock())
        if lock not in held.setdefault(owner, []):
            await lock.acquire()
            held[owner].append(lock)
    try:
        return await run_locked(query, request, body, text)
    finally:
        if word in ("commit", "rollback"):
            in_transaction.discard(owner)
        if owner not in in_transaction:
            for lock in held.pop(owner, []):
                lock.release()


async def run_locked(query, request, body, text):
    try:
        if len(statements := [part for part in split(text) if part.strip()]) > 1:
            message = f"Actual statement count {len(statements)} did not match the desired statement count 1."
            return failure("000008", "0A000", message, query.id)
        if re.fullmatch(r"alter\s+session\s+set\s+.*", text, re.I | re.S):
            body = {**body, "sqlText": "select 'Statement executed successfully.' as status"}
        if match := re.fullmatch(r"(?:select|call)\s+system\$wait\((\d+)\)", text, re.I):
            await wait(query, int(match[1]))
            body = {**body, "sqlText": f"select 'waited {match[1]} seconds' as status"}
        if match := re.fullmatch(r"select\s+system\$cancel_query\('([\w-]+)'\)", text, re.I):
            if found := by_id.get(match[1]):
                found.cancel()
            body = {**body, "sqlText": "select 'query canceled' as status"}
        if re.fullmatch(r"drop\s+stage\s+.*", text, re.I | re.S):
            body = {**body, "sqlText": "select 'dropped.' as status"}
        payload = json.loads((await fs.query_request(replayed(request, body))).body)
    except Canceled:
        return failure(*CANCELED, query.id)
    if query.canceled.is_set() and not payload["success"]:
        return failure(*CANCELED, query.id)
    if isinstance(payload.get("data"), dict):
        payload["data"]["queryId"] = query.id
    elif not payload["success"]:
        payload["data"] = {"queryId": query.id, "errorCode": payload.get("code"), "sqlState": None}
    if "src_locations" in payload["data"]:
        payload["data"]["overwrite"] = re.search(r"overwrite\s*=\s*true", text, re.I) is not None
    return in_json(payload)


class Canceled(Exception):
    pass


async def wait(query, seconds):
    try:
        await asyncio.wait_for(query.canceled.wait(), seconds)
    except TimeoutError:
        return
    raise Canceled


def split(text):
    """At semicolons outside of quotes."""
    return re.split(r""";(?=(?:[^'"]|'(?:[^']|'')*'|"(?:[^"]|"")*")*$)""", text)


async def query_request(request):
    try:
        connection = fs.to_conn(fs.to_token(request))
    except fs.ServerError as e:
        return JSONResponse({"data": None, "code": e.code, "message": e.message, "success": False}, status_code=e.status_code)
    body = await body_of(request)
    request_id = request.query_params.get("requestId", "")
    # The same request again is the same statement.
    query = by_request.get(request_id)
    if query is None:
        query = by_request[request_id] = Query(connection)
        by_id[query.id] = query
        query.task = asyncio.create_task(run(query, request, body))
    if body.get("asyncExec"):
        return JSONResponse(in_progress(query, IN_PROGRESS_ASYNC))
    return JSONResponse(await asyncio.shield(query.task))


def in_progress(query, code):
    data = {"queryId": query.id, "getResultUrl": f"/queries/{query.id}/result", "progressDesc": None}
    return {"data": data, "code": code, "message": "Query execution in progress.", "success": True}


async def result(request):
    query = by_id.get(request.path_params["id"])
    if query is None:
        return JSONResponse(failure("000709", "02000", "Statement not found", request.path_params["id"]))
    # A held request, as Snowflake's are, and not as long as a driver waits for one.
    done, _ = await asyncio.wait([query.task], timeout=5)
    return JSONResponse(query.task.result() if done else in_progress(query, IN_PROGRESS))


async def monitoring(request):
    query = by_id.get(request.path_params["id"])
    if query is None:
        return JSONResponse({"data": {"queries": []}, "success": True})
    failed = query.response if query.status == "FAILED_WITH_ERROR" else None
    found = {
        "id": query.id,
        "status": query.status,
        "errorCode": failed and failed["code"],
        "errorMessage": failed and failed["message"],
    }
    return JSONResponse({"data": {"queries": [found]}, "success": True})


async def abort(request):
    body = await body_of(request)
    if query := by_request.get(body.get("requestId", "")):
        query.cancel()
    return JSONResponse({"data": None, "success": True})


# --- signing in -----------------------------------------------------------------------------------------------------------------------------


async def login(request):
    data = (await body_of(request))["data"]
    if not signed_in(data):
        message = "JWT token is invalid." if data.get("AUTHENTICATOR") == "SNOWFLAKE_JWT" else "Incorrect username or password was specified."
        return JSONResponse({"data": None, "code": "390100", "message": message, "success": False})
    return await fs.login_request(replayed(request, {"data": {"SESSION_PARAMETERS": {}, **data}}))


def signed_in(data):
    if data.get("AUTHENTICATOR") != "SNOWFLAKE_JWT":
        return data.get("LOGIN_NAME", "").upper() == USER.upper() and data.get("PASSWORD") == PASSWORD
    try:
        claims = jwt.decode(data["TOKEN"], PUBLIC_KEY, algorithms=["RS256"], options={"verify_iat": False})
    except jwt.PyJWTError:
        return False
    return claims["sub"].endswith("." + USER.upper())


async def running(_):
    """For tests: how many statements have not ended."""
    return JSONResponse(sum(query.status == "RUNNING" for query in by_id.values()))


async def nothing(_):
    return JSONResponse({"data": None, "success": True})


app = Starlette(
    routes=[
        Route("/session/v1/login-request", login, methods=["POST"]),
        Route("/session/token-request", nothing, methods=["POST"]),
        Route("/session/heartbeat", fs.session, methods=["POST"]),
        Route("/session", fs.session, methods=["POST"]),
        Route("/queries/v1/query-request", query_request, methods=["POST"]),
        Route("/queries/v1/abort-request", abort, methods=["POST"]),
        Route("/queries/{id}/result", result, methods=["GET"]),
        Route("/monitoring/queries/{id}", monitoring, methods=["GET"]),
        Route("/fs_bucket/{path:path}", fs.bucket_upload, methods=["PUT"]),
        Route("/running", running, methods=["GET"]),
        Route("/telemetry/send", nothing, methods=["POST"]),
    ]
)

# Uploaded files, which fakesnow leaves behind.
atexit.register(shutil.rmtree, stage.LOCAL_BUCKET_PATH, ignore_errors=True)
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")

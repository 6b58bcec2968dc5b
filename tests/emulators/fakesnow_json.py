"""fakesnow as Snowflake is to a client that can not read Arrow: rows in JSON, and a password that has to be right.

python fakesnow_json.py PORT: listens on loopback.
"""

import json
import sys
from base64 import b64decode

import pyarrow
import uvicorn
from fakesnow.server import login_request, query_request, session
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

PASSWORD = "123456"


def text(value):
    """A value as the server writes it in JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return bytes(value).hex().upper() if isinstance(value, (bytes, bytearray)) else str(value)


async def login(request):
    data = json.loads(await request.body())["data"]
    if data.get("PASSWORD") != PASSWORD:
        message = "Incorrect username or password was specified."
        return JSONResponse({"data": {}, "code": "390100", "message": message, "success": False})
    return await login_request(request)


async def query(request):
    answer = await query_request(request)
    body = json.loads(answer.body)
    data = body.get("data") or {}
    if data.get("queryResultFormat") == "arrow":
        packed = b64decode(data.pop("rowsetBase64"))
        columns = [column.to_pylist() for column in pyarrow.ipc.open_stream(packed).read_all().columns] if packed else []
        data["rowset"] = [[text(value) for value in row] for row in zip(*columns, strict=True)]
        data["queryResultFormat"] = "json"
    return JSONResponse(body, status_code=answer.status_code)


app = Starlette(
    routes=[
        Route("/session/v1/login-request", login, methods=["POST"]),
        Route("/queries/v1/query-request", query, methods=["POST"]),
        Route("/session", session, methods=["POST"]),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")

"""Scripts and styles: their addresses change with their content, and they travel compressed.

What the front-end build gives (`static/dist`) may be missing: the pages then say so, and work without diagrams.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parent / "static"
_FAILURE_NOTE = "dist/BUILD_FAILED.txt"
_A_YEAR = 31_536_000
_COMPRESSED_ENDPOINTS = frozenset({"static", "definitions.bpmn"})
_COMPRESSED = frozenset({"text/css", "text/javascript", "application/javascript", "application/xml", "image/svg+xml"})


def set_up(app: Flask) -> None:
    """Give the templates `asset` and `build_failure`, and compress what they point to."""
    app.jinja_env.globals.update(asset=asset_url, has_asset=has_asset, build_failure=build_failure)
    app.after_request(_keep_versioned)
    app.after_request(_compressed)


def asset_url(name: str) -> str:
    """The address of a file below `static/`, with its content's hash."""
    path = STATIC / name
    return url_for("static", filename=name, v=_fingerprint(path, path.stat().st_mtime_ns))


def has_asset(name: str) -> bool:
    """Whether a file is there below `static/`."""
    return (STATIC / name).is_file()


def build_failure() -> str | None:
    """Why the front-end build left nothing, in its own words; "" if nobody knows; None when all is there."""
    if has_asset(_FAILURE_NOTE):
        return (STATIC / _FAILURE_NOTE).read_text(encoding="utf-8", errors="replace").strip()
    return None if has_asset("dist/viewer.js") and has_asset("dist/bootstrap.css") else ""


@lru_cache(maxsize=64)
def _fingerprint(path: Path, _modified: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=32)
def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)


def _keep_versioned(response: Response) -> Response:
    if request.endpoint == "static" and request.args.get("v") and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable"
    return response


def _compressed(response: Response) -> Response:
    """Compress what is the same for everybody; never a page, whose size would tell about the secrets in it (BREACH)."""
    if request.endpoint not in _COMPRESSED_ENDPOINTS or response.mimetype not in _COMPRESSED:
        return response
    response.headers.add("Vary", "Accept-Encoding")
    if response.status_code != 200 or not request.accept_encodings["gzip"] or "Range" in request.headers:
        return response
    response.direct_passthrough = False
    response.set_data(_gzipped(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("ETag", None)
    return response

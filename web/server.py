"""Serving: the pages by waitress and the due work by the runner, until the process is asked to stop."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from waitress.server import create_server

from engine import Engine
from engine.jobs.runner import Runner
from web import LARGEST_BODY, create_app

_log = logging.getLogger(__name__)
_THREADS = 8
_MOST_CONNECTIONS = 400  # what select() can watch on every system, with room for files
_IDLE_SECONDS = 30  # slow clients are not to keep the others out


def serve(
    engine: Engine,
    runner: Runner,
    *,
    host: str,
    port: int,
    base_url: str | None = None,
    demo: bool = False,
    secret: str | bytes,
) -> None:
    """Serve until SIGTERM or SIGINT; requests and the runner's act in hand are finished first.

    With a `base_url` of https a TLS proxy is expected in front: cookies are then sent over TLS only, and the proxy's
    X-Forwarded-For, -Proto and -Host are believed, of one proxy.  Raises OSError when the address is taken, ValueError
    when `base_url` is no address.
    """
    behind_tls = _is_https(base_url)
    app = create_app(engine, secret_key=secret, secure_cookies=behind_tls, base_url=base_url, demo=demo)
    server = create_server(
        app,
        host=host,
        port=port,
        threads=_THREADS,
        connection_limit=_MOST_CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        ident="Prima",
        max_request_body_size=2 * LARGEST_BODY,  # beyond it nothing is kept on disk; below, the page says why
        clear_untrusted_proxy_headers=not behind_tls,  # behind a proxy they are read by ProxyFix, one hop only
    )
    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGINT)}
    runner.start()
    try:
        server.run()  # returns after the drain: waitress takes SystemExit as the sign to finish
    finally:
        _log.info("stopping", extra={"action": "stop"})
        server.close()
        runner.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def _is_https(base_url: str | None) -> bool:
    if not base_url:
        return False
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"base_url: expected an address like https://prima.example.go.id, found {base_url!r}")
    return parts.scheme == "https"

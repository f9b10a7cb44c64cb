"""The headers that every answer carries: what a browser may load, keep, and tell others."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_A_YEAR = 31_536_000


def set_up(app: Flask, *, secure: bool) -> None:
    """Send the headers with every answer; `secure` is true behind TLS."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers[name] = value
        if secure:
            response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR}"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
            response.headers.add("Vary", "Cookie")
        return response

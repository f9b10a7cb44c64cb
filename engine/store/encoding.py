"""A journal row's body: canonical JSON, chained by SHA-256, stored deflated.

Deflate is given a dictionary of what every body says anyway, so that a short body stores in a third of its bytes.  A
stored body names its dictionary in its header (RFC 1950), so a dictionary once used in a release never changes: a new
one gets a new format number.
"""

from __future__ import annotations

import hashlib
import zlib

from engine.errors import StoreError
from engine.store.dictionaries import DICTIONARIES

FORMAT = 1
GENESIS = "0" * 64  # what stands before a stream's first hash

_BY_CHECKSUM = {zlib.adler32(dictionary).to_bytes(4, "big"): dictionary for dictionary in DICTIONARIES.values()}
_HEADER = 2
_HEADER_WITH_DICTIONARY = 6


def chain_hash(prev_hash: str, body: bytes) -> str:
    """SHA-256 over the bytes of the previous hash and the body; hexadecimal, as `prev_hash` is."""
    return hashlib.sha256(bytes.fromhex(prev_hash) + body).hexdigest()


def deflate(body: bytes) -> bytes:
    """The stored form of a body, in this build's format."""
    compressor = zlib.compressobj(level=9, zdict=DICTIONARIES[FORMAT])
    return compressor.compress(body) + compressor.flush()


def inflate(stored: bytes) -> bytes:
    """The body of a stored form.  Raises StoreError if it is damaged or made with a dictionary of a later build."""
    dictionary = _BY_CHECKSUM.get(stored[_HEADER:_HEADER_WITH_DICTIONARY])
    if dictionary is None:
        raise StoreError("a journal body is damaged or was written by a newer Prima")
    decompressor = zlib.decompressobj(zdict=dictionary)
    try:
        body = decompressor.decompress(stored)
    except zlib.error as error:
        raise StoreError(f"a journal body is damaged: {error}") from error
    if not decompressor.eof or decompressor.unused_data:
        raise StoreError("a journal body is damaged: it is cut short or has something after its end")
    return body

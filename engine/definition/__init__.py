"""Pure: bytes in, an executable definition or a list of problems out."""

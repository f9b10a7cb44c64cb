"""Admission, by noun: each handler checks a command against the world and says what is to be done, or rejects it."""

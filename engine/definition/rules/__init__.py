"""The rules that a model has to keep, by noun; each module has one `check(case)`."""

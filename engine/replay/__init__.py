"""Two checks of the record: rows rebuilt from the journal, and commands executed again."""

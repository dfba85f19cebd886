"""Plain values that cross every border between rooms. No I/O here."""

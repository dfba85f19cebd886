"""Plain values that cross every border between rooms. No input or output happens here."""

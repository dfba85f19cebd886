"""What a record means in schema.org: the table, its language, and its interpreter.

Only the table, `schema_org`, knows the vocabulary.
"""

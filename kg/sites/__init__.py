"""Which site some files belong to, and what its own settings say."""

"""How fast is kg beside other tools, and does it reach its goals? `make bench`."""

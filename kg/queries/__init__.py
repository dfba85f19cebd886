"""SPARQL questions, bundled or a user's, with parameters and expectations, to rows."""

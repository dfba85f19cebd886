"""What all sources state as one graph, in bounded memory: collected, counted, cached, compared."""

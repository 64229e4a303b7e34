"""The recommendation engine: text in, ranked gifts with reasons out. NumPy, no framework."""

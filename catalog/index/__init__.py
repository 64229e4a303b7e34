"""The catalogue in memory-mapped arrays: pure NumPy, no Django. See docs/catalogue-index.md."""

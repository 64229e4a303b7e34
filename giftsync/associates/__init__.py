"""Holding all that leaves the site to the rules of the associates programme."""

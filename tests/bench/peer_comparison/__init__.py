"""GiftSync beside the peer: the same catalogue, PostgreSQL, Redis, load and machine, in turn."""

"""Amazon's Creators API, and nothing of Django: what it says, in our own types and errors."""

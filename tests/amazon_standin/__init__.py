"""A stand-in for Amazon's Creators API behind a real socket, for tests and for watching by hand.

It speaks the protocol as Amazon's own client does (the shapes are those of its request and answer
models): two ways to sign in, six operations of the catalogue and its feeds, a thousand invented
products that are the same on every run. It counts what it is asked, says so when the permitted
rate was passed, and goes wrong in every known way when told to. Nothing but the standard library.
"""

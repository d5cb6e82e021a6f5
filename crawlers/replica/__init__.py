"""A local copy of each source's protocol, fed by a planned scenario: for tests and the demo.

One aiohttp application on 127.0.0.1, a path prefix per source, pagers that lie as the real ones do,
and faults that can be switched on. Signatures are checked with a constant of our own.
"""

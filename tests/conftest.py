"""How the properties are tried: the same examples each time, so that main is never red by chance.

`pytest --hypothesis-profile=explore` draws new ones; what it finds becomes a test of its own.
"""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None, max_examples=300)
settings.load_profile("repeatable")

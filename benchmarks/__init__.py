"""Measures hardcheck beside other engines: accuracy, speed, clinical plans. See README.md; not part of the package."""

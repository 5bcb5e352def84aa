"""The same histograms by dicompyler-core, an engine of other people: the only part that imports dicompylercore."""

from hardcheck.second_opinion.engine import ENGINE, compute_dvh, compute_dvhs

__all__ = ["ENGINE", "compute_dvh", "compute_dvhs"]

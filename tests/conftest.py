"""What holds for all suites."""

from hypothesis import settings

# How long an example takes is the machine's affair: what is measured is measured by benchmarks.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

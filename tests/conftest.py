"""What every test shares."""

from hypothesis import settings

# A deadline measures the machine, and this suite runs two tests at a time on two cores.
settings.register_profile("riskscore", deadline=None)
settings.load_profile("riskscore")

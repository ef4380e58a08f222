"""What every test shares."""

from hypothesis import HealthCheck, settings

# A deadline measures the machine, and so does how slowly examples are made: this suite runs two tests at a time on two
# cores.
settings.register_profile("riskscore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("riskscore")

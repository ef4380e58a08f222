"""From a fitted model to a score people can read: points, reasons, policy."""

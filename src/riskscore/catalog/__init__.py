"""Features declared once, compiled to SQL as of a moment, and locked."""

"""The model service: scores, records, access, pages."""

"""What each role sees of a score that is not a member's: allow-lists, one module for each kind of subject."""

"""What a validator asks of a champion: figures of its later rows, of parts it never saw, and of their drift."""

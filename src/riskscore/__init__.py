"""Credit risk and over-indebtedness for village banks and producer associations."""

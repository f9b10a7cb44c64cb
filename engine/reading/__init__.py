"""What people may see: queries that respect rights, by noun."""

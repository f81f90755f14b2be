"""Everything that exists only to make a step faster or smaller."""

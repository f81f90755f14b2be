"""Everything that exists only to make a step faster or smaller."""

__all__: list[str] = []

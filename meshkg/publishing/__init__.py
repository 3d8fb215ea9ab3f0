"""What leaves the graph again: the dataset as files, a source as Markdown."""

__all__: list[str] = []

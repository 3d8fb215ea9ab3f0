"""What leaves the graph again: documents, exports."""

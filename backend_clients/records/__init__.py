"""Records of calls and comparisons: written off the visitor's path, read for gates and pages."""

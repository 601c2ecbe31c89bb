"""Finds the stories that answer a question, over the search and stories APIs."""

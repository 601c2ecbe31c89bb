"""Answers from aggregations over the corpus: counted stories, grouped and worded."""

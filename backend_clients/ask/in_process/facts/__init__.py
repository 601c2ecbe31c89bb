"""Facts that answers count over the corpus: looked up, grouped and worded."""

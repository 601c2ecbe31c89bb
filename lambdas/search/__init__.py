"""The search domain: semantic, keyword and hybrid search."""

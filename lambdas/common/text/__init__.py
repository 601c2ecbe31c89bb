"""Text of stories: tokens and summaries."""

"""The ask domain: questions answered from the portfolio's stories, and conversations that are kept."""

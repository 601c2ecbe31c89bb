"""Role Match: a pasted job description, compared with the stories point by point."""

"""Rules on job descriptions: their requirements, how strongly sentences show each, and what is said of them."""

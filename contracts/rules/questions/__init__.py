"""Rules on questions: what kind each is, what it is about, which story it follows, and what it computes from dates."""

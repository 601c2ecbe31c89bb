"""Legacy answers to questions: retrieval, reranking, composition and conversations, all in this process."""

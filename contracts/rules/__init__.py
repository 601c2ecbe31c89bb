"""Pure text rules of both sides: figures, metrics, number words, client mentions."""

"""Rules of the gate: personal questions, questions about the profile, and topics that no story mentions."""

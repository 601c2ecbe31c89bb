"""Conversations in DynamoDB: turns, sessions, deletion."""

"""The API wrapper: event in, typed request, typed answer or problem out."""

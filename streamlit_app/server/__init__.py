"""What the ASGI application adds to Streamlit: start-up, status, visitor cookie, headers, previews and error pages."""

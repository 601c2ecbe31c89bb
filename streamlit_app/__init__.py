"""The Streamlit site: pages render, components draw, clients answer."""

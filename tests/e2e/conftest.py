"""What the end-to-end tests share."""

from tests.fakes.site_pages import open_page

__all__ = ["open_page"]

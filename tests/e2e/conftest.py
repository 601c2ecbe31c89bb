"""What the end-to-end tests share."""

from tests.support.site.pages import open_page

__all__ = ["open_page"]

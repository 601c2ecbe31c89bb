"""Parts that several pages use: layout, links, cards, wording."""

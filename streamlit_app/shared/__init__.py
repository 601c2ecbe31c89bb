"""What several pages use: layout, links, cards, wording."""

"""The legacy side of a domain that tests make up; only its being there counts."""

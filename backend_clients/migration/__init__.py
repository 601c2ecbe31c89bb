"""Moving a domain on, safely."""

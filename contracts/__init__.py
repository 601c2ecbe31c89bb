"""What crosses the wire between the site and the Lambda functions."""

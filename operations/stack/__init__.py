"""The local stack: started, found, loaded, and its clients."""

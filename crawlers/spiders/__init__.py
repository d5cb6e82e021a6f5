"""One file per public place: where to start, how a page is read."""

"""The pages: each reads its widgets, asks, and draws."""

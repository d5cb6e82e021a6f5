"""The digest: one page about a week that executives can read, and check number by number."""

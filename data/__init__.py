"""What every stage agrees on: the nouns, the errors, the settings, the facts and the store."""

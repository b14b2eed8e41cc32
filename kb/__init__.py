"""The shop's French texts: FAQ entries, the other sentences, the vocabulary, and how they are filled and checked."""

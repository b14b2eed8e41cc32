"""What customers said: found, read, taken over, given back; and nobody left waiting without a word."""

"""What tells who a customer is: found in a text, taken out of it, known again by a keyed hash."""

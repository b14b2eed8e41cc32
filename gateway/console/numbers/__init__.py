"""What people look at: how many, how many without a person, why not, how fast, how content."""

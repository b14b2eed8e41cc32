"""What the assistant would say, at any instant, on any channel, without anybody having been written to."""

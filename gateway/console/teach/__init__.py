"""Agents judge replies; what they say becomes training examples once somebody has read it again."""

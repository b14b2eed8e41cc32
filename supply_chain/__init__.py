"""What Écrin is made of and whether it may be used: known faults, licences, bills of materials."""

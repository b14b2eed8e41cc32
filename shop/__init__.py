"""The shop's own facts: customers, orders, codes and points, behind one repository interface."""

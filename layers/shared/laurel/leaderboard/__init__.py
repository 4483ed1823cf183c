"""Rankings: how rows follow from orders, and how boards are read."""

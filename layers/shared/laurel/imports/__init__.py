"""Files of orders and contacts from elsewhere, read row by row."""

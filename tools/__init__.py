"""What building and checking Laurel takes beside the usual tools."""

"""What the law and the platforms ask: hand out what is known of a person, and forget people and shops."""

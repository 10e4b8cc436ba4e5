"""The form of one task: shown, kept while it is typed, validated."""

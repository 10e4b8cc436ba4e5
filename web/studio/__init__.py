"""The studio: a quality manager reads the revision in service, changes it in a draft, publishes it."""

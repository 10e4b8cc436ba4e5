"""Staff: who has an account, where each person works and in which role."""

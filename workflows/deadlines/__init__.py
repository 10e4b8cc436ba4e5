"""Deadlines: a row of the decision table in, a due date people can explain out."""

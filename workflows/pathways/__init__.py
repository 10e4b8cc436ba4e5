"""What medicine adds to the diagrams of the same names: guards, effects and service handlers."""

"""Cases: opened, worked on task by task, shown to those who have a relation to them."""

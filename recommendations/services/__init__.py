"""What can be done: train and publish, serve, recommend, swipe."""

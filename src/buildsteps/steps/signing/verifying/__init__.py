"""verify: which images, what notation says of each, and what that means for the build."""

"""All that lies outside: AWS, processes, HTTP, files, the clock, the environment."""

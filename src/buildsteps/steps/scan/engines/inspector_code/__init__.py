"""``inspector-code``: a connected repository, scanned by Amazon Inspector's code security."""

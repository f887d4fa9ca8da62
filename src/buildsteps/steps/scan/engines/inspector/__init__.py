"""``inspector``: the packages of a software bill of materials, put to Amazon Inspector."""

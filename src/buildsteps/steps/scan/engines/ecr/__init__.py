"""``ecr``: what the scans of Amazon ECR found in images, basic and enhanced."""

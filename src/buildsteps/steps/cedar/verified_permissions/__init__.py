"""Amazon Verified Permissions: stores pulled, compared, asked; its own rules and quotas."""

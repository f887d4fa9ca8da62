"""The versions of a policy store: a folder, a commit of git, a store of Verified Permissions."""

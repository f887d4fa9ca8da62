"""``--mutate``: whether the tests would notice a policy that is wrong."""

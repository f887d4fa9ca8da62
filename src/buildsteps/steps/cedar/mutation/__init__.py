"""``--mutate``: would the tests notice if a policy were wrong?"""

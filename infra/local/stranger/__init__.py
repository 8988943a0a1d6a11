"""A stranger's path: what somebody with Python, make and git does first, done here from nothing and timed."""

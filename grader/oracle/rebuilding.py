"""What both frameworks have in common when a described network is made live again."""


class CannotRebuild(Exception):
    """A described network that a framework cannot express. Says which layer."""

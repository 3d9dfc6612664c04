"""What described networks are and compute, worked out in the trusted process without any framework. Pure."""

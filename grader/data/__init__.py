"""MNIST and Fashion-MNIST: an embedded subset, the full files where they are, and how to fetch them."""

"""The side that lives behind the walls, together with student code. Imports only the wire."""

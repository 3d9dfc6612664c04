raise RuntimeError("got through: my own grader was imported")

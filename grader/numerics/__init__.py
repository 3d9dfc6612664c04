"""Pure numerical judgement: arrays in, plain data out. No input or output, no knowledge of students or rubrics."""

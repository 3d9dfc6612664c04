"""One module for each kind of chart: a function of plain data that returns an SVG.

No meaning is in colour alone: series differ in dashes and markers too, and carry their names; shaded cells hold their
numbers. Colours come from the style sheet's variables, so that one drawing suits light, dark and paper.
"""

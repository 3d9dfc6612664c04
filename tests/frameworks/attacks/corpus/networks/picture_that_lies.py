"""Draws nothing, and has its lines answer what they would hold if they were right.

Expects: picture FAIL or CRASH
"""


def plot_history(history):
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    class Lying(Line2D):
        def get_ydata(self, orig=True):
            return "no numbers"

        def get_xydata(self):
            return {"x": 1}

        def get_label(self):
            return ["loss"]

    plt.gca().add_line(Lying([0.0], [0.0]))
